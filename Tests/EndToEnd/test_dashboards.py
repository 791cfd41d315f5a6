"""What dashboards that are made for the Collector ask for, as far as it is about the process, the way of logs and
requests on the wire: each query finds samples, with the labels that it selects and groups by.

The names and labels are those of queries of grafana.com 15983, of the collector dashboard of the OpenTelemetry demo
and of Grafana's mixin for the Collector.
"""

import pytest
from opentelemetry.proto.collector.logs.v1 import logs_service_pb2_grpc

from EndToEnd.gateway import Gateway, merged, quick, wait_until
from EndToEnd.http_clients import channel, send
from EndToEnd.otlp_requests import record, request
from StandIns.otlp import OTLPServerGRPC, OTLPServerHTTP

RECEIVER, PROCESSOR, EXPORTER = ("receiver",), ("processor",), ("exporter",)

# (names of which one is there, labels that a sample of it has). Counters are named without `_total`.
PROCESS = [
    (["otelcol_process_uptime"], ()),
    (["otelcol_process_cpu_seconds"], ()),
    (["otelcol_process_memory_rss"], ()),
    (["otelcol_process_runtime_total_sys_memory_bytes"], ()),
    (["otelcol_process_runtime_heap_alloc_bytes"], ()),
]
LOGS = [
    (["otelcol_receiver_accepted_log_records"], (*RECEIVER, "transport")),
    (["otelcol_receiver_refused_log_records"], (*RECEIVER, "transport")),
    (["otelcol_exporter_sent_log_records"], EXPORTER),
    (["otelcol_exporter_send_failed_log_records"], EXPORTER),
    (["otelcol_exporter_enqueue_failed_log_records"], EXPORTER),
    (["otelcol_exporter_queue_size"], EXPORTER),
    (["otelcol_exporter_queue_capacity"], EXPORTER),
]
PROCESSORS = [
    (["otelcol_processor_incoming_items"], (*PROCESSOR, "otel_signal")),
    (["otelcol_processor_outgoing_items"], (*PROCESSOR, "otel_signal")),
]
BATCHES = [
    (["otelcol_processor_batch_batch_send_size_bucket"], (*PROCESSOR, "le")),
    (["otelcol_processor_batch_timeout_trigger_send"], PROCESSOR),
]
DASHBOARDS = {
    "15983": PROCESS + LOGS + PROCESSORS + BATCHES + [
        (["otelcol_processor_accepted_log_records"], PROCESSOR),
        (["otelcol_processor_refused_log_records"], PROCESSOR),
        (["otelcol_processor_dropped_log_records"], PROCESSOR),
        (["otelcol_processor_batch_batch_send_size_count"], PROCESSOR),
        (["otelcol_processor_batch_batch_send_size_sum"], PROCESSOR),
        (["otelcol_processor_batch_batch_size_trigger_send"], PROCESSOR),
        (["otelcol_processor_filter_logs_filtered"], ("filter",)),
        (["target_info"], ("service_name", "service_version", "service_instance_id")),
        (["rpc_server_duration_bucket", "rpc_server_duration_milliseconds_bucket"], ("le",)),
        (["rpc_server_request_size_bucket", "rpc_server_request_size_bytes_bucket"], ("le",)),
        (["rpc_client_duration_bucket", "rpc_client_duration_milliseconds_bucket"], ("le",)),
        (["rpc_client_request_size_bucket", "rpc_client_request_size_bytes_bucket"], ("le",)),
    ],
    "demo": PROCESS[:3] + LOGS + PROCESSORS + [
        (["otelcol_receiver_failed_log_records"], RECEIVER),
        (["otelcol_exporter_queue_size"], (*EXPORTER, "data_type")),
        (["otelcol_exporter_queue_capacity"], (*EXPORTER, "data_type")),
        (["otelcol_process_uptime"], ("service_name", "service_instance_id", "host_name")),
        (["otelcol_receiver_accepted_log_records"], ("service_name", "service_instance_id", "k8s_node_name")),
    ],
    "mixin": PROCESS[:4] + LOGS + PROCESSORS + BATCHES + [
        (["rpc_server_duration_milliseconds_bucket"], ("le",)),
        (["http_server_request_duration_seconds_bucket"], ("le",)),
        (["rpc_server_request_size_bytes_bucket"], ("le",)),
        (["http_server_request_body_size_bytes_bucket"], ("le",)),
        (["rpc_client_duration_milliseconds_bucket"], ("le",)),
        (["http_client_request_duration_seconds_bucket"], ("le",)),
        (["rpc_client_request_size_bytes_bucket"], ("le",)),
        (["http_client_request_body_size_bytes_bucket"], ("le",)),
    ],
}
# The endings of names that each is made for.
SUFFIXES = {"15983": [True, False], "demo": [False], "mixin": [False]}
RESOURCE = {"host.name": "node-1", "k8s.node.name": "node-1"}


def overlay(gateway: Gateway, without_suffixes: bool) -> dict:
    """A configuration with a processor of each kind that queries are about."""
    prometheus = {
        "host": "127.0.0.1", "port": gateway.admin_port,
        "without_type_suffix": without_suffixes, "without_units": without_suffixes,
        "with_resource_constant_labels": {"included": ["*"]},
    }
    readers = [{"pull": {"exporter": {"prometheus": prometheus}}}]
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


def missing(samples: dict, queries: list) -> list:
    """The queries that find nothing."""
    def finds(names, labels):
        return any(
            sample in [*names, *(f"{name}{unit}{total}" for name in names for unit in UNITS for total in TOTALS)]
            and set(labels) <= {label for label, _ in given}
            for sample, given in samples
        )

    return [query for query in queries if not finds(*query)]


UNITS, TOTALS = ("", "_seconds", "_bytes"), ("", "_total")


@pytest.mark.parametrize(
    "dashboard,without_suffixes", [(name, choice) for name, choices in SUFFIXES.items() for choice in choices]
)
def test_every_query_finds_something(tmp_path, dashboard, without_suffixes):
    with OTLPServerHTTP() as http, OTLPServerGRPC() as grpc:
        exporters = {
            "otlphttp": quick(endpoint=http.url),
            "otlp": quick(endpoint=f"127.0.0.1:{grpc.port}", tls={"insecure": True}),
        }
        gateway = Gateway(tmp_path, exporters)
        gateway.config = merged(gateway.config, overlay(gateway, without_suffixes))
        gateway.start()
        try:
            body = request(record("yes"), record("no")).SerializeToString()
            assert send(gateway.http_port, body).status == 200
            with channel(gateway.grpc_port) as connection:
                logs_service_pb2_grpc.LogsServiceStub(connection).Export(request(record("yes")))
            wait_until(lambda: len(http.requests_taken) >= 1 and len(grpc.requests_taken) >= 1, 10, "deliveries")
            wait_until(lambda: gateway.metric("otelcol_exporter_sent_log_records", exporter="otlp") == 2, 10, "counts")
            assert missing(gateway.metrics(), DASHBOARDS[dashboard]) == []
            assert gateway.metric("otelcol_processor_incoming_items", processor="filter", otel_signal="logs") == 3
            assert gateway.metric("otelcol_processor_outgoing_items", processor="filter", otel_signal="logs") == 2
            assert gateway.metric("otelcol_receiver_requests", outcome="success") == 2
            wait_until(
                lambda: gateway.metric("otelcol_processor_batch_batch_send_size_sum", processor="batch") == 4, 10,
                "records of batches")
        finally:
            gateway.stop()
