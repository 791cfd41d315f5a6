"""The destinations `otlp`, `otlphttp` and `file`: what arrives is what was sent."""

import grpc
import pytest

from EndToEnd.gateway import quick, wait_until
from EndToEnd.http_clients import send
from EndToEnd.otlp_requests import (
    JSON,
    as_json,
    comparable,
    every_kind_of_value,
    from_json,
    many,
    record,
    records_of,
    request,
    unique,
)
from StandIns.http_backend import Fault
from StandIns.otlp import GRPCFault, OTLPServerGRPC, OTLPServerHTTP, status_message


def odd_and_ends():
    """A request that uses every field of the schema."""
    records = [
        record(
            {"k": every_kind_of_value()}, every_kind_of_value(), event_name="e", flags=1, dropped_attributes_count=2
        ),
        record(None, severity_number=0, severity_text="", trace_id=b"", span_id=b""),
        record("", {"nan": float("nan"), "inf": float("-inf"), "empty": {}, "none": [], "dup": "x"}),
        record([[], {}, [1, [2]]], time_unix_nano=0),
    ]
    message = request(*records, resource=every_kind_of_value())
    group = message.resource_logs[0]
    group.schema_url, group.resource.dropped_attributes_count = "https://r", 3
    group.scope_logs[0].schema_url, group.scope_logs[0].scope.dropped_attributes_count = "https://s", 4
    group.resource.entity_refs.add(type="service", id_keys=["service.name"], description_keys=["d"], schema_url="u")
    return message


def grpc_exporter(server) -> dict:
    return {"otlp": quick(endpoint=f"127.0.0.1:{server.port}", tls={"insecure": True})}


@pytest.mark.parametrize("content_type", ["protobuf", "json"])
def test_everything_arrives_over_grpc_http_and_in_the_file(start, content_type):
    message = odd_and_ends()
    with OTLPServerGRPC() as over_grpc, OTLPServerHTTP() as over_http:
        gateway = start(
            {
                **grpc_exporter(over_grpc),
                "otlphttp": quick(endpoint=over_http.url),
                "file": {"path": "out.ndjson"},
            }
        )
        if content_type == "json":
            assert send(gateway.http_port, as_json(message), JSON).status == 200
        else:
            assert send(gateway.http_port, message.SerializeToString()).status == 200
        gateway.stop()
    expected = comparable(records_of(message))
    assert comparable(records_of(*over_grpc.requests_taken)) == expected
    assert comparable(records_of(*over_http.requests_taken)) == expected
    assert comparable(records_of(*file_requests(gateway))) == expected


@pytest.mark.parametrize("compression", ["none", "gzip"])
def test_json_says_what_protobuf_does(start, compression):
    message = odd_and_ends()
    with OTLPServerHTTP(json=True) as server:
        gateway = start({"otlphttp": quick(endpoint=server.url, encoding="json", compression=compression)})
        for _ in range(2):
            assert send(gateway.http_port, message.SerializeToString()).status == 200
        gateway.stop()
    taken = [from_json(text) for text in server.texts["/v1/logs"]]
    assert comparable(records_of(*taken)) == comparable(records_of(message, message))
    assert server.violations == []


def test_a_rejection_of_what_was_sent_as_json_is_one(start):
    with OTLPServerHTTP(json=True) as server:
        server.rejected = 2
        gateway = start({"otlphttp": quick(endpoint=server.url, encoding="json")})
        assert send(gateway.http_port, many(3, unique()).SerializeToString()).status == 200
        wait_until(lambda: gateway.metric("otelcol_exporter_sent_log_records") == 1, what="the one that was taken")
        gateway.stop()
    assert len(server.texts["/v1/logs"]) == 1


def file_requests(gateway) -> list:
    """The file, line by line, each read as strict OTLP/JSON."""
    text = (gateway.folder / "out.ndjson").read_bytes()
    assert text.endswith(b"\n")
    return [from_json(line) for line in text[:-1].split(b"\n")]


def test_the_file_is_appended_to_by_the_next_process(start):
    text = unique()
    gateway = start({"file": {"path": "out.ndjson"}})
    assert send(gateway.http_port, many(3, text).SerializeToString()).status == 200
    gateway.stop()
    gateway.start()
    assert send(gateway.http_port, many(2, text).SerializeToString()).status == 200
    gateway.stop()
    assert len(records_of(*file_requests(gateway))) == 5


@pytest.mark.parametrize(
    "fault",
    [
        GRPCFault(code=grpc.StatusCode.UNAVAILABLE),
        GRPCFault(code=grpc.StatusCode.UNAVAILABLE, retry_seconds=0.5),
        GRPCFault(code=grpc.StatusCode.RESOURCE_EXHAUSTED, retry_seconds=0.1),
        GRPCFault(code=grpc.StatusCode.ABORTED),
        GRPCFault(code=grpc.StatusCode.DEADLINE_EXCEEDED),
    ],
)
def test_a_retryable_refusal_over_grpc_is_sent_again(start, fault):
    message = many(10, unique())
    with OTLPServerGRPC() as server:
        server.faults.extend([fault, fault])
        gateway = start(grpc_exporter(server))
        assert send(gateway.http_port, message.SerializeToString()).status == 200
        wait_until(lambda: server.requests_taken, 10, "delivery")
        gateway.stop()
    assert comparable(records_of(*server.requests_taken)) == comparable(records_of(message))


@pytest.mark.parametrize(
    "fault",
    [
        Fault(status=200, body=b"<html>Welcome</html>", headers={"Content-Type": "text/html"}),
        Fault(status=200, body=b"ok", headers={"Content-Type": "text/plain"}),
        Fault(status=200, body=b"\xff\xff", headers={"Content-Type": "application/x-protobuf"}),
        Fault(status=404, body=b"404 page not found", headers={"Content-Type": "text/plain"}),
        Fault(status=400, body=b"<html>", headers={"Content-Type": "text/html"}),
        Fault(status=500, body=b'{"message":"oops"}', headers={"Content-Type": "application/json"}),
    ],
    ids=["page", "text", "undecodable", "404", "400", "500"],
)
def test_an_answer_that_is_not_otlp_costs_no_record(start, fault):
    message = many(10, unique())
    with OTLPServerHTTP() as server:
        server.faults.standing(fault)
        gateway = start({"otlphttp": quick(endpoint=server.url)})
        assert send(gateway.http_port, message.SerializeToString()).status == 200
        wait_until(lambda: len(server.statuses) >= 4, 20, "four attempts")
        assert f"HTTP {fault.status}, not an answer of OTLP" in gateway.admin("/readyz")[1]
        server.faults.standing()
        wait_until(lambda: server.requests_taken, 20, "delivery")
        gateway.stop()
    assert comparable(records_of(*server.requests_taken)) == comparable(records_of(message))


def test_a_rejection_told_in_json_is_a_rejection(start):
    body = b'{"partialSuccess":{"rejectedLogRecords":"4","errorMessage":"four were bad"}}'
    with OTLPServerHTTP() as server:
        server.faults.standing(Fault(status=200, body=body, headers={"Content-Type": "application/json"}))
        gateway = start({"otlphttp": quick(endpoint=server.url)})
        assert send(gateway.http_port, many(10, unique()).SerializeToString()).status == 200
        wait_until(lambda: gateway.metric("otelcol_exporter_send_failed_log_records") == 4, 10, "the rejected")
        assert gateway.metric("otelcol_exporter_sent_log_records") == 6
        gateway.stop()
        assert len(server.statuses) == 1


def test_partial_success_is_not_sent_again(start):
    message = many(10, unique())
    with OTLPServerGRPC() as server:
        server.faults.append(GRPCFault(rejected=4, message="four were bad"))
        gateway = start(grpc_exporter(server))
        assert send(gateway.http_port, message.SerializeToString()).status == 200
        wait_until(lambda: server.requests_taken, 10, "delivery")
        wait_until(lambda: gateway.metric("otelcol_exporter_sent_log_records") == 6, 5, "6 records counted as sent")
        gateway.stop()
    assert server.calls == 1


@pytest.mark.parametrize("status", [400, 404, 500])
def test_a_final_refusal_over_http_is_not_sent_again_and_the_next_request_is(start, status):
    with OTLPServerHTTP() as server:
        own = {"body": status_message(3, "no").SerializeToString(), "headers": {"Content-Type": "application/x-protobuf"}}
        server.faults.once(Fault(status=status, **own))
        gateway = start({"otlphttp": quick(endpoint=server.url)})
        assert send(gateway.http_port, request(record("refused")).SerializeToString()).status == 200
        wait_until(lambda: server.statuses == [status], 5, "the refusal")
        assert send(gateway.http_port, request(record("taken")).SerializeToString()).status == 200
        gateway.stop()
    bodies = [seen.record["body"]["stringValue"] for seen in records_of(*server.requests_taken)]
    assert bodies == ["taken"]


def test_a_grpc_backend_that_goes_away_and_comes_back_gets_everything(start):
    messages = [many(10, unique()) for _ in range(20)]
    server = OTLPServerGRPC().start()
    try:
        gateway = start(grpc_exporter(server))
        for number, message in enumerate(messages):
            if number == 5:
                server.stop()
            assert send(gateway.http_port, message.SerializeToString()).status == 200
        server.start()
        wait_until(lambda: len(records_of(*server.requests_taken)) >= 200, 20, "200 records")
        gateway.stop()
    finally:
        server.stop()
    assert comparable(records_of(*server.requests_taken)) == comparable(records_of(*messages))
