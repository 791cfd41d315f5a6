"""What `make scale` does, in a minute and with fewer senders."""

import subprocess
import sys

import pytest

from Scale import run
from Scale.backend import CountingElasticsearch
from Scale.cluster import why_not
from Scale.senders import Attempt
from StandIns.http_backend import HONEST, Request


def test_replicas_come_and_go_without_a_failed_request():
    reason = why_not()
    if reason:
        pytest.skip(f"no cluster can be made here: {reason}")
    done = subprocess.run(
        [sys.executable, run.__file__, "--short"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        timeout=200)
    print(done.stdout)
    assert done.returncode == 0, done.stdout


def judged(tmp_path, attempts, stored, is_in_order=True):
    """What a run finds fault with whose only phase had these attempts."""

    class Sender:
        kind = "http"

        def attempts(self):
            return attempts

    found = run.Run.__new__(run.Run)
    found.plan, found.faults, found.senders, found.costs = run.SHORT, [], [Sender()], {}
    found.phases = [run.Phase("phase", is_in_order, 0.0)]
    found.judge(stored)
    return found


OK = Attempt(1.0, 0.01, "ok", 10, 3)


def test_a_broken_promise_is_found(tmp_path):
    everything = {10: 1, 11: 1, 12: 1}
    assert judged(tmp_path, [OK], everything).faults == []
    assert "1 acknowledged records were lost" in judged(tmp_path, [OK], {10: 1, 11: 1}).faults[0]
    assert "1 records are doubled" in judged(tmp_path, [OK], {**everything, 11: 2}).faults[0]
    assert "1 records that nobody sent" in judged(tmp_path, [OK], {**everything, 99: 1}).faults[0]
    failed = Attempt(0.9, 0.01, "503", 10, 3)
    assert "1 failed: {'503': 1}" in judged(tmp_path, [failed, OK], everything).faults[0]


def test_what_a_kill_may_cost_is_told_and_no_fault(tmp_path):
    found = judged(tmp_path, [Attempt(0.9, 0.01, "503", 10, 3), OK], {10: 2, 11: 1, 12: 1}, is_in_order=False)
    assert found.faults == []
    assert "| phase | 1 | 1 | 0 | 0 | 1 | 10.0 | 10.0 | 1 × 503 |" in found.table()
    assert "1 acknowledged records were lost" in judged(tmp_path, [OK], {10: 1, 11: 1}, is_in_order=False).faults[0]


def test_an_attempt_is_read_as_it_was_written():
    assert Attempt.of(str(OK)) == OK


def test_the_backend_counts_each_number():
    backend = CountingElasticsearch()
    body = b'{"create":{}}\n{"attributes":{"n":7}}\n{"create":{}}\n{"attributes":{"n":8}}\n'
    bulk = Request("POST", "/_bulk", {}, {}, body, len(body), 0)
    for _ in range(2):
        assert backend.answer(bulk, HONEST).body.count(b'"status":201') == 2
    assert backend.answer(Request("GET", "/numbers", {}, {}, b"", 0, 0), HONEST).body == b"7 2\n8 2"
    assert backend.answer(bulk._replace(body=body + b"{}\n"), HONEST).status == 400 and backend.violations
