"""What a gateway says and does when the folder of a queue on disk, or a file in it, is taken away."""

import json
import os
import shutil
import subprocess
import time

import pytest

from EndToEnd.gateway import Gateway, binary, quick, wait_until
from EndToEnd.http_clients import send
from EndToEnd.test_queues import RECORDS, body, on_disk, server, stored  # noqa: F401 (a fixture)


def queue_of(gateway) -> dict:
    return json.loads(gateway.admin("/readyz")[1])["queues"][0]


def filled(start, server, tmp_path, requests: int = 6):
    """A gateway with records on its disk, whose destination is away."""
    server.stop()
    gateway = start(on_disk(tmp_path, server))
    for n in range(requests):
        assert send(gateway.http_port, body(n * RECORDS)).status == 200
    return gateway


@pytest.mark.parametrize("damage", ["removed", "emptied", "cut"])
def test_records_taken_away_between_two_runs_are_counted(start, server, tmp_path, damage):
    gateway = filled(start, server, tmp_path)
    gateway.stop()
    segment = sorted((tmp_path / "queue").glob("*.frames"))[-1]
    size = segment.stat().st_size
    if damage == "removed":
        segment.unlink()
    else:
        with open(segment, "r+b") as file:
            file.truncate(0 if damage == "emptied" else size - 100)
    gateway.start()
    lost = 6 * RECORDS if damage != "cut" else RECORDS
    assert gateway.metric("sluice_disk_queue_lost_log_records") == lost
    assert gateway.metric("sluice_exporter_dropped_log_records", reason="damaged_on_disk") == lost
    assert gateway.metric("sluice_exporter_queued_log_records") == 6 * RECORDS - lost
    assert queue_of(gateway)["disk"]["lost_records"] == lost
    assert f"{lost} records that had been written are missing and lost: {segment.name}" in gateway.log()


def test_records_taken_away_under_a_running_gateway_are_counted_by_the_next(start, server, tmp_path):
    gateway = filled(start, server, tmp_path)
    for segment in (tmp_path / "queue").glob("*.frames"):
        segment.unlink()
    gateway.terminate()
    assert gateway.wait() == 1
    gateway.start()
    assert gateway.metric("sluice_disk_queue_lost_log_records") == 6 * RECORDS
    assert f"{6 * RECORDS} records that had been written are missing and lost" in gateway.log()


def test_a_missing_cursor_is_said_and_everything_is_sent_again(start, server, tmp_path):
    gateway = start(on_disk(tmp_path, server))
    assert "the queue's folder holds nothing of a queue: a new one begins" in gateway.log()
    assert send(gateway.http_port, body()).status == 200
    wait_until(lambda: len(stored(server)) == RECORDS, 10, "delivery")
    server.stop()
    assert send(gateway.http_port, body(RECORDS)).status == 200
    gateway.stop()
    (tmp_path / "queue" / "cursor").unlink()
    server.start()
    gateway.start()
    assert "the cursor is missing: everything in the queue is sent again" in gateway.log()
    wait_until(lambda: set(stored(server)) == set(range(2 * RECORDS)), 10, "delivery")


@pytest.mark.parametrize("name", ["cursor", f"{1:020}.frames"])
def test_a_named_pipe_in_a_queue_is_refused_by_name(tmp_path, name):
    folder = tmp_path / "queue"
    folder.mkdir()
    os.mkfifo(folder / name)
    config = tmp_path / "gateway.yaml"
    config.write_text(json.dumps(Gateway(tmp_path / "second", {"nop": {}}).config))
    show, drain = (
        subprocess.run(
            [binary(), "queue", command, "--directory", folder, *more], capture_output=True, text=True, timeout=20
        )
        for command, more in [("show", []), ("drain", ["--config", config])]
    )
    for result in (show, drain):
        assert result.returncode == 1 and result.stderr == f"error: {folder / name} is not a regular file\n"


def test_a_folder_that_is_removed_and_made_again_is_locked_and_loses_nothing(start, server, tmp_path):
    gateway = filled(start, server, tmp_path)
    shutil.rmtree(tmp_path / "queue")
    (tmp_path / "queue").mkdir()
    wait_until(lambda: send(gateway.http_port, body(6 * RECORDS)).status == 200, 10, "records to be taken")
    # With the request that found it out, or before it.
    said = [f"folder was replaced: {n} records are kept in the new one, 0 are lost" for n in (60, 70)]
    wait_until(lambda: any(line in gateway.log() for line in said), 5, "a line that says so")
    second = Gateway(tmp_path / "second", {"elasticsearch": on_disk(tmp_path, server)["elasticsearch"]})
    with pytest.raises(Exception):
        second.start()
    assert "has it open" in second.log()
    gateway.kill()
    server.start()
    gateway.start()
    wait_until(lambda: len(stored(server)) >= 7 * RECORDS, 10, "delivery")
    assert stored(server) == list(range(7 * RECORDS))


def test_a_folder_that_another_gateway_has_taken_is_not_touched(start, server, tmp_path):
    gateway = filled(start, server, tmp_path)
    second = Gateway(tmp_path / "second", {"elasticsearch": on_disk(tmp_path, server)["elasticsearch"]})
    # Whoever looks first takes the new folder, so one is held until the other has it.
    with gateway.held():
        shutil.rmtree(tmp_path / "queue")
        (tmp_path / "queue").mkdir()
        second.start()
    try:
        assert send(second.http_port, body(100)).status == 200
        assert send(gateway.http_port, body(200)).status == 503
        wait_until(lambda: "which process" in gateway.log(), 5, "a line that names the other process")
        assert queue_of(gateway)["disk"]["writable"] is False
        server.start()
        wait_until(lambda: len(stored(server)) >= 7 * RECORDS, 20, "delivery by both")
        time.sleep(1)
        assert stored(server) == [*range(6 * RECORDS), *range(100, 100 + RECORDS)]
    finally:
        second.stop()
        gateway.kill()


def test_the_end_says_that_a_folder_is_gone(start, server, tmp_path):
    gateway = filled(start, server, tmp_path)
    shutil.rmtree(tmp_path / "queue")
    gateway.terminate()
    assert gateway.wait() == 1
    assert "records are not where the next start looks for them" in gateway.log()
    assert "records stay on disk" not in gateway.log()
