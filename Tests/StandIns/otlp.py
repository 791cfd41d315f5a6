"""A stand-in for a downstream OTLP server: gRPC and HTTP/protobuf, recording every request it takes."""

import threading
from collections import deque
from concurrent import futures
from dataclasses import dataclass
from typing import Optional

import grpc
from google.protobuf import any_pb2, duration_pb2
from google.protobuf.message import DecodeError
from google.rpc import error_details_pb2, status_pb2
from opentelemetry.proto.collector.logs.v1 import logs_service_pb2_grpc
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import (
    ExportLogsServiceRequest,
    ExportLogsServiceResponse,
)
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from StandIns.http_backend import Answer, Fault, HTTPBackend, Request


# Other signals than logs by their paths and services; their answers have the fields of those for logs.
HTTP_PATHS = {"/v1/traces": "traces", "/v1/metrics": "metrics"}
GRPC_SERVICES = {
    "opentelemetry.proto.collector.trace.v1.TraceService": "traces",
    "opentelemetry.proto.collector.metrics.v1.MetricsService": "metrics",
}
REQUESTS = {"traces": ExportTraceServiceRequest, "metrics": ExportMetricsServiceRequest}


def status_message(code: int, text: str, retry_seconds: Optional[float] = None) -> status_pb2.Status:
    """A `google.rpc.Status`, with a `RetryInfo` if there is a delay to name."""
    status = status_pb2.Status(code=code, message=text)
    if retry_seconds is not None:
        delay = duration_pb2.Duration(nanos=int(retry_seconds % 1 * 1e9), seconds=int(retry_seconds))
        status.details.append(_packed(error_details_pb2.RetryInfo(retry_delay=delay)))
    return status


def _packed(message) -> any_pb2.Any:
    packed = any_pb2.Any()
    packed.Pack(message)
    return packed


@dataclass
class GRPCFault:
    """What happens to one call; the default is an honest answer."""

    code: Optional[grpc.StatusCode] = None
    retry_seconds: Optional[float] = None
    rejected: int = 0
    message: str = ""
    delay_seconds: float = 0


class OTLPServerHTTP(HTTPBackend):
    """Takes protobuf on `/v1/logs`; `requests_taken` holds the decoded requests in order. Bodies of other signals are
    in `bodies` as they came. With `json` it takes JSON instead, and has the bodies in `texts`, by their paths."""

    def __init__(self, json: bool = False):
        super().__init__()
        self.requests_taken: list[ExportLogsServiceRequest] = []
        self.bodies: dict[str, list[bytes]] = {signal: [] for signal in REQUESTS}
        self.rejected = 0
        self.json = json
        self.texts: dict[str, list[bytes]] = {}

    def answer(self, request: Request, fault: Fault) -> Answer:
        signal = HTTP_PATHS.get(request.path)
        if signal is None and request.path != "/v1/logs" or request.method != "POST":
            self.violation(f"unexpected request {request.method} {request.path}")
            return Answer(404)
        expected = "application/json" if self.json else "application/x-protobuf"
        if request.headers.get("Content-Type") != expected:
            self.violation(f"Content-Type {request.headers.get('Content-Type')!r}")
        if self.json:
            with self.lock:
                self.texts.setdefault(request.path, []).append(request.body)
            partial = f'{{"rejectedLogRecords":"{self.rejected}"}}' if self.rejected else "{}"
            return Answer(200, f'{{"partialSuccess":{partial}}}'.encode(), {"Content-Type": expected})
        message = REQUESTS[signal]() if signal else ExportLogsServiceRequest()
        try:
            message.ParseFromString(request.body)
        except DecodeError as error:
            self.violation(f"bad protobuf: {error}")
            status = status_message(3, str(error)).SerializeToString()
            return Answer(400, status, {"Content-Type": "application/x-protobuf"})
        with self.lock:
            if signal:
                self.bodies[signal].append(request.body)
            else:
                self.requests_taken.append(message)
        response = ExportLogsServiceResponse()
        if self.rejected:
            response.partial_success.rejected_log_records = self.rejected
            response.partial_success.error_message = "rejected by the script"
        return Answer(200, response.SerializeToString(), {"Content-Type": "application/x-protobuf"})


class OTLPServerGRPC(logs_service_pb2_grpc.LogsServiceServicer):
    """Takes `LogsService/Export`; `faults` are used up one a call, then `standing` applies."""

    def __init__(self):
        self.requests_taken: list[ExportLogsServiceRequest] = []
        self.bodies: dict[str, list[bytes]] = {signal: [] for signal in REQUESTS}
        self.calls = 0
        self.violations: list[str] = []
        self.faults: deque = deque()
        self.standing = GRPCFault()
        self.lock = threading.Lock()
        self.port = 0
        self._server = None

    def Export(self, request, context):
        return self._answer(context, lambda: self.requests_taken.append(request))

    def _answer(self, context, keep) -> ExportLogsServiceResponse:
        """Answers a call by the next fault; `keep` is called if it is taken."""
        with self.lock:
            self.calls += 1
            fault = self.faults.popleft() if self.faults else self.standing
        if fault.delay_seconds:
            threading.Event().wait(fault.delay_seconds)
        if fault.code is not None:
            status = status_message(fault.code.value[0], fault.message or "by the script", fault.retry_seconds)
            context.set_trailing_metadata((("grpc-status-details-bin", status.SerializeToString()),))
            context.abort(fault.code, status.message)
        with self.lock:
            keep()
        response = ExportLogsServiceResponse()
        if fault.rejected:
            response.partial_success.rejected_log_records = fault.rejected
            response.partial_success.error_message = fault.message
        return response

    def start(self, port: int = 0):
        options = [("grpc.max_receive_message_length", 128 << 20), ("grpc.so_reuseport", 0)]
        self._server = grpc.server(futures.ThreadPoolExecutor(max_workers=16), options=options)
        logs_service_pb2_grpc.add_LogsServiceServicer_to_server(self, self._server)
        self._server.add_generic_rpc_handlers([self._handler(*service) for service in GRPC_SERVICES.items()])
        self.port = self._server.add_insecure_port(f"127.0.0.1:{port or self.port}")
        self._server.start()
        return self

    def _handler(self, service: str, signal: str):
        """Takes `Export` of a service of another signal, as bytes."""

        def export(body: bytes, context) -> bytes:
            try:
                REQUESTS[signal].FromString(body)
            except DecodeError as error:
                self.violations.append(f"bad protobuf: {error}")
            return self._answer(context, lambda: self.bodies[signal].append(body)).SerializeToString()

        return grpc.method_handlers_generic_handler(service, {"Export": grpc.unary_unary_rpc_method_handler(export)})

    def stop(self):
        if self._server is not None:
            self._server.stop(grace=0).wait(5)
            self._server = None

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()
