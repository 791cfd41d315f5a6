"""An outage of Elasticsearch at steady load: what senders see, what the disk holds, how fast it drains.

`OUTAGE_SECONDS` is its length: 20 s stand for the hour that `make faults` takes.
"""

import os
import time

from EndToEnd.gateway import wait_until
from Faults.campaign import RECORDS
from StandIns.http_backend import Fault

OUTAGE_SECONDS = float(os.environ.get("OUTAGE_SECONDS", "20"))
SENDERS, REQUESTS_PER_SECOND = 4, 12  # of each sender
MIB = 1 << 20


class Phase:
    """A stretch of the outage: what senders saw in it."""

    def __init__(self, run, name: str):
        self.run, self.name, self.began = run, name, time.monotonic()

    def report(self) -> str:
        self.seconds = time.monotonic() - self.began
        with self.run.lock:
            answers = [answer for answer in self.run.answer_seconds if answer[0] >= self.began]
        times = sorted(seconds for _, seconds, _ in answers)
        self.statuses = {status: sum(answer[2] == status for answer in answers) for status in {a[2] for a in answers}}
        p50, p99 = (1000 * times[int(len(times) * share)] for share in (0.5, 0.99))
        rate = RECORDS * len(times) / self.seconds
        return f"{self.name}: {self.seconds:.0f} s, {rate:.0f} records/s, answers {self.statuses}, " + (
            f"p50 {p50:.1f} ms, p99 {p99:.1f} ms"
        )


def test_an_outage_at_steady_load_loses_nothing(campaign, server):
    run = campaign(document_id="request", sending_queue={"queue_size": 16 << 30})
    run.pause()
    run.load(SENDERS, pause_seconds=1 / REQUESTS_PER_SECOND)
    metric = run.gateway.metric

    before = Phase(run, "before")
    time.sleep(3)
    lines = [before.report()]

    outage = Phase(run, "outage")
    server.stop()
    for step in range(1, 11):
        time.sleep(max(outage.began + OUTAGE_SECONDS * step / 10 - time.monotonic(), 0))
        if step == 5:  # it is there again, and overloaded
            server.faults.standing(Fault(status=429))
            server.start()
        held, records = metric("otelcol_exporter_queue_size"), metric("sluice_exporter_queued_log_records")
        rss = run.gateway.rss_bytes() / MIB
        lines.append(f"  after {time.monotonic() - outage.began:.0f} s: {held / MIB:.1f} MiB on disk, ")
        lines[-1] += f"{records:.0f} records, {rss:.0f} MiB of memory"
    lines.append(outage.report())

    server.faults.standing()
    drain = Phase(run, "while it drains")
    wait_until(lambda: metric("sluice_exporter_queued_log_records") < 1000, OUTAGE_SECONDS * 3 + 60, "a drained queue")
    lines.append(drain.report())
    lines.append(f"  drained {records:.0f} records and the load in {drain.seconds:.1f} s")
    after = Phase(run, "after")
    time.sleep(3)
    lines.append(after.report())
    ledger = run.settle()
    lines.append(f"{ledger}")
    print("\n" + "\n".join(lines))

    run.check()
    assert run.duplicates() == 0
    assert ledger.delivered == ledger.received == len(run.acknowledged)
    assert all(set(phase.statuses) == {200} for phase in (before, outage, drain, after))
    assert records > OUTAGE_SECONDS * RECORDS  # it was an outage
