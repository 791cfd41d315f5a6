"""Replicas behind a Service under load: added, removed, killed and rolled. `make scale`; needs root.

Senders over gRPC and HTTP, the OpenTelemetry SDK among them, send to the Service's address throughout; each replica has
a queue on disk (`ack: disk`). Ends with 1 if a promise is broken: a failed request while all goes in order, an
acknowledged record that is not at the destination, a record there twice while all goes in order, or a replica whose
share is not its own.

usage: run.py [--short] [--age SECONDS] [--connections EACH] [--out table.md]
"""

import argparse
import contextlib
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback
import urllib.request
from collections import Counter
from dataclasses import dataclass, field

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from EndToEnd.gateway import ROOT, merged, wait_until  # noqa: E402
from Scale.cluster import (  # noqa: E402
    ADMIN,
    BACKEND,
    BACKEND_PORT,
    GRPC,
    HTTP,
    SERVICE,
    Pod,
    Service,
    enter,
    within,
)
from Scale.senders import DEADLINE_SECONDS, NUMBERS, Attempt  # noqa: E402

REQUESTS, RECORDS = 1, 10  # of each connection a second, and of each request


@dataclass
class Plan:
    """How long things take, and how exact shares are to be."""

    age_seconds: float = 10
    connections: int = 120  # of each protocol
    steady_seconds: float = 30
    pre_stop_seconds: float = 5
    after_kill_seconds: float = DEADLINE_SECONDS + 2  # by when its senders have tried again
    share_tolerance: float = 0.15


SHORT = Plan(
    age_seconds=2, connections=40, steady_seconds=4, pre_stop_seconds=2, after_kill_seconds=5, share_tolerance=0.5)


@dataclass
class Phase:
    """A stretch of the run, and what belongs to it."""

    name: str
    is_in_order: bool
    began: float
    attempts: list = field(default_factory=list)
    lost: int = 0
    doubled: int = 0
    notes: list = field(default_factory=list)


class Sender:
    """A process in the client's namespace."""

    def __init__(self, kind: str, number: int, folder: pathlib.Path, plan: Plan):
        self.kind, self.number, self.path = kind, number, folder / f"{kind}-{number}.tsv"
        port = GRPC if kind.endswith("grpc") else HTTP
        command = [sys.executable, "-m", "Scale.senders", kind, number, self.path, SERVICE, port]
        if not kind.startswith("sdk"):
            command += [plan.connections, REQUESTS, RECORDS]
        self.log = open(folder / f"{kind}-{number}.log", "wb")
        self.process = subprocess.Popen(
            within("client", *command), cwd=ROOT / "Tests", stdout=self.log, stderr=self.log, start_new_session=True)

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(60) == 0, f"a sender failed: {self.log.name}"

    def attempts(self) -> list:
        return [Attempt.of(line) for line in self.path.read_text().splitlines()]


class Run:
    """The cluster, its load, and what is found out."""

    def __init__(self, plan: Plan, folder: pathlib.Path):
        self.plan, self.folder = plan, folder
        self.phases, self.costs, self.faults, self.senders = [], {}, [], []
        self.backend = subprocess.Popen(
            within("backend", sys.executable, "-m", "Scale.backend", "0.0.0.0", BACKEND_PORT), cwd=ROOT / "Tests")
        wait_until(lambda: self.stored() is not None, 20, "the backend")
        self.service = Service()
        self.pods = [Pod(number, folder, self.config()) for number in (1, 2, 3)]

    def config(self) -> dict:
        age = f"{self.plan.age_seconds}s"
        keepalive = {"server_parameters": {"max_connection_age": age}}
        receiver = {
            "protocols": {
                "grpc": {"endpoint": f"0.0.0.0:{GRPC}", "keepalive": keepalive},
                "http": {"endpoint": f"0.0.0.0:{HTTP}"}},
            "limits": {"connections": {"max_connection_age": age}}}
        exporter = {
            "endpoints": [f"http://{BACKEND}:{BACKEND_PORT}"], "compression": "none",
            "retry_on_failure": {"initial_interval": "50ms", "max_interval": "1s"}}
        return {
            "receivers": {"otlp": receiver}, "exporters": {"elasticsearch": exporter},
            "service": {
                "telemetry": {"metrics": {"address": f"0.0.0.0:{ADMIN}"}},
                "pipelines": {
                    "logs": {"receivers": ["otlp"], "exporters": ["elasticsearch"], "ack": "disk"}}}}

    def stored(self):
        """How often each number is at the destination; None while there is none."""
        with contextlib.suppress(OSError):
            with urllib.request.urlopen(f"http://{BACKEND}:{BACKEND_PORT}/numbers", timeout=60) as answer:
                pairs = (line.split() for line in answer.read().splitlines())
                return {int(number): int(count) for number, count in pairs}

    # What happens

    def begin(self, name: str, is_in_order: bool = True):
        print(f"{time.strftime('%H:%M:%S')} {name}", file=sys.stderr, flush=True)
        self.phases.append(Phase(name, is_in_order, time.monotonic()))

    def go(self):
        one, two, three = self.pods
        self.service.add(one)
        for number, kind in enumerate(["grpc", "http", "sdk-grpc", "sdk-http", "sdk-grpc", "sdk-http"]):
            self.senders.append(Sender(kind, number, self.folder, self.plan))
        time.sleep(3)  # until all send
        self.begin("steady, 1 replica")
        self.measure()
        self.add(two, "add a second")
        self.add(three, "add a third")
        self.begin("remove one in order")
        three.leave(self.plan.pre_stop_seconds)
        self.pause()
        self.begin("it comes back")
        self.service.add(three)
        self.pause()
        self.begin("kill one (SIGKILL), start it again", is_in_order=False)
        two.kill()
        time.sleep(1)
        self.service.add(two)
        self.pause(self.plan.after_kill_seconds)
        self.begin("roll all with a new configuration")
        for pod in self.pods:
            pod.leave(self.plan.pre_stop_seconds)
            pod.config = merged(pod.config, self.changed("rolled"))
            self.service.add(pod)
        self.pause()
        self.begin("all read a new configuration (SIGHUP)")
        for pod in self.pods:
            pod.config = merged(pod.config, self.changed("read again"))
            pod.reload()
        self.pause()
        self.end()

    def changed(self, value: str) -> dict:
        action = {"key": "configuration", "value": value, "action": "upsert"}
        return {"processors": {"attributes": {"actions": [action]}},
                "service": {"pipelines": {"logs": {"processors": ["attributes"]}}}}

    def pause(self, seconds=None):
        time.sleep(seconds or self.plan.steady_seconds / 2)

    def add(self, pod: Pod, name: str):
        """A new replica, and after twice the age of connections how much of the load it has."""
        self.begin(name)
        self.service.add(pod)
        time.sleep(2 * self.plan.age_seconds)
        running = [each for each in self.pods if each.process]
        self.begin(f"steady, {len(running)} replicas")
        shares = self.measure()
        even = 1 / len(running)
        off = abs(shares[pod.name] - even) / even
        self.phases[-1].notes.append("shares " + ", ".join(f"{100 * share:.1f} %" for share in shares.values()))
        if off > self.plan.share_tolerance:
            self.faults.append(
                f"{pod.name} has {100 * shares[pod.name]:.1f} % of the load, {100 * off:.0f} % off an even share; "
                f"{100 * self.plan.share_tolerance:.0f} % are allowed")

    def measure(self) -> dict:
        """Lets the load run; what a record costs, and each pod's share of the records."""
        running = [pod for pod in self.pods if pod.process]

        def look():
            return {pod.name: (pod.cpu_seconds(), pod.metric("otelcol_receiver_accepted_log_records"))
                    for pod in running}

        before = look()
        time.sleep(self.plan.steady_seconds)
        after = look()
        cpu, records = (
            sum(after[name][index] - before[name][index] for name in before) for index in (0, 1))
        self.costs[len(running)] = (1e6 * cpu / records, records / self.plan.steady_seconds)
        return {name: (after[name][1] - before[name][1]) / records for name in before}

    def end(self):
        """Ends the load, waits until nothing is queued, and has the pods leave."""
        for sender in self.senders:
            sender.stop()
        wait_until(
            lambda: sum(pod.metric("otelcol_exporter_queue_size") for pod in self.pods) == 0, 60, "empty queues")
        for pod in self.pods:
            pod.leave(0)
        self.service.stop()
        self.judge(self.stored())
        self.backend.terminate()
        if self.backend.wait(10):
            self.faults.append("the backend was sent what it does not know")

    # What is found

    def judge(self, stored: dict):
        """Each attempt belongs to the phase in which it ended: what a phase begins with cuts off what is under way."""
        began = [phase.began for phase in self.phases]
        for sender in self.senders:
            for attempt in sender.attempts():
                index = max(sum(attempt.ended >= time for time in began) - 1, 0)
                self.phases[index].attempts.append((sender.kind, attempt))
        sent, known = Counter(), set()
        for phase in self.phases:
            for _, attempt in phase.attempts:
                for number in attempt.numbers:
                    phase.lost += attempt.is_ok and number not in stored
                    if number not in known:
                        phase.doubled += max(stored.get(number, 0) - 1, 0)
                    known.add(number)
        for number in stored.keys() - known:
            sent[number // NUMBERS] += 1
        if sent:
            self.faults.append(f"the destination has {sum(sent.values())} records that nobody sent")
        for phase in self.phases:
            self.hold(phase)

    def hold(self, phase: Phase):
        """Holds what is promised against what came."""
        failed = Counter(attempt.outcome for _, attempt in phase.attempts if not attempt.is_ok)
        if phase.lost:
            self.faults.append(f"{phase.name}: {phase.lost} acknowledged records were lost")
        if phase.is_in_order and failed:
            self.faults.append(f"{phase.name}: {sum(failed.values())} failed: {dict(failed.most_common(4))}")
        if phase.is_in_order and phase.doubled:
            self.faults.append(f"{phase.name}: {phase.doubled} records are doubled")
        phase.notes += [f"{count} × {outcome}" for outcome, count in failed.most_common(3)]

    def table(self) -> str:
        lines = [
            f"{2 * self.plan.connections} connections of {REQUESTS} request/s of {RECORDS} records, and 4 SDKs of 20 "
            f"records/s; connection age {self.plan.age_seconds:g} s, preStop sleep {self.plan.pre_stop_seconds:g} s, "
            f"`ack: disk`", "",
            "| phase | requests | failed attempts | given up | lost | doubled | p50 ms | p99 ms | |",
            "|---|---:|---:|---:|---:|---:|---:|---:|---|"]
        for phase in self.phases:
            times = sorted(1000 * a.seconds for kind, a in phase.attempts if a.is_ok and not kind.startswith("sdk"))
            p50, p99 = (times[min(int(len(times) * part), len(times) - 1)] if times else 0 for part in (0.5, 0.99))
            failed = sum(not a.is_ok for _, a in phase.attempts)
            given_up = sum(a.outcome.startswith("given up") for _, a in phase.attempts)
            ok = sum(a.is_ok for _, a in phase.attempts)
            lines.append(f"| {phase.name} | {ok} | {failed} | {given_up} | {phase.lost} | {phase.doubled} "
                         f"| {p50:.1f} | {p99:.1f} | {'; '.join(phase.notes)} |")
        lines += ["", "| replicas | records/s | µs of processor a record |", "|---:|---:|---:|"]
        lines += [f"| {count} | {rate:.0f} | {cost:.1f} |" for count, (cost, rate) in self.costs.items()]
        return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--short", action="store_true", help="in a minute, with shares that are less exact")
    parser.add_argument("--age", type=float, help="max_connection_age in seconds")
    parser.add_argument("--connections", type=int, help="of each protocol")
    parser.add_argument("--out", type=pathlib.Path, help="a file for the tables")
    arguments = parser.parse_args()
    enter()
    plan = SHORT if arguments.short else Plan()
    plan.age_seconds = arguments.age or plan.age_seconds
    plan.connections = arguments.connections or plan.connections
    folder = pathlib.Path(tempfile.mkdtemp(prefix="scale-", dir=os.environ.get("SCALE_FOLDER")))
    run = Run(plan, folder)
    try:
        run.go()
    except Exception:
        traceback.print_exc()
        run.faults.append(f"the run did not come to its end; logs are in {folder}")
    if any(phase.attempts for phase in run.phases):
        text = run.table()
        print(text)
        if arguments.out:
            arguments.out.write_text(text + "\n")
    print("\n" + ("\n".join(run.faults) or "every promise was kept"), flush=True)
    if not run.faults:
        shutil.rmtree(folder)
    return 1 if run.faults else 0


if __name__ == "__main__":
    sys.exit(main())
