"""OTLP size limits: rows S1 to S4. Every limit is tried exactly and one past, before and after decompression."""

import functools
import gzip
import socket
import zlib

import grpc
import pytest
import zstandard
from google.rpc import error_details_pb2
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest

from EndToEnd.gateway import Gateway
from EndToEnd.http_clients import HTTP2, channel, details_of, grpc_frame, grpc_status, send, status_of, stub
from EndToEnd.otlp_requests import JSON, PROTOBUF, as_json, record, request

MIB = 1 << 20
DEFAULT_LIMIT = 64 * MIB
BOMB_BYTES = 1024 * MIB


def sized(size: int) -> ExportLogsServiceRequest:
    """A request of exactly `size` bytes of protobuf."""
    message = request(record("x" * (size - 300)))
    message.resource_logs[0].scope_logs[0].log_records[0].body.string_value += "x" * (size - message.ByteSize())
    assert message.ByteSize() == size
    return message


@functools.cache
def gzip_bomb() -> bytes:
    """1 GiB of zeros as about 1 MiB of gzip, made without holding them."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    zeros = bytes(MIB)
    return b"".join(packer.compress(zeros) for _ in range(BOMB_BYTES // MIB)) + packer.flush()


@functools.cache
def zstd_bomb() -> bytes:
    """1 GiB of zeros as some KiB of zstd."""
    packer = zstandard.ZstdCompressor(level=3).compressobj()
    zeros = bytes(MIB)
    return b"".join(packer.compress(zeros) for _ in range(BOMB_BYTES // MIB)) + packer.flush()


BOMBS = [("gzip", gzip_bomb), ("zstd", zstd_bomb)]


@pytest.fixture(scope="module")
def limited(tmp_path_factory):
    """A gateway whose limits are 1 MiB."""
    protocols = {"http": {"max_request_body_size": MIB}, "grpc": {"max_recv_msg_size_mib": 1}}
    overlay = {"receivers": {"otlp": {"protocols": protocols}}}
    gateway = Gateway(tmp_path_factory.mktemp("limited"), overlay=overlay).start()
    try:
        yield gateway
        gateway.stop()
    finally:
        gateway.kill()


def assert_names_both(message: str, limit: int):
    assert str(limit) in message, f"{message!r} does not name the limit"


@pytest.mark.parametrize("encoding, pack", [(None, bytes), ("gzip", gzip.compress), ("zstd", zstandard.compress)])
def test_S1_a_body_of_exactly_the_limit_is_taken_and_one_more_byte_is_413(limited, encoding, pack):
    headers = {"Content_Encoding": encoding} if encoding else {}
    assert send(limited.http_port, pack(sized(MIB).SerializeToString()), **headers).status == 200
    answer = send(limited.http_port, pack(sized(MIB + 1).SerializeToString()), **headers)
    assert answer.status == 413
    assert_names_both(status_of(answer).message, MIB)


def test_S1_the_413_names_both_numbers_when_the_length_is_declared(limited):
    answer = send(limited.http_port, bytes(MIB + 1))
    assert answer.status == 413
    assert str(MIB + 1) in status_of(answer).message
    assert str(MIB) in status_of(answer).message


def test_S1_the_limit_holds_for_json(limited):
    answer = send(limited.http_port, as_json(sized(MIB + 1)), JSON)
    assert answer.status == 413
    assert answer.headers["Content-Type"] == JSON
    assert_names_both(status_of(answer).message, MIB)


def test_S1_the_limit_holds_for_chunked_bodies(limited):
    def chunks(count):
        yield from (bytes(1024) for _ in range(count))

    assert send(limited.http_port, chunks(10)).status == 400  # read whole, and no protobuf
    assert send(limited.http_port, chunks(1025)).status == 413


def test_S1_the_limit_holds_over_http_2(limited):
    with HTTP2(limited.http_port) as connection:
        answer = connection.request(sized(MIB + 1).SerializeToString(), {"content-type": PROTOBUF})
        assert answer.status == 413
        assert connection.request(b"", {"content-type": PROTOBUF}).status == 200


@pytest.mark.parametrize("length, expected", [(DEFAULT_LIMIT, b"HTTP/1.1 100"), (DEFAULT_LIMIT + 1, b"HTTP/1.1 413")])
def test_S1_the_default_limit_is_64_MiB_and_decided_before_the_body(shared, length, expected):
    head = (
        f"POST /v1/logs HTTP/1.1\r\nHost: x\r\nContent-Type: {PROTOBUF}\r\n"
        f"Content-Length: {length}\r\nExpect: 100-continue\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", shared.http_port), 5) as connected:
        connected.sendall(head.encode())
        assert connected.recv(4096).startswith(expected)


@pytest.mark.parametrize("compression", [grpc.Compression.NoCompression, grpc.Compression.Gzip])
def test_S2_a_message_of_exactly_the_limit_is_taken_and_one_more_byte_is_resource_exhausted(limited, compression):
    with channel(limited.grpc_port) as connected:
        stub(connected).Export(sized(MIB), timeout=10, compression=compression)
        with pytest.raises(grpc.RpcError) as refused:
            stub(connected).Export(sized(MIB + 1), timeout=10, compression=compression)
    assert refused.value.code() == grpc.StatusCode.RESOURCE_EXHAUSTED
    assert details_of(grpc_status(refused.value), error_details_pb2.RetryInfo) is None
    assert_names_both(refused.value.details(), MIB)


def test_S2_the_default_grpc_limit_is_64_MiB_and_decided_by_the_prefix(shared):
    """The length prefix alone, without the message it announces, is refused."""
    with HTTP2(shared.grpc_port) as connection:
        id = connection.open_grpc()
        connection.write(id, b"\0" + (DEFAULT_LIMIT + 1).to_bytes(4, "big"), end=True)
        answer = connection.result(id)
    assert answer.grpc_field("grpc-status") == str(grpc.StatusCode.RESOURCE_EXHAUSTED.value[0])


@pytest.mark.parametrize("encoding, make", BOMBS)
def test_S3_a_bomb_over_http_is_413_in_bounded_memory(start, encoding, make):
    gateway = start()
    bomb = make()
    assert len(bomb) < 2 * MIB
    answer = send(gateway.http_port, bomb, Content_Encoding=encoding)
    assert answer.status == 413
    assert_names_both(status_of(answer).message, DEFAULT_LIMIT)
    assert gateway.peak_rss_bytes() < 256 * MIB


def test_S3_a_bomb_over_grpc_is_resource_exhausted_in_bounded_memory(start):
    gateway = start()
    with HTTP2(gateway.grpc_port) as connection:
        id = connection.open_grpc(grpc_encoding="gzip")
        connection.write(id, grpc_frame(gzip_bomb(), compressed=True))
        answer = connection.result(id)
    assert answer.grpc_field("grpc-status") == str(grpc.StatusCode.RESOURCE_EXHAUSTED.value[0])
    assert details_of(answer.grpc_details(), error_details_pb2.RetryInfo) is None
    assert gateway.peak_rss_bytes() < 256 * MIB


def test_S3_forty_bombs_at_once_stay_in_bounded_memory(start):
    gateway = start()
    bomb = zstd_bomb()
    with HTTP2(gateway.http_port) as connection:
        ids = [connection.open({"content-type": PROTOBUF, "content-encoding": "zstd"}) for _ in range(40)]
        for id in ids:
            connection.write(id, bomb)
        statuses = {connection.result(id).status for id in ids}
    assert statuses <= {413, 429, 503}
    assert gateway.peak_rss_bytes() < 1024 * MIB
    assert send(gateway.http_port, b"").status == 200


def test_S4_an_answer_stays_small_however_large_the_offending_input(shared):
    """The message of a refusal quotes no more of the input than a reader needs."""
    body = b'{"resourceLogs":[{"' + b"k" * (8 * MIB) + b'":tru}]}'
    answer = send(shared.http_port, body, JSON)
    assert answer.status == 400
    assert len(answer.body) < 4096
