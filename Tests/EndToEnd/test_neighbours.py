"""What stands beside the gateway blocks: pipes that nobody reads, signals, terminals that go away."""

import contextlib
import fcntl
import json
import os
import pathlib
import signal
import subprocess
import time

import pytest

from EndToEnd.gateway import ROOT, Gateway, binary, quick, wait_until
from EndToEnd.http_clients import send
from EndToEnd.otlp_requests import record, request
from StandIns.elasticsearch import Elasticsearch
from StandIns.http_backend import Fault

BODY = request(*(record("x" * 1000, {"n": n}) for n in range(50))).SerializeToString()


@contextlib.contextmanager
def full_pipe():
    """The writing end of a pipe that is full and has a reader that reads nothing."""
    reader, writer = os.pipe()
    fcntl.fcntl(writer, fcntl.F_SETFL, os.O_NONBLOCK)
    with contextlib.suppress(BlockingIOError):
        while True:
            os.write(writer, b"x" * 4096)
    fcntl.fcntl(writer, fcntl.F_SETFL, 0)
    try:
        yield reader, writer
    finally:
        os.close(reader)
        os.close(writer)


class Piped(Gateway):
    """A gateway whose standard streams are given."""

    streams: dict = {}

    def start(self):
        path = self.folder / "gateway.yaml"
        path.write_text(json.dumps(self.config))
        log = open(self.log_path, "ab")
        streams = {"stdin": subprocess.DEVNULL, "stdout": log, "stderr": log, **self.streams}
        self.process = subprocess.Popen([str(binary()), "--config", str(path)], cwd=self.folder, **streams)
        log.close()
        wait_until(self._is_ready, 20, "readiness")
        return self


@pytest.fixture
def piped(tmp_path):
    made = []

    def start(exporters, shutdown="2s", **streams):
        gateway = Piped(tmp_path / f"gateway-{len(made)}", exporters, {"service": {"shutdown_timeout": shutdown}})
        gateway.streams = streams
        made.append(gateway)
        return gateway.start()

    yield start
    for gateway in made:
        gateway.kill()


def ended(gateway, seconds):
    """The exit code; it has to come within so many seconds from now."""
    began = time.monotonic()
    code = gateway.wait(20)
    assert time.monotonic() - began < seconds
    return code


def test_standard_error_that_nobody_reads_holds_nothing_up(piped):
    with full_pipe() as (reader, writer):
        gateway = piped({"nop": {}}, stderr=writer)
        for _ in range(200):
            assert send(gateway.http_port, b"{", "application/json").status == 400
        assert send(gateway.http_port, BODY).status == 200
        assert gateway.admin("/healthz")[0] == 200
        for _ in range(20_000):
            os.kill(gateway.process.pid, signal.SIGHUP)  # each writes a line, or is joined to the last
        assert gateway.metric("sluice_own_log_lines_dropped") == 0
        assert gateway.rss_bytes() < 256 << 20
        gateway.terminate()
        assert ended(gateway, 4) == 0


def test_a_reader_that_comes_late_gets_the_log(piped):
    with full_pipe() as (reader, writer):
        gateway = piped({"nop": {}}, stderr=writer)
        text = b""
        for _ in range(1500):
            os.kill(gateway.process.pid, signal.SIGHUP)
            time.sleep(0.003)
        os.set_blocking(reader, False)
        deadline = time.monotonic() + 10
        while b"came again times=" not in text and time.monotonic() < deadline:
            with contextlib.suppress(BlockingIOError):
                text += os.read(reader, 1 << 20)
            time.sleep(0.005)
        assert b"gateway is ready" in text and b"warning the last log line came again times=" in text
        gateway.terminate()
        assert ended(gateway, 4) == 0


@pytest.mark.parametrize("kind", ["fifo", "stdout", "debug"])
def test_an_output_that_blocks_does_not_keep_the_process_from_ending(piped, tmp_path, kind):
    with full_pipe() as (reader, writer):
        exporters = {"file": {"path": "/dev/stdout"}}
        streams = {"stdout": writer}
        if kind == "fifo":
            os.mkfifo(tmp_path / "fifo")
            exporters, streams = {"file": {"path": str(tmp_path / "fifo")}}, {}
        if kind == "debug":
            exporters, streams = {"debug": {"verbosity": "detailed"}}, {"stderr": writer}
        gateway = piped(exporters, **streams)
        assert send(gateway.http_port, BODY).status == 200
        time.sleep(0.5)
        assert gateway.admin("/healthz")[0] == 200
        gateway.terminate()
        assert ended(gateway, 5) == 1
        if kind != "debug":
            assert "records were not delivered before the deadline and are lost" in gateway.log()
            assert "records=50" in gateway.log()


def test_a_second_signal_hastens_the_end(piped, tmp_path):
    os.mkfifo(tmp_path / "fifo")
    gateway = piped({"file": {"path": str(tmp_path / "fifo")}}, shutdown="60s")
    assert send(gateway.http_port, BODY).status == 200
    gateway.terminate()
    wait_until(lambda: "gateway is draining" in gateway.log(), 5, "draining")
    time.sleep(0.5)
    assert gateway.is_running()
    os.kill(gateway.process.pid, signal.SIGINT)
    assert ended(gateway, 3) == 1
    assert "asked to end at once signal=SIGINT" in gateway.log()
    assert "are lost" in gateway.log() and "records=50" in gateway.log()


def test_signals_that_come_together_are_one(piped):
    with Elasticsearch() as server:
        server.faults.standing(Fault(delay_seconds=1))
        gateway = piped({"elasticsearch": quick(endpoints=[server.url])}, shutdown="20s")
        assert send(gateway.http_port, BODY).status == 200
        wait_until(lambda: server.arrivals, 5, "a request")
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGTERM):
            os.kill(gateway.process.pid, number)
            time.sleep(0.05)
        assert ended(gateway, 10) == 0
        assert len(server.documents()) == 50
        assert "at once" not in gateway.log() and gateway.log().count("asked to end") == 1


def test_a_second_signal_does_not_wait_for_answers_and_leaves_the_queue_on_disk(piped, tmp_path):
    with Elasticsearch() as server:
        server.faults.standing(Fault(delay_seconds=30))
        queue = {"sending_queue": {"directory": str(tmp_path / "queue")}}
        gateway = piped({"elasticsearch": quick(endpoints=[server.url], **queue)}, shutdown="60s")
        assert send(gateway.http_port, BODY).status == 200
        wait_until(lambda: server.arrivals, 5, "a request")
        gateway.terminate()
        time.sleep(0.7)
        assert gateway.is_running()
        gateway.terminate()
        assert ended(gateway, 3) == 0
        assert "records stay on disk for the next start" in gateway.log()
        server.faults.standing()


def test_a_reader_that_comes_late_gets_everything(piped, tmp_path):
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    gateway = piped({"file": quick(path=str(fifo), format="flat")}, shutdown="10s")
    assert send(gateway.http_port, BODY).status == 200
    wait_until(lambda: "nobody reads it" in gateway.log(), 5, "a word about the pipe")
    with open(fifo) as reader:
        assert len([reader.readline() for _ in range(50)]) == 50
        gateway.terminate()
        assert ended(gateway, 3) == 0


MEANINGLESS = ["HUP", "USR1", "USR2", "ALRM", "VTALRM", "PROF", "IO", "PWR", "XCPU", "XFSZ", "PIPE", "TTIN", "TTOU"]


def test_signals_that_mean_nothing_to_it_do_not_end_it(piped):
    with Elasticsearch() as server:
        server.faults.standing(Fault(status=503))
        gateway = piped({"elasticsearch": quick(endpoints=[server.url])}, shutdown="20s")
        assert send(gateway.http_port, BODY).status == 200
        for name in [*MEANINGLESS, *MEANINGLESS]:
            os.kill(gateway.process.pid, getattr(signal, f"SIG{name}"))
        for number in (34, 50, 64):
            os.kill(gateway.process.pid, number)
        wait_until(lambda: "signal=64" in gateway.log(), 5, "a word about the last signal")
        assert gateway.admin("/healthz")[0] == 200
        server.faults.standing()
        gateway.terminate()
        assert ended(gateway, 20) == 0
        assert len(server.documents()) == 50
        for name in MEANINGLESS[1:9]:
            assert gateway.log().count(f"signal=SIG{name}\n") == 1
        assert "a new configuration is in force because_of=SIGHUP" in gateway.log()


def catches_sigterm(pid: int) -> bool:
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("SigCgt:"):
            return bool(int(line.split()[1], 16) >> (signal.SIGTERM - 1) & 1)
    return False


def started(*arguments, **streams) -> subprocess.Popen:
    process = subprocess.Popen([str(binary()), *map(str, arguments)], **{"stderr": subprocess.PIPE, **streams})
    wait_until(lambda: catches_sigterm(process.pid), 10, "a handler for SIGTERM")
    return process


@pytest.mark.parametrize("delay_ms", [0, 1, 2, 4, 8, 16, 32, 64])
def test_sigterm_during_the_start_ends_it_cleanly(tmp_path, delay_ms):
    gateway = Gateway(tmp_path / "gateway", {"nop": {"sending_queue": {"directory": str(tmp_path / "queue")}}})
    path = tmp_path / "gateway.yaml"
    path.write_text(json.dumps(gateway.config))
    process = started("--config", path)
    time.sleep(delay_ms / 1000)
    process.send_signal(signal.SIGTERM)
    _, error = process.communicate(timeout=10)
    assert process.returncode == 0, error


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGUSR1])
def test_a_command_that_does_not_send_ends_by_a_signal_as_by_default(tmp_path, number):
    os.mkfifo(tmp_path / "config.yaml")
    process = subprocess.Popen([str(binary()), "validate", "--config", str(tmp_path / "config.yaml")])
    # A signal that comes before would be for what starts it.
    wait_until(lambda: os.readlink(f"/proc/{process.pid}/exe") == str(binary()), 10, "the program")
    time.sleep(0.3)
    process.send_signal(number)
    assert process.wait(6) == -number


def test_sigterm_ends_a_start_that_is_stuck(tmp_path):
    os.mkfifo(tmp_path / "config.yaml")
    process = started("--config", tmp_path / "config.yaml")
    time.sleep(0.2)
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=6)
    assert process.returncode == 0


CONFIG = ROOT / "config/redaction.yaml"


@pytest.mark.parametrize(
    "command",
    [
        ["components"],
        ["--help"],
        ["validate", "--config", CONFIG],
        ["print-config", "--config", CONFIG],
        ["redact"],
        ["test", "--config", CONFIG, ROOT / "config/cases/redaction.yaml"],
    ],
    ids=lambda command: command[0],
)
def test_commands_write_to_closed_and_full_outputs_as_unix_tools_do(command):
    arguments = [str(binary()), *map(str, command)]
    with open("/dev/full", "w") as full:
        done = subprocess.run(arguments, input=b"x\n", stdout=full, stderr=subprocess.PIPE, timeout=20)
    assert done.returncode == 1 and b"cannot write to standard output: No space left on device" in done.stderr
    for ignores, code in ((False, -signal.SIGPIPE), (True, 1)):
        reader, writer = os.pipe()
        os.close(reader)
        action = signal.SIG_IGN if ignores else signal.SIG_DFL
        done = subprocess.run(
            arguments, input=b"x\n", stdout=writer, stderr=subprocess.PIPE, timeout=20, restore_signals=False,
            preexec_fn=lambda: signal.signal(signal.SIGPIPE, action),
        )  # fmt: skip
        os.close(writer)
        assert done.returncode == code, done.stderr


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_nothing_is_delivered_into_a_standard_stream_that_is_missing(tmp_path, stream):
    overlay = {"service": {"shutdown_timeout": "1s"}}
    gateway = Gateway(tmp_path / "gateway", {"file": quick(path=f"/dev/{stream}")}, overlay)
    gateway.prefix = ["bash", "-c", f'exec "$@" {1 if stream == "stdout" else 2}>&-', "closing"]
    gateway.start()
    try:
        assert send(gateway.http_port, BODY).status == 200
        wait_until(lambda: gateway.metric("sluice_exporter_requests", outcome="no_answer") > 0, 10, "an attempt")
        assert gateway.metric("otelcol_exporter_sent_log_records") == 0
        assert gateway.metric("otelcol_exporter_queue_size") > 0
        gateway.terminate()
        assert gateway.wait(20) == 1
    finally:
        gateway.kill()


def test_a_missing_standard_error_is_not_taken_by_a_file(tmp_path):
    path = tmp_path / "logs.json"
    gateway = Gateway(tmp_path / "gateway", {"file": quick(path=str(path))})
    config = tmp_path / "gateway.yaml"
    config.write_text(json.dumps(gateway.config))
    process = subprocess.Popen(["sh", "-c", f'exec "{binary()}" --config "{config}" <&- >&- 2>&-'])
    wait_until(lambda: is_up(gateway), 10, "readiness")
    assert send(gateway.http_port, BODY).status == 200
    wait_until(lambda: path.exists() and path.read_bytes().endswith(b"\n"), 5, "the file")
    process.terminate()
    assert process.wait(10) == 0
    assert b"gateway is" not in path.read_bytes()


def is_up(gateway) -> bool:
    with contextlib.suppress(OSError):
        return gateway.admin("/readyz")[0] == 200
    return False
