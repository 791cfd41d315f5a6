"""Records per second on one pinned core, peak memory and instructions a record; other gateways beside it.

The gateway runs on core 0; the load (h2load) and a sink that takes everything run on core 1. Each row is measured
several times, the rows of all gateways interleaved, and the median is shown with its spread. Machines differ and are
noisy: compare only inside one run.

usage: bench.py [--seconds 5] [--rounds 3] [--rows grpc-nop,json-elasticsearch] [--records 100]
"""

import argparse
import os
import pathlib
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time

import payloads

ROOT = pathlib.Path(__file__).resolve().parent.parent
GATEWAY_CORE, LOAD_CORE = "0", "1"
CONNECTIONS, STREAMS = 8, 4
PROTOCOLS = ("grpc", "http-protobuf", "json")


def build(*products):
    """Products that are built only here, such as the sink and the step-by-step measurements."""
    environment = {**os.environ, "SLUICE_BENCHMARKS": "1"}
    for product in products:
        command = ["swift", "build", "-c", "release", "--product", product]
        subprocess.run(command, cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(port, seconds=10):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise SystemExit(f"nothing listens on {port}")


class Running:
    """A process pinned to one core, ended by its PID."""

    def __init__(self, core, command, port, environment=None):
        self.log = tempfile.TemporaryFile()
        self.process = subprocess.Popen(
            ["taskset", "-c", core, *map(str, command)], stdout=self.log, stderr=self.log, env=environment)
        wait_for(port)

    def peak_mb(self):
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmHWM:\s+(\d+)", status).group(1)) / 1024

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


EXPORTERS = {
    "nop": "nop: {}",
    "elasticsearch": "elasticsearch: {endpoints: ['http://127.0.0.1:SINK'], compression: none}",
    "otlphttp": "otlphttp: {endpoint: 'http://127.0.0.1:SINK', compression: none}",
    "victorialogs": "victorialogs: {endpoint: 'http://127.0.0.1:SINK', compression: none}",
}

# Measured as `nop+NAME`: what a processor takes of a record's way through the gateway.
PROCESSORS = {
    "attributes": "{attributes: {actions: [{key: deployment, action: upsert, value: blue}, {key: http.request.method, "
                  "action: update, value: GET}, {key: thread.name, action: delete}]}, "
                  "resource: {attributes: [{key: cluster, action: insert, value: c1}]}}",
    "filter": "{filter: {logs: {exclude: {match_type: regexp, bodies: ['^(heartbeat|health check)']}}}}",
    "redaction": "{redaction: {detectors: [default]}}",
}

CONFIG = """
receivers: {otlp: {protocols: {grpc: {endpoint: 127.0.0.1:GRPC}, http: {endpoint: 127.0.0.1:HTTP}}}}
processors: PROCESSORS
exporters: {EXPORTER}
service:
  telemetry: {metrics: {readers: [{pull: {exporter: {prometheus: {host: 127.0.0.1, port: ADMIN}}}}]}}
  pipelines: {logs: {receivers: [otlp], processors: STEPS, exporters: [NAME]}}
"""


def start_sluice(exporter, sink):
    grpc, http = free_port(), free_port()
    exporter, _, processor = exporter.partition("+")
    processors = PROCESSORS.get(processor, "{}")
    steps = re.findall(r"(?<=\{| )(attributes|resource|filter|redaction)(?=: \{)", processors)
    text = CONFIG.replace("PROCESSORS", processors).replace("STEPS", f"[{', '.join(steps)}]")
    text = text.replace("EXPORTER", EXPORTERS[exporter]).replace("NAME", exporter)
    text = text.replace("GRPC", str(grpc)).replace("HTTP", str(http)).replace("SINK", str(sink))
    config = pathlib.Path(tempfile.mkstemp(suffix=".yaml")[1])
    config.write_text(text.replace("ADMIN", str(free_port())))
    running = Running(GATEWAY_CORE, [ROOT / ".build/release/sluice", "--config", config], http)
    return running, grpc, http


def start_rotel(exporter, sink):
    if exporter != "nop":
        return None
    grpc, http = free_port(), free_port()
    command = [rotel_binary(), "start", "--otlp-grpc-endpoint", f"127.0.0.1:{grpc}"]
    command += ["--otlp-http-endpoint", f"127.0.0.1:{http}", "--exporter", "blackhole"]
    return Running(GATEWAY_CORE, command, http), grpc, http


def rotel_binary():
    """The rotel of PATH, or of the PyPI package `rotel` if that is installed."""
    found = shutil.which("rotel")
    if found:
        return found
    try:
        import rotel
    except ImportError:
        return None
    binary = pathlib.Path(rotel.__file__).parent / "rotel-agent"
    return str(binary) if binary.exists() else None


def gateways():
    known = {"sluice": start_sluice}
    if rotel_binary():
        known["rotel"] = start_rotel
    return known


def load(protocol, grpc, http, folder, records, seconds):
    """Requests per second that were answered well, or an error."""
    command = ["taskset", "-c", LOAD_CORE, "h2load", "-c", CONNECTIONS, "-t", 1, "-D", seconds, "--warm-up-time", 1]
    if protocol == "grpc":
        command += ["-m", STREAMS, "-d", folder / f"{records}.grpc", "-H", "content-type: application/grpc"]
        command += ["-H", "te: trailers"]
        url = f"http://127.0.0.1:{grpc}/opentelemetry.proto.collector.logs.v1.LogsService/Export"
    else:
        kind = "x-protobuf" if protocol == "http-protobuf" else "json"
        suffix = "pb" if protocol == "http-protobuf" else "json"
        command += ["--h1", "-d", folder / f"{records}.{suffix}", "-H", f"content-type: application/{kind}"]
        url = f"http://127.0.0.1:{http}/v1/logs"
    output = subprocess.run([*map(str, command), url], capture_output=True, text=True).stdout
    rate = re.search(r"finished in .*?, ([\d.]+) req/s", output)
    codes = re.search(r"status codes: (\d+) 2xx, (\d+) 3xx, (\d+) 4xx, (\d+) 5xx", output)
    if not rate or not codes:
        return 0.0, output[-300:]
    good, *bad = map(int, codes.groups())
    share = good / max(good + sum(bad), 1)
    return float(rate.group(1)) * share, "" if share == 1 else f"{100 * share:.1f} % accepted"


def measure(rows, arguments, folder):
    sink_port = free_port()
    sink = Running(LOAD_CORE, [ROOT / ".build/release/sluice-sink", sink_port], sink_port)
    results = {}
    try:
        for _ in range(arguments.rounds):
            for protocol, exporter in rows:
                for name, start in gateways().items():
                    started = start(exporter, sink_port)
                    if not started:
                        continue
                    running, grpc, http = started
                    rate, note = load(protocol, grpc, http, folder, arguments.records, arguments.seconds)
                    entry = results.setdefault((protocol, exporter, name), ([], [], set()))
                    entry[0].append(rate * arguments.records)
                    entry[1].append(running.peak_mb())
                    if note:
                        entry[2].add(note)
                    running.stop()
    finally:
        sink.stop()
    return results


def show(rows, results):
    print("| path | gateway | records/s, median (min–max) | peak RSS MB | ratio | note |")
    print("|---|---|---|---|---|---|")
    for protocol, exporter in rows:
        own = statistics.median(results[(protocol, exporter, "sluice")][0])
        for (row_protocol, row_exporter, name), (rates, peaks, notes) in results.items():
            if (row_protocol, row_exporter) != (protocol, exporter):
                continue
            rate = statistics.median(rates)
            spread = f"{rate / 1000:.0f} k ({min(rates) / 1000:.0f}–{max(rates) / 1000:.0f})"
            ratio = f"{own / rate:.2f} ×" if name != "sluice" and rate else ""
            print(f"| {protocol} → {exporter} | {name} | {spread} | {max(peaks):.0f} | {ratio} | {'; '.join(notes)} |")


def instructions(folder):
    """Instructions a record of each step, counted by callgrind: repeatable on one machine and binary."""
    if not shutil.which("valgrind"):
        print("\nvalgrind is not installed: no instruction counts")
        return
    micro = ROOT / ".build/release/sluice-micro"
    names = subprocess.run([micro, folder], capture_output=True, text=True, check=True).stdout
    print("\n| step | ns a record | instructions a record |\n|---|---|---|")
    # Valgrind does not read every compiler's debugging information, and needs none.
    if shutil.which("strip"):
        stripped = pathlib.Path(folder) / "sluice-micro"
        subprocess.run(["strip", "-o", stripped, micro], check=True)
        micro = stripped
    copying = count(micro, folder, "process-nothing")
    for line in names.splitlines():
        name, nanoseconds = line.split()[:2]
        instructions = count(micro, folder, name)
        if name.startswith("process-") and "?" not in (copying, instructions):
            instructions -= copying
        print(f"| {name} | {nanoseconds} | {instructions} |")


def count(micro, folder, name):
    """Instructions a record of one step: those of two runs of it taken from one another."""
    totals = []
    for repeats in (20, 40):
        command = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", micro, folder, name, str(repeats)]
        output = subprocess.run(list(map(str, command)), capture_output=True, text=True).stderr
        found = re.search(r"Collected : (\d+)", output)
        if not found:
            return "?"
        totals.append(int(found.group(1)))
    return (totals[1] - totals[0]) // (20 * 100)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--records", type=int, default=100)
    parser.add_argument("--rows", default="")
    parser.add_argument("--no-instructions", action="store_true")
    arguments = parser.parse_args()
    rows = [(protocol, exporter) for exporter in ("nop", "elasticsearch") for protocol in PROTOCOLS]
    rows += [("grpc", f"nop+{processor}") for processor in PROCESSORS]
    if arguments.rows:
        rows = [tuple(row.rsplit("-", 1)) for row in arguments.rows.split(",")]
    build("sluice-sink", "sluice-micro")
    folder = payloads.write(tempfile.mkdtemp(), sorted({1, 10, 100, 1000, arguments.records}))
    cpu = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), "?")
    print(f"{cpu}, {os.cpu_count()} cores; {arguments.rounds} rounds of {arguments.seconds} s, "
          f"{arguments.records} records a request, {CONNECTIONS} connections\n", flush=True)
    show(rows, measure(rows, arguments, folder))
    if not arguments.no_instructions:
        instructions(folder)


if __name__ == "__main__":
    sys.exit(main())
