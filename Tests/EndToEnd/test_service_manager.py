"""What a service manager hears of the gateway (sd_notify(3)), and that nothing depends on whether it listens."""

import os
import re
import signal
import socket
import time

import pytest

from EndToEnd.gateway import Gateway, wait_until


class Manager:
    """A socket that a service manager would listen on."""

    def __init__(self, name: str):
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind("\0" + name[1:] if name.startswith("@") else name)
        self._socket.settimeout(20)

    def hear(self) -> dict:
        """The next datagram."""
        return dict(line.split("=", 1) for line in self._socket.recv(4096).decode().split("\n"))

    def close(self):
        self._socket.close()


@pytest.fixture(params=["path", "abstract"])
def name(request, tmp_path):
    return str(tmp_path / "notify") if request.param == "path" else f"@sluice-test-{os.getpid()}"


@pytest.fixture
def manager(name):
    manager = Manager(name)
    yield manager
    manager.close()


@pytest.fixture
def gateway(tmp_path):
    gateway = Gateway(tmp_path / "gateway")
    yield gateway
    gateway.kill()


def test_it_hears_of_start_reload_and_end(gateway, manager, name):
    gateway.environment = {"NOTIFY_SOCKET": name}
    gateway.start()
    ready = manager.hear()
    ports = f"127.0.0.1:{gateway.grpc_port}, 127.0.0.1:{gateway.http_port}"
    assert ready == {"READY": "1", "STATUS": f"takes logs on {ports}"}

    before = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
    gateway.process.send_signal(signal.SIGHUP)
    reloading = manager.hear()
    assert reloading["RELOADING"] == "1"
    assert before <= int(reloading["MONOTONIC_USEC"]) <= time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
    assert manager.hear() == ready

    (gateway.folder / "gateway.yaml").write_text("receivers: {}")
    gateway.process.send_signal(signal.SIGHUP)
    assert manager.hear()["RELOADING"] == "1"
    refused = manager.hear()
    assert refused["READY"] == "1" and "refused" in refused["STATUS"] and ports in refused["STATUS"]

    gateway.terminate()
    stopping = manager.hear()
    # 25 s, the default of service.shutdown_timeout, and what closing takes.
    assert stopping["STOPPING"] == "1" and 25e6 < int(stopping["EXTEND_TIMEOUT_USEC"]) < 35e6
    assert gateway.wait() == 0


def test_its_watchdog_hears_twice_in_its_time(gateway, tmp_path):
    manager = Manager(str(tmp_path / "notify"))
    gateway.environment = {"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "400000"}
    gateway.start()
    # What comes before is of no use to the watchdog, which looks from then on.
    while "READY" not in manager.hear():
        pass
    assert manager.hear() == {"WATCHDOG": "1"}
    first = time.monotonic()
    for _ in range(5):
        assert manager.hear() == {"WATCHDOG": "1"}
    assert 0.8 < time.monotonic() - first < 2.5
    gateway.process.send_signal(signal.SIGSTOP)
    time.sleep(1)
    gateway.process.send_signal(signal.SIGCONT)
    gateway.stop()
    manager.close()


@pytest.mark.parametrize("of", [str(os.getpid()), "none"], ids=["another", "none"])
def test_a_watchdog_of_another_process_hears_nothing(gateway, tmp_path, of):
    manager = Manager(str(tmp_path / "notify"))
    gateway.environment = {
        "NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "20000", "WATCHDOG_PID": of}
    gateway.start()
    time.sleep(0.2)
    gateway.terminate()
    assert "READY" in manager.hear() and "STOPPING" in manager.hear()
    assert gateway.wait() == 0
    manager.close()


@pytest.mark.parametrize("name", ["", "@", "/", "relative", "vsock:2:1", "/nowhere/notify", "/" + "long" * 100, "@\n"])
def test_a_name_that_is_none_is_no_harm(gateway, name):
    gateway.environment = {"NOTIFY_SOCKET": name, "WATCHDOG_USEC": "-1"}
    gateway.start()
    gateway.process.send_signal(signal.SIGHUP)
    wait_until(lambda: "a new configuration is in force" in gateway.log())
    gateway.stop()
    heard = "the service manager does not hear" in gateway.log()
    assert heard == (name in ("/nowhere/notify", "@\n"))


def test_nothing_waits_for_one_that_does_not_listen(gateway, tmp_path):
    manager = Manager(str(tmp_path / "notify"))
    filler = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
    filler.connect(str(tmp_path / "notify"))
    filled = 0
    with pytest.raises(BlockingIOError):
        while True:
            filler.send(b"FILLED=1")
            filled += 1
    gateway.environment = {"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "100000"}
    gateway.start()
    for _ in range(30):
        gateway.process.send_signal(signal.SIGHUP)
        time.sleep(0.01)
    wait_until(lambda: gateway.log().count("a new configuration is in force") >= 2)
    # Once it listens again it hears in what state the gateway is.
    for _ in range(filled):
        assert manager.hear() == {"FILLED": "1"}
    words = [manager.hear()]
    while words[-5:] != [{"WATCHDOG": "1"}] * 5:
        words.append(manager.hear())
    states = [word for word in words if "WATCHDOG" not in word]
    assert "READY" in states[-1] and len(states) <= 20
    gateway.stop()
    while "STOPPING" not in manager.hear():
        pass
    filler.close()
    manager.close()
