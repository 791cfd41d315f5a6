"""The time between SIGTERM and the end of serving (`service.shutdown_delay`): a replica that leaves still takes all."""

import http.client
import json
import os
import re
import signal
import threading
import time

import grpc
import pytest
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest

from EndToEnd.gateway import merged, quick, wait_until
from EndToEnd.http_clients import channel, send, stub
from EndToEnd.otlp_requests import body_of, record, records_of, request
from StandIns.http_backend import Fault
from StandIns.otlp import OTLPServerHTTP

PROTOBUF = {"Content-Type": "application/x-protobuf"}
SERVING, NOT_SERVING = b"\x08\x01", b"\x08\x02"


def one(text: str) -> ExportLogsServiceRequest:
    return request(record(text))


class Sender(threading.Thread):
    """Sends one record after the other by `send_one` until told to stop; keeps what failed."""

    def __init__(self, mark: str, send_one):
        super().__init__(daemon=True)
        self.mark, self.send_one, self.sent, self.failed = mark, send_one, 0, []
        self._ended = threading.Event()
        self.start()

    def run(self):
        while not self._ended.is_set():
            try:
                self.send_one(one(f"{self.mark} {self.sent}"))
            except Exception as error:
                self.failed.append(error)
            self.sent += 1
            time.sleep(0.005)

    def stop(self):
        self._ended.set()
        self.join(30)
        assert not self.is_alive()


def over_one_connection(port: int):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)

    def send_one(message):
        connection.request("POST", "/v1/logs", message.SerializeToString(), PROTOBUF)
        answer = connection.getresponse()
        answer.read()
        assert answer.status == 200 and answer.getheader("Connection") != "close"

    return send_one


def over_new_connections(port: int):
    def send_one(message):
        assert send(port, message.SerializeToString()).status == 200

    return send_one


def over_new_channels(port: int):
    def send_one(message):
        with channel(port) as connected:
            stub(connected).Export(message, timeout=10)

    return send_one


def delayed(delay: str, **service) -> dict:
    return {"service": {"shutdown_delay": delay, **service}}


def texts(sink) -> list:
    with sink.lock:
        return sorted(body_of(seen) for seen in records_of(*sink.requests_taken))


def is_leaving(gateway) -> bool:
    status, text = gateway.admin("/readyz")
    return status == 503 and json.loads(text)["status"] == "leaving"


def health(port: int) -> bytes:
    with channel(port) as connected:
        return connected.unary_unary("/grpc.health.v1.Health/Check")(b"", timeout=5)


def test_no_request_fails_while_others_find_out_that_it_leaves(start):
    with OTLPServerHTTP() as sink:
        gateway = start({"otlphttp": quick(endpoint=sink.url)}, delayed("3s"))
        with channel(gateway.grpc_port) as connected:
            senders = [
                Sender("kept", over_one_connection(gateway.http_port)),
                Sender("new", over_new_connections(gateway.http_port)),
                Sender("grpc", lambda message: stub(connected).Export(message, timeout=10)),
                Sender("channel", over_new_channels(gateway.grpc_port)),
            ]
            wait_until(lambda: all(sender.sent > 3 for sender in senders), 20, "requests")
            assert health(gateway.grpc_port) == SERVING
            began = time.monotonic()
            gateway.terminate()
            wait_until(lambda: is_leaving(gateway), 1, "a readiness that fails")
            sent = [sender.sent for sender in senders]
            assert health(gateway.grpc_port) == NOT_SERVING
            assert gateway.admin("/healthz")[0] == 200
            while time.monotonic() < began + 2:
                assert is_leaving(gateway)
                time.sleep(0.1)
            for sender in senders:
                sender.stop()
        assert time.monotonic() < began + 3, "this machine is too slow for this test"
        assert [failure for sender in senders for failure in sender.failed] == []
        assert all(sender.sent > before + 3 for sender, before in zip(senders, sent))
        assert gateway.wait() == 0
        assert 3 <= time.monotonic() - began < 8
        assert texts(sink) == sorted(f"{sender.mark} {n}" for sender in senders for n in range(sender.sent))
        assert re.findall("gateway is ([a-z]+)", gateway.log()) == ["ready", "leaving", "draining"]


def test_then_it_takes_nothing_more_and_connections_are_told_to_go(start):
    with OTLPServerHTTP() as sink:
        sink.faults.standing(Fault(delay_seconds=2))
        gateway = start({"otlphttp": quick(endpoint=sink.url)}, delayed("1s"))
        assert send(gateway.http_port, one("a").SerializeToString()).status == 200
        connection = http.client.HTTPConnection("127.0.0.1", gateway.http_port, timeout=10)
        connection.connect()
        gateway.terminate()
        wait_until(lambda: "gateway is draining" in gateway.log(), 5, "draining")
        with pytest.raises(OSError):
            send(gateway.http_port, one("b").SerializeToString())
        # It is open without a request under way, so that it is closed at once.
        assert connection.sock.recv(1) == b""
        assert json.loads(gateway.admin("/readyz")[1])["status"] == "draining"
        assert gateway.wait() == 0
        assert texts(sink) == ["a"]


@pytest.mark.parametrize("first", [None, signal.SIGTERM])
def test_whoever_presses_control_c_does_not_wait(start, first):
    gateway = start(overlay=delayed("60s"))
    began = time.monotonic()
    if first:
        os.kill(gateway.process.pid, first)
        wait_until(lambda: is_leaving(gateway), 1, "a readiness that fails")
    os.kill(gateway.process.pid, signal.SIGINT)
    assert gateway.wait(5) == 0
    assert time.monotonic() - began < 3


def test_a_second_signal_ends_the_delay_and_a_third_what_follows(start):
    """The end stays in order: what is queued in memory is delivered."""
    with OTLPServerHTTP() as sink:
        sink.faults.standing(Fault(delay_seconds=1))
        gateway = start({"otlphttp": quick(endpoint=sink.url)}, delayed("60s"))
        assert send(gateway.http_port, one("a").SerializeToString()).status == 200
        gateway.terminate()
        wait_until(lambda: is_leaving(gateway), 1, "a readiness that fails")
        time.sleep(0.6)
        gateway.terminate()
        assert gateway.wait(10) == 0
        assert texts(sink) == ["a"]
        assert "asked to end without the delay signal=SIGTERM" in gateway.log()
        assert "at once" not in gateway.log()

        sink.faults.standing(Fault(status=503))
        gateway = start({"otlphttp": quick(endpoint=sink.url)}, delayed("60s"))
        assert send(gateway.http_port, one("b").SerializeToString()).status == 200
        for _ in range(3):
            gateway.terminate()
            time.sleep(0.6)
        assert gateway.wait(5) == 1
        assert "asked to end at once signal=SIGTERM" in gateway.log() and "are lost" in gateway.log()


def test_the_time_to_drain_begins_after_the_delay(start):
    """The destination is away, and the queue in memory: both times pass, and what is lost is told."""
    with OTLPServerHTTP() as sink:
        sink.faults.standing(Fault(status=503))
        gateway = start({"otlphttp": quick(endpoint=sink.url)}, delayed("2s", shutdown_timeout="2s"))
        assert send(gateway.http_port, one("a").SerializeToString()).status == 200
        began = time.monotonic()
        gateway.terminate()
        time.sleep(1.5)
        assert send(gateway.http_port, one("b").SerializeToString()).status == 200
        assert gateway.wait(20) == 1
        assert 4 <= time.monotonic() - began < 6.5
        assert "records=2" in gateway.log() and "the deadline has passed" not in gateway.log()


def test_a_configuration_can_still_be_put_in_force(start):
    with OTLPServerHTTP() as old, OTLPServerHTTP() as new:
        gateway = start({"otlphttp": quick(endpoint=old.url)}, delayed("4s"))
        sender = Sender("a", over_one_connection(gateway.http_port))
        wait_until(lambda: sender.sent > 3, 10, "requests")
        began = time.monotonic()
        gateway.terminate()
        wait_until(lambda: is_leaving(gateway), 1, "a readiness that fails")
        # Neither a shorter delay nor another one moves the end that is under way.
        config = merged(gateway.config, {"exporters": {"otlphttp": {"endpoint": new.url}}, **delayed("1s")})
        path = gateway.folder / "gateway.yaml"
        path.write_text(json.dumps(config))
        os.kill(gateway.process.pid, signal.SIGHUP)
        wait_until(lambda: texts(new), 3, "records where they go now")
        assert is_leaving(gateway) and health(gateway.grpc_port) == NOT_SERVING
        sender.stop()
        assert sender.failed == []
        assert gateway.wait() == 0
        assert 4 <= time.monotonic() - began < 9
        assert sorted(texts(old) + texts(new)) == sorted(f"a {number}" for number in range(sender.sent))


def test_a_grpc_connection_goes_on_until_the_delay_is_over(start):
    gateway = start(overlay=delayed("2s"))
    with channel(gateway.grpc_port) as connected:
        stub(connected).Export(one("a"), timeout=5)
        began = time.monotonic()
        gateway.terminate()
        while time.monotonic() < began + 1.5:
            stub(connected).Export(one("a"), timeout=5)
            time.sleep(0.01)
        assert gateway.wait() == 0
        with pytest.raises(grpc.RpcError) as refused:
            stub(connected).Export(one("a"), timeout=5)
        assert refused.value.code() == grpc.StatusCode.UNAVAILABLE
