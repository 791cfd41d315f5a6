"""What belongs together goes to the same of several OTLP servers, whatever the signal, and nothing is lost when a member
goes."""

from collections import Counter

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from EndToEnd.gateway import quick, wait_until
from EndToEnd.http_clients import send
from EndToEnd.otlp_requests import pairs, record, request
from StandIns.otlp import OTLPServerGRPC

TRACES = [bytes([number]) * 16 for number in range(1, 31)]


class Member(OTLPServerGRPC):
    """`logs` and `spans` hold the trace and the text or name of what arrived."""

    @property
    def logs(self) -> list:
        with self.lock:
            taken = list(self.requests_taken)
        return [
            (log.trace_id, log.body.string_value)
            for message in taken
            for group in message.resource_logs
            for scope in group.scope_logs
            for log in scope.log_records
        ]

    @property
    def spans(self) -> list:
        with self.lock:
            bodies = list(self.bodies["traces"])
        return [
            (span.trace_id, span.name)
            for body in bodies
            for group in ExportTraceServiceRequest.FromString(body).resource_spans
            for scope in group.scope_spans
            for span in scope.spans
        ]


@pytest.fixture
def members():
    members = [Member().start() for _ in range(3)]
    yield members
    for member in members:
        member.stop()


def exporter(members, **options) -> dict:
    hostnames = [f"127.0.0.1:{member.port}" for member in members]
    return {
        "loadbalancing": quick(
            protocol={"otlp": {"tls": {"insecure": True}}}, resolver={"static": {"hostnames": hostnames}}, **options
        )
    }


class Sent:
    def __init__(self, gateway):
        self.gateway = gateway
        self.logs: list = []
        self.spans: list = []

    def round(self):
        """A request of logs and one of spans, each with something of every trace."""
        start = len(self.logs)
        self.logs += [(trace, f"log {start + number}") for number, trace in enumerate(TRACES)]
        records = [record(text, trace_id=trace) for trace, text in self.logs[start:]]
        assert send(self.gateway.http_port, request(*records).SerializeToString()).status == 200
        message = ExportTraceServiceRequest()
        group = message.resource_spans.add(schema_url="https://r")
        group.resource.attributes.extend(pairs({"service.name": "shop"}))
        scope = group.scope_spans.add(schema_url="https://s")
        scope.scope.name = "library"
        for trace in TRACES:
            scope.spans.add(trace_id=trace, span_id=trace[:8], name=f"span {len(self.spans)}")
            self.spans.append((trace, f"span {len(self.spans)}"))
        answer = send(self.gateway.http_port, message.SerializeToString(), path="/v1/traces")
        assert answer.status == 200


def overlay() -> dict:
    return {"service": {"pipelines": {"traces": {"receivers": ["otlp"], "exporters": ["loadbalancing"]}}}}


def check(members, sent, at_least_once=False):
    for signal in ("logs", "spans"):
        expected = getattr(sent, signal)

        def arrived(signal=signal):
            return [pair for member in members for pair in getattr(member, signal)]

        wait_until(lambda: set(expected) <= set(arrived()), 20, f"all {signal}")
        assert set(arrived()) == set(expected)
        if not at_least_once:
            assert Counter(arrived()) == Counter(expected), signal
    assert all(not member.violations for member in members)


def owners(members, signal: str) -> dict:
    """The members that got something of each trace."""
    found: dict = {}
    for number, member in enumerate(members):
        for trace, _ in getattr(member, signal):
            found.setdefault(trace, set()).add(number)
    return found


@pytest.mark.parametrize("is_on_disk", [False, True], ids=["memory", "disk"])
def test_each_trace_has_one_member_for_logs_and_spans(start, members, tmp_path, is_on_disk):
    queue = {"directory": str(tmp_path / "queue")} if is_on_disk else {}
    gateway = start(exporter(members, sending_queue=queue), overlay())
    sent = Sent(gateway)
    for _ in range(3):
        sent.round()
    check(members, sent)
    of_logs, of_spans = owners(members, "logs"), owners(members, "spans")
    assert of_logs == of_spans and all(len(found) == 1 for found in of_logs.values())
    assert len(set().union(*of_logs.values())) == len(members)
    for member in members:
        for body in member.bodies["traces"]:
            group = ExportTraceServiceRequest.FromString(body).resource_spans[0]
            assert group.schema_url == "https://r" and group.scope_spans[0].scope.name == "library"
            assert group.resource.attributes[0].value.string_value == "shop"


def test_what_was_for_a_member_that_has_gone_goes_to_another(start, members, tmp_path):
    queue = {"directory": str(tmp_path / "queue")}
    gone = members[0]
    gone.stop()
    gateway = start(exporter(members, sending_queue=queue), overlay())
    sent = Sent(gateway)
    sent.round()
    # The others have theirs, though a member is away.
    wait_until(lambda: all(member.logs and member.spans for member in members[1:]), 20, "the others' records")
    gateway.kill()
    left = [f"127.0.0.1:{member.port}" for member in members[1:]]
    gateway.config["exporters"]["loadbalancing"]["resolver"]["static"]["hostnames"] = left
    gateway.start()
    sent.round()
    check(members[1:], sent, at_least_once=True)


def test_members_are_the_addresses_of_a_name(start, members):
    resolver = {"dns": {"hostname": "127.0.0.1", "port": members[0].port, "interval": "200ms"}}
    options = quick(protocol={"otlp": {"tls": {"insecure": True}}}, resolver=resolver)
    gateway = start({"loadbalancing": options}, overlay())
    sent = Sent(gateway)
    sent.round()
    check(members[:1], sent)
