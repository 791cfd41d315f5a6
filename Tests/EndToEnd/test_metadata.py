"""Records kept apart by the metadata of their requests: what differs never shares a request, and headers_setter sends
the values on, over HTTP and gRPC, through memory and disk, outages, kills, drains and dead letters."""

import subprocess
from collections import Counter

import grpc
import pytest
from google.protobuf.message import Message
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from EndToEnd.gateway import binary, quick, wait_until
from EndToEnd.http_clients import channel, send, status_of, stub
from EndToEnd.otlp_requests import SPAN_ID, TRACE_ID, record, records_of, request
from StandIns.elasticsearch import Elasticsearch
from StandIns.http_backend import Answer
from StandIns.otlp import HTTP_PATHS, OTLPServerGRPC, OTLPServerHTTP

TENANTS = ("acme", "bravo", "c d", "acme, bravo", "%61cme")
NOBODY = "nobody"
FIELD = "X-Scope-OrgID"


def names_in(message: Message) -> list:
    if isinstance(message, ExportTraceServiceRequest):
        spans = [span for group in message.resource_spans for scope in group.scope_spans for span in scope.spans]
        return [span.name for span in spans]
    return [seen.record["body"]["stringValue"] for seen in records_of(message)]


class ScopedHTTP(OTLPServerHTTP):
    """`arrived` holds each name with the field that its request had; tenants in `refused` get that status."""

    def __init__(self):
        super().__init__()
        self.arrived: list = []
        self.refused: dict = {}
        self.heads: list = []

    def answer(self, request, fault):
        scope = request.headers.get(FIELD)
        if scope in self.refused:
            return Answer(self.refused[scope], b"by the script")
        answer = super().answer(request, fault)
        if answer.status == 200:
            kind = ExportTraceServiceRequest if HTTP_PATHS.get(request.path) else None
            message = kind.FromString(request.body) if kind else self.requests_taken[-1]
            with self.lock:
                self.arrived += [(scope, name) for name in names_in(message)]
                self.heads.append(dict(request.headers.items()))
        return answer


class ScopedGRPC(OTLPServerGRPC):
    def __init__(self):
        super().__init__()
        self.arrived: list = []

    def Export(self, request, context):
        response = super().Export(request, context)
        scope = dict(context.invocation_metadata()).get(FIELD.lower())
        with self.lock:
            self.arrived += [(scope, name) for name in names_in(request)]
        return response


class Sent:
    """What was sent: pairs of a tenant and a name."""

    def __init__(self, gateway):
        self.gateway = gateway
        self.pairs: list = []

    def _names(self, tenant: str, count: int) -> list:
        start = len(self.pairs)
        names = [f"{tenant or 'none'} {start + number}" for number in range(count)]
        self.pairs += [(tenant or NOBODY, name) for name in names]
        return names

    def over_http(self, tenant: str, count: int = 3):
        message = request(*(record(name) for name in self._names(tenant, count)))
        fields = {"x_scope_orgid": tenant} if tenant else {}
        assert send(self.gateway.http_port, message.SerializeToString(), **fields).status == 200

    def over_grpc(self, tenant: str, count: int = 3):
        message = request(*(record(name) for name in self._names(tenant, count)))
        metadata = (("x-scope-orgid", tenant),) if tenant else ()
        with channel(self.gateway.grpc_port) as open_channel:
            stub(open_channel).Export(message, metadata=metadata, timeout=20)

    def traces(self, tenant: str, count: int = 3):
        message = ExportTraceServiceRequest()
        scope = message.resource_spans.add().scope_spans.add()
        for name in self._names(tenant, count):
            scope.spans.add(trace_id=TRACE_ID, span_id=SPAN_ID, name=name)
        fields = {"x_scope_orgid": tenant} if tenant else {}
        answer = send(self.gateway.http_port, message.SerializeToString(), path="/v1/traces", **fields)
        assert answer.status == 200

    def all(self, rounds: int = 3):
        for _ in range(rounds):
            for tenant in (*TENANTS, ""):
                self.over_http(tenant)
                self.over_grpc(tenant)


def overlay(keys=(FIELD,), **batch) -> dict:
    field = {"key": FIELD, "from_context": FIELD, "default_value": NOBODY}
    pipeline = {"processors": ["batch"]}
    return {
        "processors": {"batch": {"metadata_keys": list(keys), "timeout": "20ms", **batch}},
        "extensions": {"headers_setter": {"headers": [field]}},
        "service": {"extensions": ["headers_setter"], "pipelines": {"logs": pipeline}},
    }


def exporters(servers: dict, **options) -> dict:
    """An exporter for each stand-in, whose queue lies in the folder that `directory` of `options` has of it."""
    found = {}
    for name, server in servers.items():
        own = {key: value(name) if callable(value) else value for key, value in options.items()}
        is_grpc = isinstance(server, OTLPServerGRPC)
        address = f"127.0.0.1:{server.port}" if is_grpc else f"http://127.0.0.1:{server.port}"
        tls = {"tls": {"insecure": True}} if is_grpc else {}
        auth = {"auth": {"authenticator": "headers_setter"}}
        found[f"{'otlp' if is_grpc else 'otlphttp'}/{name}"] = quick(endpoint=address, **tls, **auth, **own)
    return found


def on_disk(folder):
    return lambda name: {"directory": str(folder / name), "batch": {"flush_timeout": "20ms"}}


def in_memory(_):
    return {"batch": {"flush_timeout": "20ms"}}


@pytest.fixture
def servers():
    servers = {"http": ScopedHTTP(), "grpc": ScopedGRPC()}
    for server in servers.values():
        server.start()
    yield servers
    for server in servers.values():
        server.stop()


def check(servers, sent: Sent, at_least_once=False):
    for name, server in servers.items():
        wait_until(lambda server=server: set(sent.pairs) <= set(server.arrived), 20, f"all records over {name}")
        assert set(server.arrived) == set(sent.pairs), name
        if not at_least_once:
            assert Counter(server.arrived) == Counter(sent.pairs), name
        assert server.violations == [], name


@pytest.mark.parametrize("is_on_disk", [False, True], ids=["memory", "disk"])
def test_what_differs_never_shares_a_request(start, servers, tmp_path, is_on_disk):
    queue = on_disk(tmp_path) if is_on_disk else in_memory
    gateway = start(exporters(servers, sending_queue=queue), overlay())
    sent = Sent(gateway)
    sent.all()
    check(servers, sent)
    wait_until(lambda: gateway.metric("sluice_exporter_queued_log_records") == 0, 5, "the end of the queues")
    assert "acme" not in gateway.log() and "acme" not in gateway.admin("/metrics")[1]


def test_values_survive_an_outage_and_a_kill(start, servers, tmp_path):
    for server in servers.values():
        server.stop()
    gateway = start(exporters(servers, sending_queue=on_disk(tmp_path)), overlay())
    sent = Sent(gateway)
    sent.all()
    gateway.kill()
    for server in servers.values():
        server.start(server.port)
    gateway.start()
    sent.all(1)
    check(servers, sent, at_least_once=True)


def test_a_queue_is_drained_with_its_values(start, servers, tmp_path):
    servers["http"].stop()
    gateway = start(exporters({"http": servers["http"]}, sending_queue=on_disk(tmp_path)), overlay())
    sent = Sent(gateway)
    sent.all(1)
    gateway.stop()
    servers["http"].start(servers["http"].port)
    command = [str(binary()), "queue", "drain", "--directory", str(tmp_path / "http")]
    done = subprocess.run(
        [*command, "--config", str(gateway.folder / "gateway.yaml")], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    check({"http": servers["http"]}, sent)


def test_a_value_that_is_refused_holds_up_no_other_and_its_dead_letters_are_replayed_under_it(start, servers, tmp_path):
    server = servers["http"]
    server.refused = {"bravo": 429}
    letters = tmp_path / "letters.ndjson"
    once = {"dead_letter": {"path": str(letters)}, "retry_on_failure": {"enabled": False}}
    gateway = start(exporters({"http": server}, **once), overlay())
    sent = Sent(gateway)
    sent.all()
    others = {pair for pair in sent.pairs if pair[0] != "bravo"}
    wait_until(lambda: gateway.metric("sluice_exporter_queued_log_records") == 0, 20, "the end of the queue")
    assert set(server.arrived) == others
    server.refused = {}
    command = ["dead-letter", "replay", "--path", str(letters), "--to", f"http://127.0.0.1:{server.port}"]
    done = subprocess.run([str(binary()), *command], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert letters.read_text() == ""
    check({"http": server}, sent)


def test_traces_are_kept_apart_too(start, servers):
    over = overlay()
    over["service"]["pipelines"]["traces"] = {
        "receivers": ["otlp"],
        "processors": ["batch"],
        "exporters": ["otlphttp/http"],
    }
    gateway = start(exporters({"http": servers["http"]}), over)
    sent = Sent(gateway)
    for _ in range(3):
        for tenant in (*TENANTS, ""):
            sent.traces(tenant)
            sent.over_http(tenant)
    check({"http": servers["http"]}, sent)


def test_the_exporters_own_keys_do_the_same(start, servers):
    batch = {"flush_timeout": "20ms", "partition": {"metadata_keys": [FIELD.lower()]}}
    over = overlay()
    del over["processors"], over["service"]["pipelines"]
    gateway = start(exporters({"http": servers["http"]}, sending_queue={"batch": batch}), over)
    sent = Sent(gateway)
    sent.all()
    check({"http": servers["http"]}, sent)


def test_one_combination_too_many_is_refused_with_both_numbers(start, servers):
    server = servers["http"]
    server.stop()
    gateway = start(exporters({"http": server}), overlay(metadata_cardinality_limit=3, metadata_value_limit=8))
    sent = Sent(gateway)
    for tenant in ("a", "b", "c", "a"):
        sent.over_http(tenant)
    body = request(record("too many")).SerializeToString()
    answer = send(gateway.http_port, body, x_scope_orgid="secret-1")
    assert answer.status == 429 and answer.headers["Retry-After"]
    assert "metadata_cardinality_limit is 3" in status_of(answer).message
    with channel(gateway.grpc_port) as open_channel, pytest.raises(grpc.RpcError) as caught:
        stub(open_channel).Export(request(record("too many")), metadata=(("x-scope-orgid", "secret-1"),), timeout=20)
    assert caught.value.code() == grpc.StatusCode.RESOURCE_EXHAUSTED
    long = send(gateway.http_port, body, x_scope_orgid="secret-12")
    assert long.status == 400
    assert 'has 9 bytes: metadata_value_limit is 8 bytes' in status_of(long).message
    # Once what there was has arrived there is room for others.
    server.start(server.port)
    wait_until(lambda: gateway.metric("sluice_exporter_queued_log_records") == 0, 20, "the end of the queue")
    sent.over_http("d")
    check({"http": server}, sent)
    assert "secret" not in gateway.log() and "secret" not in status_of(answer).message


def test_bulk_requests_are_kept_apart(start):
    """Without headers_setter, where the values go nowhere but keep requests apart."""

    class Bulks(Elasticsearch):
        def __init__(self):
            super().__init__()
            self.seen: list = []

        def answer(self, request, fault):
            if request.path.startswith("/_bulk"):
                with self.lock:
                    self.seen.append({name for name in ("acme", "bravo") if name.encode() in request.body})
            return super().answer(request, fault)

    with Bulks() as server:
        over = overlay(keys=["X-Tenant"], timeout="1s")
        del over["extensions"], over["service"]["extensions"]
        endpoint = f"http://127.0.0.1:{server.port}"
        gateway = start({"elasticsearch": {"endpoint": endpoint}}, over)
        for number in range(20):
            tenant = ("acme", "bravo")[number % 2]
            body = request(record(f"{tenant} {number}")).SerializeToString()
            assert send(gateway.http_port, body, x_tenant=tenant).status == 200
        wait_until(lambda: len(server.committed) == 20, 20, "all records")
        assert server.seen and all(len(names) == 1 for names in server.seen)
        assert len(server.seen) < 20
