"""The gateway under test: the real binary, started with a configuration, watched and stopped."""

import contextlib
import fcntl
import http.client
import itertools
import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import tempfile
import time
from typing import Optional

ROOT = pathlib.Path(__file__).resolve().parents[2]
READY_SECONDS = 20
STOP_SECONDS = 20
SAMPLE = re.compile(r"^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$")
LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')


def binary() -> pathlib.Path:
    """The gateway's executable: `SLUICE`, else the release build, else the debug build. Missing is a failure."""
    named = os.environ.get("SLUICE")
    candidates = [pathlib.Path(named)] if named else [ROOT / ".build/release/sluice", ROOT / ".build/debug/sluice"]
    for candidate in candidates:
        if candidate.is_file():
            return candidate.resolve()
    raise AssertionError(f"no gateway to test: {' nor '.join(map(str, candidates))} exists (set SLUICE)")


def free_port() -> int:
    return free_ports(1)[0]


# Ports below those that the system gives to whoever asks for any, of which each process takes a block.
FIRST_PORT, LAST_PORT, PORTS_OF_RUN = 12_000, 32_000, 500
_ports = None
_claims = []


def _claimed() -> range:
    """A block of ports that no other run on this machine takes any of for as long as this process lives: two that
    start at once would otherwise ask each other's gateways."""
    for first in range(FIRST_PORT, LAST_PORT, PORTS_OF_RUN):
        with contextlib.suppress(OSError), contextlib.ExitStack() as ends:
            claim = ends.enter_context(open(pathlib.Path(tempfile.gettempdir()) / f"sluice-ports-{first}", "a"))
            fcntl.flock(claim, fcntl.LOCK_EX | fcntl.LOCK_NB)
            ends.pop_all()
            _claims.append(claim)
            return range(first, first + PORTS_OF_RUN)
    raise AssertionError("other runs have claimed all ports")


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on, each another, and none that was given lately."""
    global _ports
    _ports = _ports or itertools.cycle(_claimed())
    found = []
    while len(found) < count:
        port = next(_ports)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("", port))
            found.append(port)
    return found


def wait_until(condition, seconds: float = 10, what: str = "condition"):
    """Waits for `condition` to return something true and returns it."""
    end = time.monotonic() + seconds
    while True:
        result = condition()
        if result:
            return result
        assert time.monotonic() < end, f"{what} did not come within {seconds} s"
        time.sleep(0.01)


def merged(base: dict, over: dict) -> dict:
    """`over` laid over `base`, map by map."""
    result = dict(base)
    for key, value in over.items():
        both_maps = isinstance(value, dict) and isinstance(result.get(key), dict)
        result[key] = merged(result[key], value) if both_maps else value
    return result


def quick(**options) -> dict:
    """Exporter options with short waits, so that a test that retries takes no minutes."""
    waits = {
        "sending_queue": {"batch": {"flush_timeout": "20ms"}},
        "retry_on_failure": {"initial_interval": "50ms", "max_interval": "200ms"},
    }
    return merged(waits, options)


# Has a reader name metrics as the gateway does without `readers`.
PLAIN_NAMES = {"without_type_suffix": True, "without_units": True, "without_scope_info": True}


class Gateway:
    """One running gateway. `exporters` is the section of that name; every receiver port is chosen here."""

    def __init__(self, folder: pathlib.Path, exporters: Optional[dict] = None, overlay: Optional[dict] = None):
        self.folder = folder
        self.folder.mkdir(parents=True, exist_ok=True)
        self.grpc_port, self.http_port, self.admin_port = free_ports(3)
        exporters = exporters or {"nop": {}}
        self.config = merged(self._config(exporters), overlay or {})
        self.process: Optional[subprocess.Popen] = None
        self.exit_code: Optional[int] = None
        self.prefix: list = []  # what the command is run by
        self.environment: dict = {}  # added to this process's own

    def _config(self, exporters: dict) -> dict:
        protocols = {
            "grpc": {"endpoint": f"127.0.0.1:{self.grpc_port}"},
            "http": {"endpoint": f"127.0.0.1:{self.http_port}"},
        }
        prometheus = {"host": "127.0.0.1", "port": self.admin_port, **PLAIN_NAMES}
        return {
            "receivers": {"otlp": {"protocols": protocols}},
            "exporters": exporters,
            "service": {
                "telemetry": {"metrics": {"readers": [{"pull": {"exporter": {"prometheus": prometheus}}}]}},
                "pipelines": {"logs": {"receivers": ["otlp"], "exporters": list(exporters)}},
            },
        }

    def start(self) -> "Gateway":
        path = self.folder / "gateway.yaml"
        path.write_text(json.dumps(self.config, indent=1))  # JSON is YAML
        with open(self.log_path, "ab") as log:
            command = [*self.prefix, str(binary()), "--config", str(path)]
            environment = {**os.environ, **self.environment}
            self.process = subprocess.Popen(
                command, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment
            )
        self.exit_code = None
        wait_until(self._is_ready, READY_SECONDS, f"readiness of the gateway; its log: {self.log_path}")
        return self

    def replace(self, config: dict):
        """Replaces the file as an editor does."""
        path = self.folder / "gateway.yaml"
        path.with_suffix(".new").write_text(json.dumps(config))
        os.replace(path.with_suffix(".new"), path)

    def reload(self, config: Optional[dict] = None) -> tuple:
        """Has it read its file again, after that was replaced by `config`; (status, text) of its answer."""
        if config is not None:
            self.replace(config)
        connection = http.client.HTTPConnection("127.0.0.1", self.admin_port, timeout=30)
        try:
            connection.request("POST", "/-/reload")
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()

    def _is_ready(self) -> bool:
        if self.process.poll() is not None:
            code, self.process = self.process.returncode, None
            raise AssertionError(f"the gateway left with {code} before it was ready:\n{self.log()[-4000:]}")
        try:
            return self.admin("/readyz")[0] == 200
        except OSError:
            return False

    @property
    def log_path(self) -> pathlib.Path:
        return self.folder / "gateway.log"

    def log(self) -> str:
        return self.log_path.read_text(errors="replace") if self.log_path.exists() else ""

    def admin(self, path: str) -> tuple:
        """(status, text) of a GET on the admin port."""
        connection = http.client.HTTPConnection("127.0.0.1", self.admin_port, timeout=5)
        try:
            connection.request("GET", path)
            response = connection.getresponse()
            return response.status, response.read().decode()
        finally:
            connection.close()

    def metrics(self) -> dict:
        """Every sample as {(name, ((label, value), …)): number}."""
        status, text = self.admin("/metrics")
        assert status == 200, f"/metrics answered {status}"
        samples = {}
        for line in text.splitlines():
            match = SAMPLE.match(line)
            if match:
                samples[match[1], tuple(sorted(LABEL.findall(match[2] or "")))] = float(match[3])
        return samples

    def metric(self, name: str, **labels) -> float:
        """The sum over all samples of that name (with or without `_total`) that carry these labels."""
        wanted = set(labels.items())
        found = [
            value
            for (sample, given), value in self.metrics().items()
            if sample in (name, name + "_total") and wanted <= set(given)
        ]
        return sum(found)

    def peak_rss_bytes(self) -> int:
        """The most resident memory the process has had (VmHWM)."""
        return self._status_bytes("VmHWM")

    def rss_bytes(self) -> int:
        return self._status_bytes("VmRSS")

    def _status_bytes(self, name: str) -> int:
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(rf"^{name}:\s+(\d+) kB", status, re.M)[1]) << 10

    def terminate(self):
        """Asks it to leave, without waiting."""
        os.kill(self.process.pid, signal.SIGTERM)

    def wait(self, seconds: float = STOP_SECONDS) -> int:
        try:
            self.exit_code = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"the gateway did not leave within {seconds} s:\n{self.log()[-4000:]}") from None
        self.process = None
        return self.exit_code

    def stop(self):
        """SIGTERM, and exit code 0."""
        if self.process is None:
            return
        code = self.process.poll()
        assert code is None, f"the gateway left by itself with {code}:\n{self.log()[-4000:]}"
        self.terminate()
        code = self.wait()
        assert code == 0, f"the gateway left with {code}:\n{self.log()[-4000:]}"

    def kill(self):
        """SIGKILL, as a machine that loses power."""
        if self.process is not None:
            self.process.kill()
            self.process.wait(10)
            self.process = None

    @contextlib.contextmanager
    def held(self):
        """Does nothing at all meanwhile, as a process that gets no core."""
        os.kill(self.process.pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(self.process.pid, signal.SIGCONT)

    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None
