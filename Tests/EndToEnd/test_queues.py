"""Queues and the acknowledgement points: when a sender is told, and what becomes of what it was told."""

import http.client
import json
import pathlib
import signal
import socket
import subprocess
import threading
import time

import grpc
import pytest
from google.rpc import error_details_pb2

from EndToEnd.gateway import binary, merged, quick, wait_until
from EndToEnd.http_clients import channel, details_of, grpc_status, send, stub
from EndToEnd.otlp_requests import record, request
from Faults.segments import Frame, flip, frames, segments
from StandIns.elasticsearch import Elasticsearch
from StandIns.http_backend import Fault

RECORDS = 10


@pytest.fixture
def server():
    with Elasticsearch() as server:
        yield server


def body(first: int = 0, records: int = RECORDS) -> bytes:
    return request(*(record(f"line {n}", {"n": n}) for n in range(first, first + records))).SerializeToString()


def stored(server) -> list:
    return sorted(document["attributes"]["n"] for document in server.documents())


def delivered(timeout: str = "20s", **service) -> dict:
    """The overlay of a pipeline that tells its senders when their records are delivered."""
    return {"service": merged({"pipelines": {"logs": {"ack": "delivered", "ack_timeout": timeout}}}, service)}


def on_disk(tmp_path, server, **options) -> dict:
    queue = {"sending_queue": {"directory": str(tmp_path / "queue")}}
    return {"elasticsearch": quick(endpoints=[server.url], **merged(queue, options))}


def not_delivered(gateway) -> float:
    """Requests whose senders were not answered by a delivery."""
    return gateway.metric("sluice_receiver_refused_requests", reason="not_delivered")


class Waiting(threading.Thread):
    """A sender that waits for its answer."""

    def __init__(self, port: int, message: bytes):
        super().__init__(daemon=True)
        self.port, self.message, self.response, self.error = port, message, None, None
        self.start()

    def run(self):
        try:
            self.response = send(self.port, self.message, timeout=30)
        except OSError as error:
            self.error = error

    def answer(self, seconds: float = 10):
        self.join(seconds)
        assert not self.is_alive(), f"no answer within {seconds} s"
        assert self.error is None, self.error
        return self.response


@pytest.mark.parametrize("queue", ["memory", "disk"])
def test_a_sender_that_wants_delivery_is_answered_after_the_backend_is_back_and_not_before(
    start, server, tmp_path, queue
):
    server.stop()
    exporters = on_disk(tmp_path, server) if queue == "disk" else {"elasticsearch": quick(endpoints=[server.url])}
    gateway = start(exporters, delivered())
    waiting = Waiting(gateway.http_port, body())
    wait_until(lambda: gateway.metric("sluice_exporter_queued_log_records") == RECORDS, 5, "the queued records")
    time.sleep(1)
    assert waiting.is_alive()
    assert gateway.metric("otelcol_receiver_accepted_log_records") == 0
    server.start()
    assert waiting.answer().status == 200
    assert stored(server) == list(range(RECORDS))
    assert gateway.metric("otelcol_receiver_accepted_log_records") == RECORDS


def test_a_sender_that_waited_long_enough_is_asked_to_retry_and_told_both_times(start, server):
    server.stop()
    gateway = start({"elasticsearch": quick(endpoints=[server.url])}, delivered("1500ms"))
    began = time.monotonic()
    response = send(gateway.http_port, body(), content_type="application/x-protobuf")
    assert 1.4 < time.monotonic() - began < 10
    assert response.status == 503 and response.headers["Retry-After"] == "5"
    assert b"ack_timeout is 1.5 seconds" in response.body
    assert b"not all are delivered after 1." in response.body
    assert not_delivered(gateway) == 1
    server.start()
    wait_until(lambda: stored(server) == list(range(RECORDS)), 10, "delivery all the same")


def test_a_grpc_sender_waits_for_delivery_and_is_asked_to_retry_or_leaves(start, server):
    server.stop()
    gateway = start({"elasticsearch": quick(endpoints=[server.url])}, delivered("1500ms"))
    message = request(record("line", {"n": 1}))
    with channel(gateway.grpc_port) as connection:
        with pytest.raises(grpc.RpcError) as refused:
            stub(connection).Export(message, timeout=20)
        assert refused.value.code() == grpc.StatusCode.UNAVAILABLE
        status = grpc_status(refused.value)
        assert "ack_timeout is 1.5 seconds" in status.message
        assert details_of(status, error_details_pb2.RetryInfo).retry_delay.seconds == 5
        with pytest.raises(grpc.RpcError) as late:
            stub(connection).Export(message, timeout=0.3)
        assert late.value.code() == grpc.StatusCode.DEADLINE_EXCEEDED
        wait_until(lambda: not_delivered(gateway) == 2, 1, "the end of the wait of a sender that left")
        server.start()
        assert stub(connection).Export(message, timeout=20).partial_success.rejected_log_records == 0
        wait_until(lambda: len(stored(server)) == 3, 5, "the deliveries of the requests before it")


def test_a_retry_of_what_was_delivered_late_is_told_apart_by_its_id(start, server):
    server.stop()
    gateway = start({"elasticsearch": quick(endpoints=[server.url], document_id="request")}, delivered("500ms"))
    message = body()
    assert send(gateway.http_port, message).status == 503
    server.start()
    wait_until(lambda: send(gateway.http_port, message).status == 200, 10, "acceptance of the retry")
    assert stored(server) == list(range(RECORDS))


def test_a_sender_that_leaves_is_forgotten(start, server):
    server.stop()
    gateway = start({"elasticsearch": quick(endpoints=[server.url])}, delivered())
    for n in range(20):
        with pytest.raises((socket.timeout, http.client.HTTPException)):
            send(gateway.http_port, body(n * RECORDS), timeout=0.1)
    wait_until(lambda: not_delivered(gateway) == 20, 5, "the end of all waits")
    assert gateway.metric("sluice_receiver_in_flight_bytes") == 0
    server.start()
    wait_until(lambda: stored(server) == list(range(20 * RECORDS)), 10, "delivery")
    assert gateway.metric("otelcol_receiver_accepted_log_records") == 0


def test_waiting_senders_are_asked_to_retry_when_the_gateway_stops(start, server, tmp_path):
    server.stop()
    gateway = start(on_disk(tmp_path, server), delivered(shutdown_timeout="4s"))
    waiting = Waiting(gateway.http_port, body())
    wait_until(lambda: gateway.metric("sluice_exporter_queued_log_records") == RECORDS, 5, "the queued records")
    gateway.stop()
    response = waiting.answer()
    assert response.status == 503 and b"not all are delivered" in response.body


def test_a_queue_on_disk_does_not_hold_up_the_end_and_is_delivered_by_the_next_process(start, server, tmp_path):
    server.stop()
    gateway = start(on_disk(tmp_path, server, retry_on_failure={"initial_interval": "30s", "max_interval": "30s"}))
    for n in range(4):
        assert send(gateway.http_port, body(n * RECORDS)).status == 200
        wait_until(lambda: gateway.metric("sluice_exporter_in_flight_batches") > n, 5, "a batch under way")
    began = time.monotonic()
    gateway.stop()
    assert time.monotonic() - began < 6
    assert "records stay on disk for the next start" in gateway.log()
    server.start()
    gateway.start()
    wait_until(lambda: stored(server) == list(range(4 * RECORDS)), 10, "delivery by the next process")


def test_consumers_that_back_off_are_woken_by_the_first_delivery_after_an_outage(start, server):
    """Each waits up to 20 s on its own; the first that gets through ends the waits of the others."""
    server.stop()
    gateway = start(
        {
            "elasticsearch": quick(
                endpoints=[server.url],
                retry_on_failure={"initial_interval": "1s", "max_interval": "20s", "multiplier": 20},
                adaptive_concurrency={"enabled": False},
            )
        }
    )
    for n in range(4):
        assert send(gateway.http_port, body(n * RECORDS)).status == 200
        wait_until(lambda: gateway.metric("sluice_exporter_in_flight_batches") == n + 1, 5, "a batch under way")
    wait_until(lambda: gateway.metric("sluice_exporter_requests", outcome="no_answer") >= 8, 20, "second attempts")
    time.sleep(1)  # an outage is as long as initial_interval at least
    server.start()
    wait_until(lambda: stored(server), 30, "the first delivery")
    wait_until(lambda: len(stored(server)) == 4 * RECORDS, 2, "the deliveries of the others")


def test_the_queue_on_disk_is_measured(start, server, tmp_path):
    server.stop()
    gateway = start(on_disk(tmp_path, server))
    assert gateway.metric("sluice_exporter_oldest_queued_seconds") == 0
    assert send(gateway.http_port, body()).status == 200
    metric = gateway.metric
    assert metric("sluice_disk_queue_segments") == 1 and metric("sluice_disk_queue_bytes") > 1000
    assert metric("sluice_disk_queue_syncs") >= 1 and 0 < metric("sluice_disk_queue_sync_seconds") < 10
    assert metric("sluice_disk_queue_writable") == 1 and metric("sluice_disk_queue_free_bytes") > 1 << 20
    wait_until(lambda: metric("sluice_exporter_oldest_queued_seconds") >= 1, 5, "the age of the oldest record")
    server.start()
    wait_until(lambda: metric("otelcol_exporter_queue_size") == 0, 10, "an empty queue")
    assert metric("sluice_exporter_oldest_queued_seconds") == 0


# --- sluice queue


class Left:
    """A queue folder that a gateway left when it was killed, and what it was configured with."""

    def __init__(self, start, server, tmp_path, requests: int = 5, **options):
        self.folder, self.records = tmp_path / "queue", requests * RECORDS
        server.stop()
        self.gateway = start(on_disk(tmp_path, server, **options))
        for n in range(requests):
            assert send(self.gateway.http_port, body(n * RECORDS)).status == 200
        self.config = str(self.gateway.folder / "gateway.yaml")

    def killed(self) -> "Left":
        self.gateway.kill()
        return self

    def command(self, *arguments: str) -> list:
        return [str(binary()), "queue", arguments[0], "--directory", str(self.folder), *arguments[1:]]

    def run(self, *arguments: str):
        return subprocess.run(self.command(*arguments), capture_output=True, text=True, timeout=60)

    def drain(self, *arguments: str):
        return self.run("drain", "--config", self.config, "--json", *arguments)

    def shown(self, *arguments: str) -> dict:
        result = self.run("show", "--json", *arguments)
        assert result.returncode == 0, result.stderr
        return json.loads(result.stdout.splitlines()[-1])


def test_what_a_killed_gateway_left_is_drained_and_arrives_once(start, server, tmp_path):
    left = Left(start, server, tmp_path).killed()
    assert left.shown()["records"] == left.records
    server.start()
    result = left.drain()
    assert result.returncode == 0, result.stderr
    outcome = {"exporter": "elasticsearch", "delivered": 50, "duplicates": 0, "refused": 0, "lost": 0, "left": 0}
    damage = {"corrupt_bytes": 0, "set_aside_segments": 0, "missing_frames": 0}
    assert json.loads(result.stdout) == {**outcome, **damage, "dead_lettered": False}
    assert stored(server) == list(range(left.records))
    assert left.shown()["records"] == 0
    again = left.drain()
    assert again.returncode == 0, again.stderr
    assert json.loads(again.stdout) == {**outcome, **damage, "delivered": 0, "dead_lettered": False}
    assert len(stored(server)) == left.records


def test_a_drain_tells_of_segments_that_were_set_aside(start, server, tmp_path):
    left = Left(start, server, tmp_path).killed()
    left.gateway.start()  # closes the segment and begins another
    assert send(left.gateway.http_port, body(left.records)).status == 200
    left.killed()
    first = sorted(left.folder.glob("*.frames"))[0]
    with open(first, "r+b") as segment:
        segment.write(bytes(4096))
    server.start()
    result = left.drain()
    assert result.returncode == 1
    outcome = json.loads(result.stdout)
    assert outcome["delivered"] == RECORDS and outcome["left"] == 0 and outcome["set_aside_segments"] == 1
    assert outcome["missing_frames"] > 0
    assert len(stored(server)) == RECORDS
    # It is still there the next time.
    server.stop()
    left.gateway.start()
    assert send(left.gateway.http_port, body(left.records + RECORDS)).status == 200
    left.killed()
    server.start()
    again = left.drain()
    assert again.returncode == 1
    outcome = json.loads(again.stdout)
    assert outcome["delivered"] == RECORDS and outcome["left"] == 0 and outcome["set_aside_segments"] == 1


def test_a_gateway_counts_segments_that_it_sets_aside(start, server, tmp_path):
    left = Left(start, server, tmp_path).killed()
    with open(sorted(left.folder.glob("*.frames"))[0], "r+b") as segment:
        segment.write(bytes(4096))
    left.gateway.start()
    assert left.gateway.metric("sluice_disk_queue_set_aside_segments") == 1
    assert "was set aside" in left.gateway.log()


def test_a_drain_waits_for_a_destination_that_is_away(start, server, tmp_path):
    left = Left(start, server, tmp_path).killed()
    drain = subprocess.Popen(left.command("drain", "--config", left.config), stdout=subprocess.PIPE, text=True)
    time.sleep(1)
    assert drain.poll() is None
    server.start()
    assert drain.communicate(timeout=20)[0].startswith("50 records delivered by elasticsearch, 0 of them already there")
    assert drain.returncode == 0 and stored(server) == list(range(left.records))


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_a_drain_that_is_stopped_leaves_the_rest(start, server, tmp_path, stop):
    left = Left(start, server, tmp_path).killed()
    command = left.command("drain", "--config", left.config, "--json")
    drain = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    time.sleep(1)
    drain.send_signal(stop)
    output = drain.communicate(timeout=10)[0]
    assert drain.returncode == 1
    assert json.loads(output)["left"] == left.records
    server.start()
    assert left.drain().returncode == 0
    assert stored(server) == list(range(left.records))


def test_what_is_refused_while_draining_is_a_dead_letter(start, server, tmp_path):
    path = tmp_path / "dead.ndjson"
    left = Left(start, server, tmp_path, dead_letter={"path": str(path)}).killed()
    server.faults.standing(Fault(items=lambda document: 400 if document["attributes"]["n"] == 7 else None))
    server.start()
    result = left.drain()
    assert result.returncode == 0, result.stderr
    outcome = json.loads(result.stdout)
    assert (outcome["delivered"], outcome["refused"], outcome["dead_lettered"]) == (left.records - 1, 1, True)
    assert len(path.read_text().splitlines()) == 1
    assert stored(server) == [n for n in range(left.records) if n != 7]


def test_a_folder_in_use_is_shown_but_not_drained(start, server, tmp_path):
    left = Left(start, server, tmp_path)
    assert left.shown()["records"] == left.records
    assert left.shown("--verify")["corrupt_bytes"] == 0
    result = left.drain()
    assert result.returncode == 1 and "has it open" in result.stderr
    server.start()
    wait_until(lambda: left.shown()["records"] == 0, 10, "an empty queue")
    assert left.gateway.is_running() and stored(server) == list(range(left.records))


def test_a_folder_of_another_kind_of_exporter_is_left_alone(start, server, tmp_path):
    left = Left(start, server, tmp_path).killed()
    text = pathlib.Path(left.config).read_text()
    other = json.loads(text)
    other["exporters"] = {"otlphttp": {"endpoint": "http://127.0.0.1:9"}}
    other["service"]["pipelines"]["logs"]["exporters"] = ["otlphttp"]
    pathlib.Path(left.config).write_text(json.dumps(other))
    before = {path.name: path.read_bytes() for path in left.folder.iterdir()}
    result = left.drain()
    assert result.returncode == 1 and "written for another kind of exporter than otlphttp" in result.stderr
    result = left.drain("--exporter", "otlphttp")
    assert result.returncode == 1 and "written for another destination or encoding" in result.stderr
    result = left.drain("--exporter", "elasticsearch")
    assert result.returncode == 1 and 'no exporter "elasticsearch"; it has otlphttp' in result.stderr
    after = {path.name: path.read_bytes() for path in left.folder.iterdir()}
    assert {**after, "LOCK": b""} == {**before, "LOCK": b""}


def damaged(left: Left, part: str, is_closed: bool = True) -> Frame:
    """Damages the second of the frames that a killed gateway left, in its header or in its payload."""
    if is_closed:
        left.gateway.start()  # closes the segment
        left.killed()
    [segment] = segments(left.folder)
    frame = frames(segment)[1]
    flip(segment, frame.offset + (40 if part == "payload" else -20))
    return frame


@pytest.mark.parametrize("is_closed", [True, False])
@pytest.mark.parametrize("part, lost", [("payload", RECORDS), ("header", 1)])
def test_damage_is_shown_with_its_place_and_told_once_by_the_drain(start, server, tmp_path, part, lost, is_closed):
    left = Left(start, server, tmp_path).killed()
    frame = damaged(left, part, is_closed)
    offset, size = frame.offset - 32, 32 + len(frame.payload)
    result = left.run("show", "--verify")
    place = f"damaged: {size} bytes at offset {offset}, frame {frame.number}, {lost} record{'s' * (lost > 1)} lost"
    assert result.returncode == 1 and place in result.stdout
    result = left.run("show", "--verify", "--json")
    segment, shown = map(json.loads, result.stdout.splitlines())
    part = {"offset": offset, "bytes": size, "first_frame": frame.number, "last_frame": frame.number, "lost": lost}
    assert segment["damage"] == [part] and shown["lost"] == lost and shown["missing"] == []
    assert shown["corrupt_bytes"] == size and shown["records"] == left.records - RECORDS
    server.start()
    result = left.drain()
    outcome = json.loads(result.stdout)
    assert result.returncode == 1
    assert (outcome["delivered"], outcome["left"]) == (left.records - RECORDS, 0)
    assert outcome["corrupt_bytes"] == size and outcome["missing_frames"] == 0
    if is_closed:
        assert outcome["lost"] == RECORDS


@pytest.mark.parametrize("part", ["payload", "header"])
def test_damage_is_counted_once_by_a_gateway(start, server, tmp_path, part):
    left, lost = Left(start, server, tmp_path).killed(), RECORDS
    frame = damaged(left, part)
    server.start()
    left.gateway.start()
    metric = left.gateway.metric
    wait_until(lambda: metric("sluice_exporter_queued_log_records") == 0, 10, "an empty queue")
    assert metric("sluice_disk_queue_corrupt_bytes") == 32 + len(frame.payload)
    assert metric("sluice_disk_queue_lost_log_records") == lost
    assert metric("sluice_exporter_dropped_log_records", reason="damaged_on_disk") == lost
    ledger = lambda state: metric("sluice_ledger_log_records", state=state)
    assert ledger("dropped") == lost and ledger("delivered") == left.records - RECORDS
    assert ledger("recovered") == ledger("delivered") + lost


def test_frames_that_are_in_no_segment_are_shown(start, server, tmp_path):
    left = Left(start, server, tmp_path).killed()
    for n in (1, 2):
        left.gateway.start()  # closes the segment and begins another
        assert send(left.gateway.http_port, body((n + 4) * RECORDS)).status == 200
        left.killed()
    first, second, third = segments(left.folder)
    begin, end = frames(second)[0].number, frames(third)[0].number - 1
    second.unlink()
    result = left.run("show", "--json")
    shown = json.loads(result.stdout.splitlines()[-1])
    assert result.returncode == 1 and shown["missing"] == [{"first_frame": begin, "last_frame": end}]
    result = left.run("show")
    assert "In no segment, and not delivered: frame" in result.stdout and f" {end}." in result.stdout


def test_a_folder_that_is_no_queue_is_an_error(start, server, tmp_path):
    config = start().folder / "gateway.yaml"
    (tmp_path / "empty").mkdir()
    (tmp_path / "parent" / "es").mkdir(parents=True)
    (tmp_path / "parent" / "es" / "cursor").touch()
    for name, problem in (
        ("missing", "cannot list"),
        ("empty", "is no queue: it is empty"),
        ("parent", "is no queue: it holds no segments and no cursor; queues are in its folders es"),
    ):
        folder = tmp_path / name
        for command in (["show"], ["drain", "--config", str(config)]):
            command = [str(binary()), "queue", *command, "--directory", str(folder)]
            result = subprocess.run(command, capture_output=True, text=True, timeout=20)
            assert result.returncode == 1 and str(folder) in result.stderr and problem in result.stderr
    assert list((tmp_path / "empty").iterdir()) == []
