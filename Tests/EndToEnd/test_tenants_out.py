"""Records of several tenants through one queue: each arrives where its tenant is, and nowhere else."""

import json
import subprocess
from collections import Counter
from urllib.parse import unquote

import pytest
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest

from EndToEnd.gateway import binary, merged, quick, wait_until
from EndToEnd.http_clients import send
from EndToEnd.otlp_requests import record, records_of, request
from StandIns.elasticsearch import Elasticsearch
from StandIns.http_backend import Answer
from StandIns.otlp import OTLPServerGRPC, OTLPServerHTTP
from StandIns.victorialogs import VictoriaLogs, options_of

TENANTS = ("acme", "bravo", "c d")
ACCOUNTS = {"acme": (1, 2), "bravo": (4294967295, 0), "c d": (7, 7)}
OTHERS = (9, 9)
SOURCES = {"from": ["metadata.x-tenant", "resource.tenant.id"]}


class TenantsOfVictoriaLogs(VictoriaLogs):
    """Refuses whole tenants; `arrived` holds which record came for which tenant."""

    def __init__(self):
        super().__init__()
        self.refused: dict = {}

    def answer(self, request, fault):
        tenant = options_of(request).tenant
        if tenant in self.refused:
            return Answer(self.refused[tenant], b"by the script")
        return super().answer(request, fault)

    def refuse(self, name, status):
        self.refused = {ACCOUNTS[name]: status}

    def arrived(self) -> list:
        names = {account: name for name, account in ACCOUNTS.items()} | {OTHERS: ""}
        with self.lock:
            return [(names.get(row.tenant, row.tenant), row.fields["_msg"]) for row in self.rows]


def tenant_of(value: str) -> str:
    """Whose a header field is that holds this."""
    return next((name for name, listed in VALUES.items() if listed == value), unquote(value))


class TenantsOverHTTP(OTLPServerHTTP):
    def __init__(self):
        super().__init__()
        self.refused: dict = {}
        self.pairs: list = []

    def answer(self, request, fault):
        tenant = tenant_of(request.headers.get("X-Scope-OrgID", ""))
        if tenant in self.refused:
            return Answer(self.refused[tenant], b"by the script")
        answer = super().answer(request, fault)
        if answer.status == 200:
            message = ExportLogsServiceRequest.FromString(request.body)
            with self.lock:
                self.pairs += [(tenant, seen.record["body"]["stringValue"]) for seen in records_of(message)]
        return answer

    def refuse(self, name, status):
        self.refused = {name: status}

    def arrived(self) -> list:
        with self.lock:
            return list(self.pairs)


class TenantsOverGRPC(OTLPServerGRPC):
    def __init__(self):
        super().__init__()
        self.pairs: list = []

    def Export(self, request, context):
        response = super().Export(request, context)
        tenant = tenant_of(dict(context.invocation_metadata()).get("x-scope-orgid", ""))
        with self.lock:
            self.pairs += [(tenant, seen.record["body"]["stringValue"]) for seen in records_of(request)]
        return response

    def arrived(self) -> list:
        with self.lock:
            return list(self.pairs)


class TenantsOfElasticsearch(Elasticsearch):
    def arrived(self) -> list:
        # Of a name that is not as data streams are named, stands the hash behind it.
        names = {"acme": "acme", "bravo": "bravo", "default": ""}
        with self.lock:
            committed = list(self.committed)
        pairs = []
        for found in committed:
            namespace = found.index.removeprefix("logs-generic.otel-")
            name = "c d" if namespace.startswith("c_d-") else names.get(namespace, namespace)
            pairs.append((name, found.document["body"]["text"]))
        return pairs


LISTED = {name: {"account_id": account, "project_id": project} for name, (account, project) in ACCOUNTS.items()}
VICTORIALOGS = {"tenant": {"account_id": 9, "project_id": 9}, "tenants": LISTED}
VALUES = {"bravo": "42", "c d": "acme-2"}
HEADER = {"tenant_header": "X-Scope-OrgID", "tenants": VALUES}
# By name: the exporter's type, what stands in for its destination, and its options.
KINDS = {
    "elasticsearch": ("elasticsearch", TenantsOfElasticsearch, {"data_stream": {"namespace": "{tenant}"}}),
    "bulk": ("victorialogs", TenantsOfVictoriaLogs, VICTORIALOGS),
    "jsonline": ("victorialogs", TenantsOfVictoriaLogs, VICTORIALOGS | {"protocol": "jsonline"}),
    "rows": ("victorialogs", TenantsOfVictoriaLogs, VICTORIALOGS | {"protocol": "otlp"}),
    "otlphttp": ("otlphttp", TenantsOverHTTP, HEADER),
    "otlp": ("otlp", TenantsOverGRPC, HEADER | {"tls": {"insecure": True}}),
}


class Destinations:
    """One stand-in for each kind, and the exporters that send there by queues on disk."""

    def __init__(self, folder, kinds):
        self.folder = folder
        self.kinds = kinds
        self.servers = {kind: KINDS[kind][1]() for kind in kinds}
        for server in self.servers.values():
            server.start()

    def exporters(self, **options) -> dict:
        found = {}
        for kind in self.kinds:
            type, _, own = KINDS[kind]
            port = self.servers[kind].port
            address = f"127.0.0.1:{port}" if type == "otlp" else f"http://127.0.0.1:{port}"
            queue = {"endpoint": address, "sending_queue": {"directory": str(self.folder / kind)}}
            found[f"{type}/{kind}"] = quick(**merged(merged(own, queue), options))
        return found

    def stop(self):
        for server in self.servers.values():
            server.stop()

    def start(self):
        for server in self.servers.values():
            server.start(server.port)


def known(sources=SOURCES) -> dict:
    """The overlay that has senders' tenants known."""
    return {
        "extensions": {"tenants": sources},
        "receivers": {"otlp": {"tenants": "tenants"}},
        "service": {"extensions": ["tenants"]},
    }


class Sent:
    """What was sent: pairs of a tenant and a text."""

    def __init__(self, gateway):
        self.port = gateway.http_port
        self.pairs: list = []

    def by_header(self, tenant: str, count: int = 3):
        message = request(*(self._record(tenant) for _ in range(count)))
        fields = {"X_Tenant": tenant} if tenant else {}
        assert send(self.port, message.SerializeToString(), **fields).status == 200

    def mixed(self, *tenants: str):
        """One request of a resource for each tenant, which it names by an attribute."""
        message = ExportLogsServiceRequest()
        for tenant in tenants:
            # What a sender says of indices has no say.
            attributes = {"data_stream.namespace": "bravo", "elasticsearch.index": "logs-generic.otel-bravo"}
            resource = {"service.name": "shop", "tenant.id": tenant} if tenant else {"service.name": "shop"}
            message.MergeFrom(request(self._record(tenant, attributes), resource=resource))
        assert send(self.port, message.SerializeToString()).status == 200

    def _record(self, tenant: str, attributes=None):
        text = f"{tenant or 'nobody'} {len(self.pairs)}"
        self.pairs.append((tenant, text))
        return record(text, attributes)

    def all(self, rounds: int = 3):
        for _ in range(rounds):
            for tenant in (*TENANTS, ""):
                self.by_header(tenant)
            self.mixed(*TENANTS, "", *reversed(TENANTS), "acme", "acme")


@pytest.fixture
def destinations(tmp_path, request):
    destinations = Destinations(tmp_path, request.param)
    yield destinations
    destinations.stop()


def check(destinations, sent: Sent, at_least_once=False):
    """Waits until all has arrived; then every record is at its tenant and nowhere else."""
    for kind, server in destinations.servers.items():
        wait_until(lambda server=server: set(sent.pairs) <= set(server.arrived()), 20, f"all records over {kind}")
        assert set(server.arrived()) == set(sent.pairs), kind
        if not at_least_once:
            assert Counter(server.arrived()) == Counter(sent.pairs), kind
        assert server.violations == [], kind


@pytest.mark.parametrize("destinations", [list(KINDS)], indirect=True)
def test_what_a_killed_gateway_left_in_an_outage_goes_to_its_tenants(start, destinations):
    destinations.stop()
    gateway = start(destinations.exporters(), known())
    sent = Sent(gateway)
    sent.all()
    gateway.kill()
    destinations.start()
    gateway.start()
    sent.all()
    check(destinations, sent)
    wait_until(lambda: gateway.metric("sluice_exporter_queued_log_records") == 0, 5, "the end of the queues")


@pytest.mark.parametrize("destinations", [["bulk", "otlphttp"]], indirect=True)
def test_a_killed_gateway_sends_again_to_the_same_tenants(start, destinations):
    gateway = start(destinations.exporters(), known())
    sent = Sent(gateway)
    for _ in range(4):
        sent.all()
        gateway.kill()
        gateway.start()
    check(destinations, sent, at_least_once=True)


@pytest.mark.parametrize("destinations", [["bulk", "jsonline", "rows", "otlphttp"]], indirect=True)
@pytest.mark.parametrize("status", [429, 503])
def test_a_tenant_that_is_refused_holds_up_no_other(start, destinations, status):
    for server in destinations.servers.values():
        server.refuse("acme", status)
    gateway = start(destinations.exporters(), known())
    sent = Sent(gateway)
    for _ in range(3):
        sent.all()
        others = {pair for pair in sent.pairs if pair[0] != "acme"}
        for kind, server in destinations.servers.items():
            wait_until(lambda server=server: others == set(server.arrived()), 10, f"all others' records over {kind}")
    for server in destinations.servers.values():
        server.refused = {}
    check(destinations, sent)


@pytest.mark.parametrize("destinations", [["bulk", "jsonline", "rows", "otlphttp", "otlp"]], indirect=True)
def test_what_is_queued_goes_where_it_was_meant_though_the_tenants_are_gone_from_the_configuration(
    start, destinations
):
    destinations.stop()
    gateway = start(destinations.exporters(), known())
    sent = Sent(gateway)
    sent.all()
    gateway.stop()
    destinations.start()
    for exporter in gateway.config["exporters"].values():
        for option in ("tenant", "tenants", "tenant_header"):
            exporter.pop(option, None)
    gateway.start()
    check(destinations, sent)


@pytest.mark.parametrize("destinations", [["rows", "otlp"]], indirect=True)
def test_a_drained_queue_goes_to_its_tenants(start, destinations):
    destinations.stop()
    gateway = start(destinations.exporters(), known())
    sent = Sent(gateway)
    sent.all()
    gateway.stop()
    destinations.start()
    for kind in destinations.kinds:
        folder = str(destinations.folder / kind)
        show = [str(binary()), "queue", "show", "--directory", folder, "--verify", "--json"]
        shown = subprocess.run(show, capture_output=True, text=True)
        assert shown.returncode == 0, shown.stderr
        assert json.loads(shown.stdout.splitlines()[-1])["records"] == len(sent.pairs), shown.stdout
        drain = [str(binary()), "queue", "drain", "--directory", folder]
        done = subprocess.run(
            [*drain, "--config", str(gateway.folder / "gateway.yaml"), "--json"], capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout)["delivered"] == len(sent.pairs), done.stdout
    check(destinations, sent)


@pytest.mark.parametrize("destinations", [["bulk", "jsonline", "rows", "otlphttp"]], indirect=True)
def test_dead_letters_of_tenants_are_replayed_to_them(start, destinations, tmp_path):
    letters = {kind: tmp_path / f"{kind}.ndjson" for kind in destinations.kinds}
    exporters = destinations.exporters(retry_on_failure={"enabled": False})
    for name, exporter in exporters.items():
        exporter["dead_letter"] = {"path": str(letters[name.split("/")[1]])}
    for server in destinations.servers.values():
        server.refuse("c d", 429)
    gateway = start(exporters, known())
    sent = Sent(gateway)
    sent.all()
    wait_until(lambda: gateway.metric("sluice_exporter_queued_log_records") == 0, 10, "the end of the queues")
    refused = {pair for pair in sent.pairs if pair[0] == "c d"}
    for kind, server in destinations.servers.items():
        assert set(server.arrived()) == set(sent.pairs) - refused, kind
        server.refused = {}
        command = ["dead-letter", "replay", "--path", str(letters[kind]), "--to", f"http://127.0.0.1:{server.port}"]
        done = subprocess.run([str(binary()), *command], capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
        assert letters[kind].read_text() == "", kind
    check(destinations, sent)
