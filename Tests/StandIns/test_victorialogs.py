"""The stand-in itself: what VictoriaLogs drops in silence must be seen here."""

import http.client
import json
import time

import pytest
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest

from StandIns.victorialogs import VictoriaLogs, unix_nano

JSONLINE = "/insert/jsonline"
BULK = "/insert/elasticsearch/_bulk"
OTLP = "/insert/opentelemetry/v1/logs"


@pytest.fixture(params=["new", "old"])
def server(request):
    with VictoriaLogs(old=request.param == "old") as server:
        yield server


def post(server, path, body, **headers):
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=5)
    connection.request("POST", path, body, {name.replace("_", "-"): value for name, value in headers.items()})
    response = connection.getresponse()
    text = response.read()
    connection.close()
    return response.status, text


def line(**fields):
    return json.dumps({"_msg": "m", **fields}).encode() + b"\n"


def test_a_row_has_text_fields_a_stream_and_a_tenant(server):
    status, body = post(
        server,
        JSONLINE + "?_stream_fields=app",
        line(app="x", n=1, a=[1, "b"], o={"k": True}),
        AccountID="7",
        ProjectID="8",
    )
    assert (status, body) == (200, b"")
    (row,) = server.rows
    assert row.fields == {"_msg": "m", "app": "x", "n": "1", "a": '[1,"b"]', "o.k": "true"}
    assert (row.tenant, row.stream) == ((7, 8), {"app": "x"})


def test_headers_choose_fields_and_arguments_win(server):
    post(
        server,
        JSONLINE + "?_msg_field=b",
        b'{"a":"1","b":"2","c":"3"}\n',
        VL_Msg_Field="a",
        VL_Ignore_Fields="c",
        VL_Extra_Fields="d=4",
    )
    assert server.rows[0].fields == {"_msg": "2", "a": "1", "d": "4"}


@pytest.mark.parametrize(
    "body, reason",
    [
        (line(a="x" * (262_144 - len(line(a="")) + 1)), "line_too_long"),
        (line(**{f"k{i}": 1 for i in range(1000)}), "too_many_fields"),
        (line(_time="2001-01-01T00:00:00Z"), "too_small_timestamp"),
        (line(_time="2099-01-01T00:00:00Z"), "too_big_timestamp"),
    ],
)
def test_silent_drops_answer_200_and_are_recorded(server, body, reason):
    assert post(server, JSONLINE, body)[0] == 200
    assert [drop[0] for drop in server.drops] == [reason]
    assert server.rows == []


def test_a_row_with_a_long_key_is_one_text(server):
    assert post(server, JSONLINE, line(**{"k" * 129: 1}))[0] == 200
    assert [drop[0] for drop in server.drops] == ["key_too_long"]
    assert list(server.rows[0].fields) == ["_msg"]
    assert post(server, JSONLINE, line(a={"k" * 127: 1}, b={"k" * 126: 1}))[0] == 200
    assert server.rows[1].fields.keys() == {"_msg", "a", "b." + "k" * 126}


def test_a_line_is_shorter_than_the_buffer(server):
    longest = line(a="x" * (262_143 - len(line(a="")) + 1))
    assert len(longest) == 262_144  # with its end
    assert post(server, JSONLINE, longest)[0] == 200
    assert (len(server.rows), server.drops) == (1, [])


def test_an_old_server_loses_what_follows_a_long_line_in_the_same_read(server):
    body = line() + line(a="x" * 300_000) + line() * 1000 + line(a="y" * 250_000)
    assert post(server, JSONLINE, body)[0] == 200
    assert len(server.rows) == 1002
    server.rows.clear()
    assert post(server, JSONLINE, line() + line(a="x" * 300_000) + line() * 1000)[0] == 200
    assert len(server.rows) == (1 if server.old else 1001)


def test_a_long_last_line_of_a_bulk_request_leaves_an_old_server_without_an_answer(server):
    body = b'{"create":{}}\n' + line() + b'{"create":{}}\n' + line(a="x" * 300_000)
    status, answer = post(server, BULK, body)
    assert (status, answer == b"", len(server.rows)) == (200, server.old, 1)


def test_a_busy_server_tells_the_truth_over_otlp_only(server):
    request = ExportLogsServiceRequest()
    request.resource_logs.add().scope_logs.add().log_records.add(time_unix_nano=time.time_ns())
    bulk = b'{"create":{}}\n' + line()
    server.busy = 3
    assert post(server, JSONLINE, line()) == (200, b"")
    assert post(server, BULK, bulk) == ((200, b"") if server.old else (503, b"cannot process insert request"))
    assert post(server, OTLP, request.SerializeToString())[0] == 503
    assert server.rows == []
    assert post(server, JSONLINE, line())[0] == 200
    assert len(server.rows) == 1


def test_a_full_disk_is_told_over_every_path(server):
    server.read_only = True
    assert [post(server, path, b"")[0] for path in (JSONLINE, BULK, OTLP)] == [429, 429, 429]


def test_a_stream_with_too_many_names_in_a_block_loses_rows(server):
    rows = [line(app=app, **{f"{app}{n}-{k}": 1 for k in range(500)}) for app in "ab" for n in range(4)]
    assert post(server, JSONLINE + "?_stream_fields=app", b"".join(rows))[0] == 200
    # With 502 names of its own the fourth row of a stream finds 1502 there: one of the rows is one too many.
    assert len(server.rows) == 6
    assert [drop[0] for drop in server.drops] == ["too_many_names"] * 2


def test_a_block_with_too_many_names_takes_no_row_more(server):
    rows = [line(**{f"{n}-{k}": 1 for k in range(500)}) for n in range(4)] + [line()]
    assert post(server, JSONLINE, b"".join(rows))[0] == 200
    assert (len(server.rows), len(server.drops)) == (3, 2)


def test_a_scope_that_says_nothing_has_a_name_nonetheless(server):
    request = ExportLogsServiceRequest()
    scope = request.resource_logs.add().scope_logs.add()
    scope.log_records.add(time_unix_nano=time.time_ns()).body.string_value = "hello"
    post(server, OTLP, request.SerializeToString())
    scope.scope.SetInParent()
    post(server, OTLP, request.SerializeToString())
    names = [row.fields.get("scope.name") for row in server.rows]
    assert names == [None, None if server.old else "unknown"]


def test_an_empty_value_of_a_long_name_costs_the_record_over_otlp(server):
    request = ExportLogsServiceRequest()
    record = request.resource_logs.add().scope_logs.add().log_records.add(time_unix_nano=time.time_ns())
    record.attributes.add(key="k" * 129).value.string_value = ""
    post(server, OTLP, request.SerializeToString())
    assert (server.rows, server.drops) == ([], [("key_too_long", 129)])


def test_reserved_names_are_violations(server):
    post(server, JSONLINE, line(_stream="{}", _stream_id="1"))
    assert len(server.violations) == 2


@pytest.mark.parametrize("field", ["a", "a=", "=b", "a=b,c"])
def test_an_extra_field_without_name_or_value_is_refused(server, field):
    assert post(server, JSONLINE + "?extra_fields=" + field, line())[0] == 400


def test_retention_is_by_the_day(server):
    oldest = int(time.time() - 7 * 86_400) // 86_400 * 86_400
    for seconds in (oldest, oldest - 1):
        text = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))
        assert post(server, JSONLINE, line(_time=text))[0] == 200
    assert (len(server.rows), [drop[0] for drop in server.drops]) == (1, ["too_small_timestamp"])


def test_bad_lines_are_skipped_and_all_bad_is_400(server):
    assert post(server, JSONLINE, b"{\n" + line())[0] == 200
    assert post(server, JSONLINE, b"{\n")[0] == 400
    assert (len(server.rows), len(server.violations)) == (1, 2)


def test_a_bulk_parse_error_is_silent_on_an_old_server_only(server):
    body = b'{"create":{}}\n' + line() + b'{"create":{}}\n{\n'
    assert post(server, BULK, body)[0] == (200 if server.old else 400)
    assert post(server, BULK, b'{"create":{}}\n' + line()) == (
        200,
        b'{"took": 1, "errors": false, "items": [{"create": {"status": 201}}]}',
    )


def test_otlp_is_protobuf_only_and_names_fields_by_version(server):
    request = ExportLogsServiceRequest()
    group = request.resource_logs.add()
    group.resource.attributes.add(key="service.name").value.string_value = "s"
    scope = group.scope_logs.add()
    scope.scope.name = "lib"
    record = scope.log_records.add(time_unix_nano=time.time_ns(), severity_number=9)
    record.body.string_value = "hello"
    assert post(server, OTLP, request.SerializeToString(), Content_Type="application/x-protobuf")[0] == 200
    (row,) = server.rows
    assert (row.fields["_msg"], row.stream) == ("hello", {"service.name": "s"})
    assert row.fields.get("scope.name") == (None if server.old else "lib")
    assert row.fields.get("severity") == ("Info" if server.old else None)
    assert post(server, OTLP, b"{}", Content_Type="application/json")[0] == 400


def test_an_attribute_without_a_value_is_a_violation(server):
    request = ExportLogsServiceRequest()
    record = request.resource_logs.add().scope_logs.add().log_records.add()
    record.attributes.add(key="k")
    post(server, OTLP, request.SerializeToString())
    assert server.violations == ["attribute 'k' without a value"]


def test_a_bad_tenant_is_refused(server):
    assert post(server, JSONLINE, line(), AccountID="-1")[0] == 400
    assert len(server.violations) == 1


def test_times_need_a_zone():
    assert unix_nano("1970-01-01T00:00:01.5Z") == 1_500_000_000
    assert unix_nano("1970-01-01T00:00:01") is None
