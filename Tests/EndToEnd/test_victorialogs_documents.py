"""Rows as VictoriaLogs gets them, over its three protocols; and nothing that it would drop in silence."""

import json
import time

import pytest

from EndToEnd.gateway import quick, wait_until
from EndToEnd.http_clients import send
from EndToEnd.otlp_requests import (
    JSON,
    SPAN_ID,
    TRACE_ID,
    as_json,
    every_kind_of_value,
    of_many_resources,
    record,
    request,
    unique,
)
from StandIns.http_backend import Fault
from StandIns.victorialogs import DAY, MAX_FIELDS, MAX_KEY_BYTES, MAX_LINE_BYTES, MAX_ROW_BYTES, VictoriaLogs

PROTOCOLS = ("elasticsearch", "jsonline", "otlp")
RESOURCE = {"service.name": "shop", "k8s.namespace.name": "ns", "service.instance.id": "i-1", "host.name": "h"}


@pytest.fixture(params=PROTOCOLS)
def protocol(request):
    return request.param


def exporter(server: VictoriaLogs, protocol: str, **options) -> dict:
    return {"victorialogs": quick(endpoint=server.url, protocol=protocol, **options)}


def rows_of(start, server, protocol, *requests, **options) -> list:
    """Sends the requests through a gateway of their own and returns what was stored."""
    gateway = start(exporter(server, protocol, **options))
    for message in requests:
        assert send(gateway.http_port, message.SerializeToString()).status == 200
    gateway.stop()
    assert server.violations == []
    assert server.drops == []
    return server.rows


def test_one_record_over_every_protocol(start, protocol):
    now = time.time_ns()
    message = request(
        record(
            "hello", {"http.method": "GET", "n": 7, "map": {"k": {"l": True}}}, time_unix_nano=now, event_name="login"
        ),
        resource=RESOURCE,
    )
    with VictoriaLogs() as server:
        (row,) = rows_of(start, server, protocol, message)
    assert row.fields["_msg"] == "hello"
    assert row.time_unix_nano == now
    expected = {
        "http.method": "GET",
        "n": "7",
        "map.k.l": "true",
        "severity_text": "INFO",
        "severity_number": "9",
        "trace_id": TRACE_ID.hex(),
        "span_id": SPAN_ID.hex(),
        "event_name": "login",
        "scope.name": "lib",
        "scope.version": "1.0",
        **RESOURCE,
    }
    assert {key: row.fields.get(key) for key in expected} == expected


def test_stream_fields_are_a_safe_few(start, protocol):
    with VictoriaLogs() as server:
        (row,) = rows_of(start, server, protocol, request(record("x"), resource=RESOURCE))
    assert row.stream == {"service.name": "shop", "k8s.namespace.name": "ns", "service.instance.id": "i-1"}


def test_stream_fields_are_configurable(start, protocol):
    with VictoriaLogs() as server:
        (row,) = rows_of(
            start, server, protocol, request(record("x"), resource=RESOURCE), stream_fields=["host.name"]
        )
    assert row.stream == {"host.name": "h"}


def test_the_tenant_is_sent(start, protocol):
    with VictoriaLogs() as server:
        (row,) = rows_of(start, server, protocol, request(record("x")), tenant={"account_id": 7, "project_id": 8})
    assert row.tenant == (7, 8)


def test_protobuf_and_json_give_the_same_row(start, protocol):
    text = unique()
    bodies = [text, 7, {"_msg": text, **every_kind_of_value()}, ["a", {"b": 1}], None, b"\x01"]
    with VictoriaLogs() as server:
        gateway = start(exporter(server, protocol))
        for number, body in enumerate(bodies):
            message = request(record(body, {"case": number, "attribute": every_kind_of_value()}))
            assert send(gateway.http_port, message.SerializeToString()).status == 200
            assert send(gateway.http_port, as_json(message), JSON).status == 200
        gateway.stop()
        assert server.violations == []
        assert len(server.rows) == 2 * len(bodies)
        for number in range(len(bodies)):
            first, second = [row for row in server.rows if row.fields["case"] == str(number)]
            assert first == second


BAD_RECORDS = {
    "line": lambda: record("x" * MAX_ROW_BYTES),
    "fields": lambda: record("x", {f"k{n}": n for n in range(MAX_FIELDS + 1)}),
    "key": lambda: record("x", {"k" * (MAX_KEY_BYTES + 1): 1}),
    "nested key": lambda: record("x", {"a" * 64: {"b" * 64: 1}}),
    "future": lambda: record("x", time_unix_nano=time.time_ns() + 3 * DAY * 10**9),
    "past": lambda: record("x", time_unix_nano=time.time_ns() - 8 * DAY * 10**9),
    "1970": lambda: record("x", time_unix_nano=1),
    "reserved": lambda: record("x", {"_stream": "{}", "_stream_id": "1", "_time": "2000-01-01T00:00:00Z", "_msg": "y"}),
}


@pytest.mark.parametrize("bad", BAD_RECORDS)
def test_what_the_server_would_drop_in_silence_is_never_sent_and_the_rest_arrives(start, protocol, bad):
    good = [record("good one"), record("good two")]
    with VictoriaLogs() as server:
        rows = rows_of(start, server, protocol, request(good[0], BAD_RECORDS[bad](), good[1]))
        assert {row.fields["_msg"] for row in rows} >= {"good one", "good two"}


GOOD_RECORDS = {
    "fields": lambda: record("edge", {f"k{n}": n for n in range(MAX_FIELDS - 20)}),
    "key": lambda: record("edge", {"k" * MAX_KEY_BYTES: 1}),
    "line": lambda: record("edge", {"a": "x" * (MAX_LINE_BYTES - 1000)}),
    "future": lambda: record("edge", time_unix_nano=time.time_ns() + (2 * DAY - 600) * 10**9),
}


@pytest.mark.parametrize("good", GOOD_RECORDS)
def test_what_the_server_would_just_take_is_sent(start, protocol, good):
    with VictoriaLogs() as server:
        rows = rows_of(start, server, protocol, request(GOOD_RECORDS[good]()))
        assert len(rows) == 1


def test_odd_records_reach_the_server_in_a_form_it_takes(start, protocol):
    deep = value = {}
    for _ in range(25):
        value["k"] = value = {}
    value["end"] = 1
    odd = [
        record("valueless", {"k": None, "l": 1}),
        record("collision", {"service.name": "from the record", "k": 1, "trace_id": "mine", "_time": "x", "_msg": "y"}),
        record("deep", {"deep": [deep]}),
        record("empty", {"": 1, "e": "", "m": {"": 1}}),
        record("numbers", {"nan": float("nan"), "inf": float("inf"), "minus": float("-inf")}),
        record("line\nbreak", {"k\n": '"}\n{"_msg":"forged"}'}),
    ]
    with VictoriaLogs() as server:
        rows = rows_of(start, server, protocol, request(*odd, resource=RESOURCE))
        assert {row.fields["_msg"] for row in rows} == {
            "valueless",
            "collision",
            "deep",
            "empty",
            "numbers",
            "line\nbreak",
        }


def test_a_wrong_path_costs_no_record(start, protocol):
    message = request(record("kept"))
    with VictoriaLogs() as server:
        server.faults.standing(Fault(status=400, body=b'unsupported path requested: "/x"\n'))
        gateway = start({"victorialogs": quick(endpoint=server.url, protocol=protocol)})
        assert send(gateway.http_port, message.SerializeToString()).status == 200
        wait_until(lambda: len(server.statuses) >= 4, 20, "four attempts")
        assert '"error":"HTTP 400, unsupported path requested"' in gateway.admin("/readyz")[1]
        server.faults.standing()
        wait_until(lambda: server.rows, 20, "delivery")
        gateway.stop()
        assert [row.fields["_msg"] for row in server.rows] == ["kept"]


def test_a_line_that_makes_bulk_answers_empty_is_isolated(start, tmp_path):
    """An old server answers 200 with an empty body to a body with a line that it does not read."""
    letters = tmp_path / "letters.ndjson"
    with VictoriaLogs(old=True) as server:
        server.faults.standing(Fault(poison=b"poison"))
        exporter = quick(endpoint=server.url, protocol="elasticsearch", dead_letter={"path": str(letters)})
        gateway = start({"victorialogs": exporter})
        records = [record("poison" if n == 150 else f"good {n}") for n in range(300)]
        assert send(gateway.http_port, request(*records).SerializeToString()).status == 200
        wait_until(lambda: letters.exists() and letters.read_text(), 30, "the dead letter")
        gateway.stop()
        assert "poison" in letters.read_text() and letters.read_text().count("\n") == 1
        stored = [row.fields["_msg"] for row in server.rows]
        assert sorted(stored) == sorted(f"good {n}" for n in range(300) if n != 150)


def test_an_empty_answer_to_a_bulk_request_is_no_evidence(start):
    """An old server answers 200 with an empty body when it is overloaded, and stores nothing."""
    with VictoriaLogs(old=True) as server:
        server.faults.once(Fault(swallow=True))
        rows = rows_of(start, server, "elasticsearch", request(record("kept")))
        assert [row.fields["_msg"] for row in rows] == ["kept"]


def test_what_is_not_sent_becomes_a_dead_letter(start, tmp_path, protocol):
    letters = tmp_path / "dead.ndjson"
    bad = [record("old", time_unix_nano=1), record("key", {"k" * (MAX_KEY_BYTES + 1): 1}), record("x" * MAX_ROW_BYTES)]
    with VictoriaLogs() as server:
        gateway = start(exporter(server, protocol, dead_letter={"path": str(letters)}))
        assert send(gateway.http_port, request(record("good"), *bad).SerializeToString()).status == 200
        gateway.stop()
        assert [row.fields["_msg"] for row in server.rows] == ["good"]
        assert (server.drops, server.violations) == ([], [])
    kept = [json.loads(line) for line in letters.read_text().splitlines()]
    reasons = sorted(letter["reason"].split(":")[0] for letter in kept)
    assert reasons == ["field_name_too_long", "line_too_long", "too_old"]
    assert all(letter["record"] and letter["exporter"] == "victorialogs" for letter in kept)


@pytest.mark.parametrize("busy", [0, 3])
def test_a_busy_server_costs_nothing(start, busy):
    """1.26 says 200 with an empty body when no slot came free; the default protocol does not believe it."""
    with VictoriaLogs(old=True) as server:
        server.busy = busy
        rows = rows_of(start, server, "elasticsearch", request(record("kept")))
        assert [row.fields["_msg"] for row in rows] == ["kept"]


def test_the_default_protocol_is_one_whose_answers_are_proof(start):
    with VictoriaLogs(old=True) as server:
        server.busy = 1
        gateway = start({"victorialogs": quick(endpoint=server.url)})
        assert send(gateway.http_port, request(record("kept")).SerializeToString()).status == 200
        gateway.stop()
        assert [row.fields["_msg"] for row in server.rows] == ["kept"]


LONG_NAMES = {
    "of a record": ({}, {"a" * 64: {"b" * 64: 1}}),
    "of a resource": ({"a" * 64: {"b" * 64: 1}}, {}),
}


@pytest.mark.parametrize("where", LONG_NAMES)
def test_a_map_with_members_of_too_long_names_stays_json(start, protocol, where):
    resource, attributes = LONG_NAMES[where]
    with VictoriaLogs() as server:
        (row,) = rows_of(start, server, protocol, request(record("x", attributes), resource={**RESOURCE, **resource}))
        assert json.loads(row.fields["a" * 64]) == {"b" * 64: 1}


def test_what_is_empty_costs_no_record_however_long_its_name(start, protocol):
    empty = {"k" * (MAX_KEY_BYTES + 2): "", "b" * (MAX_KEY_BYTES + 2): b""}
    message = request(record("x", {**empty, "m": {**empty, "n": 1}}), record({"_msg": "y", **empty}), resource=empty)
    with VictoriaLogs() as server:
        rows = rows_of(start, server, protocol, message)
        assert {row.fields["_msg"] for row in rows} == {"x", "y"}
        assert rows[0].fields["m.n"] == "1"


@pytest.mark.parametrize("scope", ["lib", ""])
def test_what_is_named_as_a_scope_is_there_once(start, protocol, scope):
    own = {"scope.name": "mine", "scope.version": "2", "scope.attributes.team": "b"}
    message = request(record("of a record", own), resource={"host.name": "h"})
    message.MergeFrom(request(record("of a resource"), resource=own))
    for group in message.resource_logs:
        group.scope_logs[0].scope.name = scope
        group.scope_logs[0].scope.attributes.add(key="team").value.string_value = "a"
    with VictoriaLogs() as server:
        rows = rows_of(start, server, protocol, message)
        assert len(rows) == 2
        for row in rows:
            assert {"mine", "2", "b"} <= set(row.fields.values())


def test_behind_a_prefix_no_name_is_there_twice(start, protocol):
    resource = {"trace_id": "its", "span_id": "its", "event_name": "its", "user": "its", "host.name": "h"}
    records = [record({"user": "body"}, {"host.name": "record"}, event_name="e"), record("plain", {"k": 1})]
    with VictoriaLogs() as server:
        rows = rows_of(start, server, protocol, request(*records, resource=resource), attribute_prefix="l.")
        assert [row.fields["trace_id"] for row in rows] == [TRACE_ID.hex()] * 2
        assert rows[0].fields["l.host.name"] == "record" and rows[0].fields["host.name"] == "h"
        assert "body" in rows[0].fields.values()


def test_names_of_resources_and_scopes_stay_within_the_names_of_a_stream(start, protocol):
    with VictoriaLogs() as server:
        rows = rows_of(start, server, protocol, of_many_resources(2600))
        assert len({row.fields["_msg"] for row in rows}) == 2600
        assert {row.stream["service.name"] for row in rows} == {"shop"}
        assert len({name for row in rows for name in row.fields}) <= 1000
        for row in rows:
            own = "own-" + row.fields["_msg"]
            assert own in row.fields or own in row.fields["other_resource_attributes"]


def test_ids_as_keys_stay_within_the_names_of_a_stream(start, protocol):
    messages = [
        request(record(f"{n}", {"users": {f"id-{n}-{k}": k for k in range(50)}, f"own-{n}": n})) for n in range(100)
    ]
    with VictoriaLogs() as server:
        rows = rows_of(start, server, protocol, *messages)
        assert len(rows) == 100
        assert len({name for row in rows for name in row.fields}) <= 1000


def test_a_name_of_resource_and_record_is_there_once(start, protocol):
    message = request(
        record("its own", {"host.name": "record"}), record("the resource's"), resource={"host.name": "resource"}
    )
    with VictoriaLogs() as server:
        rows = rows_of(start, server, protocol, message)
        assert {row.fields["_msg"]: row.fields["host.name"] for row in rows} == {
            "its own": "record",
            "the resource's": "resource",
        }
