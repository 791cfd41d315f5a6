"""What README.md says to try."""

import json
import re
import subprocess
import sys

import pytest

from EndToEnd.gateway import ROOT, binary, free_ports, wait_until

README = (ROOT / "README.md").read_text()
TRACE = "5b8efff798038103d269b633813fc60c"


@pytest.fixture
def embedded(tmp_path):
    """The gateway on its embedded default, but for its ports; gives their numbers and the lines of its records."""
    grpc, http, admin = free_ports(3)
    settings = [
        f"receivers.otlp.protocols.grpc.endpoint=127.0.0.1:{grpc}",
        f"receivers.otlp.protocols.http.endpoint=127.0.0.1:{http}",
        f"service.telemetry.metrics.address=127.0.0.1:{admin}",
    ]
    arguments = [part for setting in settings for part in ("--set", setting)]
    with open(tmp_path / "log", "wb") as log:
        process = subprocess.Popen([str(binary()), *arguments], cwd=tmp_path, stdout=log, stderr=log)
    wait_until(lambda: "gateway is ready" in (tmp_path / "log").read_text(), 20, "the gateway")

    def logs(*query):
        command = [str(binary()), "logs", "--json", "--address", f"127.0.0.1:{admin}", *query]
        return subprocess.run(command, check=True, capture_output=True, text=True, timeout=20).stdout.splitlines()

    yield {4317: grpc, 4318: http}, logs
    process.terminate()
    assert process.wait(20) == 0


def block(language: str, has: str = "localhost:43") -> str:
    """The first block of that language that has a text; by default one that sends something."""
    return next(text for text in re.findall(rf"```{language}\n(.*?)```", README, re.S) if has in text)


def on(ports: dict, text: str) -> str:
    return re.sub(r"localhost:(\d+)", lambda found: f"127.0.0.1:{ports[int(found[1])]}", text)


def test_the_line_of_a_trace_is_found_by_its_id(embedded):
    ports, lines = embedded
    command = on(ports, block("sh"))
    assert "curl" in command
    for _ in range(2):
        subprocess.run(["sh", "-c", command.replace(TRACE, "f" * 32)], check=True, capture_output=True, timeout=20)
    done = subprocess.run(["sh", "-c", command], check=True, capture_output=True, text=True, timeout=20)
    assert "200 OK" in done.stdout
    wait_until(lambda: len(lines()) >= 3, what="three lines")
    found = [json.loads(line) for line in lines(*block("sh", "logs trace_id").split()[2:3])]
    assert [record["_msg"] for record in found] == ["order placed"]
    assert found[0]["trace_id"] == TRACE and len(lines()) == 3


def test_the_lines_of_python_work_without_a_warning(embedded):
    ports, lines = embedded
    program = on(ports, block("python"))
    done = subprocess.run(
        [sys.executable, "-W", "error::DeprecationWarning:__main__", "-W", "error::FutureWarning", "-c", program],
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    wait_until(lambda: lines(), what="a line")
    record = json.loads(lines()[0])
    assert (record["_msg"], record["service.name"]) == ("order placed", "shop")
