"""Traces and metrics pass through: what arrives is what was sent, through memory and disk, outages and kills."""

import base64
import json
import subprocess

import grpc
import pytest
from google.protobuf.json_format import MessageToDict
from opentelemetry.exporter.otlp.proto.grpc.metric_exporter import OTLPMetricExporter as GRPCMetricExporter
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter as GRPCSpanExporter
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter as HTTPMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter as HTTPSpanExporter
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Link, SpanKind, Status, StatusCode

from EndToEnd.gateway import binary, merged, quick, wait_until
from EndToEnd.http_clients import channel, send
from EndToEnd.otlp_requests import SPAN_ID, TRACE_ID, pairs
from StandIns.http_backend import Fault
from StandIns.otlp import GRPC_SERVICES, REQUESTS, GRPCFault, OTLPServerGRPC, OTLPServerHTTP, status_message

JSON = "application/json"
METHODS = {signal: f"/{service}/Export" for service, signal in GRPC_SERVICES.items()}


def pipelines(*exporters: str, signals=("traces", "metrics"), **more) -> dict:
    """An overlay with a pipeline of each signal to the exporters."""
    pipeline = {"receivers": ["otlp"], "exporters": list(exporters), **more}
    return {"service": {"pipelines": {signal: pipeline for signal in signals}}}


def traces(*names: str, service: str = "shop") -> ExportTraceServiceRequest:
    """A request with a span of each name that uses every field of the schema."""
    request = ExportTraceServiceRequest()
    group = request.resource_spans.add(schema_url="https://r")
    group.resource.attributes.extend(pairs({"service.name": service, "list": ["a", {"b": [1, None]}]}))
    group.resource.dropped_attributes_count = 1
    scope = group.scope_spans.add(schema_url="https://s")
    scope.scope.name, scope.scope.version = "library", "1.0"
    for number, name in enumerate(names):
        span = scope.spans.add(
            trace_id=TRACE_ID,
            span_id=SPAN_ID,
            parent_span_id=SPAN_ID,
            trace_state="a=b",
            name=name,
            kind=2,
            flags=257,
            start_time_unix_nano=1_700_000_000_000_000_000 + number,
            end_time_unix_nano=2**64 - 1,
            dropped_attributes_count=2,
            dropped_events_count=3,
            dropped_links_count=4,
        )
        span.attributes.extend(pairs({"bytes": b"\x00\xff", "double": -0.5, "flag": True, "int": -(2**63), "nan": 1e300}))
        span.events.add(time_unix_nano=5, name="event", attributes=pairs({"k": "ü"}), dropped_attributes_count=6)
        span.links.add(trace_id=TRACE_ID, span_id=SPAN_ID, trace_state="c=d", attributes=pairs({"l": 1}), flags=1)
        span.status.code, span.status.message = 2, "no \"good\""
    return request


def metrics(*names: str) -> ExportMetricsServiceRequest:
    """A request with five points in five metrics for each name, one of each kind, with every field of the schema."""
    request = ExportMetricsServiceRequest()
    group = request.resource_metrics.add()
    group.resource.attributes.extend(pairs({"service.name": "shop"}))
    scope = group.scope_metrics.add()
    common = {"attributes": pairs({"k": "v"}), "start_time_unix_nano": 1, "time_unix_nano": 2**63, "flags": 1}
    for name in names:
        gauge = scope.metrics.add(name=name, description="d", unit="By", metadata=pairs({"m": 1}))
        exemplar = {"time_unix_nano": 7, "as_int": -1, "span_id": SPAN_ID, "trace_id": TRACE_ID}
        point = gauge.gauge.data_points.add(as_double=1.5, **common)
        point.exemplars.add(filtered_attributes=pairs({"f": "x"}), **exemplar)
        total = scope.metrics.add(name=name + ".sum").sum
        total.aggregation_temporality, total.is_monotonic = 2, True
        total.data_points.add(as_int=-(2**63), **common)
        histogram = scope.metrics.add(name=name + ".histogram").histogram
        histogram.aggregation_temporality = 1
        counts = {"bucket_counts": [1, 2**63, 0], "explicit_bounds": [0.5, 1.0], "count": 3, "sum": 2.5}
        histogram.data_points.add(min=0.0, max=9.0, **counts, **common)
        exponential = scope.metrics.add(name=name + ".exponential").exponential_histogram
        exponential.aggregation_temporality = 2
        point = exponential.data_points.add(count=4, sum=1.0, scale=-3, zero_count=1, zero_threshold=0.1, **common)
        point.positive.offset, point.negative.offset = -2, 5
        point.positive.bucket_counts.extend([1, 300, 2**63])
        summary = scope.metrics.add(name=name + ".summary").summary
        summary.data_points.add(count=2, sum=3.0, **common).quantile_values.add(quantile=0.99, value=4.0)
    return request


MESSAGES = {"traces": traces, "metrics": metrics}
ITEMS = {"traces": ("spans", 1), "metrics": ("metric_points", 5)}


def as_json(message) -> dict:
    """A message in OTLP's JSON: protobuf's own, but for ids in hexadecimal and enumerations as numbers."""

    def with_hex_ids(value):
        if isinstance(value, list):
            return [with_hex_ids(item) for item in value]
        if not isinstance(value, dict):
            return value
        ids = ("traceId", "spanId", "parentSpanId")
        return {
            key: base64.b64decode(item).hex() if key in ids else with_hex_ids(item) for key, item in value.items()
        }

    return with_hex_ids(MessageToDict(message, use_integers_for_enums=True))


def call(port: int, signal: str, message) -> bytes:
    with channel(port) as opened:
        return opened.unary_unary(METHODS[signal])(message.SerializeToString(), timeout=10)


def joined(bodies: list) -> bytes:
    return b"".join(bodies)


def exporters(over_grpc, over_http) -> dict:
    return {
        "otlp": quick(endpoint=f"127.0.0.1:{over_grpc.port}", tls={"insecure": True}),
        "otlphttp": quick(endpoint=over_http.url),
    }


@pytest.mark.parametrize("signal", ["traces", "metrics"])
def test_bytes_arrive_as_they_were_sent(start, signal):
    first, second = MESSAGES[signal]("a", "b"), MESSAGES[signal]("c")
    with OTLPServerGRPC() as over_grpc, OTLPServerHTTP() as over_http:
        gateway = start(exporters(over_grpc, over_http), pipelines("otlp", "otlphttp"))
        answer = send(gateway.http_port, first.SerializeToString(), path=f"/v1/{signal}")
        assert (answer.status, answer.body) == (200, b"")
        assert call(gateway.grpc_port, signal, second) == b""
        sent = first.SerializeToString() + second.SerializeToString()
        for server in (over_grpc, over_http):
            wait_until(lambda: len(joined(server.bodies[signal])) >= len(sent), 10, f"{signal} at the next hop")
            assert joined(server.bodies[signal]) == sent
            assert server.requests_taken == [] and server.violations == []
        items, factor = ITEMS[signal]
        assert gateway.metric(f"otelcol_receiver_accepted_{items}", transport="http") == 2 * factor
        assert gateway.metric(f"otelcol_receiver_accepted_{items}", transport="grpc") == 1 * factor
        for exporter in ("otlp", "otlphttp"):
            sent_items = lambda: gateway.metric(f"otelcol_exporter_sent_{items}", exporter=exporter)  # noqa: E731
            wait_until(lambda: sent_items() == 3 * factor, 10, "the count of what was sent")
        assert gateway.metric("otelcol_receiver_accepted_log_records") == 0


@pytest.mark.parametrize("signal", ["traces", "metrics"])
def test_json_becomes_the_same_message(start, signal):
    message = MESSAGES[signal]("a", "b")
    with OTLPServerHTTP() as server:
        gateway = start({"otlphttp": quick(endpoint=server.url)}, pipelines("otlphttp"))
        body = json.dumps(as_json(message)).encode()
        answer = send(gateway.http_port, body, JSON, path=f"/v1/{signal}")
        assert (answer.status, answer.body) == (200, b"{}")
        wait_until(lambda: server.bodies[signal], 10, f"{signal} at the next hop")
        assert REQUESTS[signal].FromString(joined(server.bodies[signal])) == message
        refused = send(gateway.http_port, body[:-2], JSON, path=f"/v1/{signal}")
        assert refused.status == 400 and refused.headers["Content-Type"] == JSON


@pytest.mark.parametrize("protocol", ["grpc", "http"])
def test_what_the_sdk_sends_arrives(start, protocol):
    with OTLPServerGRPC() as server:
        gateway = start(
            {"otlp": quick(endpoint=f"127.0.0.1:{server.port}", tls={"insecure": True})}, pipelines("otlp")
        )
        if protocol == "grpc":
            address = {"endpoint": f"127.0.0.1:{gateway.grpc_port}", "insecure": True}
            spans, points = GRPCSpanExporter(**address), GRPCMetricExporter(**address)
        else:
            url = f"http://127.0.0.1:{gateway.http_port}"
            spans = HTTPSpanExporter(endpoint=f"{url}/v1/traces")
            points = HTTPMetricExporter(endpoint=f"{url}/v1/metrics")
        resource = Resource.create({"service.name": "sdk"})
        tracing = TracerProvider(resource=resource)
        tracing.add_span_processor(BatchSpanProcessor(spans))
        tracer = tracing.get_tracer("library", "2.0")
        with tracer.start_as_current_span("parent", kind=SpanKind.SERVER) as parent:
            for number in range(200):
                links = [Link(parent.get_span_context(), {"l": number})]
                with tracer.start_as_current_span(f"child {number}", links=links, attributes={"n": number}) as span:
                    span.add_event("event", {"e": [1, 2]})
                    span.set_status(Status(StatusCode.ERROR, "no"))
        metering = MeterProvider([PeriodicExportingMetricReader(points)], resource=resource)
        meter = metering.get_meter("library")
        meter.create_counter("requests").add(3, {"path": "/"})
        meter.create_histogram("duration").record(1.5)
        assert tracing.force_flush() and metering.force_flush()
        tracing.shutdown()
        metering.shutdown()

        def names(signal: str) -> list:
            request = REQUESTS[signal].FromString(joined(server.bodies[signal]))
            if signal == "traces":
                return [s.name for r in request.resource_spans for g in r.scope_spans for s in g.spans]
            return [m.name for r in request.resource_metrics for g in r.scope_metrics for m in g.metrics]

        wait_until(lambda: len(names("traces")) >= 201, 10, "all spans")
        assert sorted(names("traces")) == sorted([f"child {number}" for number in range(200)] + ["parent"])
        wait_until(lambda: set(names("metrics")) == {"requests", "duration"}, 10, "both metrics")
        assert server.violations == []


def test_a_queue_on_disk_survives_a_kill(start):
    """Every request that was answered is there after SIGKILL, in the queue of its signal, bytes and all."""
    with OTLPServerGRPC() as server:
        server.standing = GRPCFault(code=grpc.StatusCode.UNAVAILABLE)
        exporter = quick(endpoint=f"127.0.0.1:{server.port}", tls={"insecure": True})
        exporter = merged(exporter, {"sending_queue": {"directory": "queue"}})
        gateway = start({"otlp": exporter}, pipelines("otlp"))
        sent = {signal: [MESSAGES[signal](f"{signal} {number}") for number in range(30)] for signal in REQUESTS}
        for signal, messages in sent.items():
            for message in messages:
                assert send(gateway.http_port, message.SerializeToString(), path=f"/v1/{signal}").status == 200
        gateway.kill()
        folders = sorted(path.name for path in gateway.folder.glob("queue*"))
        assert folders == ["queue", "queue+metrics", "queue+traces"]
        server.standing = GRPCFault()
        gateway.start()
        for signal, messages in sent.items():
            expected = joined([message.SerializeToString() for message in messages])
            wait_until(lambda: len(joined(server.bodies[signal])) >= len(expected), 20, f"all {signal}")
            assert joined(server.bodies[signal]) == expected
        wait_until(lambda: gateway.metric("sluice_exporter_queued_spans") == 0, 10, "an empty queue")
        assert gateway.metric("sluice_ledger_spans", state="recovered") == 30
        assert gateway.metric("sluice_ledger_spans", state="delivered") == 30
        assert server.violations == []


def test_the_next_hops_answers_are_heeded(start):
    """A hint when to retry, records rejected in part, and a body that is too large and is cut."""
    with OTLPServerGRPC() as server:
        letters = {"dead_letter": {"path": "letters.jsonl"}}
        exporter = quick(endpoint=f"127.0.0.1:{server.port}", tls={"insecure": True})
        gateway = start({"otlp": merged(exporter, letters)}, pipelines("otlp"))
        server.faults += [
            GRPCFault(code=grpc.StatusCode.RESOURCE_EXHAUSTED, retry_seconds=0.1),
            GRPCFault(code=grpc.StatusCode.RESOURCE_EXHAUSTED),
            GRPCFault(),
            GRPCFault(rejected=1, message="not this one"),
        ]
        message = metrics("a", "b")
        assert send(gateway.http_port, message.SerializeToString(), path="/v1/metrics").status == 200
        wait_until(lambda: len(server.bodies["metrics"]) == 2, 10, "both halves")
        parts = [REQUESTS["metrics"].FromString(body) for body in server.bodies["metrics"]]
        found = [m for part in parts for r in part.resource_metrics for g in r.scope_metrics for m in g.metrics]
        assert found == list(message.resource_metrics[0].scope_metrics[0].metrics)
        assert all(part.resource_metrics[0].resource == message.resource_metrics[0].resource for part in parts)
        wait_until(lambda: gateway.metric("otelcol_exporter_sent_metric_points") == 9, 10, "what was taken")
        assert gateway.metric("otelcol_exporter_send_failed_metric_points") == 1
        letter = wait_until(lambda: (gateway.folder / "letters.jsonl").exists(), 10, "a dead letter")
        letter = json.loads((gateway.folder / "letters.jsonl").read_text().splitlines()[0])
        assert (letter["exporter"], letter["reason"].split(":")[0]) == ("otlp+metrics", "rejected by the server")


def test_dead_letters_are_sent_again_to_where_their_signal_goes(start):
    message = traces("poison")
    with OTLPServerHTTP() as server:
        exporter = merged(quick(endpoint=server.url), {"dead_letter": {"path": "letters.jsonl"}})
        gateway = start({"otlphttp": exporter}, pipelines("otlphttp"))
        body = status_message(3, "no").SerializeToString()
        server.faults.once(Fault(status=422, body=body, headers={"Content-Type": "application/x-protobuf"}))
        assert send(gateway.http_port, message.SerializeToString(), path="/v1/traces").status == 200
        letters = gateway.folder / "letters.jsonl"
        wait_until(lambda: letters.exists() and letters.read_text(), 10, "a dead letter")
        letter = json.loads(letters.read_text())
        assert (letter["exporter"], letter["format"], letter["path"]) == ("otlphttp+traces", "otlp traces", "/v1/traces")
        assert base64.b64decode(letter["record"]) == message.SerializeToString()
        command = [str(binary()), "dead-letter", "replay", "--path", str(letters), "--to", server.url]
        ran = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
        assert ran.returncode == 0, ran.stdout + ran.stderr
        assert server.bodies["traces"] == [message.SerializeToString()]


def test_files_have_lines_of_json_and_debug_has_counts(start):
    overlay = pipelines("file", "debug", "nop")
    gateway = start({"file": {"path": "out.jsonl"}, "debug": {}, "nop": {}}, overlay)
    sent = {signal: MESSAGES[signal]("a", "b") for signal in REQUESTS}
    for signal, message in sent.items():
        assert send(gateway.http_port, message.SerializeToString(), path=f"/v1/{signal}").status == 200
    for signal, message in sent.items():
        path = gateway.folder / f"out.{signal}.jsonl"
        wait_until(lambda: path.exists() and path.read_text().endswith("\n"), 10, f"a line of {signal}")
        lines = path.read_text().splitlines()
        expected = as_json(message)
        assert len(lines) == 1 and json.loads(lines[0]) == expected
    wait_until(lambda: "Metrics resource metrics: 1, data points: 10" in gateway.log(), 10, "counts")
    assert "Traces resource spans: 1, spans: 2" in gateway.log()


def test_resources_are_edited_and_rates_hold(start):
    processors = {
        "resource": {"attributes": [{"key": "env", "action": "upsert", "value": "prod"}]},
        "resourcedetection": {"detectors": ["system"], "attributes": ["os.type"]},
        "rate_limit": {"records_per_second": 3, "burst": "1s"},
        "batch": {"timeout": "10ms"},
        "memory_limiter": {"check_interval": "1s", "limit_mib": 512},
    }
    steps = ["memory_limiter", "rate_limit", "resource", "resourcedetection", "batch"]
    overlay = pipelines("otlphttp", signals=["traces"], processors=steps)
    with OTLPServerHTTP() as server:
        gateway = start({"otlphttp": {"endpoint": server.url}}, {"processors": processors, **overlay})
        body = traces("a", "b", "c").SerializeToString()
        assert send(gateway.http_port, body, path="/v1/traces").status == 200
        refused = send(gateway.http_port, body, path="/v1/traces")
        assert refused.status == 429 and int(refused.headers["Retry-After"]) >= 1
        wait_until(lambda: server.bodies["traces"], 10, "traces at the next hop")
        request = REQUESTS["traces"].FromString(joined(server.bodies["traces"]))
        expected = traces("a", "b", "c")
        expected.resource_spans[0].resource.attributes.extend(pairs({"env": "prod", "os.type": "linux"}))
        assert request == expected
        assert gateway.metric("sluice_processor_refused_spans", processor="rate_limit") == 3


def test_delivered_means_that_the_next_hop_has_it(start):
    with OTLPServerHTTP() as server:
        exporter = {"otlphttp": quick(endpoint=server.url)}
        gateway = start(exporter, pipelines("otlphttp", signals=["traces"], ack="delivered", ack_timeout="300ms"))
        body = traces("a").SerializeToString()
        assert send(gateway.http_port, body, path="/v1/traces").status == 200
        assert joined(server.bodies["traces"]) == body
        server.faults.standing(Fault(status=503))
        assert send(gateway.http_port, body, path="/v1/traces").status == 503
        server.faults.standing()
        wait_until(lambda: joined(server.bodies["traces"]) == body + body, 10, "the second one")


def test_a_signal_without_a_pipeline_is_refused_as_before(start):
    with OTLPServerHTTP() as server:
        gateway = start({"otlphttp": quick(endpoint=server.url)}, pipelines("otlphttp", signals=["traces"]))
        assert send(gateway.http_port, metrics("a").SerializeToString(), path="/v1/metrics").status == 404
        assert send(gateway.http_port, traces("a").SerializeToString(), path="/v1/traces").status == 200
        wait_until(lambda: server.bodies["traces"], 10, "the trace")
        with pytest.raises(grpc.RpcError) as refused:
            call(gateway.grpc_port, "metrics", metrics("a"))
        assert refused.value.code() == grpc.StatusCode.UNIMPLEMENTED
        assert "metrics are not taken, no pipeline is of them" in gateway.log()


def test_a_reload_brings_a_signal_and_takes_it_away(start):
    with OTLPServerHTTP() as server:
        gateway = start({"otlphttp": quick(endpoint=server.url)})
        without, body = gateway.config, traces("a").SerializeToString()
        assert send(gateway.http_port, body, path="/v1/traces").status == 404
        assert gateway.reload(merged(without, pipelines("otlphttp", signals=["traces"])))[0] == 200
        assert send(gateway.http_port, body, path="/v1/traces").status == 200
        wait_until(lambda: joined(server.bodies["traces"]) == body, 10, "the trace")
        assert gateway.reload(without)[0] == 200
        assert send(gateway.http_port, body, path="/v1/traces").status == 404


def test_what_is_for_logs_only_is_said(tmp_path):
    config = {
        "receivers": {"otlp": {"protocols": {"http": {"endpoint": "127.0.0.1:0"}}}},
        "processors": {"filter": {"logs": {"exclude": {"match_type": "strict", "bodies": ["x"]}}}},
        "exporters": {"nop": {}},
        "service": {"pipelines": {"traces": {"receivers": ["otlp"], "processors": ["filter"], "exporters": ["nop"]}}},
    }
    (tmp_path / "c.yaml").write_text(json.dumps(config))
    ran = subprocess.run(
        [str(binary()), "validate", "--config", str(tmp_path / "c.yaml")],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert ran.returncode != 0
    assert 'service.pipelines.traces.processors[0]: "filter" is for logs only; --signals logs' in ran.stderr + ran.stdout
