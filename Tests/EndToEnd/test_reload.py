"""A configuration that is read again: under load nothing is refused, lost or doubled, and what is not changed stays."""

import http.client
import json
import os
import shutil
import signal
import socket
import threading
import time

import pytest

from EndToEnd.gateway import free_port, merged, quick, wait_until
from EndToEnd.otlp_requests import body_of, records_of
from StandIns.http_backend import Fault
from StandIns.otlp import OTLPServerHTTP


def request_of(mark: str, number: int) -> str:
    record = {"timeUnixNano": str(time.time_ns()), "body": {"stringValue": f"{mark} {number}"}}
    return json.dumps({"resourceLogs": [{"scopeLogs": [{"logRecords": [record]}]}]})


class Sender(threading.Thread):
    """Sends a record a request on one connection until it is told to stop; keeps what was not taken."""

    def __init__(self, port: int, mark: str):
        super().__init__(daemon=True)
        self.mark, self.sent, self.failed = mark, 0, []
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        self._ended = threading.Event()

    def run(self):
        while not self._ended.is_set():
            try:
                self._connection.request(
                    "POST", "/v1/logs", request_of(self.mark, self.sent), {"Content-Type": "application/json"})
                answer = self._connection.getresponse()
                text = answer.read()
                if answer.status != 200:
                    self.failed.append((answer.status, text))
            except (OSError, http.client.HTTPException) as error:
                self.failed.append(error)
                self._connection.close()
            self.sent += 1

    def stop(self):
        self._ended.set()
        self.join(30)
        self._connection.close()


def write(gateway, config):
    """Replaces the file as an editor does."""
    path = gateway.folder / "gateway.yaml"
    path.with_suffix(".new").write_text(json.dumps(config))
    os.replace(path.with_suffix(".new"), path)


def reload(gateway, config=None):
    """Has the gateway read its file again; (status, text) of its answer."""
    if config is not None:
        write(gateway, config)
    connection = http.client.HTTPConnection("127.0.0.1", gateway.admin_port, timeout=30)
    try:
        connection.request("POST", "/-/reload")
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def bodies(sink) -> list:
    with sink.lock:
        requests = list(sink.requests_taken)
    return [body_of(seen) for seen in records_of(*requests)]


def attributes(value: str) -> dict:
    return {"processors": {"attributes": {"actions": [{"key": "round", "value": value, "action": "upsert"}]}},
            "service": {"pipelines": {"logs": {"processors": ["attributes"]}}}}


@pytest.mark.parametrize("queue", ["memory", "disk"])
def test_under_load_nothing_is_refused_lost_or_doubled(start, tmp_path, queue):
    with OTLPServerHTTP() as one, OTLPServerHTTP() as two:
        def exporter(sink, **options):
            kept = {"sending_queue": {"directory": str(tmp_path / "queue")}} if queue == "disk" else {}
            return {"exporters": {"otlphttp": merged(quick(endpoint=sink.url), merged(kept, options))}}

        gateway = start(exporter(one)["exporters"])
        senders = [Sender(gateway.http_port, f"sender{index}") for index in range(4)]
        for sender in senders:
            sender.start()
        for round in range(10):
            # A processor changes, then the exporter's destination, then its options.
            config = merged(gateway.config, attributes(str(round)))
            config = merged(config, exporter([one, two][round % 2], timeout=f"{10 + round}s"))
            assert reload(gateway, config)[0] == 200
            status, text = reload(gateway, merged(config, {"exporters": {"otlphttp": {"endpiont": "x"}}}))
            assert status == 400 and "endpiont" in text
            time.sleep(0.1)
        for sender in senders:
            sender.stop()
        assert [failure for sender in senders for failure in sender.failed] == []
        wanted = sorted(f"{sender.mark} {number}" for sender in senders for number in range(sender.sent))
        wait_until(lambda: len(bodies(one)) + len(bodies(two)) >= len(wanted), 20, "delivery")
        time.sleep(0.2)
        assert sorted(bodies(one) + bodies(two)) == wanted
        assert len(wanted) > 100 and bodies(one) and bodies(two)
        assert gateway.metric("sluice_config_reloads", outcome="in_force") == 10
        assert gateway.metric("sluice_config_reloads", outcome="refused") == 10
        wait_until(lambda: gateway.metric("sluice_exporter_leaving_log_records") == 0, 10, "old queues to be empty")


def test_what_is_not_changed_stays(start, tmp_path):
    with OTLPServerHTTP() as sink:
        gateway = start({"otlphttp": quick(endpoint=sink.url)})
        connection = http.client.HTTPConnection("127.0.0.1", gateway.http_port, timeout=10)

        def send(number):
            connection.request(
                "POST", "/v1/logs", request_of("kept", number), {"Content-Type": "application/json"})
            assert connection.getresponse().read() is not None

        send(0)
        local = connection.sock.getsockname()
        accepted = gateway.metric("otelcol_receiver_accepted_log_records")
        assert reload(gateway, merged(gateway.config, attributes("later"))) == (
            200, "the configuration is in force\n")
        send(1)
        assert connection.sock.getsockname() == local
        assert gateway.metric("otelcol_receiver_accepted_log_records") == accepted + 1
        assert gateway.metric("sluice_exporter_enqueued_log_records", exporter="otlphttp") == 2
        wait_until(lambda: len(bodies(sink)) == 2, 10, "delivery")
        with sink.lock:
            seen = records_of(*sink.requests_taken)
        assert ["round" in str(record) for record in seen] == [False, True]


def test_ports_open_and_close(start):
    gateway = start()
    port = free_port()
    moved = merged(gateway.config, {"receivers": {"otlp": {"protocols": {"http": {"endpoint": f"127.0.0.1:{port}"}}}}})
    assert reload(gateway, moved)[0] == 200
    with socket.create_connection(("127.0.0.1", port), timeout=5):
        pass

    def is_closed():
        try:
            socket.create_connection(("127.0.0.1", gateway.http_port), timeout=5).close()
        except ConnectionRefusedError:
            return True
        return False

    wait_until(is_closed, 5, "the old port to be closed")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        other = {"endpoint": f"127.0.0.1:{taken.getsockname()[1]}"}
        status, text = reload(gateway, merged(gateway.config, {"receivers": {"otlp": {"protocols": {"http": other}}}}))
        assert status == 400 and "cannot listen" in text
    assert "refused_configuration" in json.loads(gateway.admin("/readyz")[1])
    with socket.create_connection(("127.0.0.1", port), timeout=5):
        pass
    assert reload(gateway, moved)[0] == 200
    assert "refused_configuration" not in json.loads(gateway.admin("/readyz")[1])


def test_a_signal_reloads_and_a_bad_file_changes_nothing(start):
    gateway = start()
    write(gateway, {"receivers": {}})
    os.kill(gateway.process.pid, signal.SIGHUP)
    wait_until(lambda: gateway.metric("sluice_config_refused") == 1, 10, "refusal")
    assert "the new configuration is refused" in gateway.log()
    write(gateway, gateway.config)
    os.kill(gateway.process.pid, signal.SIGHUP)
    wait_until(lambda: gateway.metric("sluice_config_refused") == 0, 10, "the file to be in force")
    assert "a new configuration is in force" in gateway.log()


def test_what_waits_for_a_destination_that_was_removed_is_delivered_when_it_is_back(start):
    port = free_port()
    gateway = start({"otlphttp": quick(endpoint=f"http://127.0.0.1:{port}")})
    sender = Sender(gateway.http_port, "early")
    sender.start()
    wait_until(lambda: sender.sent > 5, 10, "requests")
    sender.stop()
    assert sender.failed == []
    gone = json.loads(json.dumps(gateway.config))
    gone["exporters"] = {"nop": {}}
    gone["service"]["pipelines"]["logs"]["exporters"] = ["nop"]
    assert reload(gateway, gone)[0] == 200
    assert gateway.metric("sluice_exporter_leaving_log_records", exporter="otlphttp") == sender.sent
    leaving = [queue for queue in json.loads(gateway.admin("/readyz")[1])["queues"] if queue.get("leaving")]
    assert [queue["exporter"] for queue in leaving] == ["otlphttp"]
    sink = OTLPServerHTTP()
    sink.start(port)
    try:
        wait_until(lambda: len(bodies(sink)) == sender.sent, 20, "delivery")
        wait_until(lambda: gateway.metric("sluice_exporter_leaving_log_records") == 0, 10, "the exporter to leave")
    finally:
        sink.stop()


def test_only_this_machine_may_ask(start):
    gateway = start()
    connection = http.client.HTTPConnection("127.0.0.1", gateway.admin_port, timeout=10)
    connection.request("POST", "/-/reload", headers={"Origin": "http://example.com"})
    assert connection.getresponse().status == 403
    assert gateway.admin("/-/reload")[0] == 405


def test_a_watched_file_is_read_again(start):
    gateway = start()
    gateway.stop()
    gateway.prefix = ["sh", "-c", 'exec "$0" "$@" --watch']
    gateway.start()
    write(gateway, merged(gateway.config, attributes("watched")))
    wait_until(lambda: gateway.metric("sluice_config_reloads", outcome="in_force") == 1, 10, "a reload")
    write(gateway, {"receivers": {}})
    wait_until(lambda: gateway.metric("sluice_config_refused") == 1, 10, "a refusal")


def acknowledged(gateway, mark: str, count: int = 20):
    sender = Sender(gateway.http_port, mark)
    sender.start()
    wait_until(lambda: sender.sent >= count, 10, "requests")
    sender.stop()
    assert sender.failed == []
    return sender.sent


def test_a_queue_whose_folder_is_gone_does_not_change_hands(start, tmp_path):
    port = free_port()
    folder = tmp_path / "queue"
    gateway = start({"otlphttp": quick(
        endpoint=f"http://127.0.0.1:{port}", sending_queue={"directory": str(folder)})})
    sent = acknowledged(gateway, "kept")
    shutil.rmtree(folder)
    status, text = reload(gateway, merged(gateway.config, {"exporters": {"otlphttp": {"timeout": "7s"}}}))
    assert status == 400 and "the folder of its queue has not what is queued" in text
    # The gateway goes on in a folder that takes its place.
    folder.mkdir()
    sink = OTLPServerHTTP()
    sink.start(port)
    try:
        wait_until(lambda: len(set(bodies(sink))) == sent, 30, "delivery")
    finally:
        sink.stop()


def test_an_exporter_that_left_can_come_back(start, tmp_path):
    port = free_port()
    gateway = start({"otlphttp": quick(
        endpoint=f"http://127.0.0.1:{port}", sending_queue={"directory": str(tmp_path / "queue")})})
    sent = acknowledged(gateway, "early")
    gone = json.loads(json.dumps(gateway.config))
    gone["exporters"] = {"nop": {}}
    gone["service"]["pipelines"]["logs"]["exporters"] = ["nop"]
    other = merged(gateway.config, {"exporters": {"otlphttp": {"timeout": "7s"}}})
    for config in (gateway.config, other):
        assert reload(gateway, gone)[0] == 200
        assert gateway.metric("sluice_exporter_leaving_log_records", exporter="otlphttp") == sent
        assert reload(gateway, config)[0] == 200
        assert gateway.metric("sluice_exporter_leaving_log_records") == 0
        assert gateway.metric("sluice_exporter_queued_log_records", exporter="otlphttp") == sent
    sink = OTLPServerHTTP()
    sink.start(port)
    try:
        wait_until(lambda: len(bodies(sink)) >= sent, 20, "delivery")
        assert len(bodies(sink)) == sent
    finally:
        sink.stop()


def test_the_end_does_not_wait_for_a_file_that_is_being_read(start):
    with OTLPServerHTTP() as sink:
        gateway = start({"otlphttp": quick(endpoint=sink.url)})
        path = gateway.folder / "gateway.yaml"
        path.unlink()
        os.mkfifo(path)
        os.kill(gateway.process.pid, signal.SIGHUP)
        time.sleep(0.3)
        sent = acknowledged(gateway, "late")
        began = time.monotonic()
        gateway.stop()
        assert time.monotonic() - began < 10
        assert len(bodies(sink)) == sent


def test_queues_change_hands_at_the_same_time_and_the_end_has_its_deadline(start, tmp_path):
    """Three destinations that do not answer."""
    with OTLPServerHTTP() as sink:
        sink.faults.standing(Fault(delay_seconds=30))
        exporters = {
            f"otlphttp/{number}": quick(endpoint=sink.url, sending_queue={"directory": str(tmp_path / str(number))})
            for number in range(3)}
        gateway = start(exporters, {"service": {"shutdown_timeout": "3s"}})
        acknowledged(gateway, "stuck", 3)
        config = merged(gateway.config, {"exporters": {name: {"timeout": "25s"} for name in exporters}})
        began = time.monotonic()
        assert reload(gateway, config)[0] == 200
        assert time.monotonic() - began < 9
        began = time.monotonic()
        gateway.terminate()
        gateway.wait()
        assert time.monotonic() - began < 6
