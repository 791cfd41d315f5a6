"""`sluice probe`, with a gateway and with listeners that are none."""

import contextlib
import socket
import ssl
import subprocess
import threading
import time

import pytest

from EndToEnd.gateway import binary, free_port


def probe(*arguments) -> subprocess.CompletedProcess:
    return subprocess.run([binary(), "probe", *map(str, arguments)], capture_output=True, text=True, timeout=20)


@contextlib.contextmanager
def listener(serve):
    """A port where every connection is served so; the connections are closed at the end."""
    connections = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def accept():
            with contextlib.suppress(OSError):
                while True:
                    connection, _ = server.accept()
                    connections.append(connection)
                    serve(connection)

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        yield f"127.0.0.1:{server.getsockname()[1]}"
        server.shutdown(socket.SHUT_RDWR)
        thread.join(10)
    for connection in connections:
        connection.close()


def test_a_gateway_is_asked_where_its_configuration_listens(start):
    gateway = start()
    port = gateway.admin_port
    named = [["--address", f"{host}:{port}"] for host in ("localhost", "", "0.0.0.0")]
    for arguments in (["--config", gateway.folder / "gateway.yaml"], *named):
        done = probe(*arguments)
        assert done.returncode == 0 and done.stderr == "", done.stderr
        assert done.stdout.count("\n") == 1 and 'answered 200: {"status":"ready"' in done.stdout
    done = probe("--address", f"127.0.0.1:{gateway.admin_port}", "--live")
    assert done.stdout == f"127.0.0.1:{gateway.admin_port} answered 200: ok\n"


def test_a_gateway_that_is_leaving_is_not_ready_but_lives(start, tmp_path):
    # A request that is still coming holds it.
    gateway = start()
    with socket.create_connection(("127.0.0.1", gateway.http_port)) as sender:
        sender.sendall(
            b"POST /v1/logs HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{")
        time.sleep(0.3)
        gateway.terminate()
        address = f"127.0.0.1:{gateway.admin_port}"
        end = time.monotonic() + 10
        while (done := probe("--address", address)).returncode == 0:
            assert time.monotonic() < end
        assert done.returncode == 1 and done.stdout == ""
        assert done.stderr.startswith(f'error: {address} answered 503: {{"status":"draining"'), done.stderr
        assert probe("--address", address, "--live").returncode == 0
        sender.sendall(b"}")
        assert sender.recv(100).startswith(b"HTTP/1.1 200")
    assert gateway.wait() == 0


def test_nobody_there_is_told_at_once():
    began = time.monotonic()
    port = free_port()
    done = probe("--address", f"127.0.0.1:{port}", "--timeout", "10s")
    assert done.returncode == 1 and done.stderr.startswith(f"error: 127.0.0.1:{port}: "), done.stderr
    assert "refused" in done.stderr and time.monotonic() - began < 5
    done = probe("--address", "no-such-host.invalid:1", "--timeout", "5s")
    assert done.returncode == 1 and done.stderr.startswith("error: no-such-host.invalid:1: "), done.stderr


def silence(connection):
    pass


def garbage(connection):
    connection.sendall(b"220 mail.example.test ESMTP\r\n")


def drip(connection):
    def run():
        with contextlib.suppress(OSError):
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
            while True:
                connection.sendall(b"x")
                time.sleep(0.05)

    threading.Thread(target=run, daemon=True).start()


@pytest.mark.parametrize("serve, words", [
    (silence, "no answer within 500ms"), (drip, "no answer within 500ms"), (garbage, "what came back is not HTTP/1.1")])
def test_what_is_no_gateway_holds_it_no_longer_than_the_timeout(serve, words):
    with listener(serve) as address:
        began = time.monotonic()
        done = probe("--address", address, "--timeout", "500ms")
        assert time.monotonic() - began < 5
    assert (done.returncode, done.stdout, done.stderr) == (1, "", f"error: {address}: {words}\n")


def test_what_a_listener_says_cannot_drive_a_terminal():
    def reply(connection):
        connection.recv(1000)
        connection.sendall(b"HTTP/1.1 500 No\r\nContent-Length: 12\r\n\r\n\x1b[31mred\r\n--")

    with listener(reply) as address:
        done = probe("--address", address)
    assert (done.returncode, done.stderr) == (1, f"error: {address} answered 500: \\u{{1b}}[31mred\\u{{d}}\n")


def test_a_server_that_wants_tls_is_told_apart(tmp_path):
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "1",
         "-subj", "/CN=localhost", "-keyout", "key.pem", "-out", "cert.pem"],
        cwd=tmp_path, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")

    def handshake(connection):
        with contextlib.suppress(OSError):
            context.wrap_socket(connection, server_side=True)

    with listener(handshake) as address:
        done = probe("--address", address, "--timeout", "2s")
    assert done.returncode == 1 and done.stderr.startswith(f"error: {address}: "), done.stderr


def test_a_wrong_argument_is_told():
    for port in ("127.0.0.1:0", ":0", ":65536"):
        done = probe("--address", port)
        assert done.returncode == 64 and "--address: expected host:port with a port from" in done.stderr
    done = probe("--timeout", "0s")
    assert done.returncode == 64 and "--timeout: expected a duration from 1ms to 1h, found 0s" in done.stderr
