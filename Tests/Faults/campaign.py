"""Clients that remember every acknowledged record, backends that remember every stored one, and faults between.

`FAULT_KILLS` is the number of kills in each scenario, `FAULT_SEED` the seed of their times.
"""

import os
import random
import resource
import signal
import threading
import time
from collections import Counter

from EndToEnd.gateway import Gateway, merged, quick, wait_until
from EndToEnd.http_clients import send
from EndToEnd.otlp_requests import record, request
from Faults.backend import PROCESS_HEADER, RememberingElasticsearch
from Faults.ledger import Ledger, assert_balanced

KILLS = int(os.environ.get("FAULT_KILLS", "4"))
SEED = int(os.environ.get("FAULT_SEED", "1"))
RECORDS = 20
SERIALS = 1 << 32  # requests of one sender, at most
ES = "elasticsearch"
SLOW = "elasticsearch_slow"  # the folder of the exporter elasticsearch/slow


class Sender(threading.Thread):
    """Sends numbered records, one request after the other; a request that is not acknowledged is sent again as it is,
    as an OTLP client does, to whichever replica comes next."""

    def __init__(self, campaign: "Campaign", number: int, pause_seconds: float):
        super().__init__(daemon=True)
        self.campaign, self.number, self.pause_seconds = campaign, number, pause_seconds
        self.leave = threading.Event()

    def run(self):
        serial = self.number * SERIALS
        while not self.leave.is_set():
            numbers = range(serial * RECORDS, (serial + 1) * RECORDS)
            body = request(*(record(f"log line {n}", {"n": n}) for n in numbers)).SerializeToString()
            serial += 1
            while not self.deliver(body, numbers):
                if self.leave.wait(0.02):
                    return
            self.leave.wait(self.pause_seconds)

    def deliver(self, body: bytes, numbers: range) -> bool:
        """Sends the request once; whether it was acknowledged."""
        self.campaign.note_sent(numbers)
        began = time.monotonic()
        try:
            response = send(self.campaign.next_port(), body, timeout=5)
        except Exception:  # refused, cut off by a kill, or late
            self.campaign.note_answer(None, {}, began)
            return False
        self.campaign.note_answer(response.status, response.headers, began)
        if response.status != 200:
            return False
        self.campaign.note_acknowledged(numbers)
        return True


class Campaign:
    """Replicas, each with a queue directory of its own, their senders and their backends."""

    def __init__(self, folder, servers: dict, replicas: int = 1, overlay=None, environment=None, prefix=(), **options):
        """`servers` by exporter; `options` are every exporter's, beside its queue directory."""
        self.servers, self.options, self.folder = servers, options, folder
        self.lock = threading.Lock()
        self.sent, self.acknowledged = set(), set()
        self.answers: Counter = Counter()
        self.answer_seconds: list = []
        self.unhinted = 0  # refusals without Retry-After
        self.random = random.Random(SEED)
        self.senders, self.senders_made, self.processes, self.turn = [], 0, 0, 0
        self.replicas = [self._gateway(folder / f"replica-{number}", overlay) for number in range(replicas)]
        for replica in self.replicas:
            replica.environment, replica.prefix = environment or {}, list(prefix)

    def _gateway(self, folder, overlay) -> Gateway:
        exporters = {}
        for name, server in self.servers.items():
            queue = {"endpoints": [server.url], "sending_queue": {"directory": str(self.queue(folder, name))}}
            exporters[name] = quick(**merged(queue, self.options))
        return Gateway(folder, exporters, overlay)

    def queue(self, folder=None, exporter: str = ES):
        """The queue directory of an exporter."""
        return (folder or self.gateway.folder) / f"queue-{exporter.replace('/', '_')}"

    @property
    def gateway(self) -> Gateway:
        return self.replicas[0]

    @property
    def server(self) -> RememberingElasticsearch:
        return next(iter(self.servers.values()))

    # What senders note

    def next_port(self) -> int:
        with self.lock:
            self.turn += 1
            return self.replicas[self.turn % len(self.replicas)].http_port

    def note_sent(self, numbers):
        with self.lock:
            self.sent.update(numbers)

    def note_answer(self, status, headers, began: float):
        with self.lock:
            self.answers[status] += 1
            self.answer_seconds.append((began, time.monotonic() - began, status))
            self.unhinted += status not in (None, 200) and "Retry-After" not in headers

    def note_acknowledged(self, numbers):
        with self.lock:
            self.acknowledged.update(numbers)

    # Load and processes

    def start(self, senders: int = 3, pause_seconds: float = 0):
        for replica in self.replicas:
            self.start_process(replica)
        self.load(senders, pause_seconds)
        return self

    def start_process(self, replica: Gateway):
        """A new process on the replica's queues, under a name that the backends see."""
        self.processes += 1
        for exporter in replica.config["exporters"].values():
            exporter["headers"] = {PROCESS_HEADER: f"process-{self.processes}"}
        replica.process_name = f"process-{self.processes}"
        replica.start()

    def load(self, senders: int = 3, pause_seconds: float = 0):
        for _ in range(senders):
            self.senders.append(Sender(self, self.senders_made, pause_seconds))
            self.senders_made += 1
            self.senders[-1].start()

    def pause(self):
        for sender in self.senders:
            sender.leave.set()
        for sender in self.senders:
            sender.join(10)
            assert not sender.is_alive()
        self.senders = []

    def run_for(self, seconds: float):
        """Lets the load run, and sees that something is acknowledged meanwhile."""
        before = len(self.acknowledged)
        time.sleep(seconds)
        wait_until(lambda: len(self.acknowledged) > before, 10, "an acknowledgement")

    def kill_and_restart(self, replica=None, least_seconds: float = 0.02, number=signal.SIGKILL):
        """A signal that ends it after a random while under load, then a new process on the same directory."""
        replica = replica or self.gateway
        time.sleep(self.random.uniform(least_seconds, 0.25))
        # No core dump for those signals that make one.
        resource.prlimit(replica.process.pid, resource.RLIMIT_CORE, (0, 0))
        replica.process.send_signal(number)
        assert replica.wait(10) == -number
        self.start_process(replica)

    # What must hold

    def check_ledgers(self, are_answers_exact: bool = True) -> dict:
        """The ledgers at a quiet point; with `are_answers_exact` the backend has answered for what was delivered."""
        ledgers = {}
        for replica in self.replicas:
            for name, server in self.servers.items():
                taken = (lambda: server.taken[replica.process_name]) if are_answers_exact else None
                ledgers[replica, name] = assert_balanced(replica, name, taken)
        return ledgers

    def queued(self) -> float:
        return sum(replica.metric("otelcol_exporter_queue_size") for replica in self.replicas)

    def settle(self, seconds: float = 60 + KILLS, are_answers_exact: bool = True) -> Ledger:
        """No more load; waits until the queues are empty, checks the ledgers and stops the gateways."""
        self.pause()
        wait_until(lambda: self.queued() == 0, seconds, "empty queues")
        ledgers = self.check_ledgers(are_answers_exact)
        for replica in self.replicas:
            replica.stop()
        return next(iter(ledgers.values()))

    def check(self, elsewhere=frozenset()):
        """What must hold after every scenario; `elsewhere` are numbers known to be in dead letters or damaged."""
        assert len(self.acknowledged) > 0
        for name, server in self.servers.items():
            stored = server.numbers()
            missing = self.acknowledged - set(stored) - set(elsewhere)
            assert missing == set(), f"{len(missing)} acknowledged records were lost by {name}"
            assert set(stored) <= self.sent
            # A kill may cut a request short, between its head and its body too.
            violations = [text for text in server.violations if not text.endswith(" arrived")]
            assert violations == [], violations[:3]

    def duplicates(self) -> int:
        return sum(count - 1 for server in self.servers.values() for count in server.numbers().values())

    def report(self, what: str):
        print(f"\n{what}: {len(self.acknowledged)} acknowledged, {self.duplicates()} duplicates", end=" ")

    def end(self):
        for sender in self.senders:
            sender.leave.set()
        for sender in self.senders:
            sender.join(10)
        for replica in self.replicas:
            replica.kill()
