"""Resident memory of the gateway: idle, at full load, after a burst of large requests, with many connections.

usage: memory.py [--seconds 10] [--connections 1000] [--burst-mib 60] [--out results.json]
"""

import argparse
import collections
import json
import pathlib
import socket
import subprocess
import sys
import tempfile
import time

import payloads
from gateways import start_sluice
from harness import Sink, build, load, machine


def settled_mb(gateway, seconds=20):
    """Resident memory once it has stopped falling."""
    least, since = gateway.running.rss_mb(), time.monotonic()
    began = since
    while time.monotonic() - since < 5 and time.monotonic() - began < seconds:
        time.sleep(0.25)
        now = gateway.running.rss_mb()
        if now < least - 0.5:
            least, since = now, time.monotonic()
    return min(least, gateway.running.rss_mb())


def burst(gateway, folder, mib, requests=8):
    """Large requests all at once; how many were answered with which status."""
    one = payloads.request(1000).SerializeToString()
    body = pathlib.Path(folder) / "large.pb"
    body.write_bytes(one * (mib * (1 << 20) // len(one)))
    command = ["curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", "-H", "Content-Type: application/x-protobuf",
               "--data-binary", f"@{body}", f"http://127.0.0.1:{gateway.http}/v1/logs"]
    senders = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(requests)]
    return dict(collections.Counter(sender.communicate()[0] for sender in senders))


def rows(arguments, folder, sink):
    """What was done, and memory at its peak and afterwards, in MB."""
    for way, payload in (("nop", 100), ("elasticsearch", 100), ("elasticsearch", 1000), ("otlphttp-gzip", 100)):
        gateway = start_sluice(way, sink.port)
        try:
            time.sleep(1)
            idle = gateway.running.rss_mb()
            load("grpc", payload, gateway.grpc, gateway.http, folder, arguments.seconds)
            yield f"idle, before grpc/{payload}/{way}", idle, idle
            yield f"grpc/{payload}/{way} at full load", gateway.running.peak_mb(), settled_mb(gateway)
        finally:
            gateway.running.stop()
    gateway = start_sluice("elasticsearch", sink.port)
    try:
        statuses = burst(gateway, folder, arguments.burst_mib)
        yield f"8 requests of {arguments.burst_mib} MiB at once, answered {statuses}", gateway.running.peak_mb(), \
            settled_mb(gateway)
    finally:
        gateway.running.stop()
    gateway = start_sluice("elasticsearch", sink.port)
    try:
        sockets = [socket.create_connection(("127.0.0.1", gateway.grpc)) for _ in range(arguments.connections)]
        time.sleep(2)
        held = gateway.running.rss_mb()
        for one in sockets:
            one.close()
        yield f"{arguments.connections} connections without a request", held, settled_mb(gateway)
    finally:
        gateway.running.stop()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--connections", type=int, default=1000)
    parser.add_argument("--burst-mib", type=int, default=60)
    parser.add_argument("--out", type=pathlib.Path)
    arguments = parser.parse_args()
    build("sluice-sink")
    print(f"{machine()}\n\n| | peak MB | afterwards MB |\n|---|---:|---:|")
    results = []
    with tempfile.TemporaryDirectory() as folder:
        payloads.write(folder, [100, 1000])
        sink = Sink()
        try:
            for what, peak, after in rows(arguments, folder, sink):
                results.append({"what": what, "peak_mb": peak, "after_mb": after})
                print(f"| {what} | {peak:.0f} | {after:.0f} |", flush=True)
        finally:
            sink.stop()
    if arguments.out:
        arguments.out.write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    sys.exit(main())
