"""Documents as Elasticsearch gets them: the five mapping modes, from protobuf and from JSON."""

import json
from decimal import Decimal

import pytest

from EndToEnd.gateway import quick
from EndToEnd.http_clients import send
from EndToEnd.otlp_requests import (
    JSON,
    PROTOBUF,
    SPAN_ID,
    TRACE_ID,
    as_json,
    every_kind_of_value,
    record,
    request,
)
from StandIns.elasticsearch import Elasticsearch

MODES = ("otel", "ecs", "none", "raw", "bodymap")
TIME, OBSERVED = 1_705_314_600_000_000_005, 1_705_314_600_001_000_000
RFC3339 = "2024-01-15T10:30:00.000000005Z"
RESOURCE = {"service.name": "shop", "host.name": "h1", "k8s.namespace.name": "ns"}
ATTRIBUTES = {"http.method": "GET", "http.status_code": 200, "ok": True, "ratio": 3.0, "list": ["a", "b"]}
STREAM = {"type": "logs", "dataset": "generic", "namespace": "default"}


class Modes:
    """One gateway that delivers to one stand-in for each mapping mode."""

    def __init__(self, start):
        self.servers = {mode: Elasticsearch().start() for mode in MODES}
        exporters = {
            f"elasticsearch/{mode}": quick(endpoints=[server.url], mapping={"mode": mode})
            for mode, server in self.servers.items()
        }
        self.gateway = start(exporters)

    def send(self, message, content_type=PROTOBUF):
        body = as_json(message) if content_type == JSON else message.SerializeToString()
        answer = send(self.gateway.http_port, body, content_type)
        assert answer.status == 200, answer.body

    def documents(self) -> dict:
        """Flushes the gateway, and returns the documents of each mode."""
        self.gateway.stop()
        for mode, server in self.servers.items():
            assert server.violations == [], mode
        return {mode: server.documents() for mode, server in self.servers.items()}


@pytest.fixture
def modes(start):
    modes = Modes(start)
    yield modes
    for server in modes.servers.values():
        server.stop()


def rich_record(body="hello"):
    return record(body, ATTRIBUTES, time_unix_nano=TIME, observed_time_unix_nano=OBSERVED)


def rich_request(*records):
    message = request(*records, resource=RESOURCE)
    scope = message.resource_logs[0].scope_logs[0].scope
    scope.attributes.add(key="scope.k").value.string_value = "v"
    return message


def flattened(value, prefix="") -> dict:
    """Every leaf by its dotted path."""
    if not isinstance(value, dict):
        return {prefix[:-1]: value}
    return {path: leaf for key, member in value.items() for path, leaf in flattened(member, f"{prefix}{key}.").items()}


def test_one_record_in_every_mode(modes):
    modes.send(rich_request(rich_record()))
    documents = modes.documents()
    assert_otel(*documents["otel"])
    assert_ecs(*documents["ecs"])
    assert_flat(*documents["none"], attributes="Attributes.")
    assert_flat(*documents["raw"], attributes="")
    assert documents["bodymap"] == []
    assert modes.servers["otel"].indices() == {"logs-generic.otel-default"}
    for mode in ("ecs", "none", "raw"):
        assert modes.servers[mode].indices() == {"logs-generic-default"}


def assert_otel(document):
    assert Decimal(document.pop("@timestamp")) == Decimal(TIME) / 1_000_000
    assert Decimal(document.pop("observed_timestamp")) == Decimal(OBSERVED) / 1_000_000
    assert document == {
        "data_stream": {**STREAM, "dataset": "generic.otel"},
        "severity_text": "INFO",
        "severity_number": 9,
        "trace_id": TRACE_ID.hex(),
        "span_id": SPAN_ID.hex(),
        "attributes": ATTRIBUTES,
        "resource": {"attributes": RESOURCE},
        "scope": {"name": "lib", "version": "1.0", "attributes": {"scope.k": "v"}},
        "body": {"text": "hello"},
    }


def assert_ecs(document):
    assert document == {
        "@timestamp": RFC3339,
        "data_stream": STREAM,
        "service": {"name": "shop"},
        "host": {"hostname": "h1", "name": "h1"},
        "kubernetes": {"namespace": "ns"},
        "agent": {"name": "otlp"},
        "scope": {"k": "v"},
        "trace": {"id": TRACE_ID.hex()},
        "span": {"id": SPAN_ID.hex()},
        "event": {"severity": 9},
        "log": {"level": "INFO"},
        "message": "hello",
        "http": {"method": "GET", "status_code": 200},
        "ok": True,
        "ratio": 3.0,
        "list": ["a", "b"],
    }


def assert_flat(document, attributes: str):
    expected = {
        "@timestamp": RFC3339,
        "TraceId": TRACE_ID.hex(),
        "SpanId": SPAN_ID.hex(),
        "TraceFlags": 0,
        "SeverityText": "INFO",
        "SeverityNumber": 9,
        "Body": "hello",
        "Scope.name": "lib",
        "Scope.version": "1.0",
        "Scope.scope.k": "v",
    }
    expected.update({f"Resource.{key}": value for key, value in RESOURCE.items()})
    expected.update({attributes + key: value for key, value in ATTRIBUTES.items()})
    expected.update({f"{attributes}data_stream.{key}": value for key, value in STREAM.items()})
    assert flattened(document) == expected


def test_bodymap_stores_the_body_verbatim(modes):
    body = {"@timestamp": "2024-01-15T10:30:00Z", "a": {"b": [1, 2]}, "n": 5}
    modes.send(rich_request(rich_record(body)))
    assert modes.documents()["bodymap"] == [body]


def test_protobuf_and_json_give_the_same_document_in_every_mode(modes):
    body = {"@timestamp": "2024-01-15T10:30:00Z", **every_kind_of_value()}
    for number, each in enumerate((body, "text", 7, 2.5, True, b"\x01\x02", ["a", "b"], [{"a": 1}], None, {})):
        attributes = {
            **every_kind_of_value(),
            "data_stream.dataset": f"case{number}",
        }  # a mapping for each kind of body
        message = request(record(each, attributes, time_unix_nano=TIME), resource=every_kind_of_value())
        modes.send(message)
        modes.send(message, JSON)
    for mode, documents in modes.documents().items():
        texts = [json.dumps(document, sort_keys=True) for document in documents]
        assert texts and all(texts.count(text) == 2 for text in texts), mode


@pytest.mark.parametrize(
    "attributes, resource, index",
    [
        ({"data_stream.dataset": "Web/Shop", "data_stream.namespace": "a-b"}, {}, "logs-web_shop.otel-a-b"),
        ({"data_stream.dataset": "record"}, {"data_stream.dataset": "resource"}, "logs-record.otel-default"),
        ({}, {"data_stream.dataset": "resource"}, "logs-resource.otel-default"),
        ({"elasticsearch.index": "plain"}, {}, "plain"),
    ],
)
def test_attributes_route_records(start, attributes, resource, index):
    with Elasticsearch() as server:
        gateway = start({"elasticsearch": quick(endpoints=[server.url])})
        message = request(record("x", attributes), resource=resource)
        assert send(gateway.http_port, message.SerializeToString()).status == 200
        gateway.stop()
        assert server.indices() == {index}
        assert server.violations == []
        assert not set(server.documents()[0].get("attributes", {})) & set(attributes)


def test_hostile_attributes_never_break_the_bulk_request(start):
    """Keys, values and index names made to be read as JSON, as new lines or as action lines."""
    hostile = [
        '"}\n{"create":{"_index":"evil"}}\n{"a":"',
        "\x00\x1f\x7f",
        '\u2028\\"',
        "../x",
        "{}",
        "",
        " ",
        "a..b",
        ".",
    ]
    with Elasticsearch() as server:
        gateway = start({"elasticsearch": quick(endpoints=[server.url])})
        for text in hostile:
            attributes = {text or "e": text, "data_stream.dataset": text, "data_stream.namespace": text}
            message = request(record(text, attributes), resource={text or "e": text}, scope=text)
            assert send(gateway.http_port, message.SerializeToString()).status == 200
        gateway.stop()
        assert server.violations == []
        assert len(server.documents()) == len(hostile)
        assert not any("evil" == index for index in server.indices())


@pytest.mark.parametrize("content_type", [PROTOBUF, JSON])
@pytest.mark.parametrize("mode", ["otel", "ecs"])
def test_arrays_that_no_mapping_takes_become_text_if_asked_for(start, mode, content_type):
    refused = {"mixed": [1, {"a": 2}], "apart": [{"error": "x"}, {"error": {"code": 1}}]}
    taken = {"scalars": ["one", "two"], "objects": [{"a": 1}, {"a": 2}], "lists": [[1], [2, 3]], "message.foo": "bar"}
    message = request(record("x", refused | taken))
    body = as_json(message) if content_type == JSON else message.SerializeToString()
    with Elasticsearch() as keeping, Elasticsearch() as stringifying:
        exporters = {
            "elasticsearch/keep": quick(endpoints=[keeping.url], mapping={"mode": mode}),
            "elasticsearch/stringify": quick(
                endpoints=[stringifying.url], mapping={"mode": mode, "conflicts": "stringify"}
            ),
        }
        gateway = start(exporters)
        assert send(gateway.http_port, body, content_type).status == 200
        gateway.stop()
        kept, (text,) = keeping.documents(), stringifying.documents()
    if mode == "otel":
        assert kept[0]["attributes"] == refused | taken
        text = text["attributes"]
    else:
        assert kept == [], "the stand-in refuses it, as Elasticsearch does"
        text["message.foo"] = text["message_foo"]
    assert {key: text[key] for key in taken} == taken
    for key, array in refused.items():
        assert isinstance(text[key], str)
        assert json.loads(text[key]) == array


@pytest.mark.parametrize("compression", ["gzip", "none"])
def test_bodies_are_compressed_as_configured(start, compression):
    with Elasticsearch() as server:
        gateway = start({"elasticsearch": quick(endpoints=[server.url], compression=compression)})
        assert send(gateway.http_port, request(record("x")).SerializeToString()).status == 200
        gateway.stop()
        encodings = {request.headers.get("Content-Encoding", "none") for request in server.requests if request.body}
        assert encodings == {compression}
        assert len(server.documents()) == 1


@pytest.mark.parametrize(
    "options, server_options",
    [
        ({"user": "elastic", "password": "s3cr3t-word"}, {"basic": ("elastic", "s3cr3t-word")}),
        ({"api_key": "czNjcjN0LXdvcmQ="}, {"api_key": "czNjcjN0LXdvcmQ="}),
    ],
)
def test_credentials_are_sent_and_never_logged(start, options, server_options):
    with Elasticsearch(**server_options) as server:
        gateway = start({"elasticsearch": quick(endpoints=[server.url], **options)})
        assert send(gateway.http_port, request(record("x")).SerializeToString()).status == 200
        gateway.stop()
        assert len(server.documents()) == 1
    secret = options.get("password") or options["api_key"]
    assert secret not in gateway.log()
