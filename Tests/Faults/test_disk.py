"""Disks that are full, broken, read-only, damaged, gone or taken: requests wait, and nothing acknowledged is lost."""

import errno
import os
import random
import time

import pytest

from EndToEnd.gateway import Gateway, wait_until
from Faults.campaign import KILLS, SEED
from Faults.dead_letters import numbers_in
from Faults.disk import SYNCS
from Faults.segments import flip, frames, segments, set_version
from StandIns.http_backend import Fault

ERRORS = {"full": errno.ENOSPC, "broken": errno.EIO, "read-only": errno.EROFS}


def assert_refused_retryably(run, seconds: float = 0.7):
    """Once what was under way is over, every request is answered 503 with a hint to retry."""
    first = run.answers[503]
    wait_until(lambda: run.answers[503] >= first + 6, 10, "refusals")
    before, acknowledged = run.answers.copy(), len(run.acknowledged)
    time.sleep(seconds)
    assert set(run.answers - before) == {503} and run.unhinted == 0
    assert len(run.acknowledged) == acknowledged


def assert_accepts_again(run):
    before = len(run.acknowledged)
    wait_until(lambda: len(run.acknowledged) > before, 15, "requests to be taken again")


@pytest.mark.parametrize("kind", ERRORS)
def test_a_disk_that_fails_refuses_retryably_and_recovers_alone(campaign, server, disk, kind):
    run = campaign(environment=disk.environment, document_id="request")
    run.run_for(0.4)
    for is_backend_down in (False, True):
        server.faults.standing(Fault(status=503) if is_backend_down else Fault())
        disk.fail(ERRORS[kind])
        assert_refused_retryably(run)
        assert disk.failed > 0 and run.gateway.is_running()
        disk.mend()
        assert_accepts_again(run)
    server.faults.standing()
    run.settle()
    run.check()
    run.report(f"disk {kind}")
    assert run.duplicates() == 0


def test_syncs_that_fail_refuse_what_may_not_be_durable(campaign, disk):
    run = campaign(environment=disk.environment, document_id="request")
    for _ in range(3):
        run.run_for(0.2)
        disk.fail(errno.EIO, SYNCS)
        assert_refused_retryably(run, 0.3)
        disk.mend()
        assert_accepts_again(run)
    run.settle()
    run.check()
    assert run.duplicates() == 0


@pytest.mark.parametrize("kind", ERRORS)
def test_kill_9_while_the_disk_fails_loses_nothing_acknowledged(campaign, server, disk, kind):
    server.faults.standing(Fault(status=503))
    run = campaign(environment=disk.environment, document_id="request")
    for _ in range(max(KILLS // 4, 1)):
        run.run_for(0.2)
        disk.fail(ERRORS[kind])
        wait_until(lambda: run.answers[503] > 0, 10, "a refusal")
        run.answers.clear()
        run.gateway.kill()
        disk.mend()
        run.start_process(run.gateway)
    assert disk.failed > 0
    server.faults.standing()
    run.settle()
    run.check()
    assert run.duplicates() == 0


def test_a_start_on_a_disk_that_fails_says_so_and_changes_nothing(campaign, server, disk):
    server.faults.standing(Fault(status=503))
    run = campaign(environment=disk.environment, document_id="request")
    run.run_for(0.3)
    run.pause()
    run.gateway.kill()
    disk.fail(errno.EIO)
    with pytest.raises(AssertionError, match="errno 5"):
        run.start_process(run.gateway)
    disk.mend()
    server.faults.standing()
    run.start_process(run.gateway)
    run.settle()
    run.check()
    assert run.duplicates() == 0


def test_a_file_system_that_is_really_full(prepared, server, small_disk):
    """The queue may become larger than the disk: senders wait, and neither a kill nor a start needs room."""
    server.faults.standing(Fault(status=503))
    queue = {"directory": str(small_disk.folder / "queue"), "queue_size": 1 << 30}
    run = prepared(prefix=small_disk.prefix, document_id="request", sending_queue=queue).start()
    run.run_for(0.5)
    small_disk.run('head -c 100M /dev/zero > "$0/filler" 2>/dev/null || true')
    assert int(small_disk.run('df --output=avail "$0" | tail -1')) < 64  # KiB
    wait_until(lambda: run.answers[503] > 3, 60, "a full disk")
    assert_refused_retryably(run)
    for _ in range(max(KILLS // 4, 1)):
        run.gateway.kill()
        run.start_process(run.gateway)
    small_disk.run('rm "$0/filler"')
    assert_accepts_again(run)
    server.faults.standing()
    run.settle()
    run.check()
    assert run.duplicates() == 0


def test_a_queue_that_fills_the_file_system_by_itself_drains_after_a_kill(prepared, server, small_disk):
    server.faults.standing(Fault(status=503))
    small_disk.run('head -c 16M /dev/zero > "$0/filler"')
    queue = {"directory": str(small_disk.folder / "queue"), "queue_size": 1 << 30}
    run = prepared(prefix=small_disk.prefix, document_id="request", sending_queue=queue).start()
    wait_until(lambda: run.answers[503] > 3, 60, "a full disk")
    run.pause()
    run.gateway.kill()
    run.start_process(run.gateway)
    server.faults.standing()
    run.settle()
    run.check()
    assert run.duplicates() == 0


@pytest.mark.parametrize("flips", [1, 5])
def test_bits_that_flip_in_closed_segments_cost_their_frames_and_no_other(campaign, server, flips):
    server.faults.standing(Fault(status=503))
    run = campaign(document_id="request")
    run.run_for(0.4)
    run.pause()
    run.kill_and_restart()  # closes the segment
    run.gateway.kill()
    (segment,) = segments(run.queue())
    chosen = random.Random(SEED).sample(frames(segment)[:-1], flips)
    for frame in chosen:
        flip(segment, frame.offset + len(frame.payload) // 2, bit=frame.number % 8)
    damaged = [number for frame in chosen for number in frame.numbers]
    server.faults.standing()
    run.start_process(run.gateway)
    ledger = run.settle()
    run.check(elsewhere=damaged)
    assert set(server.numbers()).isdisjoint(damaged)
    assert ledger.dropped == len(damaged) == sum(frame.records for frame in chosen)
    assert f"of {segment.name} fail their checksum" in run.gateway.log()


def test_a_directory_that_vanishes_refuses_retryably_and_works_again_when_it_is_back(campaign, server):
    server.faults.standing(Fault(status=503))
    run = campaign(document_id="request")
    run.run_for(0.3)
    queue, elsewhere = run.queue(), run.queue().with_name("elsewhere")
    os.rename(queue, elsewhere)
    assert_refused_retryably(run)
    assert run.gateway.is_running()
    os.rename(elsewhere, queue)
    assert_accepts_again(run)
    server.faults.standing()
    run.settle()
    run.check()
    assert run.duplicates() == 0


def test_a_second_process_on_the_directory_refuses_to_start(campaign, tmp_path):
    run = campaign(document_id="request")
    second = Gateway(tmp_path / "second", run.gateway.config["exporters"])
    with pytest.raises(AssertionError) as refusal:
        second.start()
    assert f"process {run.gateway.process.pid} has it open" in str(refusal.value)
    run.run_for(0.2)
    run.settle()
    run.check()


def test_segments_of_a_later_format_are_refused_and_left_alone(campaign, server):
    server.faults.standing(Fault(status=503))
    run = campaign(document_id="request")
    run.run_for(0.2)
    run.pause()
    run.gateway.kill()
    (segment,) = segments(run.queue())
    set_version(segment, 2)
    before = segment.read_bytes()
    with pytest.raises(AssertionError, match="it has format version 2, this program knows up to 1"):
        run.start_process(run.gateway)
    assert segment.read_bytes() == before
    set_version(segment, 1)
    server.faults.standing()
    run.start_process(run.gateway)
    run.settle()
    run.check()


def test_dead_letters_that_cannot_be_written_stay_in_the_queue(campaign, server, letters_disk, tmp_path):
    letters = tmp_path / "dead.ndjson"
    server.faults.standing(Fault(items=lambda document: 400))
    options = {"document_id": "request", "dead_letter": {"path": str(letters)}}
    run = campaign(environment=letters_disk.environment, **options)
    letters_disk.fail(errno.ENOSPC)
    run.run_for(0.5)
    run.pause()
    wait_until(lambda: letters_disk.failed > 0, 10, "a letter that cannot be written")
    assert next(iter(run.check_ledgers().values())).queued > 0
    letters_disk.mend()
    ledger = run.settle()
    dead = numbers_in(letters)
    assert ledger.dead_lettered == len(dead) and ledger.delivered == 0
    assert run.acknowledged <= set(dead)
