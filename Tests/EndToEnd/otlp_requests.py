"""OTLP log requests: built, turned into OTLP/JSON, and taken apart into comparable records."""

import base64
import itertools
import json
import os
import time
from typing import NamedTuple

from google.protobuf.json_format import MessageToDict, ParseDict
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord

from StandIns.strict_json import parse

TRACE_ID = bytes.fromhex("0102030405060708090a0b0c0d0e0f10")
SPAN_ID = bytes.fromhex("1112131415161718")
PROTOBUF = "application/x-protobuf"
JSON = "application/json"
_numbers = itertools.count()


def unique(prefix: str = "text") -> str:
    """A text that no other test sends, to find a record by."""
    return f"{prefix}-{os.getpid()}-{next(_numbers)}"


def any_value(value) -> AnyValue:
    """The AnyValue of a Python value; None is the empty value."""
    result = AnyValue()
    if isinstance(value, AnyValue):
        return value
    if isinstance(value, bool):
        result.bool_value = value
    elif isinstance(value, int):
        result.int_value = value
    elif isinstance(value, float):
        result.double_value = value
    elif isinstance(value, str):
        result.string_value = value
    elif isinstance(value, bytes):
        result.bytes_value = value
    elif isinstance(value, (list, tuple)):
        result.array_value.SetInParent()
        result.array_value.values.extend(map(any_value, value))
    elif isinstance(value, dict):
        result.kvlist_value.SetInParent()
        result.kvlist_value.values.extend(pairs(value))
    return result


def pairs(attributes: dict) -> list:
    return [KeyValue(key=key, value=any_value(value)) for key, value in attributes.items()]


def record(body="hello", attributes=None, **fields) -> LogRecord:
    """A record of now with every common field set; `fields` override."""
    now = time.time_ns()
    given = dict(
        time_unix_nano=now,
        observed_time_unix_nano=now + 1,
        severity_number=9,
        severity_text="INFO",
        trace_id=TRACE_ID,
        span_id=SPAN_ID,
    )
    given.update(fields)
    result = LogRecord(**given)
    if body is not None:
        result.body.CopyFrom(any_value(body))
    result.attributes.extend(pairs(attributes or {}))
    return result


def request(*records: LogRecord, resource=None, scope="lib", version="1.0") -> ExportLogsServiceRequest:
    """One resource, one scope, these records."""
    result = ExportLogsServiceRequest()
    group = result.resource_logs.add()
    group.resource.attributes.extend(pairs(resource if resource is not None else {"service.name": "shop"}))
    scope_logs = group.scope_logs.add()
    scope_logs.scope.name, scope_logs.scope.version = scope, version
    scope_logs.log_records.extend(records)
    return result


def of_many_resources(count: int) -> ExportLogsServiceRequest:
    """A request of resources of one stream, each with a record and a name of its own, and so has its scope."""
    result = ExportLogsServiceRequest()
    for n in range(count):
        result.MergeFrom(request(record(f"{n}"), resource={"service.name": "shop", f"own-{n}": n}))
        result.resource_logs[n].scope_logs[0].scope.attributes.extend(pairs({f"own-{n}": n}))
    return result


def many(count: int, marker: str, body_bytes: int = 40) -> ExportLogsServiceRequest:
    """`count` records that carry `marker` and their number."""
    return request(*(record(f"{marker} {n}".ljust(body_bytes, "."), {"marker": marker, "n": n}) for n in range(count)))


def every_kind_of_value() -> dict:
    """Attributes of every AnyValue kind, nested and empty ones among them."""
    return {
        "string": 'a "quoted" \\ line\nwith\ttabs, ünïcödé 🪵 and \u2028',
        "empty": "",
        "true": True,
        "false": False,
        "int": -42,
        "big": 2**63 - 1,
        "small": -(2**63),
        "double": 0.1,
        "whole": 3.0,
        "huge": 1e300,
        "bytes": b"\x00\xff\x10",
        "array": [1, 2, 3],
        "texts": ["a", "b"],
        "map": {"a": 1, "b": {"c": [True, False], "d.e": "f"}},
        "http.method": "GET",
        "http.status_code": 200,
    }


def as_json(message: ExportLogsServiceRequest) -> bytes:
    """OTLP/JSON: lowerCamelCase, ids in hex, enums as numbers, 64-bit integers as strings."""
    value = MessageToDict(message, use_integers_for_enums=True)
    for group in value.get("resourceLogs", []):
        for scope in group.get("scopeLogs", []):
            for entry in scope.get("logRecords", []):
                for name in ("traceId", "spanId"):
                    if name in entry:
                        entry[name] = base64.b64decode(entry[name]).hex()
    return json.dumps(value).encode()


def from_json(text: bytes) -> ExportLogsServiceRequest:
    """The request of one OTLP/JSON text, read strictly: an unknown name or a duplicate key is an error."""
    value = parse(text)
    for group in value.get("resourceLogs", []):
        for scope in group.get("scopeLogs", []):
            for entry in scope.get("logRecords", []):
                for name in ("traceId", "spanId"):
                    if name in entry:
                        entry[name] = base64.b64encode(bytes.fromhex(entry[name])).decode()
    return ParseDict(value, ExportLogsServiceRequest())


class Seen(NamedTuple):
    """One record with what it belongs to, as plain values that compare."""

    resource: dict
    resource_schema_url: str
    scope: dict
    scope_schema_url: str
    record: dict


def _plain(message) -> dict:
    return MessageToDict(message, use_integers_for_enums=True)


def records_of(*requests: ExportLogsServiceRequest) -> list:
    """Every record of the requests, in order, with its resource and scope."""
    return [
        Seen(_plain(group.resource), group.schema_url, _plain(scope.scope), scope.schema_url, _plain(entry))
        for message in requests
        for group in message.resource_logs
        for scope in group.scope_logs
        for entry in scope.log_records
    ]


def body_of(seen: Seen):
    """The body's text or, for other kinds, its plain form."""
    body = seen.record.get("body", {})
    return body.get("stringValue", body)


def comparable(seen) -> list:
    """The records in an order that does not depend on how they were batched."""
    return sorted(json.dumps(entry, sort_keys=True) for entry in seen)
