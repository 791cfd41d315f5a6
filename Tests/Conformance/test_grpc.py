"""gRPC on the wire: section 5 of the checklist."""

import gzip
import time
from urllib.parse import unquote

import grpc
import pytest

from EndToEnd.http_clients import EXPORT, HTTP2, channel, grpc_frame, stub
from EndToEnd.otlp_requests import record, request, unique

CODE = grpc.StatusCode
BAD_PROTOBUF = b"\x0a\xff\xff\xff\xff\x0f"
ENHANCE_YOUR_CALM = 11
REFUSED_STREAM = 7
PROTOCOL_ERROR = 1


def export(connection: HTTP2, message: bytes, compressed=False, path=EXPORT, **headers):
    id = connection.open_grpc(path, **headers)
    connection.write(id, grpc_frame(message, compressed))
    return connection.result(id)


def code_of(stream) -> int:
    return int(stream.grpc_field("grpc-status"))


def limits(**server) -> dict:
    return {"receivers": {"otlp": {"protocols": {"grpc": server}}}}


def test_section_5_identity_and_gzip_encodings(shared):
    text = unique()
    body = request(record(text)).SerializeToString()
    with HTTP2(shared.grpc_port) as connection:
        assert code_of(export(connection, body)) == 0
        assert code_of(export(connection, body, grpc_encoding="identity")) == 0
        assert code_of(export(connection, gzip.compress(body), compressed=True, grpc_encoding="gzip")) == 0
        assert code_of(export(connection, body, grpc_encoding="gzip")) == 0  # the flag says: this one is not
    shared.stored(text, 4)


def test_section_5_an_unknown_encoding_is_unimplemented_and_the_known_ones_are_named(shared):
    with HTTP2(shared.grpc_port) as connection:
        answer = export(connection, b"x", compressed=True, grpc_encoding="unknown")
    assert code_of(answer) == CODE.UNIMPLEMENTED.value[0]
    assert "gzip" in answer.grpc_field("grpc-accept-encoding")


def test_section_5_a_compressed_message_without_an_encoding_is_refused(shared):
    with HTTP2(shared.grpc_port) as connection:
        answer = export(connection, gzip.compress(b""), compressed=True)
    assert code_of(answer) in (CODE.INTERNAL.value[0], CODE.UNIMPLEMENTED.value[0], CODE.INVALID_ARGUMENT.value[0])


@pytest.mark.parametrize("body", [b"", b"\0", b"\0\0\0\0", b"\0\0\0\0\x05abc", b"\x02\0\0\0\0", grpc_frame(b"") * 2])
def test_section_5_a_malformed_frame_is_refused_for_good(shared, body):
    with HTTP2(shared.grpc_port) as connection:
        id = connection.open_grpc()
        connection.write(id, body)
        answer = connection.result(id)
        refused = {CODE.INTERNAL, CODE.INVALID_ARGUMENT, CODE.UNIMPLEMENTED}
        assert code_of(answer) in {code.value[0] for code in refused}
        assert code_of(export(connection, b"")) == 0  # the connection goes on


def test_section_5_grpc_timeout_is_honoured(shared):
    with HTTP2(shared.grpc_port) as connection:
        started = time.monotonic()
        id = connection.open_grpc(grpc_timeout="300m")
        answer = connection.result(id)  # the message never comes
        elapsed = time.monotonic() - started
    assert 0.2 < elapsed < 3
    assert answer.reset is not None or code_of(answer) == CODE.DEADLINE_EXCEEDED.value[0]


def test_section_5_errors_are_trailers_only(shared):
    with HTTP2(shared.grpc_port) as connection:
        for answer in (export(connection, b"", path="/a.B/C"), export(connection, BAD_PROTOBUF)):
            assert (answer.status, answer.header_blocks, answer.body) == (200, 1, b"")
            assert code_of(answer) != 0
            assert answer.headers["content-type"].startswith("application/grpc")


def test_section_5_a_success_has_headers_message_and_trailers(shared):
    with HTTP2(shared.grpc_port) as connection:
        answer = export(connection, b"")
    assert (answer.status, answer.body, answer.trailers["grpc-status"]) == (200, grpc_frame(b""), "0")


def test_section_5_grpc_message_is_percent_encoded_and_agrees_with_the_details(shared):
    with HTTP2(shared.grpc_port) as connection:
        answer = export(connection, BAD_PROTOBUF)
    text = answer.grpc_field("grpc-message")
    assert text and all(0x20 <= ord(character) <= 0x7E for character in text)
    details = answer.grpc_details()
    assert details.code == code_of(answer) == CODE.INVALID_ARGUMENT.value[0]
    assert details.message == unquote(text)


def test_section_5_another_content_type_than_grpc_on_the_grpc_path_is_not_served(shared):
    with HTTP2(shared.grpc_port) as connection:
        answer = connection.request(grpc_frame(b""), {"content-type": "text/plain"}, path=EXPORT)
    assert answer.status in (404, 415)


def large(text: str) -> bytes:
    """A frame with two records of a text and 1.5 MiB in a field that nobody knows."""
    unknown = b"\xa2\x06" + b"\x80\x80\x60" + bytes(3 << 19)  # field 100
    return grpc_frame(request(record(text), record(text)).SerializeToString() + unknown)


def test_section_5_large_requests_of_one_connection_arrive_in_turn(shared):
    text = unique()
    frame = large(text)
    with HTTP2(shared.grpc_port) as connection:
        ids = [connection.open_grpc() for _ in range(4)]
        unsent = {id: memoryview(frame) for id in ids}
        finished, left_behind_first = [], []
        deadline = time.monotonic() + 20
        while unsent and time.monotonic() < deadline:
            sent = 0
            for id, rest in list(unsent.items()):
                room = min(connection.h2.local_flow_control_window(id), connection.h2.max_outbound_frame_size, len(rest))
                if room == 0:
                    continue
                connection.h2.send_data(id, bytes(rest[:room]), end_stream=room == len(rest))
                connection.flush()
                sent += room
                unsent[id] = rest[room:]
                if room == len(rest):
                    finished.append(id)
                    del unsent[id]
                    left_behind_first = left_behind_first or [len(other) for other in unsent.values()]
            if not sent:
                connection.receive()
        assert [code_of(connection.result(id)) for id in ids] == [0] * 4
        assert finished == ids
        assert min(left_behind_first) > 1 << 20
    shared.stored(text, 8)


def test_section_5_a_large_request_that_stalls_does_not_hold_up_the_others(shared):
    text = unique()
    frame = large(text)
    with HTTP2(shared.grpc_port) as connection:
        stalled = connection.open_grpc()
        connection.write(stalled, frame[: 100 << 10], end=False)
        began = time.monotonic()
        for _ in range(2):
            id = connection.open_grpc()
            connection.write(id, frame)
            assert code_of(connection.result(id)) == 0
        assert time.monotonic() - began < 8
        connection.write(stalled, frame[100 << 10 :])
        assert code_of(connection.result(stalled)) == 0
    shared.stored(text, 6)


def test_section_5_a_flood_of_pings_ends_the_connection(shared):
    with HTTP2(shared.grpc_port) as connection:
        try:
            for n in range(20_000):
                connection.h2.ping(n.to_bytes(8, "big"))
                if n % 100 == 99:
                    connection.flush()
        except OSError:
            pass
        while connection.goaway is None and connection.receive():
            pass
        assert connection.goaway.error_code == ENHANCE_YOUR_CALM


def test_section_5_a_client_that_pings_now_and_then_is_left_alone(shared):
    with HTTP2(shared.grpc_port) as connection:
        for n in range(3):
            connection.h2.ping(bytes(8))
            connection.flush()
            assert code_of(export(connection, b"")) == 0
        assert connection.goaway is None


def test_section_5_streams_up_to_the_announced_limit_are_served_at_once_and_one_more_is_refused(start):
    """One more is a stream error or, once the client has acknowledged the limit, an error of the connection."""
    gateway = start(overlay=limits(max_concurrent_streams=5))
    with HTTP2(gateway.grpc_port) as connection:
        while connection.max_streams is None:
            assert connection.receive()
        assert connection.max_streams == 5
        ids = [connection.open_grpc() for _ in range(5)]
        for id in reversed(ids):
            connection.write(id, grpc_frame(b""))
            assert code_of(connection.result(id)) == 0
        connection.h2.remote_settings[3] = 1000  # from here on this client does not listen
        connection.h2.remote_settings.acknowledge()
        ids = [connection.open_grpc() for _ in range(6)]
        while not connection.streams[ids[5]].is_over and connection.receive():
            pass
        refused = connection.streams[ids[5]].reset or connection.goaway.error_code
        assert refused in (REFUSED_STREAM, PROTOCOL_ERROR)
    with HTTP2(gateway.grpc_port) as connection:
        assert code_of(export(connection, b"")) == 0


def test_section_5_an_aged_connection_is_told_to_go_and_no_call_fails(start):
    keepalive = {"server_parameters": {"max_connection_age": "1s", "max_connection_age_grace": "5s"}}
    gateway = start(overlay=limits(keepalive=keepalive))
    with HTTP2(gateway.grpc_port) as watcher, channel(gateway.grpc_port) as connected:
        end = time.monotonic() + 3
        while time.monotonic() < end:
            stub(connected).Export(request(record()), timeout=5)
            time.sleep(0.01)
        while watcher.receive():
            pass
        assert watcher.goaway is not None and watcher.goaway.error_code == 0


def test_section_5_health_check_serves(shared):
    with channel(shared.grpc_port) as connected:
        check = connected.unary_unary("/grpc.health.v1.Health/Check")
        assert check(b"", timeout=5) == b"\x08\x01"  # status: SERVING
