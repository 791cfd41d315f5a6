"""Routing between pipelines, limits and rejections, as backends and senders see them."""

import json
import subprocess
import time

import grpc
import pytest
from google.rpc import error_details_pb2

from EndToEnd.gateway import quick, wait_until
from EndToEnd.http_clients import channel, details_of, grpc_status, send, status_of, stub
from EndToEnd.otlp_requests import JSON, TRACE_ID, as_json, record, request
from StandIns.elasticsearch import Elasticsearch
from StandIns.http_backend import Fault


def merge(*messages):
    """One request of all that is in these."""
    result = messages[0].__class__()
    for message in messages:
        result.resource_logs.extend(message.resource_logs)
    return result


def of(service: str, *bodies: str):
    """A request of a service with a record for each body."""
    return request(*(record(body) for body in bodies), resource={"service.name": service})


def bodies(server) -> list:
    """The bodies of the documents that a stand-in holds, in order."""
    return sorted(document["body"]["text"] for document in server.documents())


class Routed:
    """A gateway that delivers to a stand-in of its own for each of three pipelines behind a routing table."""

    def __init__(self, start, connector: dict, source: dict = None, queue: dict = None, **processors):
        self.servers = {name: Elasticsearch().start() for name in ("noisy", "acme", "rest")}
        exporters = {
            f"elasticsearch/{name}": quick(endpoints=[server.url], sending_queue=(queue or {}).get(name, {}))
            for name, server in self.servers.items()
        }
        pipelines = {
            f"logs/{name}": {"receivers": ["routing"], "exporters": [f"elasticsearch/{name}"]} for name in self.servers
        }
        pipelines["logs"] = {"receivers": ["otlp"], "exporters": ["routing"], **(source or {})}
        self.gateway = start(
            exporters,
            {
                "connectors": {"routing": connector},
                "processors": processors,
                "service": {"pipelines": pipelines},
            },
        )

    def post(self, message, **headers):
        return send(self.gateway.http_port, message.SerializeToString(), **headers)

    def stored(self) -> dict:
        """Empties the gateway, and returns what each stand-in holds."""
        self.gateway.stop()
        for name, server in self.servers.items():
            assert server.violations == [], name
        return {name: bodies(server) for name, server in self.servers.items()}

    def close(self):
        for server in self.servers.values():
            server.stop()


@pytest.fixture
def routed(start):
    made = []

    def make(*args, **options) -> Routed:
        made.append(Routed(start, *args, **options))
        return made[-1]

    yield make
    for one in made:
        one.close()


BY_SERVICE = {
    "default_pipelines": ["logs/rest"],
    "table": [
        {"condition": 'attributes["service.name"] == "noisy"', "pipelines": ["logs/noisy"]},
        {"context": "request", "condition": 'request["X-Tenant"] == "acme"', "pipelines": ["logs/acme"]},
    ],
}


def test_a_noisy_service_goes_to_its_own_backend(routed):
    test = routed(BY_SERVICE)
    assert test.post(merge(of("noisy", "n1", "n2"), of("shop", "s1"), of("noisy", "n3"))).status == 200
    assert test.post(of("shop", "s2")).status == 200
    routed_to = {"connector": "routing", "pipeline": "logs/noisy"}
    assert test.gateway.metric("sluice_connector_routed_log_records", **routed_to) == 3
    assert test.gateway.metric("otelcol_receiver_accepted_log_records") == 5
    assert test.stored() == {"noisy": ["n1", "n2", "n3"], "acme": [], "rest": ["s1", "s2"]}


def test_a_header_or_metadata_routes_the_whole_request_but_for_earlier_rows(routed):
    test = routed(BY_SERVICE)
    message = merge(of("noisy", "n1"), of("shop", "a1"))
    assert test.post(message, x_tenant="acme").status == 200
    assert test.post(of("shop", "r1"), x_tenant="other").status == 200
    with channel(test.gateway.grpc_port) as open_channel:
        stub(open_channel).Export(of("shop", "a2"), metadata=[("x-tenant", "acme")], timeout=10)
        stub(open_channel).Export(of("shop", "r2"), timeout=10)
    assert test.stored() == {"noisy": ["n1"], "acme": ["a1", "a2"], "rest": ["r1", "r2"]}


def test_single_records_are_routed_and_copied(routed):
    test = routed(
        {
            "table": [
                {"context": "log", "condition": "severity_number >= 17", "pipelines": ["logs/acme"], "action": "copy"},
                {"match": {"match_type": "regexp", "bodies": ["^health"]}, "pipelines": ["logs/noisy"]},
                {"statement": "route() where IsMatch(attributes[\"service.name\"], \"^sh\")", "pipelines": ["logs/rest"]},
            ]
        }
    )
    message = request(record("health ok"), record("order"), record("failed", severity_number=17))
    assert test.post(merge(message, of("other", "lost"))).status == 200
    assert test.gateway.metric("sluice_connector_unrouted_log_records", connector="routing") == 1
    assert test.stored() == {"noisy": ["health ok"], "acme": ["failed"], "rest": ["failed", "order"]}


def test_a_full_queue_of_one_service_does_not_hold_up_the_others(routed):
    small = {"noisy": {"sizer": "bytes", "queue_size": 20_000}}
    test = routed(BY_SERVICE, queue=small)
    test.servers["noisy"].faults.standing(Fault(status=503))
    answers = [test.post(of("noisy", f"{n} ".ljust(1000, "x"))).status for n in range(30)]
    assert 200 in answers and 429 in answers
    assert test.post(of("shop", "s1")).status == 200
    refused = test.post(merge(of("shop", "s2"), of("noisy", "x" * 15_000)))
    assert refused.status == 429 and b"elasticsearch/noisy" in refused.body
    wait_until(lambda: bodies(test.servers["rest"]) == ["s1"], 10, "the other service's record")
    test.servers["noisy"].faults.standing()
    stored = test.stored()
    assert len(stored["noisy"]) == answers.count(200) and stored["rest"] == ["s1"]


def test_what_lacks_an_attribute_is_marked_and_routed(routed):
    test = routed(
        {
            "default_pipelines": ["logs/rest"],
            "table": [
                {"context": "log", "condition": 'attributes["sluice.missing"] != nil', "pipelines": ["logs/noisy"]}
            ],
        },
        source={"processors": ["required_attributes"]},
        required_attributes={"keys": ["order.id"]},
    )
    assert test.post(request(record("with", {"order.id": "7"}), record("without"))).status == 200
    stored = test.stored()
    assert stored == {"noisy": ["without"], "acme": [], "rest": ["with"]}


REJECTING = {
    "processors": {"required_attributes": {"keys": ["order.id"], "trace_id": True, "action": "reject"}},
    "service": {"pipelines": {"logs": {"processors": ["required_attributes"]}}},
}
REASON = "2 of 3 records rejected: required_attributes: without order.id or trace_id"


def incomplete():
    complete = record("whole", {"order.id": "7"}, trace_id=TRACE_ID)
    return request(complete, record("no order"), record("no trace", {"order.id": "8"}, trace_id=b""))


def test_rejected_records_are_told_to_curl(start, tmp_path):
    with Elasticsearch() as server:
        gateway = start({"elasticsearch": quick(endpoints=[server.url])}, REJECTING)
        (tmp_path / "body").write_bytes(as_json(incomplete()))
        command = ["curl", "-sS", "-w", " %{http_code}", "-H", "Content-Type: application/json", "--data-binary"]
        url = f"http://127.0.0.1:{gateway.http_port}/v1/logs"
        shown = subprocess.run([*command, f"@{tmp_path / 'body'}", url], capture_output=True, text=True, timeout=20)
        body, status = shown.stdout.rsplit(" ", 1)
        assert status == "200"
        assert json.loads(body) == {"partialSuccess": {"rejectedLogRecords": "2", "errorMessage": REASON}}
        assert gateway.metric("sluice_processor_rejected_log_records", processor="required_attributes") == 2
        assert gateway.metric("otelcol_receiver_accepted_log_records") == 1
        assert gateway.metric("otelcol_receiver_refused_log_records") == 2
        ledger = {
            dict(labels)["state"]: value
            for (name, labels), value in gateway.metrics().items()
            if name == "sluice_ledger_log_records"
        }
        assert ledger["received"] == 3 and ledger["filtered"] == 2
        gateway.stop()
        assert bodies(server) == ["whole"]


def test_rejected_records_are_told_to_grpc(start):
    with Elasticsearch() as server:
        gateway = start({"elasticsearch": quick(endpoints=[server.url])}, REJECTING)
        with channel(gateway.grpc_port) as open_channel:
            answer = stub(open_channel).Export(incomplete(), timeout=10)
            whole = stub(open_channel).Export(request(record("fine", {"order.id": "9"})), timeout=10)
        assert answer.partial_success.rejected_log_records == 2
        assert answer.partial_success.error_message == REASON
        assert not whole.HasField("partial_success")
        gateway.stop()
        assert bodies(server) == ["fine", "whole"]


def limited(**options) -> dict:
    return {
        "processors": {"rate_limit": {"records_per_second": 10, "burst": "1s", **options}},
        "service": {"pipelines": {"logs": {"processors": ["rate_limit"]}}},
    }


def test_a_sender_beyond_its_rate_is_asked_to_wait_over_http_and_grpc(start):
    gateway = start(overlay=limited(key={"header": "x-tenant"}))
    ten = request(*(record(str(n)) for n in range(10)))
    body = ten.SerializeToString()
    assert send(gateway.http_port, body, x_tenant="a").status == 200
    refused = send(gateway.http_port, body, x_tenant="a")
    assert refused.status == 429 and int(refused.headers["Retry-After"]) >= 1
    status = status_of(refused)
    assert status.code == grpc.StatusCode.RESOURCE_EXHAUSTED.value[0]
    assert "10 records at a rate of 10 a second" in status.message
    assert details_of(status, error_details_pb2.RetryInfo).retry_delay.ToMilliseconds() <= 1000
    assert status_of(send(gateway.http_port, as_json(ten), JSON, x_tenant="a")).code == status.code
    with channel(gateway.grpc_port) as open_channel:
        stub(open_channel).Export(ten, metadata=[("x-tenant", "b")], timeout=10)
        with pytest.raises(grpc.RpcError) as error:
            stub(open_channel).Export(ten, metadata=[("x-tenant", "b")], timeout=10)
        assert error.value.code() == grpc.StatusCode.RESOURCE_EXHAUSTED
        delay = details_of(grpc_status(error.value), error_details_pb2.RetryInfo).retry_delay
        assert 0 < delay.ToMilliseconds() <= 1000
        time.sleep(delay.ToMilliseconds() / 1000 + 0.01)
        stub(open_channel).Export(ten, metadata=[("x-tenant", "b")], timeout=10)
    assert gateway.metric("sluice_receiver_refused_requests", reason="limited") == 3
    assert gateway.metric("sluice_processor_refused_log_records", processor="rate_limit") == 30
    assert gateway.metric("otelcol_receiver_accepted_log_records") == 30


def test_what_is_beyond_the_rate_is_dropped_if_so_configured(start):
    key = {"resource_attribute": "service.name"}
    gateway = start(overlay=limited(key=key, on_limit="drop", burst="500ms"))
    message = merge(of("noisy", *map(str, range(50))), of("quiet", "1", "2"))
    assert send(gateway.http_port, message.SerializeToString()).body == b""
    assert gateway.metric("sluice_processor_filtered_log_records", processor="rate_limit") == 45
    assert gateway.metric("otelcol_receiver_accepted_log_records") == 52


def test_the_request_gives_attributes(start):
    actions = [
        {"key": "tenant", "action": "insert", "from_context": "metadata.x-tenant"},
        {"key": "ip", "action": "insert", "from_context": "client.address"},
    ]
    with Elasticsearch() as server:
        overlay = {
            "processors": {"attributes": {"actions": actions}},
            "service": {"pipelines": {"logs": {"processors": ["attributes"]}}},
        }
        gateway = start({"elasticsearch": quick(endpoints=[server.url])}, overlay)
        assert send(gateway.http_port, request(record("http")).SerializeToString(), X_Tenant="acme").status == 200
        with channel(gateway.grpc_port) as open_channel:
            stub(open_channel).Export(request(record("grpc")), metadata=[("x-tenant", "b")], timeout=10)
        gateway.stop()
        given = {document["body"]["text"]: document["attributes"] for document in server.documents()}
    assert given == {"http": {"tenant": "acme", "ip": "127.0.0.1"}, "grpc": {"tenant": "b", "ip": "127.0.0.1"}}
