"""A client that remembers every acknowledged record, a backend that remembers every stored one, and faults between.

`make faults` runs it long: FAULT_KILLS=500 .venv/bin/pytest Tests/Faults
"""

import os
import random
import threading
import time
from collections import Counter

from EndToEnd.gateway import Gateway, merged, quick, wait_until
from EndToEnd.http_clients import send
from EndToEnd.otlp_requests import record, request

KILLS = int(os.environ.get("FAULT_KILLS", "20"))
SEED = int(os.environ.get("FAULT_SEED", "1"))
RECORDS = 20


class Sender(threading.Thread):
    """Sends numbered records, one request after the other; a request that is not acknowledged is sent again as it is,
    as an OTLP client does."""

    def __init__(self, campaign: "Campaign", number: int):
        super().__init__(daemon=True)
        self.campaign, self.number = campaign, number
        self.leave = threading.Event()

    def run(self):
        serial = 0
        while not self.leave.is_set():
            numbers = [f"{self.number}-{serial}-{index}" for index in range(RECORDS)]
            body = request(*(record(f"log line {n}", {"n": n}) for n in numbers)).SerializeToString()
            serial += 1
            while not self.deliver(body, numbers):
                if self.leave.is_set():
                    return
                time.sleep(0.02)

    def deliver(self, body: bytes, numbers: list) -> bool:
        self.campaign.note_sent(numbers)
        try:
            status = send(self.campaign.gateway.http_port, body, timeout=5).status
        except OSError:
            return False
        except Exception:  # the answer was cut off by the kill
            return False
        if status != 200:
            return False
        self.campaign.note_acknowledged(numbers)
        return True


class Campaign:
    """One gateway on one queue directory, its senders and its backend."""

    def __init__(self, folder, server, **options):
        self.server = server
        self.lock = threading.Lock()
        self.sent, self.acknowledged = set(), set()
        self.random = random.Random(SEED)
        queue = {"sending_queue": {"directory": str(folder / "queue")}}
        exporter = quick(endpoints=[server.url], **merged(queue, options))
        self.gateway = Gateway(folder, {"elasticsearch": exporter})
        self.senders = []

    def note_sent(self, numbers):
        with self.lock:
            self.sent.update(numbers)

    def note_acknowledged(self, numbers):
        with self.lock:
            self.acknowledged.update(numbers)

    def start(self, senders: int = 3):
        self.gateway.start()
        self.senders = [Sender(self, number) for number in range(senders)]
        for sender in self.senders:
            sender.start()
        return self

    def kill_and_restart(self):
        """SIGKILL after a random while under load, then a new process on the same directory."""
        time.sleep(self.random.uniform(0.02, 0.25))
        self.gateway.kill()
        self.gateway.start()

    def stop_senders(self):
        for sender in self.senders:
            sender.leave.set()
        for sender in self.senders:
            sender.join(10)

    def stored(self) -> Counter:
        return Counter(document["attributes"]["n"] for document in self.server.documents())

    def missing(self) -> set:
        return self.acknowledged - set(self.stored())

    def settle(self, seconds: float = 60):
        """No more load; waits until the queue is empty, and stops the gateway."""
        self.stop_senders()
        wait_until(lambda: self.gateway.metric("otelcol_exporter_queue_size") == 0, seconds, "an empty queue")
        self.gateway.stop()

    def duplicates(self) -> int:
        return sum(count - 1 for count in self.stored().values())

    def check(self):
        """What must hold after every scenario."""
        assert len(self.acknowledged) > 0
        assert self.missing() == set(), f"{len(self.missing())} acknowledged records were lost"
        assert set(self.stored()) <= self.sent
        assert self.server.violations == []
