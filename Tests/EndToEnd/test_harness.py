"""The harness itself: its clients against the stand-ins, and its refusal to test nothing."""

import gzip
import subprocess
import sys

import grpc
import pytest

from EndToEnd import gateway as harness
from EndToEnd.http_clients import HTTP2, channel, grpc_frame, send, stub
from EndToEnd.otlp_requests import (
    any_value,
    as_json,
    comparable,
    every_kind_of_value,
    from_json,
    record,
    records_of,
    request,
)
from StandIns.otlp import GRPCFault, OTLPServerGRPC, OTLPServerHTTP


def test_a_missing_binary_is_a_failure(monkeypatch):
    monkeypatch.setenv("SLUICE", "/nowhere/sluice")
    with pytest.raises(AssertionError, match="no gateway to test"):
        harness.binary()


def test_the_http_2_client_reads_a_grpc_answer():
    body = request(record("hello")).SerializeToString()
    with OTLPServerGRPC() as server, HTTP2(server.port) as connection:
        id = connection.open_grpc(grpc_encoding="gzip")
        connection.write(id, grpc_frame(gzip.compress(body), compressed=True))
        answer = connection.result(id)
        assert (answer.status, answer.body, answer.grpc_field("grpc-status")) == (200, grpc_frame(b""), "0")
        server.standing = GRPCFault(code=grpc.StatusCode.UNAVAILABLE, retry_seconds=2, message="away ü")
        id = connection.open_grpc()
        connection.write(id, grpc_frame(body))
        answer = connection.result(id)
        assert (answer.grpc_details().code, answer.grpc_details().message) == (14, "away ü")
        assert answer.header_blocks >= 1
    assert len(server.requests_taken) == 1


def test_json_and_back_is_the_same_request():
    message = request(record(every_kind_of_value(), every_kind_of_value(), event_name="e", flags=1))
    assert from_json(as_json(message)) == message


def test_values_of_every_kind_are_what_they_say():
    kinds = {any_value(value).WhichOneof("value") for value in every_kind_of_value().values()}
    assert kinds == {
        "string_value",
        "bool_value",
        "int_value",
        "double_value",
        "bytes_value",
        "array_value",
        "kvlist_value",
    }
    assert any_value(None).WhichOneof("value") is None


def test_comparison_sees_every_difference_and_no_order():
    one, two = record("a"), record("b")
    assert comparable(records_of(request(one, two))) == comparable(records_of(request(two), request(one)))
    assert comparable(records_of(request(one))) != comparable(records_of(request(two)))
    assert comparable(records_of(request(one))) != comparable(records_of(request(one, resource={"other": 1})))


def test_the_clients_reach_a_server():
    with OTLPServerHTTP() as server:
        assert send(server.port, request(record("x")).SerializeToString()).status == 200
        assert send(server.port, b"", path="/other").status == 404
    with OTLPServerGRPC() as server, channel(server.port) as connected:
        stub(connected).Export(request(record("x")), timeout=5)
    assert len(server.requests_taken) == 1


def test_prometheus_text_is_read_with_labels(monkeypatch, tmp_path):
    gateway = harness.Gateway(tmp_path)
    text = '# HELP a b\na_total{x="1",y="q\\"z"} 2\na_total{x="2",y=""} 3.5\nb 1e3\n'
    monkeypatch.setattr(gateway, "admin", lambda path: (200, text))
    assert gateway.metric("a") == 5.5
    assert gateway.metric("a", x="2") == 3.5
    assert gateway.metric("b") == 1000


def test_runs_beside_each_other_take_other_ports():
    """Two that begin at the same time would otherwise ask each other's gateways."""
    script = "from EndToEnd.gateway import free_ports; print(*free_ports(3), flush=True); input()"
    runs = [
        subprocess.Popen([sys.executable, "-c", script], cwd=harness.ROOT / "Tests", stdin=subprocess.PIPE,
                         stdout=subprocess.PIPE, text=True) for _ in range(3)
    ]  # fmt: skip
    try:
        found = [{int(port) for port in run.stdout.readline().split()} for run in runs]
        assert all(len(ports) == 3 for ports in found), found
        blocks = {port // harness.PORTS_OF_RUN for ports in found for port in ports}
        assert len(blocks) == 3 and harness.free_port() // harness.PORTS_OF_RUN not in blocks
    finally:
        for run in runs:
            run.communicate("\n", timeout=10)
