"""Records that are not sent and records that are refused on one way to the dead letters, which may be blocked."""

import fcntl
import json
import os
import subprocess
import time

import pytest

from EndToEnd.gateway import Gateway, binary, quick, wait_until
from EndToEnd.http_clients import send
from EndToEnd.otlp_requests import record, request
from StandIns.elasticsearch import Elasticsearch
from StandIns.http_backend import Fault
from StandIns.victorialogs import VictoriaLogs

OLD = record("old", time_unix_nano=1)
SHORT_END = {"service": {"shutdown_timeout": "2s"}}


@pytest.fixture
def letters(tmp_path):
    return tmp_path / "letters.ndjson"


@pytest.fixture
def server():
    with VictoriaLogs() as server:
        yield server


def victorialogs(server, letters=None, **options) -> dict:
    if letters:
        options = {**options, "dead_letter": {"path": str(letters), **options.pop("dead_letter", {})}}
    return {"victorialogs": quick(endpoint=server.url, **options)}


def post(gateway: Gateway, *records):
    assert send(gateway.http_port, request(*records).SerializeToString()).status == 200


def shown(gateway: Gateway) -> dict:
    return json.loads(gateway.admin("/readyz")[1])["queues"][0].get("dead_letters", {})


def reasons(letters) -> list:
    return [json.loads(line)["reason"].split(":")[0] for line in letters.read_text().splitlines()]


def block(letters):
    """Puts a folder where the file is to be."""
    letters.unlink(missing_ok=True)
    letters.mkdir()


def hang(letters):
    """Has whoever writes to the file wait for ever, as a disk that does not answer; ends when this is closed."""
    held = open(letters, "a")
    fcntl.flock(held, fcntl.LOCK_EX)
    return held


def test_dropped_records_wait_for_a_file_that_cannot_be_written(start, server, letters):
    gateway = start(victorialogs(server, letters))
    block(letters)
    post(gateway, record("good"), OLD, OLD)
    metric = gateway.metric
    wait_until(lambda: metric("sluice_exporter_dead_letters_waiting_log_records") == 2, 10, "the waiting count")
    wait_until(lambda: metric("sluice_exporter_dead_letters_failing_since_seconds") > 0, 10, "the failure")
    assert shown(gateway)["waiting_records"] == 2 and "Is a directory" in shown(gateway)["error"]
    wait_until(lambda: "dead letters cannot be written" in gateway.log(), 5, "the log line")
    letters.rmdir()
    wait_until(lambda: letters.exists() and reasons(letters) == ["too_old", "too_old"], 10, "the letters")
    wait_until(lambda: not shown(gateway), 5, "readiness")
    assert metric("sluice_exporter_dropped_log_records", reason="too_old") == 2
    assert metric("otelcol_exporter_send_failed_log_records") == 0
    gateway.stop()
    assert [row.fields["_msg"] for row in server.rows] == ["good"]


@pytest.mark.parametrize("queue", ["memory", "disk"])
@pytest.mark.parametrize("way", [block, hang])
def test_what_cannot_be_kept_is_lost_at_the_end_and_said_so(start, server, letters, tmp_path, queue, way):
    options = {"queue": {"directory": str(tmp_path / "queue")}} if queue == "disk" else {}
    gateway = start(victorialogs(server, letters, **options), SHORT_END)
    held = way(letters)
    post(gateway, record("good"), OLD, OLD, OLD)
    wait_until(lambda: len(server.rows) == 1, 10, "delivery")
    wait_until(lambda: gateway.metric("sluice_exporter_dead_letters_waiting_log_records") == 3, 10, "the waiting count")
    began = time.monotonic()
    gateway.terminate()
    assert gateway.wait() == 1
    assert time.monotonic() - began < 6
    lost = [line for line in gateway.log().splitlines() if "not written to the dead letters" in line]
    assert len(lost) == 1 and "records=3" in lost[0]
    assert "disk does not answer" not in gateway.log()
    if held:
        held.close()


@pytest.mark.parametrize("way", [block, hang])
def test_the_end_waits_for_dropped_records_to_be_kept(start, server, letters, way):
    gateway = start(victorialogs(server, letters), {"service": {"shutdown_timeout": "15s"}})
    held = way(letters)
    post(gateway, OLD)
    wait_until(lambda: gateway.metric("sluice_exporter_dead_letters_waiting_log_records") == 1, 10, "the waiting count")
    gateway.terminate()
    time.sleep(1)
    assert gateway.is_running()
    held.close() if held else letters.rmdir()
    assert gateway.wait() == 0
    assert reasons(letters) == ["too_old"]


@pytest.mark.parametrize("way", [block, hang])
def test_give_up_after_holds_whatever_the_disk_does(start, letters, way):
    with Elasticsearch() as server:
        exporter = quick(endpoints=[server.url], dead_letter={"path": str(letters), "give_up_after": "1s"})
        gateway = start({"elasticsearch": exporter}, SHORT_END)
        held = way(letters)
        server.faults.standing(Fault(items=[400]))
        post(gateway, record("bad"), record("bad"))
        metric = gateway.metric
        wait_until(lambda: metric("sluice_exporter_dead_letters_given_up_log_records") == 2, 10, "giving up")
        wait_until(lambda: metric("sluice_ledger_log_records", state="queued") == 0, 10, "an empty queue")
        wait_until(lambda: "are lost: they could not be written" in gateway.log(), 5, "the log line")
        gateway.stop()
        if held:
            held.close()


@pytest.mark.parametrize("kind", ["fifo", "link to a device"])
def test_only_a_file_takes_dead_letters(start, server, letters, tmp_path, kind):
    def stand():
        letters.unlink(missing_ok=True)
        os.mkfifo(letters) if kind == "fifo" else letters.symlink_to("/dev/null")

    stand()
    gateway = Gateway(tmp_path / "checked", victorialogs(server, letters))
    config = tmp_path / "checked.yaml"
    config.write_text(json.dumps(gateway.config))
    for command in ["validate", "run"]:
        arguments = [str(binary()), command, "--config", str(config)]
        checked = subprocess.run(arguments, capture_output=True, text=True, timeout=20, cwd=tmp_path)
        assert checked.returncode == 78 and "is not a regular file" in checked.stderr, checked.stderr
    letters.unlink()
    gateway = start(victorialogs(server, letters))
    post(gateway, OLD)
    wait_until(lambda: letters.exists() and reasons(letters) == ["too_old"], 10, "the letter")
    stand()
    post(gateway, OLD)
    wait_until(lambda: "is not a regular file" in shown(gateway).get("error", ""), 10, "the failure")
    letters.unlink()
    wait_until(lambda: letters.exists() and reasons(letters) == ["too_old"], 10, "the letter")
    gateway.stop()


def lines_of(gateway: Gateway, text: str) -> list:
    return [line for line in gateway.log().splitlines() if text in line]


def test_dropped_records_are_said_in_the_log(start, server):
    gateway = start(victorialogs(server))
    post(gateway, OLD, OLD, record("good"))
    (first,) = wait_until(lambda: lines_of(gateway, "records are not sent"), 5, "a log line")
    assert "reason=too_old records=2" in first and "exporter=victorialogs" in first
    for _ in range(20):
        post(gateway, OLD, record("x", {"k" * 200: 1}))
    assert lines_of(gateway, "records are not sent") == [first]
    gateway.stop()
    said = [line.split("reason=")[1] for line in lines_of(gateway, "records are not sent")]
    assert sorted(said) == ["field_name_too_long records=20", "too_old records=2", "too_old records=20"]
    (total,) = lines_of(gateway, "records were dropped since the start")
    assert "records=42" in total and "20 field_name_too_long, 22 too_old" in total


@pytest.mark.parametrize("on_full", ["drop_oldest", "drop_newest"])
def test_what_a_full_queue_drops_is_said_in_the_log(start, server, on_full):
    server.faults.standing(Fault(status=503))
    # One request is sent at a time, since what is being sent is not thrown out.
    queue = {
        "on_full": on_full, "sizer": "bytes", "queue_size": 1 << 20, "num_consumers": 1,
        "batch": {"min_size": "100KiB", "max_size": "400KiB"},
    }  # fmt: skip
    gateway = start(victorialogs(server, sending_queue=queue), SHORT_END)
    for _ in range(8):
        post(gateway, *[record("x" * 1000) for _ in range(300)])
    wait_until(lambda: lines_of(gateway, "the queue is full"), 5, "a log line")
    evicted = gateway.metric("sluice_exporter_evicted_log_records")
    dropped = gateway.metric("sluice_exporter_dropped_log_records", reason="queue_full")
    assert evicted + dropped > 0 and (evicted > 0) == (on_full == "drop_oldest")
    gateway.terminate()
    assert gateway.wait() == 1
    said = [int(line.split("records=")[1].split()[0]) for line in lines_of(gateway, "the queue is full")]
    assert sum(said) == evicted + dropped
    (total,) = lines_of(gateway, "records were dropped since the start")
    assert f"records={int(evicted + dropped)}" in total


def test_elasticsearch_drops_become_dead_letters_too(start, letters):
    with Elasticsearch() as server:
        exporter = quick(endpoints=[server.url], mapping={"mode": "bodymap"}, dead_letter={"path": str(letters)})
        gateway = start({"elasticsearch": exporter})
        post(gateway, record("no map", {"k": "v"}), record({"@timestamp": "2026-01-31T00:00:00Z"}))
        wait_until(lambda: letters.exists() and reasons(letters) == ["body_not_map"], 10, "the letter")
        gateway.stop()
        (letter,) = [json.loads(line) for line in letters.read_text().splitlines()]
        assert letter["format"] == "bulk" and letter["path"].startswith("/_bulk")
        assert letter["record"]["document"]["body"] == {"text": "no map"}
        assert letter["record"]["document"]["attributes"] == {"k": "v"}
        assert len(server.documents()) == 1


def test_an_outage_is_failing_and_what_fails_beside_others_is_stuck(start):
    with Elasticsearch() as server:
        gateway = start({"elasticsearch": quick(endpoints=[server.url], sending_queue={"num_consumers": 4})})

        def queue() -> dict:
            return json.loads(gateway.admin("/readyz")[1])["queues"][0]

        server.faults.standing(Fault(status=503))
        for n in range(6):
            post(gateway, record("x", {"n": n}), record("y", {"n": n}))
            time.sleep(0.1)
        wait_until(lambda: queue().get("failing", {}).get("attempts", 0) > 8, 10, "attempts")
        assert "stuck" not in queue() and gateway.metric("sluice_exporter_stuck_since_seconds") == 0
        assert queue()["failing"]["batch_records"] <= queue()["queued_records"] == 12
        server.faults.standing(Fault(items=lambda document: 429 if document["attributes"]["n"] == 3 else None))
        wait_until(lambda: queue().get("stuck", {}).get("batch_records") == 2, 10, "the stuck batch")
        assert gateway.metric("sluice_exporter_stuck_since_seconds") > time.time() - 60
        server.faults.standing()
        wait_until(lambda: len(server.documents()) == 12 and "stuck" not in queue(), 10, "delivery")
        assert gateway.metric("sluice_exporter_stuck_since_seconds") == 0
        gateway.stop()
