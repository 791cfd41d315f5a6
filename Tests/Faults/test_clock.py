"""The clock of the day is set on and back, and disks hang: nothing is lost, and the process ends when it has to."""

import time

import pytest

from EndToEnd.gateway import Gateway, quick, wait_until
from EndToEnd.http_clients import send
from EndToEnd.otlp_requests import record, request
from Faults.dead_letters import numbers_in
from Faults.files import numbers_of_flat
from StandIns.http_backend import Fault

DAY = 86_400
RECORDS = 600  # of 1 KB each: two requests and a bit fill a file of 1 MiB


@pytest.fixture
def gateway(tmp_path, clock):
    made = []

    def start(exporters, shutdown="10s"):
        made.append(Gateway(tmp_path / "gateway", exporters, {"service": {"shutdown_timeout": shutdown}}))
        made[-1].environment = clock.environment
        return made[-1].start()

    yield start
    clock.stall(False)
    for one in made:
        one.kill()


def send_numbers(gateway, first: int):
    body = request(*(record("x" * 1000, {"n": first + n}) for n in range(RECORDS))).SerializeToString()
    assert send(gateway.http_port, body).status == 200


def assert_newest(files, numbers_in_file, sent: int):
    """What is left in the files, oldest first, is the end of what was sent, in order."""
    kept = [number for path in files for number in numbers_in_file(path)]
    assert kept == list(range(sent - len(kept), sent))
    return kept


@pytest.mark.parametrize("steps", [[-DAY], [DAY, -2 * DAY], [-3600, -3600, 10]], ids=str)
def test_dead_letters_that_are_removed_are_the_oldest_whatever_the_clock_says(gateway, server, clock, tmp_path, steps):
    server.faults.standing(Fault(items=lambda document: 400))
    letters = {"path": str(tmp_path / "dead.ndjson"), "max_megabytes": 1, "max_backups": 3}
    queue = {"num_consumers": 1, "batch": {"flush_timeout": "10ms", "max_size": "1MiB"}}
    running = gateway({"elasticsearch": quick(endpoints=[server.url], dead_letter=letters, sending_queue=queue)})
    sent = 0
    for step in [0, *steps]:
        clock.step(step)
        for _ in range(8):
            send_numbers(running, sent)
            sent += RECORDS
            metric = lambda: running.metric("sluice_exporter_dead_lettered_log_records")  # noqa: E731
            wait_until(lambda: metric() == sent, 10, "dead letters")
    running.stop()
    backups = sorted(tmp_path.glob("dead-*.ndjson"))
    assert len(backups) == 3
    assert len(assert_newest([*backups, tmp_path / "dead.ndjson"], numbers_in, sent)) >= 3 * RECORDS


def test_files_that_are_removed_are_the_oldest_whatever_the_clock_says(gateway, clock, tmp_path):
    rotation = {"max_megabytes": 1, "max_backups": 3, "max_days": 2}
    running = gateway({"file": quick(path=str(tmp_path / "logs.json"), format="flat", rotation=rotation)})
    sent = 0
    for step in (0, -DAY, -DAY, 3600):
        clock.step(step)
        for _ in range(8):
            send_numbers(running, sent)
            sent += RECORDS
            wait_until(lambda: running.metric("otelcol_exporter_queue_size") == 0, 10, "the file")
    running.stop()
    backups = sorted(tmp_path.glob("logs-*.json"))
    assert len(backups) == 3
    assert len(assert_newest([*backups, tmp_path / "logs.json"], numbers_of_flat, sent)) >= 3 * RECORDS


def test_steps_of_the_clock_under_load_lose_and_double_nothing(campaign, server, clock):
    server.faults.once(*[Fault(status=503), Fault(), Fault(status=429, headers={"Retry-After": "1"})] * 5)
    run = campaign(document_id="request", environment=clock.environment)
    for step in (-DAY, 400 * DAY, -800 * DAY, 3600, -1, 399 * DAY):
        clock.step(step)
        run.run_for(0.2)
        run.kill_and_restart()
    run.settle()
    run.check()
    run.report("steps of the clock")
    assert run.duplicates() == 0


@pytest.mark.parametrize("exporter", ["file", "disk queue"])
def test_a_disk_that_hangs_does_not_keep_the_process_from_ending(gateway, server, clock, tmp_path, exporter):
    folder = tmp_path / "stalling"
    folder.mkdir()
    if exporter == "file":
        running = gateway({"file": quick(path=str(folder / "logs.json"))}, shutdown="1s")
    else:
        queue = {"directory": str(folder / "queue"), "batch": {"flush_timeout": "10ms"}}
        running = gateway({"elasticsearch": quick(endpoints=[server.url], sending_queue=queue)}, shutdown="1s")
    send_numbers(running, 0)
    clock.stall()
    body = request(record("x", {"n": -1})).SerializeToString()
    if exporter == "file":
        assert send(running.http_port, body).status == 200
    else:
        with pytest.raises(Exception):  # it is answered once the disk has it
            send(running.http_port, body, timeout=1)
    began = time.monotonic()
    running.terminate()
    code = running.wait(15)
    assert time.monotonic() - began < 5
    assert code == 1
    assert "are lost" in running.log() if exporter == "file" else "in time" in running.log() or "passed" in running.log()
