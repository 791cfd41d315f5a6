"""The stand-in itself, over both of its transports."""

import http.client

import grpc
import pytest
from google.rpc import error_details_pb2, status_pb2
from opentelemetry.proto.collector.logs.v1 import logs_service_pb2_grpc
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest, ExportLogsServiceResponse

from StandIns.otlp import GRPCFault, OTLPServerGRPC, OTLPServerHTTP


def one_record():
    request = ExportLogsServiceRequest()
    request.resource_logs.add().scope_logs.add().log_records.add().body.string_value = "hello"
    return request


def test_http_requests_are_recorded_and_can_be_partly_rejected():
    with OTLPServerHTTP() as server:
        server.rejected = 3
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=5)
        headers = {"Content-Type": "application/x-protobuf"}
        connection.request("POST", "/v1/logs", one_record().SerializeToString(), headers)
        answer = ExportLogsServiceResponse.FromString(connection.getresponse().read())
        connection.close()
    assert answer.partial_success.rejected_log_records == 3
    assert server.requests_taken == [one_record()]
    assert server.violations == []


def test_grpc_calls_are_recorded_and_refusals_carry_retry_info():
    with OTLPServerGRPC() as server, grpc.insecure_channel(f"127.0.0.1:{server.port}") as channel:
        stub = logs_service_pb2_grpc.LogsServiceStub(channel)
        server.faults.append(GRPCFault(code=grpc.StatusCode.UNAVAILABLE, retry_seconds=1.5))
        with pytest.raises(grpc.RpcError) as refused:
            stub.Export(one_record(), timeout=5)
        stub.Export(one_record(), timeout=5)
    assert refused.value.code() == grpc.StatusCode.UNAVAILABLE
    details = dict(refused.value.trailing_metadata())["grpc-status-details-bin"]
    retry = error_details_pb2.RetryInfo()
    assert status_pb2.Status.FromString(details).details[0].Unpack(retry)
    assert (retry.retry_delay.seconds, retry.retry_delay.nanos) == (1, 500_000_000)
    assert server.requests_taken == [one_record()]
