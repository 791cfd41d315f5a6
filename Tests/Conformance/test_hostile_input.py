"""Hostile and odd input: one bad field never costs a batch, and nothing from outside ends the process."""

import gzip
import random
import socket
import time

import grpc
import pytest

from EndToEnd.http_clients import EXPORT, HTTP2, channel, send, status_of, stub
from EndToEnd.otlp_requests import JSON, PROTOBUF, SPAN_ID, TRACE_ID, as_json, many, record, request, unique

CODE = grpc.StatusCode
MIB = 1 << 20


def varint(number: int) -> bytes:
    parts = bytearray()
    while number > 0x7F:
        parts.append(number & 0x7F | 0x80)
        number >>= 7
    parts.append(number)
    return bytes(parts)


def field(number: int, content: bytes) -> bytes:
    """A length-delimited protobuf field."""
    return varint(number << 3 | 2) + varint(len(content)) + content


def nested_value(depth: int) -> bytes:
    """An AnyValue: arrays in arrays, that deep; built inside out, so that every length is right."""
    parts, size = [], 0
    for _ in range(depth):
        for tag in (b"\x0a", b"\x2a"):  # ArrayValue.values, AnyValue.array_value
            head = tag + varint(size)
            parts.append(head)
            size += len(head)
    return b"".join(reversed(parts))


def raw_request(*record_fields: bytes) -> bytes:
    """One record of these encoded fields."""
    return field(1, field(2, field(2, b"".join(record_fields))))


def text_body(text: bytes) -> bytes:
    return field(5, field(1, text))


def attribute(key: bytes, value: bytes) -> bytes:
    return field(6, field(1, key) + field(2, value))


@pytest.mark.parametrize("depth", [1000, 10_000, 100_000])
@pytest.mark.parametrize("place", ["body", "attribute", "unknown field"])
def test_deep_nesting_in_protobuf_is_400_at_once_and_in_flat_memory(shared, depth, place):
    value = nested_value(depth)
    nested = {"body": field(5, value), "attribute": attribute(b"k", value), "unknown field": field(999, value)}[place]
    before = shared.gateway.peak_rss_bytes()
    started = time.monotonic()
    answer = send(shared.http_port, raw_request(nested, text_body(b"x")))
    assert time.monotonic() - started < 1
    # A field of no known number is bytes to be skipped: how deep it is cannot be seen, nor does it matter.
    assert answer.status == (200 if place == "unknown field" else 400)
    assert shared.gateway.peak_rss_bytes() - before < 64 * MIB


def test_deep_nesting_over_grpc_is_invalid_argument(shared):
    with channel(shared.grpc_port) as connected:
        with pytest.raises(grpc.RpcError) as refused:
            connected.unary_unary(EXPORT)(raw_request(field(5, nested_value(100_000))), timeout=5)
    assert refused.value.code() == CODE.INVALID_ARGUMENT


def test_deep_groups_in_protobuf_are_400(shared):
    """The old group wire type nests without lengths: 3 opens, 4 closes."""
    groups = varint(999 << 3 | 3) * 100_000 + varint(999 << 3 | 4) * 100_000
    assert send(shared.http_port, groups).status == 400


def test_modest_nesting_is_kept(shared):
    text = unique()
    body = raw_request(field(5, nested_value(20)), attribute(text.encode(), field(1, b"v")))
    assert send(shared.http_port, body).status == 200
    assert str(shared.stored(text)[0].record["body"]).count("arrayValue") == 20


@pytest.mark.parametrize("bad", [b"\xff", b"\xc0\x80", b"\xed\xa0\x80", b"\xf5\x80\x80\x80", b"\xe2\x82", b"a\x80b"])
def test_invalid_utf8_is_replaced_and_the_batch_is_kept(shared, bad):
    text = unique().encode()
    message = raw_request(text_body(text + b" " + bad + b" end"), attribute(b"k" + bad, field(1, bad)))
    other = request(record(text.decode())).SerializeToString()
    assert send(shared.http_port, message + other).status == 200
    bodies = {seen.record["body"]["stringValue"] for seen in shared.stored(text.decode(), 2)}
    assert text.decode() in bodies
    (changed,) = bodies - {text.decode()}
    assert changed.startswith(text.decode() + " ") and "�" in changed and changed.endswith(" end")


def test_an_embedded_nul_is_kept(shared):
    text = unique()
    assert send(shared.http_port, request(record(text + "\0end")).SerializeToString()).status == 200
    assert shared.stored(text)[0].record["body"]["stringValue"] == text + "\0end"


def test_an_attribute_without_a_value_does_not_cost_the_record(shared):
    text = unique()
    body = raw_request(
        text_body(text.encode()), field(6, field(1, b"k")), field(6, b""), attribute(b"l", field(1, b"v"))
    )
    assert send(shared.http_port, body).status == 200
    assert {"key": "l", "value": {"stringValue": "v"}} in shared.stored(text)[0].record["attributes"]


@pytest.mark.parametrize(
    "trace, span",
    [
        (TRACE_ID[:15], SPAN_ID[:7]),
        (TRACE_ID + b"x", SPAN_ID + b"x"),
        (bytes(16), bytes(8)),
        (b"x" * 1000, b"x"),
    ],
)
def test_an_id_of_the_wrong_length_or_of_zeros_is_dropped_and_the_record_kept(shared, trace, span):
    text = unique()
    message = request(record(text, trace_id=trace, span_id=span), record(text))
    assert send(shared.http_port, message.SerializeToString()).status == 200
    ids = [("traceId" in seen.record, "spanId" in seen.record) for seen in shared.stored(text, 2)]
    assert sorted(ids) == [(False, False), (True, True)]


@pytest.mark.parametrize("time", [2**63, 2**64 - 1, 1])
def test_an_impossible_time_does_not_cost_the_batch(shared, time):
    text = unique()
    message = request(record(text, time_unix_nano=time), *(record(text) for _ in range(200)))
    assert send(shared.http_port, message.SerializeToString()).status == 200
    shared.stored(text, 201)


def test_a_gzip_body_of_two_members_is_read_whole(shared):
    text = unique()
    member = gzip.compress(request(record(text)).SerializeToString())
    assert send(shared.http_port, member + member, Content_Encoding="gzip").status == 200
    shared.stored(text, 2)


@pytest.mark.parametrize("content_type", [PROTOBUF, JSON])
def test_a_request_cut_at_any_byte_is_400(shared, content_type):
    """No prefix of this request is a request."""
    message = request(record("cut", {"k": [1, {"a": b"b"}]}))
    body = as_json(message) if content_type == JSON else message.SerializeToString()
    with HTTP2(shared.http_port) as connection:
        for length in range(1, len(body)):
            answer = connection.request(body[:length], {"content-type": content_type})
            assert answer.status == 400, f"cut at {length} of {len(body)}"


def test_thousands_of_bodies_of_noise_leave_the_process_alive(shared):
    noise = random.Random(1)
    good = many(3, "noise").SerializeToString()
    statuses = set()
    with HTTP2(shared.http_port) as connection:
        for _ in range(2_000):
            body = bytearray(good)
            for _ in range(noise.randint(1, 8)):
                body[noise.randrange(len(body))] = noise.randrange(256)
            statuses.add(connection.request(bytes(body), {"content-type": PROTOBUF}).status)
            statuses.add(connection.request(noise.randbytes(noise.randint(0, 60)), {"content-type": JSON}).status)
    assert statuses <= {200, 400}
    assert shared.gateway.is_running()


@pytest.mark.parametrize(
    "head",
    [
        b"POST /v1/logs HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"POST /v1/logs HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999999\r\n\r\n",
        b"POST /v1/logs HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"POST /v1/logs HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        b"\0\0\0\0\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(64),
    ],
)
def test_a_malformed_head_is_refused_and_the_connection_closed(shared, head):
    with socket.create_connection(("127.0.0.1", shared.http_port), 10) as connected:
        connected.sendall(head)
        answer = b""
        try:
            while chunk := connected.recv(4096):
                answer += chunk
        except ConnectionResetError:
            pass
    assert not answer.startswith(b"HTTP/1.1 2")


def test_a_flood_of_headers_is_refused(shared):
    with socket.create_connection(("127.0.0.1", shared.http_port), 10) as connected:
        answer = b""
        try:
            connected.sendall(b"POST /v1/logs HTTP/1.1\r\nHost: x\r\n")
            for n in range(20_000):
                connected.sendall(b"X-Header-%d: %s\r\n" % (n, b"v" * 100))
            answer = connected.recv(4096)
        except (BrokenPipeError, ConnectionResetError):
            pass
    assert not answer.startswith(b"HTTP/1.1 2")
    assert shared.gateway.is_running()


def test_a_flood_of_stream_resets_ends_the_connection(shared):
    with HTTP2(shared.grpc_port) as connection:
        try:
            for _ in range(5_000):
                id = connection.open_grpc()
                connection.h2.reset_stream(id)
                connection.flush()
                connection.streams.pop(id)
        except OSError:
            pass
        while connection.goaway is None and connection.receive():
            pass
    assert connection.goaway is None or connection.goaway.error_code in (0, 11)
    assert connection.goaway is not None or connection.is_closed
    assert send(shared.http_port, b"").status == 200


def test_clients_that_never_finish_do_not_stop_others(shared):
    head = f"POST /v1/logs HTTP/1.1\r\nHost: x\r\nContent-Type: {PROTOBUF}\r\nContent-Length: 60000000\r\n\r\n".encode()
    idle = [socket.create_connection(("127.0.0.1", shared.http_port), 10) for _ in range(100)]
    before = shared.gateway.rss_bytes()
    try:
        for connected in idle:
            connected.sendall(head + b"x")
        with channel(shared.grpc_port) as connected:
            stub(connected).Export(request(record()), timeout=5)
        assert send(shared.http_port, b"").status == 200
        assert shared.gateway.rss_bytes() - before < 64 * MIB  # a declared length is not memory
    finally:
        for connected in idle:
            connected.close()


def test_secrets_in_a_request_do_not_reach_the_log(shared):
    secret = unique("Secret")
    headers = {"Authorization": f"Bearer {secret}"}
    send(shared.http_port, b"\xff" + secret.encode(), **headers)
    send(shared.http_port, b'{"' + secret.encode() + b'":tru}', JSON, **headers)
    answer = send(shared.http_port, b"{}", "text/plain", **headers)
    assert answer.status == 415 and secret not in status_of(answer).message
    assert secret not in shared.gateway.log()
