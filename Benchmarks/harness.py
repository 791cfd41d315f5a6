"""What the measurements share: processes pinned to cores, the load, and a sink that takes everything."""

import dataclasses
import json
import os
import pathlib
import re
import socket
import subprocess
import tempfile
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent
GATEWAY_CORE, LOAD_CORE = "0", "1"
CONNECTIONS, STREAMS = 8, 4
EXPORT = "/opentelemetry.proto.collector.logs.v1.LogsService/Export"
TICKS = os.sysconf("SC_CLK_TCK")


def build(*products):
    """Products that are built only here, such as the sink and the step-by-step measurements."""
    environment = {**os.environ, "SLUICE_BENCHMARKS": "1"}
    for product in products:
        command = ["bash", ".ci/release", product]
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
        if done.returncode:
            raise SystemExit(f"{product} did not build:\n{done.stdout[-3000:]}{done.stderr[-3000:]}")


def machine():
    with open("/proc/cpuinfo") as file:
        cpu = next((line.split(":")[1].strip() for line in file if line.startswith("model name")), "unknown processor")
    return f"{cpu}, {os.cpu_count()} cores"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(port, process, seconds=10):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return True
        time.sleep(0.02)
    return False


class Running:
    """A process pinned to one core or some, ended by its PID."""

    def __init__(self, core, command, port, environment=None):
        self.log = tempfile.TemporaryFile()
        self.process = subprocess.Popen(
            ["taskset", "-c", core, *map(str, command)], stdout=self.log, stderr=self.log, env=environment)
        if not wait_for(port, self.process):
            self.stop()
            self.log.seek(0)
            raise SystemExit(f"{command[0]} did not start: {self.log.read()[-2000:].decode(errors='replace')}")

    def status_mb(self, name):
        text = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(rf"{name}:\s+(\d+)", text).group(1)) / 1024

    def peak_mb(self):
        return self.status_mb("VmHWM")

    def rss_mb(self):
        return self.status_mb("VmRSS")

    def cpu_seconds(self):
        """Of all its threads, in user and system."""
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Sink(Running):
    """A backend on the core of the load, and what came to it."""

    def __init__(self):
        self.port = free_port()
        super().__init__(LOAD_CORE, [ROOT / ".build/release/sluice-sink", self.port], self.port)

    def counts(self):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/counts", timeout=30) as answer:
            return json.load(answer)

    def settle(self, quiet=1.5, seconds=60):
        """Waits until nothing has come for a while; the counts then."""
        began, counts = time.monotonic(), self.counts()
        while time.monotonic() < began + seconds and time.monotonic() - max(counts["last_nano"] / 1e9, began) < quiet:
            time.sleep(0.1)
            counts = self.counts()
        return counts


@dataclasses.dataclass
class Load:
    """What h2load saw: requests that were answered with 2xx and others, and for how long it sent."""

    good: int
    bad: int
    seconds: float
    latencies_ms: list


def load(protocol, payload, grpc, http, folder, seconds, streams=STREAMS, rate=None, log=None, core=LOAD_CORE):
    """Sends one payload over and over; `rate` requests are begun each second, or as many as can be.

    h2load begins what is due every 10 ms, all at once. So that requests at a rate come one after the other, as from
    many senders, each connection then has a process of its own, begun a part of these 10 ms after the one before.
    """
    processes = CONNECTIONS if rate else 1
    loads = []
    for index in range(processes):
        command = load_command(protocol, payload, grpc, http, folder, seconds, streams, CONNECTIONS // processes)
        if rate:
            command += ["--rps", f"{rate / CONNECTIONS:.3f}"]
            time.sleep(0.01 / processes)
        path = log and pathlib.Path(f"{log}.{index}")
        if path:
            path.unlink(missing_ok=True)
            command += ["--log-file", path]
        command = [str(word) for word in ["taskset", "-c", core, *command]]
        loads.append((subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True), path))
    results = [read_load(process.communicate()[0], path) for process, path in loads]
    return Load(
        sum(each.good for each in results), sum(each.bad for each in results), max(each.seconds for each in results),
        sorted(latency for each in results for latency in each.latencies_ms))


def load_command(protocol, payload, grpc, http, folder, seconds, streams, connections):
    protocol, _, coding = protocol.partition("+")
    suffix = {"grpc": "grpc", "http": "pb", "json": "json"}[protocol] + (".gz" if coding else "")
    command = ["h2load", "-c", connections, "-t", 1, "-D", seconds, "-d", pathlib.Path(folder) / f"{payload}.{suffix}"]
    if protocol == "grpc":
        command += ["-m", streams, "-H", "content-type: application/grpc", "-H", "te: trailers"]
        command += ["-H", "grpc-encoding: gzip"] if coding else []
        return command + [f"http://127.0.0.1:{grpc}{EXPORT}"]
    command += ["--h1", "-H", f"content-type: application/{'json' if protocol == 'json' else 'x-protobuf'}"]
    command += ["-H", "content-encoding: gzip"] if coding else []
    return command + [f"http://127.0.0.1:{http}/v1/logs"]


def read_load(output, log):
    took = re.search(r"finished in ([\d.]+)(s|ms|us)", output)
    codes = re.search(r"status codes: (\d+) 2xx, (\d+) 3xx, (\d+) 4xx, (\d+) 5xx", output)
    if not took or not codes:
        raise SystemExit(f"h2load failed: {output[-500:]}")
    good, *bad = map(int, codes.groups())
    latencies = [int(line.split("\t")[2]) / 1000 for line in log.read_text().splitlines()] if log else []
    return Load(good, sum(bad), float(took.group(1)) * {"s": 1, "ms": 1e-3, "us": 1e-6}[took.group(2)], latencies)


def percentile(times, share):
    return times[min(int(len(times) * share), len(times) - 1)]
