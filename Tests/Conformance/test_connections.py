"""HTTP/1.1 connections as RFC 9112 has them: order, persistence, framing, and clients that take their time."""

import socket
import ssl
import time

import pytest

from EndToEnd.gateway import wait_until
from EndToEnd.otlp_requests import PROTOBUF, record, request, unique

HEAD = f"POST /v1/logs HTTP/1.1\r\nHost: x\r\nContent-Type: {PROTOBUF}\r\n"


def with_length(body: bytes, *headers: str, version: str = "1.1") -> bytes:
    lines = HEAD.replace("HTTP/1.1", f"HTTP/{version}") + "".join(f"{header}\r\n" for header in headers)
    return lines.encode() + b"Content-Length: %d\r\n\r\n" % len(body) + body


def talk(port: int, sent: bytes, answers: int = 1, timeout: float = 10) -> bytes:
    """Sends bytes and reads until that many answers have begun, or the server closes."""
    received = b""
    with socket.create_connection(("127.0.0.1", port), timeout) as connected:
        connected.sendall(sent)
        while received.count(b"HTTP/1.1 ") < answers or received.count(b"\r\n\r\n") < answers:
            chunk = connected.recv(65536)
            if not chunk:
                break
            received += chunk
    return received


def is_closed_within(connected: socket.socket, seconds: float) -> bool:
    connected.settimeout(seconds)
    try:
        while connected.recv(65536):
            pass
        return True
    except ConnectionResetError:
        return True
    except TimeoutError:
        return False


def test_pipelined_requests_are_answered_in_order(shared):
    text = unique()
    body = request(record(text)).SerializeToString()
    wrong = HEAD.replace("/v1/logs", "/v1/none").encode() + b"Content-Length: 0\r\n\r\n"
    received = talk(shared.http_port, with_length(body) + with_length(b"") + with_length(body), answers=3)
    assert received.count(b"HTTP/1.1 200 ") == 3
    shared.stored(text, 2)
    received = talk(shared.http_port, with_length(b"") + wrong, answers=2)
    assert 0 <= received.index(b"HTTP/1.1 200 ") < received.index(b"HTTP/1.1 404 ")


def test_a_chunked_body_is_read_whole_in_chunks_of_any_size(shared):
    text = unique()
    body = request(record(text)).SerializeToString()
    chunks = b"".join(b"1;extension=x\r\n%c\r\n" % byte for byte in body) + b"0\r\nTrailer: x\r\n\r\n"
    received = talk(shared.http_port, HEAD.encode() + b"Transfer-Encoding: chunked\r\n\r\n" + chunks)
    assert received.startswith(b"HTTP/1.1 200 ")
    shared.stored(text)


@pytest.mark.parametrize("version, header", [("1.1", "Connection: close"), ("1.0", "X: y")])
def test_the_connection_is_closed_when_the_client_asks(shared, version, header):
    with socket.create_connection(("127.0.0.1", shared.http_port), 10) as connected:
        connected.sendall(with_length(b"", header, version=version))
        assert connected.recv(5) == b"HTTP/"
        assert is_closed_within(connected, 5)


def test_a_body_that_arrives_byte_by_byte_is_taken(shared):
    text = unique()
    message = with_length(request(record(text)).SerializeToString())
    with socket.create_connection(("127.0.0.1", shared.http_port), 10) as connected:
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in message:
            connected.sendall(bytes([byte]))
        assert connected.recv(4096).startswith(b"HTTP/1.1 200 ")
    shared.stored(text)


def test_a_client_that_speaks_tls_to_clear_text_is_told_apart(start):
    gateway = start()
    for port in gateway.http_port, gateway.grpc_port:
        with socket.create_connection(("127.0.0.1", port), 10) as connected, pytest.raises(ssl.SSLError):
            ssl._create_unverified_context().wrap_socket(connected)
        labels = {"receiver": "otlp", "port": str(port)}
        assert gateway.metric("sluice_receiver_cut_off", reason="tls_to_clear_text", **labels) == 1
        assert gateway.metric("sluice_receiver_cut_off", reason="bad_request", **labels) == 0
        said = 'detail="the client speaks TLS, the port clear text" more_since_last_line=0 peer=127.0.0.1:'
        wait_until(lambda: [said in line for line in gateway.log().splitlines() if f" port={port} " in line] == [True])


def test_a_client_that_never_ends_its_headers_is_let_go(start):
    protocols = {"http": {"read_header_timeout": "500ms"}}
    gateway = start(overlay={"receivers": {"otlp": {"protocols": protocols}}})
    with socket.create_connection(("127.0.0.1", gateway.http_port), 10) as connected:
        started = time.monotonic()
        connected.sendall(HEAD.encode())
        assert is_closed_within(connected, 5)
        assert time.monotonic() - started > 0.3


def test_an_idle_connection_is_closed_after_its_time(start):
    protocols = {"http": {"idle_timeout": "500ms"}}
    gateway = start(overlay={"receivers": {"otlp": {"protocols": protocols}}})
    with socket.create_connection(("127.0.0.1", gateway.http_port), 10) as connected:
        connected.sendall(with_length(b""))
        assert connected.recv(4096).startswith(b"HTTP/1.1 200 ")
        assert is_closed_within(connected, 5)
