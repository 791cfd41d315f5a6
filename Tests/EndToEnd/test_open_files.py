"""The process at its limit of open files: it turns senders away, and everything else goes on."""

import contextlib
import resource
import socket
import time

import pytest

from EndToEnd.gateway import quick, wait_until
from EndToEnd.http_clients import send
from EndToEnd.otlp_requests import record, request, unique
from StandIns.otlp import OTLPServerHTTP

LIMIT = 200


@pytest.fixture
def limited(start, monkeypatch):
    """Starts a gateway that may have only so many files open."""

    def run(limit: int = LIMIT, exporters=None, overlay=None, soft=None):
        from EndToEnd import gateway as module

        prepare = module.Gateway.__init__

        def init(self, *arguments, **options):
            prepare(self, *arguments, **options)
            self.prefix = ["prlimit", f"--nofile={soft or limit}:{limit}"]

        monkeypatch.setattr(module.Gateway, "__init__", init)
        return start(exporters, overlay)

    return run


def cpu_seconds(gateway) -> float:
    with open(f"/proc/{gateway.process.pid}/stat") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / 100


def connections(stack: contextlib.ExitStack, port: int, count: int) -> list:
    """Connections that stay; those that were closed on arrival among them."""
    return [stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=10)) for _ in range(count)]


def is_closed(connection) -> bool:
    """Whether the other end has closed the connection."""
    connection.setblocking(False)
    try:
        return connection.recv(1) == b""
    except BlockingIOError:
        return False
    except ConnectionError:
        return True


def taken(ask) -> object:
    """What `ask` returns; nothing if its connection was turned away, as any may be while hundreds arrive or leave."""
    try:
        return ask()
    except ConnectionError:
        return None


def connected(gateway) -> int:
    """Connections that have arrived so far, as far as the gateway can be asked."""
    return taken(lambda: gateway.metric("sluice_receiver_connections")) or 0


def test_the_soft_limit_is_raised_and_both_are_logged(limited):
    gateway = limited(400, soft=64)
    line = next(line for line in gateway.log().splitlines() if "open files" in line)
    assert "limit=400" in line and "limit_before=64" in line
    with contextlib.ExitStack() as stack:
        kept = connections(stack, gateway.http_port, 100)
        wait_until(lambda: gateway.metric("sluice_receiver_open_connections") >= 100, what="100 connections")
        assert not any(is_closed(connection) for connection in kept)


def test_senders_are_turned_away_and_the_rest_goes_on(limited, tmp_path):
    with OTLPServerHTTP() as sink:
        queue = {"sending_queue": {"directory": str(tmp_path / "queue")}}
        gateway = limited(exporters={"otlphttp": quick(endpoint=sink.url, **queue)})
        with contextlib.ExitStack() as stack:
            first = connections(stack, gateway.http_port, 1)[0]
            many = connections(stack, gateway.http_port, 2 * LIMIT)
            wait_until(lambda: connected(gateway) > 2 * LIMIT, what="all connections")
            assert gateway.metric("sluice_receiver_cut_off", reason="no_descriptors") > LIMIT
            assert not is_closed(first)
            closed = sum(is_closed(connection) for connection in many)
            assert closed > LIMIT, f"{closed} of {len(many)} were closed"

            before, since = cpu_seconds(gateway), time.monotonic()
            while time.monotonic() < since + 2:
                assert gateway.admin("/healthz")[0] == 200
                assert gateway.admin("/readyz")[0] == 200
                time.sleep(0.2)
            spent = cpu_seconds(gateway) - before
            assert spent < 0.6, f"{spent} s of CPU in 2 s"

            # A connection that is open still delivers: queue and destination get the descriptors that they need.
            text = unique()
            body = request(record(text)).SerializeToString()
            head = f"POST /v1/logs HTTP/1.1\r\nhost: t\r\ncontent-type: application/x-protobuf\r\ncontent-length: {len(body)}\r\n\r\n"
            first.setblocking(True)
            first.sendall(head.encode() + body)
            assert b" 200 " in first.recv(4096).split(b"\r\n")[0]
            wait_until(lambda: text in str(sink.requests_taken), what="the delivery")
            lines = [line for line in gateway.log().splitlines() if "connections are turned away" in line]
            assert lines and "no_descriptors" in lines[0] and len(lines) < 5
        served = lambda: taken(lambda: send(gateway.http_port, b"").status == 200)  # noqa: E731
        wait_until(served, what="service after the connections have gone")


def test_without_any_descriptor_the_listener_rests(limited):
    """Not even the reserve is left: the limit is lowered below what is open."""
    gateway = limited()
    pid = gateway.process.pid
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (10, LIMIT))
    try:
        with contextlib.ExitStack() as stack:
            connections(stack, gateway.http_port, 20)
            before = cpu_seconds(gateway)
            time.sleep(3)
            spent = cpu_seconds(gateway) - before
            assert spent < 0.3, f"{spent} s of CPU in 3 s"
            resource.prlimit(pid, resource.RLIMIT_NOFILE, (LIMIT, LIMIT))
            wait_until(lambda: gateway.metric("sluice_receiver_open_connections") >= 20, what="the connections")
            rests = gateway.metric("sluice_receiver_cut_off", reason="no_descriptors")
            assert 5 <= rests <= 60, f"{rests} rests of 100 ms in 3 s"
    finally:
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (LIMIT, LIMIT))
    assert send(gateway.http_port, b"").status == 200


def test_more_connections_than_can_be_had_are_warned_of(limited):
    overlay = {"receivers": {"otlp": {"limits": {"connections": {"max_connections": 5000}}}}}
    gateway = limited(overlay=overlay)
    assert "warning: receivers.otlp.limits.connections.max_connections: 5000 connections cannot be had" in gateway.log()
