"""OTLP transport, routing and methods: rows T1 to T14 (T12, CORS, is not part of the OTLP specification)."""

import gzip
import http.client
import socket
import ssl
import subprocess
import zlib
from concurrent.futures import ThreadPoolExecutor

import grpc
import pytest
import zstandard
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceResponse

from EndToEnd.gateway import quick, wait_until
from EndToEnd.http_clients import EXPORT, HTTP2, channel, grpc_frame, send, send_on, status_of, stub
from EndToEnd.otlp_requests import JSON, PROTOBUF, as_json, many, record, request, unique
from StandIns.otlp import OTLPServerHTTP


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_T1_default_ports_are_4317_for_grpc_and_4318_for_http(start):
    for port in (4317, 4318):
        wait_until(lambda: not listens(port), 30, f"port {port}, which another program holds, to be free")
    gateway = start(overlay={"receivers": {"otlp": {"protocols": {"grpc": None, "http": None}}}})
    assert send(4318, b"").status == 200
    with channel(4317) as connected:
        stub(connected).Export(request(), timeout=5)
    assert gateway.is_running()


def test_T2_the_default_path_is_v1_logs(shared):
    text = unique()
    assert send(shared.http_port, request(record(text)).SerializeToString(), path="/v1/logs").status == 200
    shared.stored(text)


def test_T2_the_path_is_configurable(start):
    gateway = start(overlay={"receivers": {"otlp": {"protocols": {"http": {"logs_url_path": "/tenant/logs"}}}}})
    assert send(gateway.http_port, b"", path="/tenant/logs").status == 200
    assert send(gateway.http_port, b"", path="/v1/logs").status == 404


def test_T3_json_and_protobuf_on_one_port(shared):
    text = unique()
    message = request(record(text))
    assert send(shared.http_port, message.SerializeToString(), PROTOBUF).status == 200
    assert send(shared.http_port, as_json(message), JSON).status == 200
    first, second = shared.stored(text, 2)
    assert first == second


def test_T4_grpc_and_http_are_both_taken_on_either_port(shared):
    for port in (shared.http_port, shared.grpc_port):
        text = unique()
        message = request(record(text))
        with channel(port) as connected:
            stub(connected).Export(message, timeout=5)
        assert send(port, message.SerializeToString()).status == 200
        assert send(port, as_json(message), JSON).status == 200
        shared.stored(text, 3)


def test_T5_http_2_with_prior_knowledge(shared):
    text = unique()
    with HTTP2(shared.http_port) as connection:
        answer = connection.request(request(record(text)).SerializeToString(), {"content-type": PROTOBUF})
    assert (answer.status, answer.body) == (200, b"")
    assert answer.headers["content-type"] == PROTOBUF
    shared.stored(text)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    folder = tmp_path_factory.mktemp("certificate")
    subprocess.run(
        [
            "openssl",
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:prime256v1",
            "-nodes",
            "-keyout",
            folder / "key.pem",
            "-out",
            folder / "cert.pem",
            "-days",
            "1",
            "-subj",
            "/CN=localhost",
            "-addext",
            "subjectAltName=DNS:localhost",
        ],
        check=True,
        capture_output=True,
    )
    return folder


def test_T5_tls_with_alpn_h2_and_http_1_1_and_grpc(start, certificate):
    tls = {"cert_file": str(certificate / "cert.pem"), "key_file": str(certificate / "key.pem")}
    protocols = {"grpc": {"tls": tls}, "http": {"tls": tls}}
    gateway = start(overlay={"receivers": {"otlp": {"protocols": protocols}}})
    trust = ssl.create_default_context(cafile=certificate / "cert.pem")

    connection = http.client.HTTPSConnection("localhost", gateway.http_port, context=trust, timeout=10)
    assert send_on(connection, b"").status == 200
    connection.close()

    trust.set_alpn_protocols(["h2", "http/1.1"])
    with HTTP2(gateway.http_port, tls=trust) as connection:
        assert connection.socket.selected_alpn_protocol() == "h2"
        assert connection.request(b"", {"content-type": PROTOBUF}).status == 200

    credentials = grpc.ssl_channel_credentials((certificate / "cert.pem").read_bytes())
    with grpc.secure_channel(f"localhost:{gateway.grpc_port}", credentials) as connected:
        stub(connected).Export(request(record()), timeout=10)


def test_T6_two_requests_over_one_connection(shared):
    text = unique()
    body = request(record(text)).SerializeToString()
    connection = http.client.HTTPConnection("127.0.0.1", shared.http_port, timeout=10)
    assert send_on(connection, body).status == 200
    local = connection.sock.getsockname()
    assert send_on(connection, body).status == 200
    assert connection.sock.getsockname() == local
    connection.close()
    shared.stored(text, 2)


def test_T7_grpc_calls_on_one_connection_do_not_wait_for_each_other(shared):
    text = unique()
    frame = grpc_frame(request(record(text)).SerializeToString())
    with HTTP2(shared.grpc_port) as connection:
        ids = [connection.open_grpc() for _ in range(50)]
        for id in ids:
            connection.write(id, frame[:7], end=False)
        for id in reversed(ids):  # the last opened is finished first, and answered while all others are open
            connection.write(id, frame[7:])
            assert connection.result(id).grpc_field("grpc-status") == "0"
    shared.stored(text, 50)


def test_T7_parallel_grpc_calls_by_a_real_client_all_succeed(shared):
    text = unique()
    with channel(shared.grpc_port) as connected, ThreadPoolExecutor(16) as threads:
        calls = [threads.submit(stub(connected).Export, request(record(f"{text} {n}")), timeout=20) for n in range(200)]
        assert all(call.result() == ExportLogsServiceResponse() for call in calls)
    shared.stored(text, 200)


def test_T7_http_connections_do_not_wait_for_each_other(shared):
    text = unique()
    body = request(record(text)).SerializeToString()
    head = f"POST /v1/logs HTTP/1.1\r\nHost: x\r\nContent-Type: {PROTOBUF}\r\nContent-Length: {len(body)}\r\n\r\n"
    sockets = [socket.create_connection(("127.0.0.1", shared.http_port), 10) for _ in range(50)]
    for connected in sockets:
        connected.sendall(head.encode() + body[:5])
    for connected in reversed(sockets):
        connected.sendall(body[5:])
        assert connected.recv(4096).startswith(b"HTTP/1.1 200")
        connected.close()
    shared.stored(text, 50)


@pytest.mark.parametrize(
    "encoding, pack",
    [
        (None, bytes),
        ("identity", bytes),
        ("gzip", gzip.compress),
        ("GZIP", gzip.compress),
        ("zstd", zstandard.compress),
        ("deflate", zlib.compress),
    ],
)
@pytest.mark.parametrize("content_type", [PROTOBUF, JSON])
def test_T8_http_content_encodings(shared, encoding, pack, content_type):
    text = unique()
    message = request(record(text))
    body = as_json(message) if content_type == JSON else message.SerializeToString()
    headers = {"Content_Encoding": encoding} if encoding else {}
    assert send(shared.http_port, pack(body), content_type, **headers).status == 200
    shared.stored(text)


@pytest.mark.parametrize("compression", [grpc.Compression.NoCompression, grpc.Compression.Gzip])
def test_T8_grpc_encodings(shared, compression):
    text = unique()
    with channel(shared.grpc_port) as connected:
        stub(connected).Export(request(record(text * 50)), timeout=5, compression=compression)
    shared.stored(text)


def test_T8_an_unknown_content_encoding_is_refused_for_good(shared):
    answer = send(shared.http_port, b"x", Content_Encoding="br")
    assert answer.status in (400, 415)
    assert "gzip" in status_of(answer).message  # names what can be used instead


def test_T9_the_answer_is_readable_to_a_client_that_accepts_gzip(shared):
    answer = send(shared.http_port, b"{}", JSON, Accept_Encoding="gzip")
    body = gzip.decompress(answer.body) if answer.headers["Content-Encoding"] == "gzip" else answer.body
    assert (answer.status, body) == (200, b"{}")


@pytest.mark.parametrize(
    "content_type",
    [
        "application/json; charset=utf-8",
        "application/json;charset=UTF-8",
        "Application/JSON",
        "application/json ;a=b",
    ],
)
def test_T10_json_content_type_with_parameters(shared, content_type):
    text = unique()
    answer = send(shared.http_port, as_json(request(record(text))), content_type)
    assert (answer.status, answer.body) == (200, b"{}")
    shared.stored(text)


def test_T10_protobuf_content_type_with_parameters(shared):
    content_type = 'application/x-protobuf; messageType="x.y.Z"'
    assert send(shared.http_port, request(record()).SerializeToString(), content_type).status == 200


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH"])
def test_T11_another_method_is_405_with_allow(shared, method):
    answer = send(shared.http_port, method=method, content_type=None)
    assert answer.status == 405
    assert "POST" in answer.headers["Allow"]
    assert status_of(answer).message


def test_T11_head_is_405_without_a_body(shared):
    connection = http.client.HTTPConnection("127.0.0.1", shared.http_port, timeout=5)
    answer = send_on(connection, method="HEAD", content_type=None)
    assert (answer.status, answer.body) == (405, b"")
    assert send_on(connection, b"").status == 200  # what follows on the connection is not misread
    connection.close()


@pytest.mark.parametrize("path", ["/", "/v1", "/v1/logs/more", "/v2/logs", "/V1/logs"])
def test_T11_an_unknown_path_is_404(shared, path):
    answer = send(shared.http_port, b"", path=path)
    assert answer.status == 404
    assert status_of(answer).message


@pytest.mark.parametrize("content_type", ["text/plain", "application/xml", "application/jsonp", "json", ""])
def test_T11_a_wrong_content_type_is_415(shared, content_type):
    answer = send(shared.http_port, b"{}", content_type)
    assert answer.status == 415
    assert status_of(answer).message


def test_T11_no_content_type_is_415(shared):
    answer = send(shared.http_port, b"{}", content_type=None)
    assert answer.status == 415
    assert status_of(answer).message


def test_T11_a_query_does_not_change_the_path(shared):
    assert send(shared.http_port, b"", path="/v1/logs?tenant=1").status == 200


@pytest.mark.parametrize(
    "service",
    [
        "opentelemetry.proto.collector.trace.v1.TraceService",
        "opentelemetry.proto.collector.metrics.v1.MetricsService",
    ],
)
def test_T13_other_signals_are_unimplemented_over_grpc(shared, service):
    with channel(shared.grpc_port) as connected:
        call = connected.unary_unary(f"/{service}/Export")
        with pytest.raises(grpc.RpcError) as refused:
            call(b"", timeout=5)
    assert refused.value.code() == grpc.StatusCode.UNIMPLEMENTED


@pytest.mark.parametrize("path", ["/v1/traces", "/v1/metrics", "/v1/profiles"])
def test_T13_other_signals_are_404_over_http(shared, path):
    assert send(shared.http_port, b"", path=path).status == 404


def test_T14_the_grpc_method_is_unary_export(shared):
    assert EXPORT == "/opentelemetry.proto.collector.logs.v1.LogsService/Export"
    text = unique()
    with channel(shared.grpc_port) as connected:
        call = connected.unary_unary(EXPORT, request_serializer=lambda message: message.SerializeToString())
        assert call(request(record(text)), timeout=5) == b""
        with pytest.raises(grpc.RpcError) as refused:
            connected.unary_unary(EXPORT.replace("Export", "Import"))(b"", timeout=5)
    assert refused.value.code() == grpc.StatusCode.UNIMPLEMENTED
    shared.stored(text)


def test_T14_more_than_16384_records_in_one_request_all_arrive(start):
    text = unique()
    with OTLPServerHTTP() as sink:
        gateway = start({"otlphttp": quick(endpoint=sink.url)})
        assert send(gateway.http_port, many(28_000, text, 300).SerializeToString()).status == 200
        gateway.stop()
    count = sum(
        len(scope.log_records)
        for message in sink.requests_taken
        for group in message.resource_logs
        for scope in group.scope_logs
    )
    assert count == 28_000
