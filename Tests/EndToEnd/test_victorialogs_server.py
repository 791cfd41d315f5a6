"""Against a real VictoriaLogs: what it has is what was sent, field by field, and it loses nothing that it got."""

import contextlib
import json
import os
import socket
import time

import pytest

from EndToEnd.gateway import quick, wait_until
from EndToEnd.http_clients import send
from EndToEnd.otlp_requests import of_many_resources, record, request
from EndToEnd.varied_records import Varied, differences
from StandIns.victorialogs import MAX_LINE_BYTES, VictoriaLogs, unix_nano
from StandIns.victorialogs_server import VictoriaLogsServer, binary

pytestmark = pytest.mark.skipif(
    binary() is None, reason="no VictoriaLogs: name it in VICTORIALOGS or put victoria-logs-prod on PATH"
)
PROTOCOLS = ("elasticsearch", "jsonline", "otlp")
RECORDS = int(os.environ.get("VICTORIALOGS_RECORDS", "20000"))
DAY = 86_400
RESOURCE = {"service.name": "shop", "k8s.pod.name": "shop-1"}


@pytest.fixture(params=PROTOCOLS)
def protocol(request):
    return request.param


@pytest.fixture
def server(tmp_path):
    with VictoriaLogsServer(tmp_path / "victorialogs") as server:
        yield server


def run(start, server, protocol, *requests, **options):
    """A gateway that has taken the requests."""
    gateway = start({"victorialogs": quick(endpoint=server.url, protocol=protocol, **options)})
    for message in requests:
        assert send(gateway.http_port, message.SerializeToString()).status == 200
    return gateway


def delivered(gateway) -> int:
    wait_until(lambda: gateway.metric("sluice_exporter_queued_log_records") == 0, 60, "an empty queue")
    return gateway.metric("otelcol_exporter_sent_log_records")


def test_varied_records_arrive_field_by_field(start, server, protocol):
    varied = Varied(RECORDS, seed=3)
    gateway = run(start, server, protocol, *varied.requests)
    assert delivered(gateway) == RECORDS
    gateway.stop()
    rows = server.rows("*", limit=2 * RECORDS)
    found = {int(row["case"]): row for row in rows}
    assert (len(rows), len(found), server.dropped()) == (RECORDS, RECORDS, {})
    unlike = {}
    for number, plain in varied.plain.items():
        wrong = differences(found[number], plain, protocol)
        if unix_nano(found[number]["_time"]) != plain["time_unix_nano"]:
            wrong.append(("_time", plain["time_unix_nano"], found[number]["_time"]))
        if wrong:
            unlike[number] = wrong
    assert not unlike, f"{len(unlike)} of {RECORDS} rows differ, such as {list(unlike.items())[:3]}"


def test_the_longest_line_is_kept_and_a_longer_one_costs_no_neighbour(start, server, protocol):
    def of_size(count: int):
        return record("x", {"pad": "x" * count}, trace_id=b"", span_id=b"", time_unix_nano=time.time_ns())

    with VictoriaLogs() as probe:  # how much of a line is not padding
        run(start, probe, "jsonline", request(of_size(1000), resource=RESOURCE)).stop()
        rest = len(probe.requests[0].body) - 1 - 1000
    sizes = [10, MAX_LINE_BYTES - rest, MAX_LINE_BYTES - rest + 1, 10, 10]
    gateway = run(start, server, protocol, request(*map(of_size, sizes), resource=RESOURCE))
    assert delivered(gateway) == (5 if protocol == "otlp" else 4)
    lengths = sorted(len(row["pad"]) for row in server.rows("*"))
    assert lengths == sorted(sizes if protocol == "otlp" else sizes[:2] + sizes[3:])
    assert server.dropped() == {}


@contextlib.contextmanager
def busy(server):
    """Holds the server's only slot: a request whose body does not end."""
    with socket.create_connection(("127.0.0.1", server.port)) as connection:
        connection.sendall(b"POST /insert/opentelemetry/v1/logs HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\nx")
        time.sleep(0.5)
        yield


@pytest.mark.parametrize("protocol", ["elasticsearch", "otlp"])
def test_a_server_without_a_free_slot_costs_nothing(start, tmp_path, protocol):
    flags = ("-maxConcurrentInserts=1", "-insert.maxQueueDuration=1s")
    with VictoriaLogsServer(tmp_path / "victorialogs", *flags) as server:
        with busy(server):
            gateway = run(start, server, protocol, *(request(record(f"m{n}"), resource=RESOURCE) for n in range(100)))
            time.sleep(3)
            assert gateway.metric("otelcol_exporter_sent_log_records") == 0
        assert delivered(gateway) == 100
        assert server.count() == 100


def test_a_full_disk_costs_nothing(start, tmp_path, protocol):
    server = VictoriaLogsServer(tmp_path / "victorialogs", "-storage.minFreeDiskSpaceBytes=1000TB")
    with server:
        gateway = run(start, server, protocol, request(record("kept"), resource=RESOURCE))
        wait_until(lambda: gateway.metric("sluice_exporter_requests", outcome="too_many") > 1, 10, "a second 429")
    server.flags = ()
    with server:
        assert delivered(gateway) == 1
        assert server.count() == 1


def test_times_outside_retention_become_dead_letters(start, server, protocol, tmp_path):
    now = time.time_ns()
    ages = [0, 6 * DAY, 8 * DAY, 400 * DAY]
    records = [record(f"{age}", time_unix_nano=now - age * 10**9) for age in ages] + [record("1970", time_unix_nano=1)]
    letters = tmp_path / "dead.ndjson"
    gateway = run(start, server, protocol, request(*records, resource=RESOURCE), dead_letter={"path": str(letters)})
    assert delivered(gateway) == 2
    assert gateway.metric("sluice_exporter_dropped_log_records", reason="too_old") == 3
    gateway.stop()
    assert sorted(row["_msg"] for row in server.rows("*")) == ["0", str(6 * DAY)]
    assert server.dropped() == {}
    kept = [json.loads(line) for line in letters.read_text().splitlines()]
    assert [letter["reason"].split(":")[0] for letter in kept] == ["too_old"] * 3


@pytest.mark.parametrize("unit", [1, 1000, 10**6], ids=["seconds", "milliseconds", "microseconds"])
def test_times_in_another_unit_are_found_where_they_belong(start, server, unit):
    now = int(time.time())
    gateway = run(start, server, "elasticsearch", request(record("x", time_unix_nano=now * unit), resource=RESOURCE))
    assert delivered(gateway) == 1
    (row,) = server.rows("_time:1h")
    assert unix_nano(row["_time"]) == now * 10**9
    assert gateway.metric("sluice_receiver_mended_fields", kind="time_unit") == 1


def test_ids_as_keys_cost_no_row(start, server, protocol):
    requests = [
        request(*(record(f"{m}-{n}", {"users": {f"id-{m}-{n}-{k}": k for k in range(50)}}) for n in range(20)), resource=RESOURCE)
        for m in range(20)
    ]
    flat = [request(record(f"flat-{n}", {f"own-{n}-{k}": k for k in range(50)}), resource=RESOURCE) for n in range(50)]
    gateway = run(start, server, protocol, *requests, *flat)
    assert delivered(gateway) == 450
    rows = server.rows("*", limit=1000)
    assert len({row["_msg"] for row in rows}) == 450
    assert "unique field names" not in server.log()
    assert gateway.metric("sluice_exporter_unflattened_log_records") > 300
    texts = [json.loads(row["users"]) for row in rows if "users" in row]
    assert len(texts) > 300 and all(len(text) == 50 for text in texts)


def test_names_of_resources_cost_no_row(start, server, protocol):
    gateway = run(start, server, protocol, of_many_resources(2600), request(record("last"), resource=RESOURCE))
    assert delivered(gateway) == 2601
    rows = server.rows("*", limit=4000)
    assert len({row["_msg"] for row in rows}) == 2601
    assert "unique field names" not in server.log()
    own = [json.loads(row["other_resource_attributes"]) for row in rows if "other_resource_attributes" in row]
    assert len(own) > 1000 and all(len(names) == 1 for names in own)


def test_long_names_and_empty_values_cost_no_row(start, server, protocol):
    long = {"a" * 64: {"b" * 64: 1}, "e" * 130: "", "f" * 130: b""}
    gateway = run(start, server, protocol, request(record("x", long), record({"_msg": "y", **long}), resource=long))
    assert delivered(gateway) == 2
    rows = server.rows("*")
    assert {row["_msg"] for row in rows} == {"x", "y"}
    assert all(json.loads(row["a" * 64]) == {"b" * 64: 1} for row in rows)


def test_a_sender_cannot_choose_a_stream(start, server, protocol):
    forged = {name: '{service.name="bank"}' for name in ("_stream", "_stream_id", "_time", "_msg")}
    body = {"_msg": "m", **{name: "x" for name in ("_stream", "_stream_id", "_time")}}
    gateway = run(start, server, protocol, request(record("text", forged), record(body), resource={**RESOURCE, **forged}))
    assert delivered(gateway) == 2
    rows = server.rows("*")
    assert {row["_stream"] for row in rows} == {'{k8s.pod.name="shop-1",service.name="shop"}'}
    assert {row["_msg"] for row in rows} == {"text", "m"}
    assert server.count('{service.name="shop"}') == 2
    assert gateway.metric("sluice_exporter_renamed_fields") >= 7


def line(**fields) -> bytes:
    return json.dumps({"_msg": "m", "app": "x", **fields}).encode() + b"\n"


BULK = b'{"create":{}}\n'
BODIES = {
    "longest": line(a="x" * (262_143 - len(line(a="")) + 1)) + line(),
    "too long": line() + line(a="x" * 262_144) + line() * 100,
    "too long, much behind": line() + line(a="x" * 300_000) + line() * 1000 + line(a="y" * 250_000),
    "fields": line(**{f"k{n}": 1 for n in range(1000)}) + line(),
    "name": line(**{"k" * 129: 1}) + line(**{"k" * 128: 1}),
    "names": b"".join(line(**{f"{n}-{k}": 1 for k in range(500)}) for n in range(8)),
    "old": line(_time="2001-01-01T00:00:00Z") + line(),
    "not JSON": line() + b"{\n" + line(),
}


@pytest.mark.parametrize("body", BODIES)
@pytest.mark.parametrize("bulk", [False, True], ids=["jsonline", "bulk"])
def test_the_stand_in_stores_and_answers_what_the_server_does(server, body, bulk):
    lines = BODIES[body]
    path = "/insert/jsonline?_stream_fields=app"
    if bulk:
        path = "/insert/elasticsearch/_bulk?_stream_fields=app"
        lines = b"".join(BULK + text + b"\n" for text in lines.split(b"\n")[:-1])
    with VictoriaLogs(old=True) as stand_in:
        backend = VictoriaLogsServer.post(stand_in, path, lines)
        real = server.post(path, lines)
        assert (backend[0], backend[1] == b"") == (real[0], real[1] == b"")
        assert len(stand_in.rows) == server.count()
