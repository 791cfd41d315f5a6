"""The stand-in for a DNS server, asked over the wire."""

import socket
import struct

import pytest

from StandIns.name_server import NameServer


@pytest.fixture
def ask():
    server = NameServer({"a.test": "192.0.2.7"})
    server.start(port=0)
    address = server._socket.getsockname()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(10)

        def ask(name: str, kind: int) -> bytes:
            labels = b"".join(bytes([len(label)]) + label.encode() for label in name.split("."))
            head, tail = struct.pack(">HHHHHH", 7, 0x0100, 1, 0, 0, 0), struct.pack(">BHH", 0, kind, 1)
            client.sendto(head + labels + tail, address)
            return client.recv(4096)

        yield ask
    server.stop()


def test_a_name_has_its_address_and_no_other(ask):
    answer = ask("a.test", 1)
    assert struct.unpack(">HHHH", answer[:8]) == (7, 0x8180, 1, 1)
    assert answer[-4:] == socket.inet_aton("192.0.2.7")
    assert struct.unpack(">HHHH", ask("a.test", 28)[:8]) == (7, 0x8180, 1, 0)


def test_another_name_does_not_exist(ask):
    assert struct.unpack(">HHHH", ask("b.test", 1)[:8]) == (7, 0x8183, 1, 0)
