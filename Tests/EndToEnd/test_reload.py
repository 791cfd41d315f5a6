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
import threading
import time

import pytest

from EndToEnd.gateway import PLAIN_NAMES, free_port, merged, quick, wait_until
from EndToEnd.otlp_requests import records_of
from EndToEnd.reloading import Sender, acknowledged, attributes, bodies, certificate, request_of
from StandIns.http_backend import Fault
from StandIns.otlp import OTLPServerHTTP

ROUNDS = int(os.environ.get("RELOAD_ROUNDS", "10"))


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
            assert gateway.reload(config)[0] == 200
            status, text = gateway.reload(merged(config, {"exporters": {"otlphttp": {"endpiont": "x"}}}))
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
        assert gateway.reload(merged(gateway.config, attributes("later"))) == (
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
    assert gateway.reload(moved)[0] == 200
    with socket.create_connection(("127.0.0.1", port), timeout=5):
        pass

    wait_until(lambda: is_refused(gateway.http_port), 5, "the old port to be closed")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        other = {"endpoint": f"127.0.0.1:{taken.getsockname()[1]}"}
        status, text = gateway.reload(merged(gateway.config, {"receivers": {"otlp": {"protocols": {"http": other}}}}))
        assert status == 400 and "cannot listen" in text
    assert "refused_configuration" in json.loads(gateway.admin("/readyz")[1])
    with socket.create_connection(("127.0.0.1", port), timeout=5):
        pass
    assert gateway.reload(moved)[0] == 200
    assert "refused_configuration" not in json.loads(gateway.admin("/readyz")[1])


def test_a_signal_reloads_and_a_bad_file_changes_nothing(start):
    gateway = start()
    gateway.replace({"receivers": {}})
    os.kill(gateway.process.pid, signal.SIGHUP)
    wait_until(lambda: gateway.metric("sluice_config_refused") == 1, 10, "refusal")
    assert "the new configuration is refused" in gateway.log()
    gateway.replace(gateway.config)
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
    assert gateway.reload(gone)[0] == 200
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


def test_certificates_are_exchanged_while_clients_shake_hands(start, tmp_path):
    """By reloads, one after the other: every handshake is with one certificate or the other."""
    for name in ("one", "two"):
        certificate(tmp_path / name)
    both = ssl.create_default_context(ssl.Purpose.SERVER_AUTH)
    for name in ("one", "two"):
        both.load_verify_locations(tmp_path / name / "cert")

    def config(name):
        tls = {"cert_file": str(tmp_path / name / "cert"), "key_file": str(tmp_path / name / "key")}
        return {"receivers": {"otlp": {"protocols": {"http": {"tls": tls}}}}}

    gateway = start({"nop": {}}, config("one"))
    ended, failures, seen = threading.Event(), [], set()

    def shake():
        while not ended.is_set():
            try:
                connection = http.client.HTTPSConnection("127.0.0.1", gateway.http_port, timeout=10, context=both)
                connection.connect()
                seen.add(connection.sock.getpeercert()["subject"][0][0][1])
                connection.request("POST", "/v1/logs", request_of("tls", 0), {"Content-Type": "application/json"})
                if connection.getresponse().status != 200:
                    failures.append("refused")
                connection.close()
            except (OSError, http.client.HTTPException) as error:
                failures.append(repr(error))

    clients = [threading.Thread(target=shake, daemon=True) for _ in range(6)]
    for client in clients:
        client.start()
    for round in range(ROUNDS):
        assert gateway.reload(merged(gateway.config, config(["two", "one"][round % 2])))[0] == 200
        time.sleep(0.2)
    ended.set()
    for client in clients:
        client.join(20)
    assert failures == [] and seen == {"one", "two"}


def test_exporters_that_leave_hold_as_much_as_they_may_and_no_more(start):
    gateway = start({"otlphttp": quick(endpoint=f"http://127.0.0.1:{free_port()}")})
    acknowledged(gateway, "kept")
    held = int(gateway.metric("otelcol_exporter_queue_size", exporter="otlphttp"))
    assert held > 0

    def changed(size):
        return merged(gateway.config, {
            "exporters": {"otlphttp": {"timeout": "7s"}}, "service": {"max_leaving_size": size}})

    status, text = gateway.reload(changed(held - 1))
    assert status == 400 and f"hold {held} bytes in memory, at most {held - 1} may (service.max_leaving_size)" in text
    assert gateway.reload(changed(held))[0] == 200
    # It would lose them otherwise, and say so with 1.
    sink = OTLPServerHTTP()
    sink.start(int(gateway.config["exporters"]["otlphttp"]["endpoint"].rsplit(":")[-1]))
    try:
        wait_until(lambda: gateway.metric("sluice_exporter_leaving_log_records") == 0, 20, "the exporter to leave")
    finally:
        sink.stop()


def test_a_queue_whose_folder_is_gone_does_not_change_hands(start, tmp_path):
    port = free_port()
    folder = tmp_path / "queue"
    gateway = start({"otlphttp": quick(
        endpoint=f"http://127.0.0.1:{port}", sending_queue={"directory": str(folder)})})
    sent = acknowledged(gateway, "kept")
    shutil.rmtree(folder)
    status, text = gateway.reload(merged(gateway.config, {"exporters": {"otlphttp": {"timeout": "7s"}}}))
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
        assert gateway.reload(gone)[0] == 200
        assert gateway.metric("sluice_exporter_leaving_log_records", exporter="otlphttp") == sent
        assert gateway.reload(config)[0] == 200
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
        assert gateway.reload(config)[0] == 200
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
    assert gateway.reload(merged(gateway.config, {"exporters": {"otlphttp": {"timeout": "7s"}}}))[0] == 200
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
        status, text = gateway.reload(config)
        assert status == (200 if round < 3 else 400), text
    assert "4 exporters" in text and "at most 3 may (service.max_leaving_exporters)" in text
    sent += acknowledged(gateway, "goes on", 1)
    # The configuration that is asked for says how many may.
    config = merged(config, {"service": {"max_leaving_exporters": 4}})
    assert gateway.reload(config)[0] == 200
    assert gateway.reload(merged(config, {
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
            assert gateway.reload(config)[0] == 200
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
        assert gateway.reload(endpoints(gateway, a=here % one, b=here % two))[0] == 200
        senders = [Sender(port, f"sender{index}") for index, port in enumerate([one, two, one, two])]
        for sender in senders:
            sender.start()
        for receivers in [
                {"a": here % two, "b": here % one}, {"a": here % one, "b": here % two},
                {"c": here % one, "d": here % two}, {"a": "0.0.0.0:%d" % one, "b": here % two},
                {"a": here % one, "b": "localhost:%d" % two}]:
            time.sleep(0.2)
            status, text = gateway.reload(endpoints(gateway, **receivers))
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
    assert gateway.reload(merged(gateway.config, quiet))[0] == 200
    before = gateway.log()
    assert gateway.reload(merged(gateway.config, {**quiet, **attributes("x"), "service": {
        **quiet["service"], "pipelines": {"logs": {"processors": ["attributes"]}}}}))[0] == 200
    assert gateway.log() == before
    old, gateway.admin_port = gateway.admin_port, free_port()
    prometheus = {"host": "127.0.0.1", "port": gateway.admin_port, **PLAIN_NAMES}
    config = merged(gateway.config, {"service": {"telemetry": {
        "resource": {"place": "here"}, "metrics": {"readers": [{"pull": {"exporter": {"prometheus": prometheus}}}]}}}})
    port, gateway.admin_port = gateway.admin_port, old
    assert gateway.reload(config)[0] == 200
    gateway.admin_port = port
    lines = gateway.admin("/metrics")[1].splitlines()
    assert [line for line in lines if line.startswith("otelcol_process_uptime{") and 'place="here"' in line]
    with pytest.raises(OSError):
        socket.create_connection(("127.0.0.1", old), timeout=5)
    wait_until(lambda: "a new configuration is in force" in gateway.log()[len(before):], 5, "the log")
    # Of a port that was opened as the log began to say such things.
    told = [line for line in gateway.log()[len(before):].splitlines() if "listening" in line]
    assert len(told) == 1 and f"127.0.0.1:{port}" in told[0]
    # The same port on all addresses, and none.
    prometheus["host"] = ""
    assert gateway.reload(config)[0] == 200
    assert gateway.admin("/healthz")[0] == 200
    config["service"]["telemetry"]["metrics"] = {"level": "none"}
    assert gateway.reload(config)[0] == 200
    wait_until(lambda: is_refused(port), 5, "the port to be closed")


def is_refused(port) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=5).close()
    except ConnectionRefusedError:
        return True
    return False
