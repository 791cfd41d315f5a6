"""OTLP responses: rows R1 to R13 (R12, credentials, belongs to the authentication extensions)."""

import gzip
import http.client
import json
import socket
import time

import grpc
import pytest
from google.rpc import error_details_pb2
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest, ExportLogsServiceResponse

from EndToEnd.gateway import quick, wait_until
from EndToEnd.http_clients import (
    EXPORT,
    HTTP2,
    channel,
    details_of,
    grpc_frame,
    grpc_status,
    send,
    status_of,
    stub,
)
from EndToEnd.otlp_requests import JSON, PROTOBUF, as_json, body_of, many, record, records_of, request, unique
from StandIns.http_backend import Fault
from StandIns.otlp import OTLPServerHTTP

CODE = grpc.StatusCode
BAD_PROTOBUF = b"\x0a\xff\xff\xff\xff\x0f"
BAD_JSON = b'{"resourceLogs":[{]}'

REFUSALS = {
    "bad-body": (400, dict()),
    "bad-gzip": (400, dict(Content_Encoding="gzip")),
    "wrong-path": (404, dict(path="/v1/nothing")),
    "wrong-method": (405, dict(method="PUT")),
}


def bad_body(content_type):
    return BAD_JSON if content_type == JSON else BAD_PROTOBUF


@pytest.mark.parametrize("content_type, body", [(PROTOBUF, b""), (JSON, b"{}")])
def test_R1_a_success_has_the_content_type_of_the_request(shared, content_type, body):
    answer = send(shared.http_port, body, content_type)
    assert (answer.status, answer.headers["Content-Type"]) == (200, content_type)


@pytest.mark.parametrize("content_type", [PROTOBUF, JSON])
@pytest.mark.parametrize("name", REFUSALS)
def test_R1_R2_a_refusal_is_a_status_in_the_content_type_of_the_request(shared, name, content_type):
    expected, options = REFUSALS[name]
    answer = send(shared.http_port, bad_body(content_type), content_type, **options)
    assert (answer.status, answer.headers["Content-Type"]) == (expected, content_type)
    assert status_of(answer).message != ""


def test_R2_the_json_status_has_the_names_of_the_specification(shared):
    answer = json.loads(send(shared.http_port, BAD_JSON, JSON).body)
    assert answer["code"] == CODE.INVALID_ARGUMENT.value[0]
    assert isinstance(answer["message"], str)
    assert answer["details"][0]["@type"] == "type.googleapis.com/google.rpc.BadRequest"


def test_R3_full_success_over_http_is_200_with_an_empty_message(shared):
    body = request(record())
    answer = send(shared.http_port, body.SerializeToString(), PROTOBUF)
    assert (answer.status, answer.body) == (200, b"")
    answer = send(shared.http_port, as_json(body), JSON)
    assert (answer.status, answer.body) == (200, b"{}")


def test_R3_full_success_over_grpc_leaves_partial_success_unset(shared):
    with channel(shared.grpc_port) as connected:
        answer = stub(connected).Export(request(record()), timeout=5)
    assert not answer.HasField("partial_success")


def odd_request(text: str) -> ExportLogsServiceRequest:
    """A record whose ids and time are of no use, beside one without fault."""
    return request(record(text, trace_id=b"short", span_id=b"x", time_unix_nano=2**63), record(text))


def test_R4_a_request_is_taken_whole_so_no_record_is_rejected_alone(shared):
    text = unique()
    with channel(shared.grpc_port) as connected:
        answer = stub(connected).Export(odd_request(text), timeout=5)
    assert answer.partial_success.rejected_log_records == 0
    assert not answer.HasField("partial_success")
    shared.stored(text, 2)


def test_R4_a_request_is_refused_whole_so_none_of_it_is_stored(shared):
    text = unique()
    body = request(record(text)).SerializeToString() + BAD_PROTOBUF
    assert send(shared.http_port, body).status == 400
    assert send(shared.http_port, request(record(text + " sentinel")).SerializeToString()).status == 200
    assert body_of(shared.stored(text)[0]) == text + " sentinel"


def test_R5_a_sender_is_warned_of_what_was_mended_if_it_is_wished(start):
    gateway = start(overlay={"receivers": {"otlp": {"warn_senders": True}}})
    with channel(gateway.grpc_port) as connected:
        answer = stub(connected).Export(odd_request("x"), timeout=5)
        assert answer.partial_success.rejected_log_records == 0
        assert answer.partial_success.error_message != ""
        assert not stub(connected).Export(request(record()), timeout=5).HasField("partial_success")
    answer = json.loads(send(gateway.http_port, as_json(odd_request("x")), JSON).body)
    assert answer["partialSuccess"]["errorMessage"] != ""
    assert answer["partialSuccess"].get("rejectedLogRecords", "0") == "0"


EMPTY_JSON = [
    b"{}",
    b'{"resourceLogs":[]}',
    b'{"resourceLogs":[{"scopeLogs":[]}]}',
    b'{"resourceLogs":[{}]}',
    b'{"resourceLogs":[{"scopeLogs":[{"logRecords":[]}]}]}',
    b" \n{ }\r\n\t",
    b'{"resourceLogs":null}',
]


@pytest.mark.parametrize("body", EMPTY_JSON)
def test_R6_an_empty_json_request_succeeds(shared, body):
    answer = send(shared.http_port, body, JSON)
    assert (answer.status, answer.body) == (200, b"{}")


@pytest.mark.parametrize("coding", ["identity", "gzip", "zstd", "deflate"])
def test_R6_an_empty_body_is_an_empty_request_in_every_coding(shared, coding):
    assert send(shared.http_port, b"", Content_Encoding=coding)[::2] == (200, b"")


def empty_requests():
    yield ExportLogsServiceRequest()
    message = ExportLogsServiceRequest()
    message.resource_logs.add()
    yield message
    message = ExportLogsServiceRequest()
    message.resource_logs.add().scope_logs.add()
    yield message


@pytest.mark.parametrize("message", list(empty_requests()))
def test_R6_an_empty_protobuf_request_succeeds(shared, message):
    assert send(shared.http_port, message.SerializeToString())[::2] == (200, b"")
    with channel(shared.grpc_port) as connected:
        assert stub(connected).Export(message, timeout=5) == ExportLogsServiceResponse()


def test_R6_empty_envelopes_do_not_cost_the_records_beside_them(shared):
    text = unique()
    message = ExportLogsServiceRequest()
    message.resource_logs.add()
    message.MergeFrom(request(record(text)))
    message.resource_logs.add().scope_logs.add()
    assert send(shared.http_port, message.SerializeToString()).status == 200
    shared.stored(text)


@pytest.mark.parametrize(
    "content_type, body, headers",
    [
        (PROTOBUF, BAD_PROTOBUF, {}),
        (PROTOBUF, b"{}", {}),
        (JSON, BAD_JSON, {}),
        (JSON, b"", {}),
        (JSON, b"[]", {}),
        (JSON, b"{} {}", {}),
        (JSON, request(record()).SerializeToString(), {}),
        (PROTOBUF, b"not gzip", {"Content_Encoding": "gzip"}),
        (PROTOBUF, gzip.compress(b"", mtime=0)[:-3], {"Content_Encoding": "gzip"}),
        (PROTOBUF, b"not zstd", {"Content_Encoding": "zstd"}),
    ],
)
def test_R7_an_undecodable_body_is_400_with_a_bad_request_detail(shared, content_type, body, headers):
    answer = send(shared.http_port, body, content_type, **headers)
    assert answer.status == 400
    status = status_of(answer)
    assert status.code == CODE.INVALID_ARGUMENT.value[0]
    assert details_of(status, error_details_pb2.BadRequest) is not None


def test_R7_an_undecodable_message_over_grpc_is_invalid_argument(shared):
    with channel(shared.grpc_port) as connected:
        with pytest.raises(grpc.RpcError) as refused:
            connected.unary_unary(EXPORT)(BAD_PROTOBUF, timeout=5)
    assert refused.value.code() == CODE.INVALID_ARGUMENT


@pytest.fixture
def overloaded(start):
    """A gateway whose queue is full: its destination answers 503 and the queue holds 1 MiB."""
    with OTLPServerHTTP() as sink:
        sink.faults.standing(Fault(status=503))
        queue = {"sending_queue": {"sizer": "bytes", "queue_size": 1 << 20, "batch": {"flush_timeout": "20ms"}}}
        gateway = start({"otlphttp": quick(endpoint=sink.url, **queue)})
        yield gateway, sink
        sink.faults.standing()
        gateway.stop()


def fill(gateway) -> http.client.HTTPResponse:
    """Sends until the gateway refuses, and returns the refusal."""
    body = many(100, unique(), 200).SerializeToString()
    for _ in range(200):
        answer = send(gateway.http_port, body)
        if answer.status != 200:
            return answer
    raise AssertionError("200 requests of 30 KB went into a queue of 1 MiB")


def test_R8_R9_overload_is_429_or_503_with_retry_after(overloaded):
    gateway, _ = overloaded
    answer = fill(gateway)
    assert answer.status in (429, 503)
    assert int(answer.headers["Retry-After"]) >= 1
    assert status_of(answer).message != ""


def test_R10_overload_over_grpc_is_unavailable_with_retry_info(overloaded):
    gateway, _ = overloaded
    fill(gateway)
    with channel(gateway.grpc_port) as connected:
        with pytest.raises(grpc.RpcError) as refused:
            stub(connected).Export(many(100, unique(), 200), timeout=5)
    retry = details_of(grpc_status(refused.value), error_details_pb2.RetryInfo)
    assert refused.value.code() in (CODE.UNAVAILABLE, CODE.RESOURCE_EXHAUSTED)
    assert retry.retry_delay.seconds + retry.retry_delay.nanos / 1e9 > 0


def test_R10_what_was_refused_can_be_sent_again_once_the_backend_is_back(overloaded):
    gateway, sink = overloaded
    assert fill(gateway).status in (429, 503)
    sink.faults.standing()
    body = many(1, unique()).SerializeToString()
    wait_until(lambda: send(gateway.http_port, body).status == 200, 10, "acceptance after the overload")


@pytest.mark.parametrize(
    "options",
    [
        dict(body=BAD_PROTOBUF),
        dict(path="/v1/traces"),
        dict(method="GET", content_type=None),
        dict(body=b"{}", content_type="text/plain"),
        dict(body=bytes(64), content_type=JSON),
        dict(body=b"x", Content_Encoding="gzip"),
        dict(body=b"x", Content_Encoding="br"),
    ],
)
def test_R8_what_cannot_succeed_is_never_answered_with_a_retryable_code(shared, options):
    status = send(shared.http_port, **options).status
    assert 400 <= status < 500 and status != 429


@pytest.mark.parametrize(
    "path, message, expected",
    [
        (EXPORT, BAD_PROTOBUF, CODE.INVALID_ARGUMENT),
        (EXPORT, b"\x0b", CODE.INVALID_ARGUMENT),
        (EXPORT + "2", b"", CODE.UNIMPLEMENTED),
        ("/nothing", b"", CODE.UNIMPLEMENTED),
    ],
)
def test_R11_what_cannot_succeed_is_never_answered_with_a_retryable_grpc_code(shared, path, message, expected):
    with channel(shared.grpc_port) as connected:
        with pytest.raises(grpc.RpcError) as refused:
            connected.unary_unary(path)(message, timeout=5)
    assert refused.value.code() == expected


def half_sent(port: int, body: bytes) -> socket.socket:
    """A connection with a request of which the last byte is missing."""
    head = f"POST /v1/logs HTTP/1.1\r\nHost: x\r\nContent-Type: {PROTOBUF}\r\nContent-Length: {len(body)}\r\n\r\n"
    connected = socket.create_connection(("127.0.0.1", port), 10)
    connected.sendall(head.encode() + body[:-1])
    return connected


def test_R13_a_request_in_flight_at_shutdown_is_answered_and_delivered(start):
    text = unique()
    body = request(record(text)).SerializeToString()
    with OTLPServerHTTP() as sink:
        gateway = start({"otlphttp": quick(endpoint=sink.url)})
        with HTTP2(gateway.grpc_port) as h2, half_sent(gateway.http_port, body) as h1:
            frame = grpc_frame(body)
            id = h2.open_grpc()
            h2.write(id, frame[:-1], end=False)
            time.sleep(0.2)
            gateway.terminate()
            wait_until(lambda: h2.receive() and h2.goaway, 5, "GOAWAY")
            h2.write(id, frame[-1:])
            assert h2.result(id).grpc_field("grpc-status") == "0"
            h1.sendall(body[-1:])
            assert h1.recv(4096).startswith(b"HTTP/1.1 200")
        assert gateway.wait() == 0
    assert [body_of(seen) for seen in records_of(*sink.requests_taken)] == [text, text]


def test_R13_a_new_request_during_shutdown_is_refused_as_retryable(start):
    gateway = start()
    with half_sent(gateway.http_port, b"\n\0") as in_flight:
        time.sleep(0.1)
        gateway.terminate()
        answers = set()

        def is_refused() -> bool:
            try:
                answers.add(send(gateway.http_port, b"", timeout=5).status)
            except OSError:
                answers.add("closed")
            return answers & {503, "closed"}

        wait_until(is_refused, 5, "refusal of new requests")
        in_flight.sendall(b"\0")
    assert answers <= {200, 503, "closed"}
    assert gateway.wait() == 0


def test_R13_readiness_ends_before_service_does(start):
    gateway = start()
    with half_sent(gateway.http_port, b"\n\0"):
        assert gateway.admin("/readyz")[0] == 200
        assert gateway.admin("/healthz")[0] == 200
        gateway.terminate()
        wait_until(lambda: gateway.admin("/readyz")[0] == 503, 5, "readiness to end")
        assert gateway.admin("/healthz")[0] == 200
    assert gateway.wait() == 0
