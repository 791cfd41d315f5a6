"""A configuration that is read again: under load nothing is refused, lost or doubled, and what is not changed stays.

`RELOAD_ROUNDS` is how many new configurations come under load, and as many that are refused.
"""

import http.client
import json
import os
import shutil
import signal
import socket
import ssl
import subprocess
import threading
import time

import pytest

from EndToEnd.gateway import free_port, merged, quick, wait_until
from EndToEnd.otlp_requests import body_of, records_of
from StandIns.http_backend import Fault
from StandIns.otlp import OTLPServerHTTP


ROUNDS = int(os.environ.get("RELOAD_ROUNDS", "10"))


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
        for round in range(ROUNDS):
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
        assert gateway.metric("sluice_config_reloads", outcome="in_force") == ROUNDS
        assert gateway.metric("sluice_config_reloads", outcome="refused") == ROUNDS
        print(f"{ROUNDS} reloads and {ROUNDS} refused, queue in {queue}: of {len(wanted)} requests none failed, was lost "
              "or came twice")
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

    wait_until(lambda: is_refused(gateway.http_port), 5, "the old port to be closed")
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


@pytest.fixture
def watched(start):
    """Starts a gateway again with `--watch`."""
    def again(*arguments):
        gateway = start(*arguments)
        gateway.stop()
        gateway.prefix = ["sh", "-c", 'exec "$0" "$@" --watch']
        return gateway.start()

    return again


def in_force(gateway, count):
    wait_until(lambda: gateway.metric("sluice_config_reloads", outcome="in_force") == count, 10, "a reload")


def test_a_change_that_size_and_time_do_not_tell_is_read(watched, tmp_path):
    """Also of a file that is put in."""
    value = tmp_path / "value"
    value.write_text("one")
    with OTLPServerHTTP() as sink:
        gateway = watched({"otlphttp": quick(endpoint=sink.url)}, attributes("${file:%s}" % value))
        status = value.stat()
        value.write_text("two")
        os.utime(value, ns=(status.st_atime_ns, status.st_mtime_ns))
        in_force(gateway, 1)
        acknowledged(gateway, "late", 1)
        wait_until(lambda: bodies(sink), 10, "delivery")
        with sink.lock:
            assert all("two" in str(record) for record in records_of(*sink.requests_taken))
        # One that holds the same is no other, whichever it is.
        (tmp_path / "new").write_text("two")
        os.replace(tmp_path / "new", value)
        time.sleep(3)
        assert gateway.metric("sluice_config_reloads", outcome="in_force") == 1


def test_a_file_that_is_missing_is_waited_for(watched, tmp_path):
    value = tmp_path / "value"
    gateway = watched()
    write(gateway, merged(gateway.config, attributes("${file:%s}" % value)))
    wait_until(lambda: gateway.metric("sluice_config_refused") == 1, 10, "a refusal")
    value.write_text("here")
    in_force(gateway, 1)
    assert gateway.metric("sluice_config_refused") == 0


def test_a_certificate_behind_a_link_is_exchanged_and_connections_stay(watched, tmp_path):
    """As a Secret of Kubernetes is, first by one whose key is another's."""
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days",
             "2", "-subj", f"/CN={name}", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", tmp_path / name / "key",
             "-out", tmp_path / name / "cert"], check=True, capture_output=True)
    (tmp_path / "bad").mkdir()
    shutil.copy(tmp_path / "two" / "cert", tmp_path / "bad" / "cert")
    shutil.copy(tmp_path / "one" / "key", tmp_path / "bad" / "key")
    (tmp_path / "data").symlink_to("one")
    tls = {"cert_file": str(tmp_path / "data" / "cert"), "key_file": str(tmp_path / "data" / "key")}
    gateway = watched({"nop": {}}, {"receivers": {"otlp": {"protocols": {"http": {"tls": tls}}}}})

    def certificate():
        return ssl.get_server_certificate(("127.0.0.1", gateway.http_port))

    def exchange(name):
        (tmp_path / "next").symlink_to(name)
        os.replace(tmp_path / "next", tmp_path / "data")

    context = ssl.create_default_context(cafile=tmp_path / "one" / "cert")
    connection = http.client.HTTPSConnection("127.0.0.1", gateway.http_port, timeout=10, context=context)

    def send():
        connection.request("POST", "/v1/logs", request_of("tls", 0), {"Content-Type": "application/json"})
        answer = connection.getresponse()
        answer.read()
        return answer.status, connection.sock.getsockname()

    before = send()
    assert before[0] == 200 and certificate() == (tmp_path / "one" / "cert").read_text()
    exchange("bad")
    wait_until(lambda: gateway.metric("sluice_config_refused") == 1, 10, "a refusal")
    assert certificate() == (tmp_path / "one" / "cert").read_text()
    exchange("two")
    in_force(gateway, 1)
    assert certificate() == (tmp_path / "two" / "cert").read_text()
    assert send() == before


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


def test_who_waits_for_delivery_hears_that_its_records_are_queued(start, tmp_path):
    port = free_port()
    gateway = start(
        {"otlphttp": quick(endpoint=f"http://127.0.0.1:{port}", sending_queue={"directory": str(tmp_path / "queue")})},
        {"service": {"pipelines": {"logs": {"ack": "delivered"}}}})
    sender = Sender(gateway.http_port, "waits")
    sender.start()
    wait_until(lambda: gateway.metric("sluice_exporter_queued_log_records", exporter="otlphttp") == 1, 10, "a record")
    assert reload(gateway, merged(gateway.config, {"exporters": {"otlphttp": {"timeout": "7s"}}}))[0] == 200
    wait_until(lambda: sender.failed, 10, "an answer")
    status, text = sender.failed[0]
    assert status == 503 and b"the records are queued, but not all are delivered" in text
    sink = OTLPServerHTTP()
    sink.start(port)
    try:
        wait_until(lambda: "waits 0" in bodies(sink), 20, "delivery")
        sender.stop()
    finally:
        sink.stop()
    assert gateway.metric("sluice_receiver_refused_requests", reason="not_delivered", transport="http") >= 1


def test_so_many_exporters_leave_with_records_and_no_more(start):
    """Of a destination that is away, each reload leaves a queue."""
    port = free_port()
    gateway = start(
        {"otlphttp": quick(endpoint=f"http://127.0.0.1:{port}")}, {"service": {"max_leaving_exporters": 3}})
    sent = 0
    for round in range(4):
        sent += acknowledged(gateway, f"round{round}", 1)
        config = merged(gateway.config, {"exporters": {"otlphttp": {"timeout": f"{10 + round}s"}}})
        status, text = reload(gateway, config)
        assert status == (200 if round < 3 else 400), text
    assert "4 exporters" in text and "at most 3 may (service.max_leaving_exporters)" in text
    sent += acknowledged(gateway, "goes on", 1)
    # The configuration that is asked for says how many may.
    config = merged(config, {"service": {"max_leaving_exporters": 4}})
    assert reload(gateway, config)[0] == 200
    assert reload(gateway, merged(config, {
        "exporters": {"otlphttp": {"timeout": "20s"}}, "service": {"max_leaving_size": 10}}))[0] == 400
    assert "at most 10 may (service.max_leaving_size)" in gateway.log()
    sink = OTLPServerHTTP()
    sink.start(port)
    try:
        wait_until(lambda: gateway.metric("sluice_exporter_leaving_log_records") == 0, 20, "the exporters to leave")
        wait_until(lambda: len(set(bodies(sink))) == sent, 20, "delivery")
    finally:
        sink.stop()


@pytest.mark.parametrize("queue", ["memory", "disk"])
def test_counters_of_an_exporter_never_fall(start, tmp_path, queue):
    names = ["otelcol_exporter_sent_log_records", "sluice_exporter_enqueued_log_records", "sluice_exporter_wire_bytes"]
    with OTLPServerHTTP() as sink:
        kept = {"sending_queue": {"directory": str(tmp_path / "queue")}} if queue == "disk" else {}
        gateway = start({"otlphttp": quick(endpoint=sink.url, **kept)})
        seen, ended = [], threading.Event()

        def look():
            while not ended.is_set():
                seen.append([gateway.metric(name, exporter="otlphttp") for name in names])

        looker = threading.Thread(target=look, daemon=True)
        looker.start()
        sent = 0
        for round in range(5):
            sent += acknowledged(gateway, f"round{round}", 5)
            config = merged(gateway.config, {"exporters": {"otlphttp": {"timeout": f"{10 + round}s"}}})
            assert reload(gateway, config)[0] == 200
        wait_until(lambda: len(set(bodies(sink))) == sent, 20, "delivery")
        wait_until(lambda: gateway.metric("sluice_exporter_leaving_log_records") == 0, 10, "the exporters to leave")
        ended.set()
        looker.join(10)
        for values in zip(*seen):
            assert list(values) == sorted(values)
        assert gateway.metric(names[1], exporter="otlphttp") == sent
        assert gateway.metric(names[0], exporter="otlphttp") >= sent
        states = {
            dict(labels)["state"]: value for (name, labels), value in gateway.metrics().items()
            if name == "sluice_ledger_log_records"}
        assert states["received"] == sent and states["queued"] == 0
        assert states["recovered"] + states["received"] == states["delivered"]


def endpoints(gateway, **receivers) -> dict:
    """The configuration with these receivers, each with an address of HTTP."""
    config = json.loads(json.dumps(gateway.config))
    config["receivers"] = {
        f"otlp/{name}": {"protocols": {"http": {"endpoint": endpoint}}} for name, endpoint in receivers.items()}
    config["service"]["pipelines"]["logs"]["receivers"] = list(config["receivers"])
    return config


def test_addresses_move_under_load_and_no_request_fails(start):
    """From one receiver to another and back, to a receiver of another name, and from one address to all."""
    with OTLPServerHTTP() as sink:
        gateway = start({"otlphttp": quick(endpoint=sink.url)})
        one, two = free_port(), free_port()
        here = "127.0.0.1:%d"
        assert reload(gateway, endpoints(gateway, a=here % one, b=here % two))[0] == 200
        senders = [Sender(port, f"sender{index}") for index, port in enumerate([one, two, one, two])]
        for sender in senders:
            sender.start()
        for receivers in [
                {"a": here % two, "b": here % one}, {"a": here % one, "b": here % two},
                {"c": here % one, "d": here % two}, {"a": "0.0.0.0:%d" % one, "b": here % two},
                {"a": here % one, "b": "localhost:%d" % two}]:
            time.sleep(0.2)
            status, text = reload(gateway, endpoints(gateway, **receivers))
            assert status == 200, text
        time.sleep(0.2)
        for sender in senders:
            sender.stop()
        # A request that meets the end of its connection is sent again by every client.
        failures = [failure for sender in senders for failure in sender.failed]
        lost = (ConnectionResetError, BrokenPipeError)
        assert [failure for failure in failures if not isinstance(failure, lost)] == []
        assert len(failures) <= 5 * len(senders)
        wanted = {f"{sender.mark} {number}" for sender in senders for number in range(sender.sent)}
        wait_until(lambda: len(set(bodies(sink))) >= len(wanted) - len(failures), 20, "delivery")


def test_the_log_and_the_port_for_metrics_change_at_once(start):
    gateway = start()
    quiet = {"service": {"telemetry": {"logs": {"level": "error", "encoding": "json"}}}}
    assert reload(gateway, merged(gateway.config, quiet))[0] == 200
    before = gateway.log()
    assert reload(gateway, merged(gateway.config, {**quiet, **attributes("x"), "service": {
        **quiet["service"], "pipelines": {"logs": {"processors": ["attributes"]}}}}))[0] == 200
    assert gateway.log() == before
    old, gateway.admin_port = gateway.admin_port, free_port()
    prometheus = {"host": "127.0.0.1", "port": gateway.admin_port}
    config = merged(gateway.config, {"service": {"telemetry": {
        "resource": {"place": "here"}, "metrics": {"readers": [{"pull": {"exporter": {"prometheus": prometheus}}}]}}}})
    port, gateway.admin_port = gateway.admin_port, old
    assert reload(gateway, config)[0] == 200
    gateway.admin_port = port
    assert 'otelcol_process_uptime{place="here"}' in gateway.admin("/metrics")[1]
    with pytest.raises(OSError):
        socket.create_connection(("127.0.0.1", old), timeout=5)
    wait_until(lambda: "a new configuration is in force" in gateway.log()[len(before):], 5, "the log")
    # The same port on all addresses, and none.
    prometheus["host"] = ""
    assert reload(gateway, config)[0] == 200
    assert gateway.admin("/healthz")[0] == 200
    config["service"]["telemetry"]["metrics"] = {"level": "none"}
    assert reload(gateway, config)[0] == 200
    wait_until(lambda: is_refused(port), 5, "the port to be closed")


def is_refused(port) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=5).close()
    except ConnectionRefusedError:
        return True
    return False
