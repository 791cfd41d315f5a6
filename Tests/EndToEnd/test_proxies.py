"""Senders behind proxies: their address is known by the PROXY protocol and by `x-forwarded-for`, if the proxy is
trusted."""

import json
import socket
import struct

from EndToEnd.gateway import wait_until

SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"


def overlay(**protocol) -> dict:
    """Has each record say where its sender is."""
    action = {"key": "from", "from_context": "client.address", "action": "upsert"}
    return {
        "receivers": {"otlp": {"protocols": {"http": protocol}}},
        "processors": {"attributes": {"actions": [action]}},
        "service": {"pipelines": {"logs": {"processors": ["attributes"]}}},
    }


def exchange(port: int, head: bytes = b"", fields: str = "", cut: int = 0) -> bytes:
    """What is answered to a request behind a header, of which `cut` bytes come first."""
    body = json.dumps({"resourceLogs": [{"scopeLogs": [{"logRecords": [{"body": {"stringValue": "x"}}]}]}]})
    request = (f"POST /v1/logs HTTP/1.1\r\nhost: t\r\ncontent-type: application/json\r\nconnection: close\r\n{fields}"
               f"content-length: {len(body)}\r\n\r\n{body}").encode()
    whole = head + request
    with socket.create_connection(("127.0.0.1", port), 10) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            connection.sendall(whole[:cut])
            connection.sendall(whole[cut:])
            return b"".join(iter(lambda: connection.recv(1 << 16), b""))
        except (ConnectionResetError, BrokenPipeError):
            return b""


def addresses(gateway) -> list:
    """Where the records came from, in order."""
    path = gateway.folder / "out.ndjson"
    lines = path.read_text().splitlines() if path.exists() else []
    groups = [group for line in lines for group in json.loads(line)["resourceLogs"]]
    records = [record for group in groups for scope in group["scopeLogs"] for record in scope["logRecords"]]
    return [attribute["value"]["stringValue"] for record in records for attribute in record["attributes"]]


def version2(family: int, content: bytes, command: int = 0x21) -> bytes:
    return SIGNATURE + struct.pack(">BBH", command, family, len(content)) + content


def test_the_proxy_protocol_says_who_the_sender_is(start):
    gateway = start({"file": {"path": "out.ndjson"}}, overlay(proxy_protocol={"trusted": ["127.0.0.0/8"]}))
    port = gateway.http_port
    ipv4 = socket.inet_aton("192.0.2.7") + socket.inet_aton("127.0.0.1") + struct.pack(">HH", 1, 2)
    ipv6 = (socket.inet_pton(socket.AF_INET6, "2001:db8::7") + socket.inet_pton(socket.AF_INET6, "::1")
            + struct.pack(">HH", 1, 2))
    heads = [b"PROXY TCP4 192.0.2.1 127.0.0.1 1 2\r\n", b"PROXY TCP6 2001:db8::1 ::1 1 2\r\n", b"PROXY UNKNOWN\r\n",
             version2(0x11, ipv4), version2(0x21, ipv6), version2(0, b"", command=0x20)]
    for head in heads:
        assert exchange(port, head).startswith(b"HTTP/1.1 200"), head
    expected = ["192.0.2.1", "2001:db8::1", "127.0.0.1", "192.0.2.7", "2001:db8::7", "127.0.0.1"]
    wait_until(lambda: len(addresses(gateway)) == len(heads), 10, "the records")
    assert sorted(addresses(gateway)) == sorted(expected)
    # Cut at every byte of the header.
    head = version2(0x11, ipv4)
    for cut in range(1, len(head) + 1):
        assert exchange(port, head, cut=cut).startswith(b"HTTP/1.1 200"), cut
    assert gateway.metric("sluice_receiver_cut_off") == 0
    for head in [b"", b"PROXY TCP4 x y 1 2\r\n", version2(0x11, b"short"), SIGNATURE + b"\x21\x11\xff\xff"]:
        assert exchange(port, head) == b"", head
    assert gateway.metric("sluice_receiver_cut_off", reason="bad_proxy_header") == 4


def test_who_is_not_trusted_is_not_believed(start):
    networks = {"trusted": ["10.0.0.0/8"]}
    gateway = start({"file": {"path": "out.ndjson"}}, overlay(proxy_protocol=networks, forwarded_for=networks))
    assert exchange(gateway.http_port, fields="x-forwarded-for: 192.0.2.1\r\n").startswith(b"HTTP/1.1 200")
    assert exchange(gateway.http_port, b"PROXY TCP4 192.0.2.1 127.0.0.1 1 2\r\n").startswith(b"HTTP/1.1 400")
    wait_until(lambda: addresses(gateway) == ["127.0.0.1"], 10, "the record")


def test_a_trusted_proxy_names_the_sender(start):
    trusted = {"trusted": ["127.0.0.1", "10.0.0.0/8"]}
    gateway = start({"file": {"path": "out.ndjson"}}, overlay(forwarded_for=trusted))
    fields = ["", "x-forwarded-for: 9.9.9.9, 192.0.2.1, 10.0.0.1\r\n", "x-forwarded-for: unknown\r\n",
              "x-forwarded-for: 9.9.9.9\r\nx-forwarded-for: [2001:db8::1]:80\r\n"]
    expected = ["127.0.0.1", "192.0.2.1", "127.0.0.1", "2001:db8::1"]
    for count, field in enumerate(fields, 1):
        assert exchange(gateway.http_port, fields=field).startswith(b"HTTP/1.1 200")
        wait_until(lambda: len(addresses(gateway)) == count, 10, "the record")
    assert addresses(gateway) == expected
