"""Records that vary in everything a record can vary in, and the rows that VictoriaLogs is to make of them."""

import base64
import json
import math
import random
import time

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest

from EndToEnd.otlp_requests import pairs, record

WORDS = ("GET /cart", "naïve Ωmega 🪵", 'a "quoted" \\ text', "line\nbreak\ttab", "x" * 300, " blank ", "\u2028", "0", "-")
KEYS = ("http.method", "http.status_code", "user.id", "ünïcödé", "a b", 'quo"te', "n", "k8s.labels", "error", "x" * 100)
SEVERITIES = "Unspecified Trace Debug Info Warn Error Fatal".split()
NO_MESSAGE = "missing _msg field; see https://docs.victoriametrics.com/victorialogs/keyconcepts/#message-field"


class Varied:
    """`count` records in requests of up to a hundred; `plain` has what each was made of, by its number."""

    def __init__(self, count: int, seed: int):
        self.dice = random.Random(seed)
        self.plain: dict = {}
        self.requests: list = []
        while len(self.plain) < count:
            self.requests.append(self._request(min(100, count - len(self.plain))))

    def _request(self, count: int) -> ExportLogsServiceRequest:
        message = ExportLogsServiceRequest()
        while count > 0:
            group = message.resource_logs.add()
            resource = self._resource()
            group.resource.attributes.extend(pairs(resource))
            for _ in range(self.dice.randint(1, 2)):
                logs = group.scope_logs.add()
                scope = self._scope()
                logs.scope.name, logs.scope.version = scope["name"], scope["version"]
                logs.scope.attributes.extend(pairs(scope["attributes"]))
                for _ in range(min(count, self.dice.randint(1, 30))):
                    logs.log_records.append(self._record(resource, scope))
                    count -= 1
        return message

    def _resource(self) -> dict:
        resource = {"service.name": f"svc-{self.dice.randrange(4)}", "k8s.pod.name": f"pod-{self.dice.randrange(9)}"}
        for key in ("host.name", "k8s.namespace.name", "user.id", "telemetry.sdk", "process.args"):
            if self.dice.random() < 0.5:
                resource[key] = self._value(1)
        return {key: value for key, value in resource.items() if not isinstance(value, dict) or value}

    def _scope(self) -> dict:
        attributes = {"team": self._value(0)} if self.dice.random() < 0.3 else {}
        return {"name": self.dice.choice(["", "lib", "a/b"]), "version": self.dice.choice(["", "1.0"]), "attributes": attributes}

    def _record(self, resource: dict, scope: dict):
        dice, number = self.dice, len(self.plain)
        attributes = {key: self._value(2) for key in dice.sample(KEYS, dice.randrange(len(KEYS)))}
        attributes["case"] = number
        if dice.random() < 0.1:
            attributes["service.name"] = "its own"
        if dice.random() < 0.1:
            attributes[dice.choice(["_stream", "_stream_id", "_time", "_msg", "trace_id"])] = "forged"
        body = dice.choice([dice.choice(WORDS), f"event {dice.random()}", self._value(1), self._map(1), None])
        fields = dict(
            time_unix_nano=time.time_ns() - dice.randrange(6 * 86_400 * 10**9),
            severity_number=dice.choice([0, 1, 5, 9, 13, 17, 21]),
            severity_text=dice.choice(["", "INFO", "warning"]),
            trace_id=dice.choice([b"", dice.randbytes(16)]),
            span_id=dice.choice([b"", dice.randbytes(8)]),
            event_name=dice.choice(["", "", "login"]),
        )
        self.plain[number] = dict(resource=resource, scope=scope, attributes=attributes, body=body, **fields)
        return record(body, attributes, **fields)

    def _map(self, depth: int) -> dict:
        names = self.dice.sample(("id", "name", "on", "deep", "tags"), self.dice.randrange(5))
        return {name: self._value(depth - 1) for name in names}

    def _value(self, depth: int):
        dice = self.dice
        kinds = 8 + (2 if depth > 0 else 0)
        kind = dice.randrange(kinds)
        if kind < 2:
            return dice.choice(WORDS)
        if kind == 2:
            return dice.choice([0, -1, 7, 2**63 - 1, -(2**63), dice.randrange(10**6)])
        if kind == 3:
            return dice.choice([0.5, 200.0, -0.0, 1e-7, 1e16, 1e300, 0.1 + 0.2, dice.random(), math.nan, math.inf])
        if kind == 4:
            return dice.random() < 0.5
        if kind == 5:
            return dice.randbytes(dice.randrange(9))
        if kind == 6:
            return ""
        if kind == 7:
            return dice.choice(["a", "b"])
        return self._map(depth) if kind == 8 else [self._value(depth - 1) for _ in range(dice.randrange(4))]


def flattened(value: dict, prefix: str = ""):
    for key, member in value.items():
        if isinstance(member, dict):
            yield from flattened(member, f"{prefix}{key}.")
        else:
            yield prefix + key, member


def renamed(name: str) -> str:
    return name + ".attribute" if name in ("_stream", "_stream_id", "_time", "_msg") else name


def row(plain: dict, protocol: str) -> dict:
    """The fields that the server is to have for a record, as Python values; those of a later layer win."""
    scope, fields = plain["scope"], {}
    if protocol != "otlp":
        fields.update({"scope.attributes." + key: value for key, value in flattened(scope["attributes"])})
        fields.update({"scope.name": scope["name"], "scope.version": scope["version"]})
    for layer in (plain["resource"], plain["attributes"]):
        fields.update({renamed(key): value for key, value in flattened(layer) if value not in ("", b"")})
    if isinstance(plain["body"], dict):
        fields.update({key: value for key, value in flattened(plain["body"]) if value not in ("", b"")})
        fields.setdefault("_msg", NO_MESSAGE)
    else:
        fields["_msg"] = NO_MESSAGE if plain["body"] in (None, "", b"") else plain["body"]
    own = {"trace_id": plain["trace_id"].hex(), "span_id": plain["span_id"].hex()}
    if protocol == "otlp":
        number = plain["severity_number"]
        own["severity"] = plain["severity_text"] or SEVERITIES[(number + 3) // 4]
    else:
        own.update(severity_text=plain["severity_text"], event_name=plain["event_name"])
        own["severity_number"] = plain["severity_number"] or ""
    fields.update({key: value for key, value in own.items() if value != ""})
    return {key: value for key, value in fields.items() if value not in ("", b"")}


def is_text_of(text: str, value) -> bool:
    """Whether a field's text stands for a value; how doubles are spelled is not looked at."""
    if isinstance(value, bool):
        return text == ("true" if value else "false")
    if isinstance(value, float):
        return math.isnan(value) if text == "NaN" else float(text) == value
    if isinstance(value, bytes):
        return text == base64.b64encode(value).decode()
    if isinstance(value, (list, dict)):
        return _is_json_of(json.loads(text), value)
    return text == str(value)


def _is_json_of(found, value) -> bool:
    if isinstance(value, list):
        return isinstance(found, list) and len(found) == len(value) and all(map(_is_json_of, found, value))
    if isinstance(value, dict):
        return found.keys() == value.keys() and all(_is_json_of(found[key], value[key]) for key in value)
    if isinstance(value, bool) or isinstance(value, str):
        return found == value
    if isinstance(value, float):
        return is_text_of(str(found), value)
    return found == (base64.b64encode(value).decode() if isinstance(value, bytes) else value)


def differences(found: dict, plain: dict, protocol: str) -> list:
    """What is not the same in a row and the record that it was made of: (name, expected, found)."""
    expected = row(plain, protocol)
    names = (expected.keys() | found.keys()) - {"_time", "_stream", "_stream_id"}
    return [
        (name, expected.get(name), found.get(name))
        for name in sorted(names)
        if name not in expected or name not in found or not is_text_of(found[name], expected[name])
    ]
