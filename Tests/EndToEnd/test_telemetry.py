"""The gateway's own metrics and logs: read as Prometheus wants them, and sent to an OTLP endpoint."""

import re
import time

import grpc
import pytest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest

from EndToEnd.gateway import LABEL, Gateway, free_port, merged, wait_until
from EndToEnd.http_clients import send
from EndToEnd.otlp_requests import record, request
from StandIns.otlp import GRPCFault, OTLPServerGRPC, OTLPServerHTTP

# What Prometheus 3 says.
ACCEPT = (
    "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,"
    "application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,"
    "text/plain;version=0.0.4;q=0.2,*/*;q=0.1"
)
RESOURCE = {"service.name": "edge", "k8s.pod.name": "edge-0"}


def target(server) -> dict:
    """The exporter of a reader or processor that sends to a server."""
    if isinstance(server, OTLPServerGRPC):
        return {"otlp": {"protocol": "grpc", "endpoint": f"127.0.0.1:{server.port}", "insecure": True}}
    return {"otlp": {"protocol": "http/protobuf", "endpoint": server.url, "headers": [{"name": "x-key", "value": "k"}]}}


def pushing(gateway: Gateway, exporter: dict, level="info", **batch) -> dict:
    """A configuration that sends metrics every 100 ms and logs every 50 ms."""
    pull = {"pull": {"exporter": {"prometheus": {"host": "127.0.0.1", "port": gateway.admin_port}}}}
    push = {"periodic": {"interval": 100, "timeout": 1000, "exporter": exporter}}
    logs = {"level": level, "processors": [{"batch": {"schedule_delay": 50, **batch, "exporter": exporter}}]}
    telemetry = {"metrics": {"readers": [pull, push]}, "logs": logs, "resource": RESOURCE}
    return {"service": {"telemetry": telemetry}}


def started(folder, exporter: dict, **more) -> Gateway:
    gateway = Gateway(folder)
    gateway.config = merged(gateway.config, pushing(gateway, exporter, **more))
    return gateway.start()


def attributes(owner) -> dict:
    return {pair.key: pair.value.string_value for pair in owner.attributes}


def points(bodies: list) -> dict:
    """The points of requests, the last of each series, with the kind of the metric."""
    found = {}
    for body in bodies:
        for group in ExportMetricsServiceRequest.FromString(body).resource_metrics:
            assert attributes(group.resource)["service.name"] == "edge"
            for metric in group.scope_metrics[0].metrics:
                kind = metric.WhichOneof("data")
                for point in getattr(metric, kind).data_points:
                    found[metric.name, tuple(sorted(attributes(point).items()))] = (kind, metric, point)
    return found


def logged(server) -> list:
    with server.lock:
        requests = list(server.requests_taken)
    return [
        entry for sent in requests for group in sent.resource_logs for scope in group.scope_logs
        for entry in scope.log_records
    ]


@pytest.mark.parametrize("kind", [OTLPServerHTTP, OTLPServerGRPC])
def test_metrics_and_logs_arrive(tmp_path, kind):
    with kind() as server:
        gateway = started(tmp_path, target(server))
        try:
            assert send(gateway.http_port, request(record(), record()).SerializeToString()).status == 200
            assert send(gateway.http_port, b"\xff").status == 400
            accepted = ("otelcol_receiver_accepted_log_records", (
                ("encoding", "protobuf"), ("receiver", "otlp"), ("transport", "http")))

            def arrived():
                with server.lock:
                    found = points(server.bodies["metrics"])
                return found if accepted in found and found[accepted][2].as_int == 2 else None

            found = wait_until(arrived, 10, "the count of records")
            sum_kind, metric, point = found[accepted]
            assert sum_kind == "sum" and metric.sum.is_monotonic and metric.sum.aggregation_temporality == 2
            assert 0 < point.start_time_unix_nano < point.time_unix_nano < time.time_ns() + 10**9
            uptime_kind, uptime, _ = found["otelcol_process_uptime", ()]
            assert uptime_kind == "sum" and uptime.unit == "s"
            assert found["otelcol_process_memory_rss", ()][0] == "gauge"
            timed = "sluice_receiver_request_duration_seconds"
            durations = [value for (name, _), value in found.items() if name == timed]
            assert durations and all(
                kind == "histogram" and sum(point.bucket_counts) == point.count > 0
                and len(point.bucket_counts) == len(point.explicit_bounds) + 1 for kind, _, point in durations)
            lines = wait_until(
                lambda: [e for e in logged(server) if "refused" in e.body.string_value], 10, "a line of the log")
            assert lines[0].severity_text == "WARNING" and lines[0].severity_number == 13
            assert lines[0].time_unix_nano > 10**18
            assert attributes(lines[0])
            # It is in the log too.
            assert lines[0].body.string_value in gateway.log()
            if kind is OTLPServerHTTP:
                assert {seen.headers.get("x-key") for seen in server.requests} == {"k"}
        finally:
            gateway.stop()
        # What was said at the end is sent before it.
        assert any(e.body.string_value == "gateway has stopped" for e in logged(server))
        assert server.violations == []


def test_a_resource_and_a_scope_say_who_it_is(tmp_path):
    with OTLPServerHTTP() as server:
        gateway = started(tmp_path, target(server))
        try:
            wait_until(lambda: server.bodies["metrics"], 10, "metrics")
            wait_until(lambda: server.requests_taken, 10, "logs")
            text = gateway.admin("/metrics")[1]
        finally:
            gateway.stop()
        group = ExportMetricsServiceRequest.FromString(server.bodies["metrics"][0]).resource_metrics[0]
        seen = attributes(group.resource)
        assert seen == attributes(server.requests_taken[0].resource_logs[0].resource)
        assert seen["k8s.pod.name"] == "edge-0" and len(seen["service.instance.id"]) == 36
        assert group.scope_metrics[0].scope.name == "sluice"
        line = next(line for line in text.splitlines() if line.startswith("target_info{"))
        assert dict(LABEL.findall(line)) == {name.replace(".", "_"): value for name, value in seen.items()}


@pytest.mark.parametrize("fault", ["away", "refusing", "hanging"])
def test_an_endpoint_that_takes_nothing_costs_a_line_a_minute(tmp_path, fault):
    with OTLPServerGRPC() as server:
        if fault == "refusing":
            server.standing = GRPCFault(code=grpc.StatusCode.UNAVAILABLE)
        if fault == "hanging":
            server.standing = GRPCFault(delay_seconds=5)
        exporter = target(server)
        if fault == "away":
            exporter["otlp"]["endpoint"] = f"127.0.0.1:{free_port()}"
        gateway = started(tmp_path, exporter, level="debug")
        try:
            for _ in range(20):
                assert send(gateway.http_port, request(record()).SerializeToString(), timeout=2).status == 200
                time.sleep(0.1)
            # Two senders, of metrics and of logs, each say so once.
            assert wait_until(lambda: gateway.log().count("are not delivered"), 5, "a line") <= 2
            if fault == "refusing":
                server.standing = GRPCFault()
                # Nothing of that line is sent.
                wait_until(lambda: any("gateway is ready" in e.body.string_value for e in logged(server)), 30, "lines")
                assert not any("are not delivered" in e.body.string_value for e in logged(server))
        finally:
            began = time.monotonic()
            gateway.stop()
            assert time.monotonic() - began < 5


def test_the_end_does_not_wait_until_a_slow_endpoint_has_all(tmp_path):
    with OTLPServerGRPC() as server:
        server.standing = GRPCFault(delay_seconds=0.9)
        gateway = started(tmp_path, target(server), schedule_delay=60_000, max_export_batch_size=1)
        began = time.monotonic()
        gateway.stop()
        assert time.monotonic() - began < 5
        assert gateway.log().count("\n") > 7
        assert len(logged(server)) < 7


def test_a_reload_changes_where_they_go(tmp_path):
    with OTLPServerHTTP() as first, OTLPServerHTTP() as second:
        gateway = started(tmp_path, target(first))
        try:
            wait_until(lambda: first.bodies["metrics"], 10, "metrics")
            status, text = gateway.reload(merged(gateway.config, pushing(gateway, target(second))))
            assert status == 200, text
            wait_until(lambda: len(second.bodies["metrics"]) > 1 and second.requests_taken, 10, "metrics and logs")
            taken = wait_until(lambda: len(first.bodies["metrics"]), 1, "metrics")
            time.sleep(1)
            assert len(first.bodies["metrics"]) <= taken + 1
            status, text = gateway.reload(merged(gateway.config, {"service": {"telemetry": {"metrics": {"readers": [
                pushing(gateway, target(second))["service"]["telemetry"]["metrics"]["readers"][0]]},
                "logs": {"processors": []}}}}))
            assert status == 200, text
            time.sleep(0.5)
            taken = len(second.bodies["metrics"])
            time.sleep(1)
            assert len(second.bodies["metrics"]) == taken
        finally:
            gateway.stop()


@pytest.mark.parametrize("without", [True, False])
def test_both_formats_have_the_same_names(tmp_path, without):
    gateway = Gateway(tmp_path)
    prometheus = {"host": "127.0.0.1", "port": gateway.admin_port, "without_type_suffix": without,
                  "without_units": without, "without_scope_info": without}
    readers = [{"pull": {"exporter": {"prometheus": prometheus}}}]
    gateway.config = merged(gateway.config, {"service": {"telemetry": {"metrics": {"readers": readers}}}})
    gateway.start()
    try:
        assert send(gateway.http_port, request(record()).SerializeToString()).status == 200
        plain = send(gateway.admin_port, None, None, "GET", "/metrics")
        opened = send(gateway.admin_port, None, None, "GET", "/metrics", Accept=ACCEPT)
    finally:
        gateway.stop()
    assert plain.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert opened.headers["Content-Type"] == "application/openmetrics-text; version=1.0.0; charset=utf-8"
    text, lines = plain.body.decode(), opened.body.decode().splitlines()
    assert lines[-1] == "# EOF" and "# EOF" not in lines[:-1]
    names = lambda page: {re.split("[ {]", line)[0] for line in page if not line.startswith("#")}
    assert names(lines) == names(text.splitlines())
    assert ("otelcol_process_uptime_seconds_total" in names(lines)) is not without
    assert ("otelcol_process_uptime" in names(lines)) is without
    assert ("otel_scope_name=\"sluice\"" in text) is not without
    check_open_metrics(lines[:-1])


def check_open_metrics(lines: list):
    """Every family once, its samples together and named as its type says (OpenMetrics 1.0, "Metric Types")."""
    endings = {"counter": ["_total"], "gauge": [""], "unknown": [""], "info": ["_info"],
               "histogram": ["_bucket", "_sum", "_count"]}
    families, family, kind = set(), None, None
    for line in lines:
        if line.startswith("# HELP "):
            continue
        if line.startswith("# TYPE "):
            _, _, family, kind = line.split(" ")
            assert family not in families, family
            families.add(family)
            continue
        name = re.split("[ {]", line)[0]
        assert name in [family + ending for ending in endings[kind]], line
        float(line.rsplit(" ", 1)[1])
