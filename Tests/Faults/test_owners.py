"""Two users: the gateway runs as one, and root runs commands on its files. Needs root."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

import pytest

from EndToEnd.gateway import Gateway, binary, quick, wait_until
from EndToEnd.http_clients import send
from EndToEnd.otlp_requests import record, request
from Faults.dead_letters import numbers_in, run_command
from StandIns.http_backend import Fault

USER, GROUP = 65534, 65533
pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root can be two users")


@pytest.fixture
def folder():
    """A folder of the user's, where root's folders for tests let nobody in."""
    made = Path(tempfile.mkdtemp(prefix="sluice-owners-"))
    os.chown(made, USER, GROUP)
    yield made
    shutil.rmtree(made)


@pytest.fixture
def gateway(folder):
    """Makes gateways that run as the user; nothing they write belongs to root."""
    made = []

    def make(exporters) -> Gateway:
        one = Gateway(folder / f"gateway-{len(made)}", exporters)
        os.chown(one.folder, USER, GROUP)
        one.prefix = ["setpriv", f"--reuid={USER}", f"--regid={GROUP}", "--clear-groups"]
        made.append(one)
        return one

    if not can_run(binary()):
        pytest.skip(f"another user cannot run {binary()}")
    yield make
    for one in made:
        one.kill()


def can_run(path) -> bool:
    command = ["setpriv", f"--reuid={USER}", f"--regid={GROUP}", "--clear-groups", str(path), "components"]
    return subprocess.run(command, capture_output=True, timeout=20).returncode == 0


def send_numbers(gateway, numbers):
    body = request(*(record("x" * 1000, {"n": n}) for n in numbers)).SerializeToString()
    assert send(gateway.http_port, body).status == 200


def owner(path) -> tuple:
    status = os.stat(path)
    return status.st_uid, status.st_gid, status.st_mode & 0o7777


def dead_lettering(gateway, server, folder, **options):
    server.faults.standing(Fault(items=lambda document: 400))
    letters = {"path": str(folder / "dead.ndjson"), **options}
    return gateway({"elasticsearch": quick(endpoints=[server.url], dead_letter=letters)}).start()


def wait_for_letters(running, count: int):
    metric = lambda: running.metric("sluice_exporter_dead_lettered_log_records")  # noqa: E731
    wait_until(lambda: metric() == count, 10, f"{count} dead letters")


@pytest.mark.parametrize("command", ["purge", "replay"])
def test_commands_of_root_leave_dead_letters_to_the_gateway(gateway, server, folder, command):
    letters = folder / "dead.ndjson"
    running = dead_lettering(gateway, server, folder, max_megabytes=1)
    send_numbers(running, range(100))
    wait_for_letters(running, 100)
    os.chmod(letters, 0o640)
    before = owner(letters)
    assert before == (USER, GROUP, 0o640)
    if command == "purge":
        assert run_command("dead-letter", "purge", "--path", letters, "--all", "--json") == {"purged": 100}
    else:
        server.faults.standing()
        outcome = run_command("dead-letter", "replay", "--path", letters, "--to", server.url, "--json")
        assert outcome["delivered"] == 100
        server.faults.standing(Fault(items=lambda document: 400))
    assert owner(letters) == before and owner(f"{letters}.lock")[:2] == (USER, GROUP)
    # The gateway goes on, over the size at which it sets the file aside.
    for first in range(1000, 4000, 500):
        send_numbers(running, range(first, first + 500))
    wait_for_letters(running, 3100)
    running.stop()
    backups = sorted(folder.glob("dead-*.ndjson"))
    assert backups and owner(letters) == before
    kept = [number for path in [*backups, letters] for number in numbers_in(path)]
    assert sorted(kept) == list(range(1000, 4000))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_replay_that_is_ended_goes_on_the_next_time(gateway, server, folder, number):
    letters = folder / "dead.ndjson"
    running = dead_lettering(gateway, server, folder)
    for first in range(0, 12_000, 3000):
        send_numbers(running, range(first, first + 3000))
    wait_for_letters(running, 12_000)
    lines = set(letters.read_bytes().splitlines())
    server.faults.standing(Fault(delay_seconds=0.3))
    stored = len(server.numbers())
    command = [str(binary()), "dead-letter", "replay", "--path", str(letters), "--to", server.url, "--json"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    wait_until(lambda: len(server.numbers()) > stored, 20, "a delivery")
    time.sleep(0.05)
    process.send_signal(number)
    _, error = process.communicate(timeout=20)
    assert process.returncode == 1 and b"ended by a signal; the rest stays" in error
    left = numbers_in(letters)
    assert 0 < len(left) < 12_000 and set(letters.read_bytes().splitlines()) < lines
    # Nothing is lost, and nothing that was answered for is still there.
    assert sorted([*server.numbers().elements(), *left]) == list(range(12_000))
    server.faults.standing()
    assert run_command("dead-letter", "replay", "--path", letters, "--to", server.url, "--json")["delivered"] == len(left)
    assert sorted(server.numbers().elements()) == list(range(12_000))
    assert letters.read_bytes() == b"" and owner(letters) == (USER, GROUP, 0o600)
    running.stop()


def test_a_queue_that_root_drained_is_of_use_to_the_gateway(gateway, server, folder):
    queue = folder / "queue"
    exporters = {"elasticsearch": quick(endpoints=[server.url], sending_queue={"directory": str(queue)})}
    server.faults.standing(Fault(status=503))
    running = gateway(exporters).start()
    send_numbers(running, range(100))
    running.kill()
    server.faults.standing()
    config = folder / "gateway-0/gateway.yaml"
    outcome = run_command("queue", "drain", "--directory", queue, "--config", config, "--json")
    assert outcome["delivered"] == 100 and outcome["left"] == 0
    assert {owner(path)[:2] for path in queue.iterdir()} == {(USER, GROUP)}
    running.start()
    send_numbers(running, range(100, 200))
    running.stop()
    assert sorted(server.numbers().elements()) == list(range(200))
