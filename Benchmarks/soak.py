"""A long run at half of capacity: whether memory, descriptors, threads and latency stay where they were.

The gateway, on core 0, has an Elasticsearch exporter with a queue on disk, and `ack: disk`; the load (h2load) and a
sink that takes everything share core 1. Capacity is measured first. Each slice of the run has connections of its own,
so that what a connection leaves behind would show. The queue is a folder in the working directory: start it on the
disk that is meant.

Exit code 1 if a request was refused, a record did not arrive, or memory, descriptors or threads grew.

usage: soak.py [--seconds 1800] [--slice 60] [--share 0.5] [--rate RECORDS_PER_SECOND] [--records 100]
"""

import argparse
import pathlib
import statistics
import sys
import tempfile
import time

import payloads
from ack import Gateway
from harness import CONNECTIONS, Sink, build, load, machine, percentile

STREAMS = 32
WARM_UP_SLICES = 2  # memory of the first load is no growth
# What may be more at the end than after the warm-up: a few buffers, and connections that are just closing.
MORE_MEMORY, MORE_DESCRIPTORS, MORE_THREADS = (1.25, 16), 16, 4


def look(gateway):
    """Memory in MB, open descriptors, threads and seconds of processor time."""
    process = pathlib.Path(f"/proc/{gateway.running.process.pid}")
    return {
        "rss_mb": gateway.running.rss_mb(), "descriptors": sum(1 for _ in (process / "fd").iterdir()),
        "threads": sum(1 for _ in (process / "task").iterdir()), "cpu": gateway.running.cpu_seconds()}


def send(gateway, folder, arguments, seconds, rate=None):
    """One slice; `rate` requests are begun each second."""
    return load("grpc", arguments.records, gateway.grpc, 0, folder, seconds, STREAMS, rate, log=folder / "h2load.log")


def capacity(gateway, folder, arguments):
    """Records per second that are accepted and delivered at full load."""
    before, began = gateway.metric("otelcol_receiver_accepted_log_records"), time.monotonic()
    send(gateway, folder, arguments, 10)
    wait_for_empty_queue(gateway)
    return (gateway.metric("otelcol_receiver_accepted_log_records") - before) / (time.monotonic() - began)


def wait_for_empty_queue(gateway, seconds=120):
    until = time.monotonic() + seconds
    while gateway.metric("otelcol_exporter_queue_size") > 0:
        if time.monotonic() > until:
            raise SystemExit(f"the queue was not empty after {seconds} s")
        time.sleep(0.05)


def soak(gateway, folder, arguments, rate):
    """One line for each slice."""
    lines, began = [], time.monotonic()
    print("| minutes | records/s | p50 ms | p99 ms | refused requests | RSS MB | descriptors | threads "
          "| µs of processor a record |\n|---:|---:|---:|---:|---:|---:|---:|---:|---:|", flush=True)
    while time.monotonic() - began < arguments.seconds:
        spent = look(gateway)["cpu"]
        done = send(gateway, folder, arguments, arguments.slice, rate / arguments.records)
        line = look(gateway)
        records = done.good * arguments.records
        line |= {
            "minutes": (time.monotonic() - began) / 60, "rate": records / done.seconds, "bad": done.bad,
            "p50": percentile(done.latencies_ms, 0.5), "p99": percentile(done.latencies_ms, 0.99),
            "cost": 1e6 * (line["cpu"] - spent) / max(records, 1)}
        lines.append(line)
        print(f"| {line['minutes']:.1f} | {line['rate']:.0f} | {line['p50']:.2f} | {line['p99']:.2f} | {line['bad']} "
              f"| {line['rss_mb']:.1f} | {line['descriptors']} | {line['threads']} | {line['cost']:.2f} |", flush=True)
    return lines


def grown(lines):
    """What grew from the first slices after the warm-up to the last ones, as sentences."""
    rest = lines[WARM_UP_SLICES:]
    part = max(len(rest) // 5, 1)

    def ends(key):
        return (statistics.median(line[key] for line in each) for each in (rest[:part], rest[-part:]))

    for key, times, more in (
            ("rss_mb", *MORE_MEMORY), ("descriptors", 1, MORE_DESCRIPTORS), ("threads", 1, MORE_THREADS)):
        first, last = ends(key)
        if last > first * times + more:
            yield f"{key} grew from {first:.0f} to {last:.0f}"
    for key in ("p50", "p99"):
        first, last = ends(key)
        print(f"{key}: {first:.2f} ms in the first slices, {last:.2f} ms in the last")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=1800)
    parser.add_argument("--slice", type=int, default=60)
    parser.add_argument("--share", type=float, default=0.5, help="of capacity")
    parser.add_argument("--rate", type=float, help="records per second instead of a share of capacity")
    parser.add_argument("--records", type=int, default=100, help="of each request")
    arguments = parser.parse_args()
    if arguments.seconds < (WARM_UP_SLICES + 2) * arguments.slice:
        raise SystemExit(f"--seconds has to be {WARM_UP_SLICES + 2} times --slice at least")
    build("sluice-sink")
    with tempfile.TemporaryDirectory(prefix="soak-", dir=pathlib.Path.cwd()) as name:
        folder = pathlib.Path(name)
        payloads.write(folder, [arguments.records])
        sink = Sink()
        gateway = Gateway(folder, sink.port, "disk", "always")
        try:
            most = capacity(gateway, folder, arguments)
            rate = arguments.rate or arguments.share * most
            print(f"{machine()}; {CONNECTIONS} connections of {STREAMS} streams; "
                  f"capacity {most / 1000:.0f} k records/s, load {rate / 1000:.0f} k records/s "
                  f"({100 * rate / most:.0f} %)\n", flush=True)
            lines = soak(gateway, folder, arguments, rate)
            wait_for_empty_queue(gateway)
            accepted = gateway.metric("otelcol_receiver_accepted_log_records")
            stored = sink.counts()["lines"] // 2
            files = [path.stat().st_size for path in (folder / "queue").iterdir()]
        finally:
            gateway.running.stop()
            sink.stop()
    print(f"\n{accepted:.0f} records accepted, {stored} at the destination; the queue's folder has {len(files)} files "
          f"of {sum(files) / 1e6:.0f} MB; peak memory {max(line['rss_mb'] for line in lines):.0f} MB")
    faults = list(grown(lines))
    faults += [f"{bad} requests were refused" for bad in [sum(line["bad"] for line in lines)] if bad]
    if stored != accepted:
        faults.append(f"{accepted - stored:.0f} of the records accepted are not at the destination, or too many are")
    print("\n".join(faults) or "nothing grew, was refused or was lost")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
