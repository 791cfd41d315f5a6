"""Who sends how much: records, bytes and refusals of each tenant and service in `/metrics`."""

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from EndToEnd.gateway import merged, quick
from EndToEnd.http_clients import send
from EndToEnd.otlp_requests import JSON, as_json, pairs, record, request
from StandIns.otlp import OTLPServerHTTP

TENANTS = {
    "receivers": {"otlp": {"tenants": "tenants"}},
    "extensions": {"tenants": {"from": ["metadata.x-tenant", "resource.tenant.id"]}},
    "service": {"extensions": ["tenants"]},
}


def of(tenant, service, count=1, body="hello"):
    """A request of one resource."""
    resource = {"tenant.id": tenant, "service.name": service}
    given = {key: value for key, value in resource.items() if value}
    return request(*(record(f"{body} {number}") for number in range(count)), resource=given)


def joined(*requests):
    result = requests[0]
    for other in requests[1:]:
        result.MergeFrom(other)
    return result


def test_two_tenants_and_three_services_are_told_apart(start):
    with OTLPServerHTTP() as sink:
        gateway = start({"otlphttp": quick(endpoint=sink.url)}, TENANTS)
        bodies = [
            joined(of("acme", "cart", 3), of("umbrella", "checkout", 2), of("acme", "mail")).SerializeToString(),
            of("acme", "cart", 4).SerializeToString(), of(None, None).SerializeToString(),
        ]
        for body in bodies:
            assert send(gateway.http_port, body).status == 200
        text = as_json(of("umbrella", "mail", 2))
        assert send(gateway.http_port, text, JSON).status == 200
        records = lambda kind, name: gateway.metric(f"sluice_{kind}_accepted_log_records", **{kind: name})
        assert [records("tenant", name) for name in ("acme", "umbrella", "", "other")] == [8, 4, 1, 0]
        assert [records("service", name) for name in ("cart", "checkout", "mail", "", "other")] == [7, 2, 3, 1, 0]
        for kind in ("tenant", "service"):
            # What all names have is what the receiver has, to the byte.
            assert gateway.metric(f"sluice_{kind}_accepted_log_records") == gateway.metric(
                "otelcol_receiver_accepted_log_records") == 13
            assert gateway.metric(f"sluice_{kind}_decompressed_bytes") == gateway.metric(
                "sluice_receiver_decompressed_bytes") == sum(map(len, bodies)) + len(text)
            assert gateway.metric(f"sluice_{kind}_enqueued_bytes") == gateway.metric(
                "sluice_ledger_bytes", state="received") > 0
            assert gateway.metric(f"sluice_{kind}_refused_requests") == 0
        alone = gateway.metric("sluice_service_decompressed_bytes", service="")
        assert alone == len(bodies[2])


def test_what_is_refused_is_counted_to_its_tenant(start):
    overlay = merged(TENANTS, {"processors": {"rate_limit": {"records_per_second": 1, "burst": "5s"}}})
    overlay = merged(overlay, {"service": {"pipelines": {"logs": {"processors": ["rate_limit"]}}}})
    gateway = start({"nop": {}}, overlay)
    assert send(gateway.http_port, of("acme", "cart", 5).SerializeToString()).status == 200
    assert send(gateway.http_port, of("umbrella", "mail", 5).SerializeToString()).status == 429
    # Nothing of this one is known but its head.
    assert send(gateway.http_port, b"\xff\xff", x_tenant="acme").status == 400
    refused = lambda kind, what, name: gateway.metric(f"sluice_{kind}_refused_{what}", **{kind: name})
    assert [refused("tenant", "log_records", name) for name in ("acme", "umbrella")] == [0, 5]
    assert [refused("tenant", "requests", name) for name in ("acme", "umbrella")] == [1, 1]
    assert [refused("service", "requests", name) for name in ("cart", "mail", "other", "")] == [0, 1, 0, 0]
    assert gateway.metric("sluice_service_accepted_log_records", service="mail") == 0


def test_ever_new_names_make_no_series_of_their_own(start):
    gateway = start({"nop": {}}, {"service": {"telemetry": {"metrics": {"top_services": 5}}}})
    for number in range(5):
        assert send(gateway.http_port, of(None, f"known-{number}", 20).SerializeToString()).status == 200
    before = gateway.rss_bytes()
    names = set()
    for first in range(0, 20_000, 1000):
        body = joined(*(of(None, f"new-{number}") for number in range(first, first + 1000)))
        assert send(gateway.http_port, body.SerializeToString()).status == 200
        found = {dict(labels)["service"] for name, labels in gateway.metrics()
                 if name == "sluice_service_accepted_log_records"}
        assert len(found) <= 7
        names |= found
    assert gateway.metric("sluice_service_accepted_log_records") == 20_100
    assert len(names) <= 20, names
    assert gateway.rss_bytes() - before < 32 << 20


def test_counts_go_on_when_the_configuration_is_read_again(start):
    gateway = start({"nop": {}})
    assert send(gateway.http_port, of(None, "cart", 2).SerializeToString()).status == 200
    assert gateway.reload(merged(gateway.config, {"exporters": {"nop/other": {}}, "service": {
        "pipelines": {"logs": {"exporters": ["nop", "nop/other"]}}}}))[0] == 200
    assert send(gateway.http_port, of(None, "cart").SerializeToString()).status == 200
    assert gateway.metric("sluice_service_accepted_log_records", service="cart") == 3


def test_spans_and_points_are_counted_by_name_too(start):
    pipeline = {"receivers": ["otlp"], "exporters": ["nop"]}
    gateway = start({"nop": {}}, {"service": {"pipelines": {"traces": pipeline, "metrics": pipeline}}})
    traces = ExportTraceServiceRequest()
    for service, spans in (("cart", 2), ("mail", 1), ("cart", 1)):
        group = traces.resource_spans.add()
        group.resource.attributes.extend(pairs({"service.name": service}))
        for number in range(spans):
            group.scope_spans.add().spans.add(name=f"s{number}")
    body = traces.SerializeToString()
    assert send(gateway.http_port, body, path="/v1/traces").status == 200
    accepted = lambda service: gateway.metric("sluice_service_accepted_spans", service=service)
    assert [accepted(name) for name in ("cart", "mail", "", "other")] == [3, 1, 0, 0]
    assert gateway.metric("sluice_service_decompressed_bytes", data_type="traces") == len(body)
    assert gateway.metric("sluice_service_accepted_log_records") == 0
    assert not any(name == "sluice_service_accepted_metric_points" for name, _ in gateway.metrics())
