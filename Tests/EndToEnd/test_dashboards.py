"""What dashboards that are made for the Collector ask for, as far as it is about the process, the way of logs and
requests on the wire: each query finds samples, under the name and with the labels that it selects and groups by.

The names and labels are those of queries of grafana.com 15983, of the collector dashboard of the OpenTelemetry demo
and of Grafana's mixin for the Collector. Left out is what today's Collector has no more either:
`http_server_duration` and `rpc_…_responses_per_rpc`.
"""

import re

import pytest
from opentelemetry.proto.collector.logs.v1 import logs_service_pb2_grpc
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest

from EndToEnd.gateway import PLAIN_NAMES, Gateway, free_port, merged, quick, wait_until
from EndToEnd.http_clients import channel, send
from EndToEnd.otlp_requests import many, record, request
from StandIns.otlp import OTLPServerGRPC, OTLPServerHTTP

RESOURCE = {
    "deployment.environment.name": "test", "host.name": "node-1", "k8s.cluster.name": "c", "k8s.node.name": "node-1",
}
# What the demo selects every sample by.
PLACE = ("service_name", "service_instance_id", *(name.replace(".", "_") for name in RESOURCE))


def query(name: str, *labels: str, **values: str) -> tuple:
    """A name as a regular expression, and what labels have to have; a label that is only named, anything."""
    return name, {**{label: ".*" for label in labels}, **values}


def grafana_15983(total: str, seconds: str, size: str) -> list:
    """Its queries with the endings of names that its variables find."""
    asked = [
        query(f"otelcol_process_uptime{seconds}{total}"), query(f"otelcol_process_cpu_seconds{total}"),
        query(f"otelcol_process_memory_rss{size}"), query("otelcol_process_runtime_total_sys_memory_bytes"),
        query("otelcol_process_runtime_heap_alloc_bytes"),
        query("target_info", "service_name", "service_version", "service_instance_id"),
        query(".*otelcol_processor_.+accepted_log_records.*", "processor"),
        query(".*otelcol_processor_.+refused_log_records.*", "processor"),
        query("otelcol_exporter_queue_size", "exporter"), query("otelcol_exporter_queue_capacity", "exporter"),
        query("otelcol_processor_batch_batch_send_size_bucket", "processor", "le"),
        query("otelcol_processor_batch_batch_send_size_count", "processor"),
        query("otelcol_processor_batch_batch_send_size_sum", "processor"),
        query(f"otelcol_processor_filter_logs_filtered{total}", "filter"),
    ]
    asked += [query(f"otelcol_receiver_{what}_log_records{total}", "receiver", "transport")
              for what in ("accepted", "refused")]
    asked += [query(f"otelcol_processor_{what}_items{total}", "processor", otel_signal="logs")
              for what in ("incoming", "outgoing")]
    asked += [query(f"otelcol_processor_{what}_log_records{total}", "processor")
              for what in ("accepted", "refused", "dropped")]
    asked += [query(f"otelcol_processor_batch_{what}_trigger_send{total}", "processor")
              for what in ("batch_size", "timeout")]
    asked += [query(f"otelcol_exporter_{what}_log_records{total}", "exporter")
              for what in ("sent", "enqueue_failed", "send_failed")]
    asked += [query(f".*rpc_{side}_{what}.*bucket", "le")
              for side in ("server", "client") for what in ("duration", "request_size")]
    return asked


DEMO = [
    query("otelcol_process_uptime_seconds_total", *PLACE), query("otelcol_process_cpu_seconds_total", *PLACE),
    query("otelcol_process_memory_rss_bytes", *PLACE),
    *(query(f"otelcol_receiver_{what}_log_records_total", *PLACE) for what in ("accepted", "refused", "failed")),
    *(query(f"otelcol_processor_{what}_items_total", "processor", *PLACE, otel_signal="logs")
      for what in ("incoming", "outgoing")),
    *(query(f"otelcol_exporter_{what}_log_records_total", *PLACE) for what in ("sent", "send_failed")),
    *(query(f"otelcol_exporter_queue_{what}", "exporter", *PLACE, data_type="logs") for what in ("size", "capacity")),
]
MIXIN = [
    query("otelcol_process_uptime(_seconds_total)?"), query("otelcol_process_cpu_seconds(_total)?"),
    query("otelcol_process_memory_rss(_bytes)?"), query("otelcol_process_runtime_total_sys_memory_bytes(_total)?"),
    *(query(f"otelcol_receiver_{what}_log_records(_total)?") for what in ("accepted", "refused")),
    *(query(f"otelcol_processor_{what}_items(_total)?") for what in ("incoming", "outgoing")),
    query("otelcol_processor_batch_batch_send_size_bucket", "le"),
    query("otelcol_processor_batch_metadata_cardinality(_total)?"),
    query("otelcol_processor_batch_timeout_trigger_send(_total)?"),
    *(query(f"otelcol_exporter_queue_{what}(_total)?") for what in ("size", "capacity")),
    *(query(f"otelcol_exporter_{what}_log_records(_total)?") for what in ("sent", "send_failed", "enqueue_failed")),
    *(query(f"rpc_{side}_duration_milliseconds_bucket", "le") for side in ("server", "client")),
    *(query(f"rpc_{side}_request_size_bytes_bucket", "le") for side in ("server", "client")),
    *(query(f"http_{side}_request_duration_seconds_bucket", "le") for side in ("server", "client")),
    *(query(f"http_{side}_request_body_size_bytes_bucket", "le") for side in ("server", "client")),
    # Its alerts, which know one form of each name.
    *(query(f"otelcol_{name}_log_records_total")
      for name in ("receiver_refused", "exporter_send_failed", "exporter_enqueue_failed")),
    query("otelcol_exporter_queue_size"), query("otelcol_exporter_queue_capacity"),
]
# Each with how it gets its metrics: names as they are where nothing is said of them, plain ones, or over OTLP.
CASES = {
    "15983, plain names": (grafana_15983("", "", ""), "plain"),
    "15983": (grafana_15983("_total", "_seconds", "_bytes"), "unsaid"),
    "demo": (DEMO, "unsaid"),
    "demo, sent": (DEMO, "sent"),
    "mixin": (MIXIN, "unsaid"),
    "mixin, sent": (MIXIN, "sent"),
}


def overlay(gateway: Gateway, way: str, to: OTLPServerHTTP) -> dict:
    """A configuration with a processor of each kind that queries are about."""
    prometheus = {
        "host": "127.0.0.1", "port": gateway.admin_port, **(PLAIN_NAMES if way == "plain" else {}),
        "with_resource_constant_labels": {"included": ["*"]},
    }
    readers = [{"pull": {"exporter": {"prometheus": prometheus}}}]
    if way == "sent":
        readers.append({"periodic": {"interval": 100, "exporter": {"otlp": {"endpoint": to.url}}}})
    return {
        "processors": {
            "batch": {"timeout": "10ms"},
            "memory_limiter": {"check_interval": "1s", "limit_mib": 200},
            "filter": {"logs": {"log_record": ['body == "no"']}},
        },
        "service": {
            "telemetry": {"metrics": {"level": "detailed", "readers": readers}, "resource": RESOURCE},
            "pipelines": {"logs": {"processors": ["memory_limiter", "filter", "batch"]}},
        },
    }


def plain(name: str) -> str:
    return re.sub("[^a-zA-Z0-9]", "_", name)


def stored(bodies: list) -> dict:
    """What Prometheus keeps of requests that it is sent, under the names that it makes, with attributes as labels."""
    units = {"s": "_seconds", "ms": "_milliseconds", "By": "_bytes"}
    samples = {}
    for body in bodies:
        for group in ExportMetricsServiceRequest.FromString(body).resource_metrics:
            place = {plain(pair.key): pair.value.string_value for pair in group.resource.attributes}
            for metric in group.scope_metrics[0].metrics:
                kind = metric.WhichOneof("data")
                name, unit = plain(metric.name), units.get(metric.unit, "")
                name += "" if name.endswith(unit) else unit
                if kind == "sum" and metric.sum.is_monotonic:
                    name += "_total"
                for point in getattr(metric, kind).data_points:
                    labels = {**place, **{plain(pair.key): pair.value.string_value for pair in point.attributes}}
                    if kind == "histogram":
                        for bound in [*point.explicit_bounds, "+Inf"]:
                            samples[name + "_bucket", tuple({**labels, "le": str(bound)}.items())] = 0
                    else:
                        value = getattr(point, point.WhichOneof("value"))
                        samples[name, tuple(labels.items())] = value
    return samples


def missing(samples: dict, queries: list) -> list:
    """The queries that find nothing."""
    def finds(name, labels):
        return any(
            re.fullmatch(name, sample)
            and all(re.fullmatch(wanted, dict(given).get(label, "\n")) for label, wanted in labels.items())
            for sample, given in samples
        )

    return [asked for asked in queries if not finds(*asked)]


@pytest.mark.parametrize("case", CASES)
def test_every_query_finds_something(tmp_path, case):
    queries, way = CASES[case]
    with OTLPServerHTTP() as http, OTLPServerGRPC() as grpc, OTLPServerHTTP() as monitoring:
        exporters = {
            "otlphttp": quick(endpoint=http.url),
            "otlp": quick(endpoint=f"127.0.0.1:{grpc.port}", tls={"insecure": True}),
        }
        gateway = Gateway(tmp_path, exporters)
        gateway.config = merged(gateway.config, overlay(gateway, way, monitoring))
        gateway.start()
        try:
            body = request(record("yes"), record("no")).SerializeToString()
            assert send(gateway.http_port, body).status == 200
            with channel(gateway.grpc_port) as connection:
                logs_service_pb2_grpc.LogsServiceStub(connection).Export(request(record("yes")))
            for name in exporters:
                wait_until(
                    lambda: gateway.metric("otelcol_exporter_sent_log_records", exporter=name) == 2, 10, "deliveries")
            if way == "sent":
                wait_until(lambda: missing(stored(list(monitoring.bodies["metrics"])), queries) == [], 10, "all of it")
            else:
                assert missing(gateway.metrics(), queries) == []
            for processor, (taken, handed_on) in {"memory_limiter": (3, 3), "filter": (3, 2), "batch": (2, 2)}.items():
                labels = {"processor": processor, "otel_signal": "logs"}
                assert gateway.metric("otelcol_processor_incoming_items", **labels) == taken, processor
                assert gateway.metric("otelcol_processor_outgoing_items", **labels) == handed_on, processor
            assert gateway.metric("otelcol_processor_memory_limiter_accepted_log_records") == 3
            assert gateway.metric("otelcol_receiver_requests", outcome="success") == 2
            wait_until(
                lambda: gateway.metric("otelcol_processor_batch_batch_send_size_sum", processor="batch") == 4, 10,
                "records of batches")
        finally:
            gateway.stop()


def test_records_for_which_there_is_no_room_are_refused_by_the_memory_limiter(tmp_path):
    # Records come to more in the queue than in a request, so that it is known only then that there is no room.
    gateway = Gateway(tmp_path, {"elasticsearch": quick(endpoint=f"http://127.0.0.1:{free_port()}")}, {
        "processors": {"memory_limiter": {"check_interval": "1s", "limit_mib": 2}, "batch": {}},
        "service": {"pipelines": {"logs": {"processors": ["memory_limiter", "batch"]}}},
    })
    gateway.start()
    try:
        bodies = [many(1000, f"r{turn}", 10).SerializeToString() for turn in range(9)]
        statuses = [send(gateway.http_port, body).status for body in bodies]
        refused = 1000 * statuses.count(429)
        assert 0 < refused < 9000 and set(statuses) == {200, 429}, statuses
        for name in ("memory_limiter_", ""):
            metric = f"otelcol_processor_{name}refused_log_records"
            assert gateway.metric(metric, processor="memory_limiter") == refused
        assert gateway.metric("otelcol_processor_memory_limiter_accepted_log_records") == 9000
        assert gateway.metric("otelcol_processor_refused_log_records", processor="batch") == 0
    finally:
        gateway.kill()
