"""Processes end at any moment, by SIGKILL, SIGTERM or a crash: nothing acknowledged is lost."""

import random
import signal
import time

import pytest

from Faults.campaign import KILLS
from StandIns.http_backend import Fault

STORM = (
    Fault(status=429),
    Fault(status=503),
    Fault(items=[429, None, None, 503]),
    Fault(reset="before-body"),
    Fault(reset="within-body"),
    Fault(reset="after-body"),
    Fault(reset="after-commit"),
    Fault(delay_seconds=0.05),
)


@pytest.mark.parametrize("fsync", ["always", "interval", "never"])
def test_kill_9_under_load_loses_nothing_acknowledged(campaign, fsync):
    """What was written is the kernel's, synced or not: the death of a process loses none of it."""
    run = campaign(sending_queue={"fsync": fsync})
    for _ in range(KILLS):
        run.kill_and_restart()
    run.settle()
    run.check()
    run.report(f"{KILLS} kills, fsync: {fsync}")


FATAL = [
    signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS, signal.SIGILL, signal.SIGFPE, signal.SIGTRAP, signal.SIGSYS,
    signal.SIGQUIT]


@pytest.mark.parametrize("number", FATAL, ids=lambda number: number.name)
def test_a_fatal_signal_under_load_loses_nothing_acknowledged(campaign, number):
    """As a crash sends it: the process ends by it at once, and the next one finds the queue."""
    run = campaign(document_id="request")
    for _ in range(KILLS):
        run.kill_and_restart(number=number)
    run.settle()
    run.check()
    run.report(f"{KILLS} times {number.name}")
    assert run.duplicates() == 0


def test_kill_9_with_ids_from_the_request_stores_nothing_twice(campaign):
    run = campaign(document_id="request")
    for _ in range(KILLS):
        run.kill_and_restart()
    run.settle()
    run.check()
    run.report(f"{KILLS} kills, document_id: request")
    assert run.duplicates() == 0


def test_kill_9_with_the_backend_down_keeps_everything_on_disk(campaign, server):
    server.faults.standing(Fault(status=503))
    run = campaign(document_id="request")
    for _ in range(KILLS):
        run.kill_and_restart()
    run.pause()
    ledger = next(iter(run.check_ledgers().values()))
    assert ledger.queued >= len(run.acknowledged) and ledger.delivered == 0
    server.faults.standing()
    run.settle()
    run.check()
    run.report(f"{KILLS} kills, backend down")
    assert run.duplicates() == 0


def test_a_storm_of_backend_faults_and_kills(campaign, server):
    generator = random.Random(7)
    run = campaign(document_id="request")
    for _ in range(KILLS):
        server.faults.once(*(generator.choice(STORM) for _ in range(6)))
        run.kill_and_restart()
    server.faults.standing()
    run.settle()
    run.check()
    run.report(f"{KILLS} kills in a storm")
    assert run.duplicates() == 0


def test_kill_9_of_replicas_stores_nothing_twice_when_clients_retry_elsewhere(campaign, server):
    """A request that one replica took and did not answer for goes to the other, with the same ids."""
    run = campaign(replicas=2, document_id="request")
    for number in range(KILLS):
        server.faults.once(Fault(reset="after-commit"))
        run.kill_and_restart(run.replicas[number % 2])
    run.settle()
    run.check()
    run.report(f"{KILLS} kills of two replicas")
    assert run.duplicates() == 0


def test_kill_9_with_queues_in_memory_loses_nothing_if_senders_wait_for_delivery(campaign, server):
    run = campaign(
        document_id="request",
        sending_queue={"directory": None},
        overlay={"service": {"pipelines": {"logs": {"ack": "delivered"}}}},
    )
    for number in range(KILLS):
        if number % 2:
            server.faults.once(Fault(status=503), Fault(reset="after-commit"))
        run.kill_and_restart()
    run.run_for(1)
    run.settle()
    run.check()
    run.report(f"{KILLS} kills, ack: delivered, queues in memory")
    assert run.duplicates() == 0


def test_sigterm_with_the_backend_down_keeps_the_queue_for_the_next_process(campaign, server):
    server.faults.standing(Fault(status=503))
    run = campaign(document_id="request", overlay={"service": {"shutdown_timeout": "1s"}})
    for _ in range(2):
        run.run_for(0.3)
        run.gateway.terminate()  # under load
        assert run.gateway.wait(20) == 0
        run.start_process(run.gateway)
    time.sleep(0.1)
    server.faults.standing()
    run.settle()
    run.check()
    assert run.duplicates() == 0
