"""A gateway that is told to go: what comes on open connections until their clients have heard of it is still taken."""

import http.client
import socket
import threading
import time

import pytest

from EndToEnd.gateway import free_ports, merged, quick, wait_until
from EndToEnd.http_clients import HTTP2, PROTOBUF, grpc_frame
from EndToEnd.otlp_requests import body_of, record, records_of, request
from StandIns.otlp import OTLPServerHTTP


class Sender(threading.Thread):
    """Sends a record a request to the first of some ports until it is told to go, then to the next; keeps what was not
    taken."""

    def __init__(self, ports: list, mark: str):
        super().__init__(daemon=True)
        self.ports, self.mark, self.sent, self.failed, self.at = ports, mark, 0, [], 0

    def body(self) -> bytes:
        return request(record(f"{self.mark} {self.sent}")).SerializeToString()

    def run(self):
        try:
            for self.at, port in enumerate(self.ports):
                self.send(port)
        except Exception as error:
            self.failed.append(repr(error))


class HTTP1Sender(Sender):
    protocol = "http"

    def send(self, port):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        is_told_to_go = False
        while not is_told_to_go:
            connection.request("POST", "/v1/logs", self.body(), {"Content-Type": PROTOBUF})
            answer = connection.getresponse()
            is_told_to_go = answer.headers.get("Connection") == "close"
            if answer.status != 200:
                self.failed.append((answer.status, answer.read()))
            answer.read()
            self.sent += 1
        connection.close()


class GRPCSender(Sender):
    protocol = "grpc"

    def send(self, port):
        with HTTP2(port) as connection:
            while connection.goaway is None:
                stream = connection.open_grpc()
                connection.write(stream, grpc_frame(self.body()))
                while not connection.streams[stream].is_over:
                    connection.receive()
                if connection.streams[stream].grpc_field("grpc-status") != "0":
                    self.failed.append(connection.streams[stream])
                self.sent += 1


def all_came_once(senders, sink):
    for sender in senders:
        sender.join(20)
        assert not sender.is_alive()
    assert [failure for sender in senders for failure in sender.failed] == []
    wanted = sorted(f"{sender.mark} {number}" for sender in senders for number in range(sender.sent))
    with sink.lock:
        requests = list(sink.requests_taken)
    assert sorted(map(body_of, records_of(*requests))) == wanted


@pytest.mark.parametrize("kind", [HTTP1Sender, GRPCSender])
def test_no_request_of_an_open_connection_fails(start, kind):
    with OTLPServerHTTP() as sink:
        gateway = start({"otlphttp": quick(endpoint=sink.url)})
        port = {"http": gateway.http_port, "grpc": gateway.grpc_port}[kind.protocol]
        senders = [kind([port], f"sender{number}") for number in range(16)]
        for sender in senders:
            sender.start()
        wait_until(lambda: all(sender.sent > 3 for sender in senders), 20, "requests of all senders")
        began = time.monotonic()
        gateway.stop()
        assert time.monotonic() - began < 10
        all_came_once(senders, sink)


@pytest.mark.parametrize("change", ["nothing else", "the exporter", "its folder"])
@pytest.mark.parametrize("kind", [HTTP1Sender, GRPCSender])
def test_no_request_over_a_port_that_a_reload_removes_fails(start, tmp_path, kind, change):
    """The senders have another receiver to go to."""
    ports = dict(zip(("grpc", "http"), free_ports(2)))
    other = {"protocols": {name: {"endpoint": f"127.0.0.1:{port}"} for name, port in ports.items()}}
    kept = {"sending_queue": {"directory": str(tmp_path / "queue")}} if change == "its folder" else {}
    with OTLPServerHTTP() as sink:
        gateway = start({"otlphttp": quick(endpoint=sink.url, **kept)}, {
            "receivers": {"otlp/other": other},
            "service": {"pipelines": {"logs": {"receivers": ["otlp", "otlp/other"]}}}})
        port = {"http": gateway.http_port, "grpc": gateway.grpc_port}[kind.protocol]
        senders = [kind([port, ports[kind.protocol]], f"sender{number}") for number in range(16)]
        for sender in senders:
            sender.start()
        wait_until(lambda: all(sender.sent > 3 for sender in senders), 20, "requests of all senders")
        config = merged(gateway.config, {"service": {"pipelines": {"logs": {"receivers": ["otlp/other"]}}}})
        del config["receivers"]["otlp"]
        if change != "nothing else":
            config["exporters"]["otlphttp"]["timeout"] = "9s"
        assert gateway.reload(config)[0] == 200
        wait_until(lambda: all(sender.at == 1 for sender in senders), 20, "all senders to go to the other port")
        sent = sum(sender.sent for sender in senders)
        wait_until(lambda: sum(sender.sent for sender in senders) > sent + 50, 20, "requests over the other port")
        gateway.stop()
        all_came_once(senders, sink)


def test_requests_of_which_nothing_more_comes_hold_the_end_up_for_seconds_only(start):
    """Others that come slowly are taken."""
    with OTLPServerHTTP() as sink:
        gateway = start({"otlphttp": quick(endpoint=sink.url)})
        body = request(record("slow")).SerializeToString()
        head = (f"POST /v1/logs HTTP/1.1\r\nHost: x\r\nContent-Type: {PROTOBUF}\r\n"
                f"Content-Length: {len(body)}\r\n\r\n").encode()
        silent, slow, begun = (socket.create_connection(("127.0.0.1", gateway.http_port)) for _ in range(3))
        silent.sendall(head + body[:5])
        slow.sendall(head + body[:5])
        begun.sendall(b"POST /v1/lo")
        with HTTP2(gateway.grpc_port) as connection:
            stream = connection.open_grpc()
            connection.write(stream, grpc_frame(body)[:5], end=False)
            time.sleep(0.3)
            began = time.monotonic()
            gateway.terminate()
            for index in range(5, 10):
                time.sleep(0.8)
                slow.sendall(body[index:index + 1])
            slow.sendall(body[10:])
            assert slow.recv(1000).startswith(b"HTTP/1.1 200 ")
            gateway.wait()
        assert gateway.exit_code == 0
        assert time.monotonic() - began < 9
        assert silent.recv(1000).startswith(b"HTTP/1.1 503 ")
        assert begun.recv(1000) == b""
        with sink.lock:
            assert [body_of(seen) for seen in records_of(*sink.requests_taken)] == ["slow"]


def test_a_connection_that_stays_silent_is_closed_soon(start):
    gateway = start()
    connection = http.client.HTTPConnection("127.0.0.1", gateway.http_port, timeout=10)
    connection.request("POST", "/v1/logs", request(record("x")).SerializeToString(), {"Content-Type": PROTOBUF})
    assert connection.getresponse().read() == b""
    began = time.monotonic()
    gateway.stop()
    assert time.monotonic() - began < 5
    connection.close()
