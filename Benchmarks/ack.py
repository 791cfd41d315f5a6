"""What durability costs: records per second and latency by when senders are told, and a start with a full queue.

The rows are measured interleaved, the gateway on core 0, the load (h2load) and a sink that takes everything on core 1.
Queues are folders in the working directory, so start it on the disk that is meant. A request that waits for the disk
takes two syncs at most, so it takes many requests at once (connections x streams) to keep a core busy meanwhile.

usage: ack.py [--seconds 5] [--rounds 3] [--records 100] [--streams 32] [--queued-gb 10] [--skip-cost] [--out table.md]
"""

import argparse
import atexit
import json
import os
import pathlib
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

import harness
import payloads
from harness import CONNECTIONS, GATEWAY_CORE, ROOT, Running, Sink, build, free_port, percentile

ROWS = {
    "queue in memory": ("memory", None),
    "queue on disk, ack: memory": ("memory", "always"),
    "queue on disk, ack: disk": ("disk", "always"),
    "queue on disk, fsync: interval": ("disk", "interval"),
}
GB = 10**9


class Gateway:
    """A gateway with one Elasticsearch exporter and, with `fsync`, a queue on disk."""

    def __init__(self, folder, sink, ack="disk", fsync=None, queue_bytes=4 << 30, core=GATEWAY_CORE):
        self.grpc, http, self.admin = free_port(), free_port(), free_port()
        queue = {"queue_size": queue_bytes}
        if fsync:
            queue |= {"directory": str(folder / "queue"), "fsync": fsync}
        config = {
            "receivers": {"otlp": {"protocols": {
                "grpc": {"endpoint": f"127.0.0.1:{self.grpc}"}, "http": {"endpoint": f"127.0.0.1:{http}"}}}},
            "exporters": {"elasticsearch": {
                "endpoints": [f"http://127.0.0.1:{sink}"], "compression": "none", "sending_queue": queue,
                "retry_on_failure": {"initial_interval": "200ms", "max_interval": "1s"}}},
            "service": {
                "shutdown_timeout": "1s",
                "telemetry": {"metrics": {"address": f"127.0.0.1:{self.admin}"}},
                "pipelines": {"logs": {"receivers": ["otlp"], "exporters": ["elasticsearch"], "ack": ack}}},
        }  # fmt: skip
        path = folder / "gateway.yaml"
        path.write_text(json.dumps(config))
        self.began = time.monotonic()
        self.running = Running(core, [ROOT / ".build/release/sluice", "--config", path], self.admin)
        atexit.register(self.running.process.kill)
        while not self.is_ready():
            if self.running.process.poll() is not None:
                self.running.log.seek(0)
                raise SystemExit(f"the gateway did not start: {self.running.log.read()[-2000:]}")
            time.sleep(0.002)
        self.start_seconds = time.monotonic() - self.began

    def is_ready(self):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.admin}/readyz", timeout=5) as answer:
                return answer.status == 200
        except OSError:
            return False

    def metric(self, name):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.admin}/metrics", timeout=5) as answer:
            found = re.search(rf"^{name}(?:_total)?(?:{{.*}})? (\S+)$", answer.read().decode(), re.M)
        return float(found.group(1))

    def load(self, folder, records, seconds, streams, rate=None):
        """Requests per second, and each request's latency in milliseconds; `rate` requests are begun each second."""
        done = harness.load(
            "grpc", records, self.grpc, 0, folder, seconds, streams, rate, log=folder / "h2load.log")
        return (done.good + done.bad) / done.seconds, done.latencies_ms


def cost(arguments, folder, sink):
    rates, latencies = {name: [] for name in ROWS}, {name: [] for name in ROWS}
    delivered = {name: [] for name in ROWS}
    least = dict.fromkeys(ROWS, 1.0)
    for half in (None, 0.5):
        for _ in range(arguments.rounds):
            for name, (ack, fsync) in ROWS.items():
                gateway = Gateway(folder, sink, ack, fsync)
                rate = half and half * statistics.median(delivered[name]) / arguments.records
                began = time.monotonic()
                reached, times = gateway.load(folder, arguments.records, arguments.seconds, arguments.streams, rate)
                while gateway.metric("otelcol_exporter_queue_size") > 0:
                    time.sleep(0.02)
                seconds = time.monotonic() - began
                accepted = gateway.metric("otelcol_receiver_accepted_log_records")
                share = accepted / (accepted + gateway.metric("otelcol_receiver_refused_log_records"))
                least[name] = min(least[name], share)
                gateway.running.stop()
                shutil.rmtree(folder / "queue", ignore_errors=True)
                if half:
                    latencies[name].append((percentile(times, 0.5), percentile(times, 0.99)))
                else:
                    rates[name].append(reached * share)
                    delivered[name].append(accepted / seconds)
    lines = []
    lines.append("| | accepted records/s, median (min–max) | of memory | accepted and delivered, records/s "
          "| of memory | p50 ms at half of that | p99 ms | not refused |")
    lines.append("|---|---|---|---|---|---|---|---|")
    most = statistics.median(rates["queue in memory"])
    sustained = statistics.median(delivered["queue in memory"])
    for name in ROWS:
        low, middle, high = (arguments.records * rate / 1000 for rate in (
            min(rates[name]), statistics.median(rates[name]), max(rates[name])))
        p50, p99 = (statistics.median(pair[index] for pair in latencies[name]) for index in (0, 1))
        share, end_to_end = statistics.median(rates[name]) / most, statistics.median(delivered[name])
        lines.append(f"| {name} | {middle:.0f} k ({low:.0f}–{high:.0f}) | {100 * share:.0f} % "
              f"| {end_to_end / 1000:.0f} k | {100 * end_to_end / sustained:.0f} % | {p50:.2f} | {p99:.2f} | "
              f"{100 * least[name]:.0f} % |")
    print("\n".join(lines), flush=True)
    if arguments.out:
        arguments.out.write_text("\n".join(lines) + "\n")


def queued(arguments, folder, sink):
    """Fills a queue with the backend away, and starts gateways on it."""
    wanted = int(arguments.queued_gb * GB)
    free = shutil.disk_usage(folder).free
    if free < wanted * 1.3:
        raise SystemExit(f"{free / GB:.0f} GB are free on {folder}, {1.3 * wanted / GB:.0f} GB are needed")
    away = free_port()
    options = {"fsync": "always", "queue_bytes": wanted * 5 // 4}
    gateway = Gateway(folder, away, **options)
    began = time.monotonic()
    while gateway.metric("otelcol_exporter_queue_size") < wanted:
        gateway.load(folder, 1000, 5, 4)
    print(f"\nfilled with {gateway.metric('otelcol_exporter_queue_size') / GB:.2f} GB in "
          f"{time.monotonic() - began:.0f} s; RSS {gateway.running.rss_mb():.0f} MB, peak {gateway.running.peak_mb():.0f} MB")
    print("\n| start after | page cache | to /readyz, s | RSS at rest, MB |\n|---|---|---|---|")
    for kind in ("SIGTERM", "SIGKILL"):
        for cache in ("as it was", "dropped"):
            end(gateway, kind)
            if cache == "dropped":
                drop_cached(folder / "queue")
            gateway = Gateway(folder, away, **options)
            seconds = gateway.start_seconds
            time.sleep(3)
            print(f"| {kind} | {cache} | {seconds:.2f} | {gateway.running.rss_mb():.0f} |", flush=True)
    end(gateway, "SIGTERM")
    drain(Gateway(folder, sink, **options))


def end(gateway, kind):
    if kind == "SIGKILL":
        gateway.running.process.kill()
        gateway.running.process.wait()
    else:
        gateway.running.stop()


def drop_cached(queue):
    """Has the system forget what it holds of the queue's files in memory."""
    for path in queue.iterdir():
        with open(path, "rb") as file:
            os.fsync(file.fileno())
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def drain(gateway):
    began, most = time.monotonic(), 0.0
    held = first = gateway.metric("otelcol_exporter_queue_size")
    while held > 0:
        time.sleep(0.2)
        most = max(most, gateway.running.rss_mb())
        held = gateway.metric("otelcol_exporter_queue_size")
    seconds = time.monotonic() - began
    print(f"\ndrained {first / GB:.2f} GB in {seconds:.0f} s, {first / seconds / 1e6:.0f} MB/s; "
          f"RSS at most {most:.0f} MB")
    gateway.running.stop()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--records", type=int, default=100)
    parser.add_argument("--streams", type=int, default=32)
    parser.add_argument("--queued-gb", type=float, default=10)
    parser.add_argument("--skip-cost", action="store_true")
    parser.add_argument("--out", type=pathlib.Path)
    arguments = parser.parse_args()
    build("sluice-sink")
    print(f"{harness.machine()}; {arguments.rounds} rounds of {arguments.seconds} s, {arguments.records} "
          f"records a request, {CONNECTIONS} connections of {arguments.streams} streams\n", flush=True)
    with tempfile.TemporaryDirectory(dir=".") as name:
        folder = payloads.write(pathlib.Path(name).resolve(), sorted({1000, arguments.records}))
        sink = Sink()
        try:
            if not arguments.skip_cost:
                cost(arguments, folder, sink.port)
            if arguments.queued_gb > 0:
                queued(arguments, folder, sink.port)
        finally:
            sink.stop()


if __name__ == "__main__":
    sys.exit(main())
