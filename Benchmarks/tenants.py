"""One noisy tenant beside twenty quiet ones: what the quiet ones notice, and what the noisy one gets.

The gateway, on core 0, knows tenants by a header field, else an attribute, and gives each the same quota of records a
second; each sender has an address of its own (`x-forwarded-for`). An Elasticsearch exporter sends to a sink that takes
everything, which shares core 1 with the senders (h2load). Rounds:

  before   the quiet tenants alone, each at a half of its quota
  idle     beside them one that sends at 20 times its quota: there is room, so it gets what it sends
  busy     the same one as fast as it can: the gateway is busy, and it is held to its quota and what is left over
  refuse   at 20 times its quota with `when_idle: refuse`: it gets its quota and no more
  away     as fast as it can while the destination is away: the quiet ones still find room in the queue
  names    as fast as it can, each request of 100 tenants that it makes up
  both     the same while the destination is away

Exit code 1 if a quiet tenant was refused, or if the 99th percentile of their requests came to be more than --worse
times what it was before and more than --slack ms above it.

usage: tenants.py [--seconds 20] [--short] [--quota 1000] [--quiet 20] [--records 10] [--worse 3] [--slack 25]
"""

import argparse
import atexit
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import time
import urllib.request

import payloads
from harness import (
    GATEWAY_CORE, LOAD_CORE, ROOT, Running, Sink, build, free_port, load_command, machine, percentile, read_load)

NOISY_CONNECTIONS, NOISY_RECORDS = 16, 100
# The payload of as many records, each of a tenant of its own.
MADE_UP = "made-up"
# In the queue, about.
BYTES_OF_RECORD = 800


def queue_bytes(arguments):
    """Room for several times what the quiet tenants send in a round, in which the destination may be away."""
    records = arguments.quiet * arguments.quota // 2 * arguments.seconds
    return max(64 << 20, 4 * records * BYTES_OF_RECORD)


class Gateway:
    """A gateway that knows tenants by a header field; nothing listens at `sink` if the destination is away."""

    def __init__(self, folder, sink, arguments, when_idle="admit"):
        grpc, self.http, self.admin = free_port(), free_port(), free_port()
        config = {
            "extensions": {"tenants": {
                "from": ["metadata.x-tenant", "resource.tenant.id"], "when_idle": when_idle,
                "quota": {"records_per_second": arguments.quota}}},
            "receivers": {"otlp": {"tenants": "tenants", "protocols": {
                "grpc": {"endpoint": f"127.0.0.1:{grpc}"},
                "http": {"endpoint": f"127.0.0.1:{self.http}", "forwarded_for": {"trusted": ["127.0.0.1"]}}}}},
            "exporters": {"elasticsearch": {
                "endpoints": [f"http://127.0.0.1:{sink}"], "compression": "none",
                "sending_queue": {"queue_size": queue_bytes(arguments)},
                "retry_on_failure": {"initial_interval": "200ms", "max_interval": "1s"}}},
            "service": {
                "shutdown_timeout": "1s", "extensions": ["tenants"],
                "telemetry": {"metrics": {"address": f"127.0.0.1:{self.admin}"}},
                "pipelines": {"logs": {"receivers": ["otlp"], "exporters": ["elasticsearch"]}}},
        }  # fmt: skip
        path = folder / "gateway.yaml"
        path.write_text(json.dumps(config))
        self.running = Running(GATEWAY_CORE, [ROOT / ".build/release/sluice", "--config", path], self.admin)
        atexit.register(self.running.process.kill)
        until = time.monotonic() + 10
        while not self.is_ready():
            if time.monotonic() > until:
                raise SystemExit("the gateway did not start")
            time.sleep(0.01)

    def is_ready(self):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.admin}/readyz", timeout=5) as answer:
                return answer.status == 200
        except OSError:
            return False

    def refused(self):
        """Requests refused so far, by reason."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.admin}/metrics", timeout=5) as answer:
            found = re.findall(r'^sluice_tenants_refused_requests.*reason="(\w+)"} (\d+)$', answer.read().decode(), re.M)
        return {reason: int(count) for reason, count in found if int(count)}


class Sender:
    """One tenant's h2load."""

    def __init__(self, gateway, folder, seconds, tenant, records, rate, connections=1):
        """`rate` records a second, or as many as can be for 0; `records` of each request."""
        self.log = folder / f"{tenant}.log"
        self.log.unlink(missing_ok=True)
        *command, url = load_command(
            "http", records, 0, gateway.http, folder, seconds, 1, connections)
        command += ["--log-file", self.log, "-H", f"x-forwarded-for: {self.address(tenant)}"]
        if records != MADE_UP:
            command += ["-H", f"x-tenant: {tenant}"]
        command += ["--rps", f"{rate / int(records) / connections:.3f}"] if rate else []
        self.process = subprocess.Popen(
            [str(word) for word in ["taskset", "-c", LOAD_CORE, *command, url]],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    @staticmethod
    def address(tenant):
        number = re.search(r"\d+$", tenant)
        return f"10.0.1.{number.group()}" if number else "10.0.0.1"

    def finish(self):
        return read_load(self.process.communicate()[0], self.log)


def write_made_up(folder):
    parts = []
    for number in range(NOISY_RECORDS):
        message = payloads.request(1, seed=number)
        payloads.pair(message.resource_logs[0].resource.attributes, "tenant.id", f"made-up-{number}")
        parts.append(message.SerializeToString())
    (folder / f"{MADE_UP}.pb").write_bytes(b"".join(parts))


def measure(name, folder, sink, arguments, noisy=None, when_idle="admit", sent=NOISY_RECORDS):
    """One round; `noisy` is how many times its quota one tenant sends, 0 for as fast as it can, and `sent` what."""
    gateway = Gateway(folder, sink, arguments, when_idle)
    seconds, quota = arguments.seconds, arguments.quota
    try:
        quiet = [Sender(gateway, folder, seconds, f"quiet{number}", arguments.records, quota / 2)
                 for number in range(arguments.quiet)]
        loud = noisy is not None and Sender(
            gateway, folder, seconds, "noisy", sent, noisy * quota, NOISY_CONNECTIONS)
        done = [sender.finish() for sender in quiet]
        noise = loud.finish() if loud else None
        reasons = gateway.refused()
    finally:
        gateway.running.stop()
    latencies = sorted(latency for each in done for latency in each.latencies_ms)
    good, bad = sum(each.good for each in done), sum(each.bad for each in done)
    line = {"name": name, "bad": bad, "p50": percentile(latencies, 0.5), "p99": percentile(latencies, 0.99)}
    sent, taken = ((noise.good + noise.bad) / noise.seconds, noise.good / noise.seconds) if noise else (0, 0)
    sent, taken = sent * NOISY_RECORDS, taken * NOISY_RECORDS
    print(f"| {name} | {(good + bad) / seconds:.0f} | {100 * good / max(good + bad, 1):.2f} "
          f"| {line['p50']:.2f} | {line['p99']:.2f} | {sent:.0f} | {taken:.0f} "
          f"| {', '.join(f'{reason} {count}' for reason, count in reasons.items())} |", flush=True)
    return line


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=20, help="of each round")
    parser.add_argument("--short", action="store_true", help="rounds of 4 seconds")
    parser.add_argument("--quota", type=int, default=1000, help="records a second of each tenant")
    parser.add_argument("--quiet", type=int, default=20, help="tenants")
    parser.add_argument("--records", type=int, default=10, help="of each request of the quiet ones")
    parser.add_argument("--worse", type=float, default=3)
    parser.add_argument("--slack", type=float, default=25)
    arguments = parser.parse_args()
    arguments.seconds = 4 if arguments.short else arguments.seconds
    build("sluice-sink")
    with tempfile.TemporaryDirectory(prefix="tenants-") as name:
        folder = pathlib.Path(name)
        payloads.write(folder, [arguments.records, NOISY_RECORDS])
        write_made_up(folder)
        sink = Sink()
        print(f"{machine()}; {arguments.quiet} quiet tenants, quota {arguments.quota} records/s each\n\n"
              "| round | quiet requests/s | % taken | p50 ms | p99 ms | noisy records/s | of them taken "
              "| refused, by reason |\n|---|---:|---:|---:|---:|---:|---:|---|", flush=True)
        try:
            before = measure("before", folder, sink.port, arguments)
            rounds = [
                measure("idle", folder, sink.port, arguments, 20),
                measure("busy", folder, sink.port, arguments, 0),
                measure("refuse", folder, sink.port, arguments, 20, "refuse"),
                measure("away", folder, free_port(), arguments, 0),
                measure("names", folder, sink.port, arguments, 0, sent=MADE_UP),
                measure("both", folder, free_port(), arguments, 0, sent=MADE_UP)]
        finally:
            sink.stop()
    worst = max(before["p99"] * arguments.worse, before["p99"] + arguments.slack)
    faults = [f"{each['name']}: p99 of the quiet ones is {each['p99']:.1f} ms, {before['p99']:.1f} ms before"
              for each in rounds if each["p99"] > worst]
    faults += [f"{each['name']}: {each['bad']} requests of quiet tenants were refused"
               for each in [before, *rounds] if each["bad"]]
    print("\n".join(faults) or "\nthe quiet tenants noticed nothing")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
