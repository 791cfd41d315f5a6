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
        (line(a="x" * (256 << 10)), "line_too_long"),
        (line(**{f"k{i}": 1 for i in range(1000)}), "too_many_fields"),
        (line(**{"k" * 129: 1}), "key_too_long"),
        (line(_time="2001-01-01T00:00:00Z"), "too_small_timestamp"),
        (line(_time="2099-01-01T00:00:00Z"), "too_big_timestamp"),
    ],
)
def test_silent_drops_answer_200_and_are_recorded(server, body, reason):
    assert post(server, JSONLINE, body)[0] == 200
    assert [drop[0] for drop in server.drops] == [reason]
    assert server.rows == []


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
