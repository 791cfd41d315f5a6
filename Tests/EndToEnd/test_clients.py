"""Real clients: the OpenTelemetry SDK, curl and grpcio. What arrives is held against what was sent, one by one."""

import subprocess

import grpc
import pytest
from opentelemetry._logs import LogRecord, SeverityNumber
from opentelemetry.exporter.otlp.proto.common._log_encoder import encode_logs
from opentelemetry.exporter.otlp.proto.grpc._log_exporter import OTLPLogExporter as GRPCExporter
from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter as HTTPExporter
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import (
    BatchLogRecordProcessor,
    InMemoryLogRecordExporter,
    SimpleLogRecordProcessor,
)
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider

from EndToEnd.http_clients import EXPORT, channel
from EndToEnd.otlp_requests import (
    JSON,
    PROTOBUF,
    as_json,
    comparable,
    every_kind_of_value,
    many,
    record,
    records_of,
    request,
    unique,
)

RECORDS = 500


def sdk_exporter(shared, protocol: str, compressed: bool):
    if protocol == "grpc":
        compression = grpc.Compression.Gzip if compressed else grpc.Compression.NoCompression
        return GRPCExporter(endpoint=f"127.0.0.1:{shared.grpc_port}", insecure=True, compression=compression)
    compression = Compression.Gzip if compressed else Compression.NoCompression
    return HTTPExporter(endpoint=f"http://127.0.0.1:{shared.http_port}/v1/logs", compression=compression)


def emit(logger, text: str, number: int):
    attributes = {"number": number, "ratio": number / 3, "flag": True, "list": ["a", "b"], "map": {"k": {"l": 1}}}
    body = {"text": text, "n": number} if number % 10 == 0 else f"{text} {number} ünïcödé"
    logger.emit(
        LogRecord(
            body=body,
            attributes=attributes,
            severity_number=SeverityNumber.WARN,
            severity_text="WARN",
            timestamp=1_700_000_000_000_000_000 + number,
            event_name="tick" if number % 3 == 0 else None,
        )
    )


@pytest.mark.parametrize("compressed", [False, True], ids=["plain", "gzip"])
@pytest.mark.parametrize("protocol", ["grpc", "http"])
def test_what_the_sdk_sends_arrives_record_by_record(shared, protocol, compressed):
    text = unique("sdk")
    kept = InMemoryLogRecordExporter()
    provider = LoggerProvider(resource=Resource.create({"service.name": text, "service.version": "1"}))
    provider.add_log_record_processor(SimpleLogRecordProcessor(kept))
    provider.add_log_record_processor(BatchLogRecordProcessor(sdk_exporter(shared, protocol, compressed)))
    logger = provider.get_logger("library", "2.0", attributes={"scope": "attribute"})
    with TracerProvider().get_tracer("t").start_as_current_span("span"):
        for number in range(RECORDS):
            emit(logger, text, number)
    provider.shutdown()
    sent = records_of(encode_logs(kept.get_finished_logs()))
    assert len(sent) == RECORDS and "traceId" in sent[0].record
    assert comparable(shared.stored(text, RECORDS)) == comparable(sent)


def curl(tmp_path, port: int, body: bytes, content_type: str, *options: str) -> tuple:
    """(status, body) that curl sees."""
    sent, received = tmp_path / "request", tmp_path / "answer"
    sent.write_bytes(body)
    command = [
        "curl",
        "-sS",
        "--max-time",
        "10",
        "-o",
        received,
        "-w",
        "%{http_code}",
        "--data-binary",
        f"@{sent}",
        "-H",
        f"Content-Type: {content_type}",
        *options,
        f"http://127.0.0.1:{port}/v1/logs",
    ]
    result = subprocess.run(command, capture_output=True, text=True, timeout=20)
    assert result.returncode == 0, result.stderr
    return int(result.stdout), received.read_bytes() if received.exists() else b""


@pytest.mark.parametrize("version", ["--http1.1", "--http2-prior-knowledge"])
@pytest.mark.parametrize("content_type", [PROTOBUF, JSON])
def test_what_curl_sends_arrives(shared, tmp_path, content_type, version):
    text = unique("curl")
    message = request(record(text, every_kind_of_value()), record({"text": text, "map": every_kind_of_value()}))
    body = as_json(message) if content_type == JSON else message.SerializeToString()
    expected = b"{}" if content_type == JSON else b""
    assert curl(tmp_path, shared.http_port, body, content_type, version) == (200, expected)
    assert comparable(shared.stored(text, 2)) == comparable(records_of(message))


def test_curl_with_a_large_body_waits_for_100_continue_and_succeeds(shared, tmp_path):
    text = unique("curl")
    body = many(2_000, text, 2_000).SerializeToString()
    assert curl(tmp_path, shared.http_port, body, PROTOBUF, "--http1.1")[0] == 200
    shared.stored(text, 2_000)


def test_raw_grpc_messages_arrive_in_any_mixture_of_resources_and_scopes(shared):
    text = unique("raw")
    message = request(record(text), record(text, {"a": None}), resource={})
    message.MergeFrom(request(record(text), resource=every_kind_of_value(), scope="", version=""))
    message.resource_logs[1].scope_logs.add().log_records.append(record(text, trace_id=b"", span_id=b""))
    message.resource_logs[1].scope_logs[1].schema_url = "https://scope"
    message.resource_logs[1].schema_url = "https://resource"
    with channel(shared.grpc_port) as connected:
        connected.unary_unary(EXPORT)(message.SerializeToString(), timeout=5)
    assert comparable(shared.stored(text, 4)) == comparable(records_of(message))


def test_accepted_records_are_counted(shared):
    text = unique()
    before = shared.gateway.metric("otelcol_receiver_accepted_log_records")
    with channel(shared.grpc_port) as connected:
        connected.unary_unary(EXPORT)(many(123, text).SerializeToString(), timeout=5)
    assert shared.gateway.metric("otelcol_receiver_accepted_log_records") - before == 123
    shared.stored(text, 123)
