"""Mutated requests through every processor and exporter: what is taken comes out as something a strict reader takes.

`MUTATION_SECONDS` is how long it goes on (8), `MUTATION_SEED` where it begins. From 240 seconds on pytest needs
`-o faulthandler_timeout=0`, or it ends the test as one that hangs.
"""

import json
import os
import random
import time

import pytest

from EndToEnd.gateway import quick, wait_until
from EndToEnd.http_clients import send
from EndToEnd.otlp_requests import JSON, PROTOBUF, as_json, every_kind_of_value, record, request
from StandIns.elasticsearch import Elasticsearch
from StandIns.otlp import OTLPServerHTTP
from StandIns.strict_json import parse
from StandIns.victorialogs import VictoriaLogs

SECONDS = float(os.environ.get("MUTATION_SECONDS", "8"))
SEED = int(os.environ.get("MUTATION_SEED", "1"))
MODES = ["otel", "ecs", "none", "raw", "bodymap"]
PROTOCOLS = ["jsonline", "elasticsearch", "otlp"]

PROCESSORS = {
    "severity": {},
    "resource": {"attributes": [{"key": "deployment.environment.name", "value": "test", "action": "upsert"}]},
    "attributes": {
        "actions": [
            {"key": "user", "action": "hash"},
            {"key": "copy", "from_attribute": "map", "action": "upsert"},
            {"key": "int", "action": "convert", "converted_type": "string"},
            {"key": "gone", "action": "delete"},
            {"key": "url", "pattern": "^(?P<scheme>[a-z]+)://(?P<host>[^/]+)", "action": "extract"},
        ]
    },
    "redaction": {"detectors": ["strict"], "redact_all_types": True, "summary": "debug"},
    "required_attributes": {"keys": ["service.name"], "action": "mark"},
    "log_dedup": {"interval": "1s"},
    "filter": {"logs": {"exclude": {"match_type": "regexp", "bodies": ["^drop me"]}}},
    "rate_limit": {"records_per_second": 100_000_000},
}

TEXTS = [
    "",
    " ",
    "drop me",
    "card 4111111111111111, mail a@b.example",
    'password="x\\"y" token=abc {"password":"\\u0070"}',
    "nul \x00 bell \x07 \u2028 \U0001f9f1 \ufeff",
    "\\u0000\\ud800",
    "https://host.example/a?b=c",
    "a.b",
    "a",
    "message",
    "@timestamp",
    "_msg",
    "_stream",
    "_time",
    "host.name",
    "data_stream.dataset",
    "elasticsearch.index",
    "x" * 300,
]
NUMBERS = [0, -1, 1, 2**31, 2**53 + 1, 2**63 - 1, -(2**63), 0.0, -0.0, 1e-7, 1e21, 1e300, 5e-324]
ODD_NUMBERS = [float("nan"), float("inf"), -float("inf")]


class Requests:
    """Requests that are valid and odd, and what becomes of them when bytes are changed."""

    def __init__(self, seed: int):
        self.random = random.Random(seed)

    def text(self) -> str:
        return self.random.choice(TEXTS) + self.random.choice(["", "", ".", str(self.random.randrange(10))])

    def value(self, depth: int = 0):
        kind = self.random.randrange(10 if depth < 4 else 6)
        if kind < 3:
            return self.text()
        if kind < 5:
            return self.random.choice(NUMBERS + ODD_NUMBERS)
        if kind == 5:
            return self.random.choice([True, False, None, b"\x00\xff"])
        if kind < 8:
            return [self.value(depth + 1) for _ in range(self.random.randrange(4))]
        return self.map(depth + 1)

    def map(self, depth: int = 0) -> dict:
        return {self.text(): self.value(depth) for _ in range(self.random.randrange(5))}

    def message(self):
        some = every_kind_of_value() if self.random.random() < 0.2 else {}
        records = [
            record(
                self.value(),
                {**some, **self.map()},
                severity_number=self.random.choice([0, 1, 9, 24, 25, -1]),
                severity_text=self.text(),
                event_name=self.random.choice(["", "started", self.text()]),
                flags=self.random.choice([0, 1, 2**32 - 1]),
            )
            for _ in range(self.random.randrange(4))
        ]
        resource = {**self.map(), "service.name": self.text()}
        return request(*records, resource=resource, scope=self.text(), version=self.text())

    def body(self) -> tuple:
        """(content type, bytes): one in three as made, the others with some bytes changed."""
        message = self.message()
        content_type, body = self.random.choice(
            [(PROTOBUF, message.SerializeToString()), (JSON, self.json(message))]
        )
        return content_type, body if self.random.random() < 0.33 else self.mutated(body)

    def json(self, message) -> bytes:
        """OTLP/JSON, now and then with a value of a kind that does not belong there."""
        value = json.loads(as_json(message))
        if self.random.random() < 0.5:
            self.disturb(value)
        return json.dumps(value).encode()

    def disturb(self, value):
        """Replaces one member or element somewhere below."""
        while True:
            keys = list(value) if isinstance(value, dict) else list(range(len(value)))
            if not keys:
                return
            key = self.random.choice(keys)
            if not isinstance(value[key], (dict, list)) or self.random.random() < 0.2:
                value[key] = self.random.choice(
                    [None, True, "1", "", "x", -1, 1.5, 2**64, "18446744073709551616", [], {}, [None], {"a": []}]
                )
                return
            value = value[key]

    def mutated(self, body: bytes) -> bytes:
        result = bytearray(body)
        for _ in range(self.random.choice([1, 1, 2, 5])):
            place = self.random.randrange(len(result) + 1)
            match self.random.randrange(5):
                case 0 if place < len(result):
                    result[place] ^= 1 << self.random.randrange(8)
                case 1:
                    result[place:place] = self.random.randbytes(self.random.randrange(1, 4))
                case 2:
                    del result[place : place + self.random.randrange(1, 9)]
                case 3:
                    result[place:place] = result[place : place + self.random.randrange(1, 40)]
                case _:
                    del result[place + self.random.randrange(64) :]
        return bytes(result)


class Destinations:
    """One of every kind: the exporters' section, and the stand-ins behind it."""

    def __init__(self, folder):
        self.files = {name: folder / f"{name}.ndjson" for name in ("json", "flat")}
        self.elasticsearch = {mode: Elasticsearch() for mode in MODES}
        self.victorialogs = {protocol: VictoriaLogs() for protocol in PROTOCOLS}
        self.otlp = OTLPServerHTTP()

    @property
    def servers(self) -> list:
        return [*self.elasticsearch.values(), *self.victorialogs.values(), self.otlp]

    @property
    def exporters(self) -> dict:
        found = {f"file/{name}": {"path": str(path), "format": name} for name, path in self.files.items()}
        for mode, server in self.elasticsearch.items():
            options = quick(endpoints=[server.url], mapping={"mode": mode})
            if mode == "bodymap":
                options["logs_index"] = "bodymap"  # Such a document has a timestamp only if its sender gave it one.
            found[f"elasticsearch/{mode}"] = options
        for protocol, server in self.victorialogs.items():
            found[f"victorialogs/{protocol}"] = quick(endpoints=[server.url], protocol=protocol)
        return {**found, "otlphttp": quick(endpoint=self.otlp.url), "debug": {"verbosity": "detailed"}}

    def __enter__(self):
        for server in self.servers:
            server.__enter__()
        return self

    def __exit__(self, *error):
        for server in self.servers:
            server.__exit__(*error)


@pytest.fixture
def destinations(tmp_path):
    with Destinations(tmp_path) as made:
        yield made


def test_what_is_taken_of_mutated_requests_comes_out_as_strict_json(start, destinations):
    pipeline = {"processors": list(PROCESSORS)}
    gateway = start(
        destinations.exporters, {"processors": PROCESSORS, "service": {"pipelines": {"logs": pipeline}}}
    )
    requests, answers = Requests(SEED), {}
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        content_type, body = requests.body()
        status = send(gateway.http_port, body, content_type).status
        answers[status] = answers.get(status, 0) + 1
        assert status in (200, 400), (status, content_type, body)
    assert answers[200] > 50 and answers[400] > 50, answers
    wait_until(lambda: gateway.metric("otelcol_exporter_queue_size") == 0, 60, "an empty queue everywhere")
    gateway.stop()
    for path in destinations.files.values():
        lines = path.read_bytes().splitlines()
        assert len(lines) > 50, path
        for line in lines:
            parse(line)
    for server in destinations.servers:
        # A sender that names an index no Elasticsearch takes hears nothing of it; its records become dead letters.
        violations = [text for text in server.violations if not text.startswith("index name ")]
        assert violations == [], (len(violations), violations[:5])
