"""A gateway that is told to go: what comes on open connections until their clients have heard of it is still taken."""

import http.client
import threading
import time

import pytest

from EndToEnd.gateway import quick, wait_until
from EndToEnd.http_clients import HTTP2, PROTOBUF, grpc_frame
from EndToEnd.otlp_requests import body_of, record, records_of, request
from StandIns.otlp import OTLPServerHTTP


class Sender(threading.Thread):
    """Sends a record a request until it is told to go; keeps what was not taken."""

    def __init__(self, gateway, mark: str):
        super().__init__(daemon=True)
        self.gateway, self.mark, self.sent, self.failed = gateway, mark, 0, []

    def body(self) -> bytes:
        return request(record(f"{self.mark} {self.sent}")).SerializeToString()

    def run(self):
        try:
            self.send()
        except Exception as error:
            self.failed.append(repr(error))


class HTTP1Sender(Sender):
    def send(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.gateway.http_port, timeout=10)
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
    def send(self):
        with HTTP2(self.gateway.grpc_port) as connection:
            while connection.goaway is None:
                stream = connection.open_grpc()
                connection.write(stream, grpc_frame(self.body()))
                while not connection.streams[stream].is_over:
                    connection.receive()
                if connection.streams[stream].grpc_field("grpc-status") != "0":
                    self.failed.append(connection.streams[stream])
                self.sent += 1


@pytest.mark.parametrize("kind", [HTTP1Sender, GRPCSender])
def test_no_request_of_an_open_connection_fails(start, kind):
    with OTLPServerHTTP() as sink:
        gateway = start({"otlphttp": quick(endpoint=sink.url)})
        senders = [kind(gateway, f"sender{number}") for number in range(16)]
        for sender in senders:
            sender.start()
        wait_until(lambda: all(sender.sent > 3 for sender in senders), 20, "requests of all senders")
        began = time.monotonic()
        gateway.stop()
        assert time.monotonic() - began < 10
        for sender in senders:
            sender.join(20)
            assert not sender.is_alive()
        assert [failure for sender in senders for failure in sender.failed] == []
        wanted = sorted(f"{sender.mark} {number}" for sender in senders for number in range(sender.sent))
        with sink.lock:
            requests = list(sink.requests_taken)
        assert sorted(map(body_of, records_of(*requests))) == wanted


def test_a_connection_that_stays_silent_is_closed_soon(start):
    gateway = start()
    connection = http.client.HTTPConnection("127.0.0.1", gateway.http_port, timeout=10)
    connection.request("POST", "/v1/logs", request(record("x")).SerializeToString(), {"Content-Type": PROTOBUF})
    assert connection.getresponse().read() == b""
    began = time.monotonic()
    gateway.stop()
    assert time.monotonic() - began < 5
    connection.close()
