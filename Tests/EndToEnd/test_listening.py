"""Which addresses a port is open on."""

import json
import os
import socket
import subprocess

import pytest

from EndToEnd.gateway import binary, free_port, wait_until
from EndToEnd.http_clients import send

HAS_IPV6 = socket.has_ipv6 and "::1" in {a[4][0] for a in socket.getaddrinfo("::1", 1, flags=socket.AI_NUMERICHOST)}
EVERY = ["", "0.0.0.0", "[::]"]


def answers(address: str, port: int, path: str = "/v1/logs") -> bool:
    """Whether an HTTP server answers at the address."""
    try:
        with socket.create_connection((address, port), timeout=5) as connection:
            connection.sendall(f"GET {path} HTTP/1.1\r\nhost: t\r\nconnection: close\r\n\r\n".encode())
            return connection.recv(100).startswith(b"HTTP/1.1 ")
    except OSError:
        return False


def overlay(host: str, port: int, admin: dict = None) -> dict:
    result = {"receivers": {"otlp": {"protocols": {"http": {"endpoint": f"{host}:{port}"}}}}}
    if admin:
        reader = {"pull": {"exporter": {"prometheus": admin}}}
        result["service"] = {"telemetry": {"metrics": {"readers": [reader]}}}
    return result


@pytest.mark.skipif(not HAS_IPV6, reason="this machine has no IPv6")
@pytest.mark.parametrize("host", [*EVERY, "localhost"])
def test_a_port_is_open_by_both_families(start, host):
    port = free_port()
    gateway = start(overlay=overlay(host, port))
    assert answers("127.0.0.1", port) and answers("::1", port)
    line = next(line for line in gateway.log().splitlines() if "listening" in line and str(port) in line)
    assert ("127.0.0.1" in line and "[::1]" in line) if host == "localhost" else "[::]" in line


@pytest.mark.skipif(not HAS_IPV6, reason="this machine has no IPv6")
@pytest.mark.parametrize("host", ["", "0.0.0.0", "::", "localhost", "[::1]", "::1"])
def test_so_is_the_admin_port(tmp_path, host):
    port, http = free_port(), free_port()
    config = overlay("127.0.0.1", http, {"host": host, "port": port})
    config["exporters"] = {"nop": {}}
    config["service"]["pipelines"] = {"logs": {"receivers": ["otlp"], "exporters": ["nop"]}}
    (tmp_path / "f.yaml").write_text(json.dumps(config))
    process = subprocess.Popen([str(binary()), "--config", "f.yaml"], cwd=tmp_path, stderr=subprocess.DEVNULL)
    try:
        wait_until(lambda: answers("::1", port, "/healthz"), 20, "the admin port")
        assert answers("127.0.0.1", port, "/healthz") == ("::1" not in host)
    finally:
        process.terminate()
        assert process.wait(20) == 0


@pytest.mark.parametrize("host", ["0.0.0.0", "127.0.0.1"])
def test_the_address_of_a_client_by_ipv4_is_its_ipv4_address(start, tmp_path, host):
    port = free_port()
    action = {"key": "peer", "action": "insert", "from_context": "client.address"}
    over = overlay(host, port)
    over["processors"] = {"attributes": {"actions": [action]}}
    over["service"] = {"pipelines": {"logs": {"processors": ["attributes"]}}}
    target = tmp_path / "out"
    start({"file": {"path": str(target), "sending_queue": {"batch": {"flush_timeout": "10ms"}}}}, over)
    body = json.dumps({"resourceLogs": [{"scopeLogs": [{"logRecords": [{"body": {"stringValue": "x"}}]}]}]})
    assert send(port, body.encode(), "application/json").status == 200
    text = wait_until(lambda: target.exists() and target.read_text(), what="the record")
    assert '"127.0.0.1"' in text and "ffff" not in text


@pytest.mark.skipif(os.geteuid() != 0, reason="a network of its own takes root")
@pytest.mark.parametrize("host", [*EVERY, "localhost"])
def test_a_machine_without_ipv6_listens_by_ipv4(tmp_path, host):
    """In a network of its own, whose loopback has no IPv6 address."""
    config = overlay(host, 4318, {"host": "", "port": 8888})
    config["exporters"] = {"nop": {}}
    config["service"]["pipelines"] = {"logs": {"receivers": ["otlp"], "exporters": ["nop"]}}
    (tmp_path / "f.yaml").write_text(json.dumps(config))
    off = "for f in all default lo; do echo 1 > /proc/sys/net/ipv6/conf/$f/disable_ipv6; done"
    script = f"""{off}; ip link set lo up || exit 99
    {binary()} --config f.yaml 2> log & gateway=$!
    for i in $(seq 100); do curl -s -o ready http://127.0.0.1:8888/readyz && break; sleep 0.1; done
    curl -s -o /dev/null -w '%{{http_code}}' http://127.0.0.1:4318/ > status
    kill $gateway; wait $gateway"""
    done = subprocess.run(["unshare", "-n", "sh", "-c", script], cwd=tmp_path, timeout=60)
    if done.returncode == 99:
        pytest.skip("no network of its own")
    assert done.returncode == 0, (tmp_path / "log").read_text()
    assert '"ready"' in (tmp_path / "ready").read_text()
    assert (tmp_path / "status").read_text() == "404"
