"""Disks that do not answer, are away, or cannot be opened for want of descriptors: nothing is lost, and nobody waits
who does not need them.

`FAULT_AWAY_SECONDS` is for how long: 5 s stand for the minutes that `make faults` takes.
"""

import errno
import os
import socket
import time

import pytest

from EndToEnd.gateway import wait_until
from Faults.backend import RememberingElasticsearch
from Faults.campaign import ES
from Faults.disk import ALLOCATES, CURSORS, DIRECTORIES, OPENS, READ_OPENS, READS, REMOVES, SEGMENTS, SYNCS, WRITES
from Faults.ledger import Ledger
from StandIns.http_backend import Fault

AWAY_SECONDS = float(os.environ.get("FAULT_AWAY_SECONDS", "5"))
SMALL_SEGMENTS = {"queue_size": 16 << 20, "batch": {"max_size": 64 << 10}}  # of 4 MiB; little of them is on loan
SLOW_EXPORTER = "elasticsearch/slow"
EVERYTHING = WRITES | ALLOCATES | SYNCS | OPENS | REMOVES | READS | READ_OPENS


def queued(run, exporter: str = ES) -> int:
    return Ledger.of(run.gateway, exporter).queued


def backlog(run, *servers, mib: int = 0):
    """Queues that hold records, or so much, and no process in whose memory they are."""
    for server in servers:
        server.faults.standing(Fault(status=503))
    run.run_for(0.5)
    wait_until(lambda: run.gateway.metric("otelcol_exporter_queue_size") >= mib << 20, 120, f"{mib} MiB")
    run.pause()
    run.gateway.kill()


@pytest.mark.parametrize("number", [errno.EMFILE, errno.EIO, errno.ESTALE], ids=errno.errorcode.get)
def test_a_volume_that_is_away_loses_nothing_and_goes_on_by_itself(campaign, server, disk, number):
    run = campaign(environment=disk.environment, document_id="request", sending_queue=SMALL_SEGMENTS)
    backlog(run, server, mib=6)
    run.start_process(run.gateway)
    held = queued(run)
    disk.fail(number, EVERYTHING)
    server.faults.standing()
    wait_until(lambda: run.gateway.metric("sluice_disk_queue_readable") == 0, 20, "an alarm")
    time.sleep(AWAY_SECONDS)
    assert queued(run) + Ledger.of(run.gateway, ES).delivered == held and disk.failed > 0
    assert run.gateway.log().count("nothing is skipped") >= max(AWAY_SECONDS // 60, 1)
    disk.mend()
    ledger = run.settle()
    run.check()
    assert ledger.dropped == 0 and ledger.delivered == held
    assert run.duplicates() == 0


def test_a_process_whose_descriptors_clients_take_goes_on_and_loses_nothing(prepared, server):
    """Idle clients get no more than are to spare, while segments and connections are to be opened."""
    run = prepared(document_id="request", sending_queue=SMALL_SEGMENTS).start()
    backlog(run, server, mib=10)
    run.gateway.prefix = ["prlimit", "--nofile=72:72"]
    run.start_process(run.gateway)
    held = queued(run)
    clients = []
    try:
        for _ in range(100):
            clients.append(socket.create_connection(("127.0.0.1", run.gateway.http_port), 5))
        turned_away = lambda: run.gateway.metric("sluice_receiver_cut_off", reason="no_descriptors")
        wait_until(turned_away, 20, "clients to be turned away")
        server.faults.standing()
        time.sleep(AWAY_SECONDS)
        assert run.gateway.is_running()
    finally:
        for client in clients:
            client.close()
    ledger = run.settle()
    run.check()
    assert ledger.dropped == 0 and ledger.delivered == held and run.duplicates() == 0


@pytest.mark.parametrize("kind", [SEGMENTS, CURSORS, DIRECTORIES], ids=["segment", "cursor", "directory"])
def test_a_sync_that_hangs_holds_up_neither_neighbours_nor_the_end(prepared, server, slow_disk, kind):
    """The senders of that queue wait; the other exporter, health, metrics and SIGTERM do not."""
    with RememberingElasticsearch() as other:
        run = prepared(
            servers={ES: server, SLOW_EXPORTER: other}, environment=slow_disk.environment, document_id="request",
            overlay={"service": {"shutdown_timeout": "2s"}},
        ).start()  # fmt: skip
        backlog(run, server, other)
        run.start_process(run.gateway)
        slow_disk.hang(SYNCS | READS * (kind == SEGMENTS), kind)
        for backend in (server, other):
            backend.faults.standing()
        run.load()
        wait_until(lambda: slow_disk.held > 0, 20, "a sync that hangs")
        wait_until(lambda: queued(run) == 0, 20, "the neighbour's queue to empty")
        for _ in range(10):
            began = time.monotonic()
            ledger = Ledger.of(run.gateway, SLOW_EXPORTER)
            assert min(ledger) >= 0 and time.monotonic() - began < 2
            assert run.gateway.admin("/healthz")[0] == 200
            time.sleep(0.1)
        wait_until(lambda: slow_writable(run) == 0, 20, "an alarm")
        began = time.monotonic()
        run.gateway.terminate()
        run.gateway.wait(20)
        assert time.monotonic() - began < 8
        slow_disk.release()
        run.start_process(run.gateway)
        run.settle(are_answers_exact=False)
        run.check()
        assert run.duplicates() == 0


def slow_writable(run) -> float:
    return run.gateway.metrics()["sluice_disk_queue_writable", (("exporter", SLOW_EXPORTER),)]


def test_dropping_the_oldest_does_not_wait_for_a_sync_that_hangs(campaign, server, disk):
    """Requests are answered at once, if only by 503, and metrics too."""
    server.faults.standing(Fault(status=503))
    run = campaign(
        environment=disk.environment, sending_queue={"queue_size": 4 << 20, "on_full": "drop_oldest"},
        overlay={"service": {"pipelines": {"logs": {"ack": "memory"}}}},
    )  # fmt: skip
    wait_until(lambda: run.gateway.metric("sluice_exporter_evicted_log_records") > 0, 60, "a full queue")
    disk.hang(SYNCS)
    wait_until(lambda: disk.held > 0, 20, "a sync that hangs")
    for _ in range(20):
        began = time.monotonic()
        assert run.gateway.metric("sluice_disk_queue_segments") > 0
        assert time.monotonic() - began < 2
        time.sleep(0.1)
    assert run.answers[None] == 0
    disk.release()
    run.pause()
    server.faults.standing()
    ledger = run.settle()
    assert ledger.unaccounted == 0
