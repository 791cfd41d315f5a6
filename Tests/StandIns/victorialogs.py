"""A stand-in for VictoriaLogs: three ingest protocols, tenants, and the silent drops, each of them recorded."""

import base64
import calendar
import json
import re
import time
from dataclasses import dataclass, field
from typing import NamedTuple, Optional

from google.protobuf.message import DecodeError
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest

from StandIns.http_backend import Answer, Fault, HTTPBackend, Request
from StandIns.strict_json import StrictJSONError, parse

LINE_BUFFER_BYTES = 256 << 10
MAX_LINE_BYTES = LINE_BUFFER_BYTES - 1
MAX_ROW_BYTES = 2 << 20
ROW_BASE_BYTES = 48
MAX_FIELDS = 1000
MAX_NAMES_IN_BLOCK = 2000
BLOCK_BYTES = 2 << 20
DAY = 86_400
MAX_KEY_BYTES = 128
MAX_FUTURE_SECONDS = 2 * 86_400
MAX_OTLP_DEPTH = 100
RFC3339 = re.compile(r"^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(\.\d{1,9})?Z$")
ARGUMENTS = (
    "_msg_field",
    "_time_field",
    "_stream_fields",
    "ignore_fields",
    "decolorize_fields",
    "extra_fields",
    "debug",
    "preserve_json_keys",
)
SEVERITIES = (
    "Unspecified",
    "Trace",
    "Trace2",
    "Trace3",
    "Trace4",
    "Debug",
    "Debug2",
    "Debug3",
    "Debug4",
    "Info",
    "Info2",
    "Info3",
    "Info4",
    "Warn",
    "Warn2",
    "Warn3",
    "Warn4",
    "Error",
    "Error2",
    "Error3",
    "Error4",
    "Fatal",
    "Fatal2",
    "Fatal3",
    "Fatal4",
)


class Row(NamedTuple):
    """One stored row: every value is text; `stream` holds the stream fields among them."""

    tenant: tuple
    stream: dict
    time_unix_nano: int
    fields: dict


@dataclass
class Options:
    """What the headers and arguments of one request ask for."""

    tenant: tuple
    msg_fields: list = field(default_factory=lambda: ["_msg"])
    time_fields: list = field(default_factory=lambda: ["_time"])
    stream_fields: Optional[list] = None
    ignore_fields: list = field(default_factory=list)
    extra_fields: dict = field(default_factory=dict)
    debug: bool = False


class OptionError(ValueError):
    pass


def options_of(request: Request) -> Options:
    """Reads tenant and VL options; an argument wins over its header."""

    def tenant_part(name: str) -> int:
        text = request.arg(name) or request.headers.get(name) or "0"
        if not text.isdigit() or int(text) > 0xFFFFFFFF:
            raise OptionError(f"cannot parse {name} {text!r}")
        return int(text)

    def given(name: str) -> Optional[str]:
        header = "VL-" + "-".join(part.capitalize() for part in name.strip("_").split("_"))
        header = header.replace("Json", "JSON")
        return request.arg(name) or request.headers.get(header)

    def listed(name: str, default):
        return given(name).split(",") if given(name) else default

    options = Options(tenant=(tenant_part("AccountID"), tenant_part("ProjectID")))
    options.msg_fields = listed("_msg_field", options.msg_fields)
    options.time_fields = listed("_time_field", options.time_fields)
    options.stream_fields = listed("_stream_fields", None)
    options.ignore_fields = listed("ignore_fields", [])
    for pair in listed("extra_fields", []):
        name, _, value = pair.partition("=")
        if not name or not value:
            raise OptionError(f"invalid extra_field format: {pair!r}")
        options.extra_fields[name] = value
    options.debug = (given("debug") or "") not in ("", "0", "false")
    return options


def unix_nano(text: str) -> Optional[int]:
    """Nanoseconds of an RFC 3339 time in UTC; None if it is not one."""
    match = RFC3339.match(text)
    if match is None:
        return None
    seconds = calendar.timegm(tuple(int(part) for part in match.groups()[:6]) + (0, 0, 0))
    return seconds * 10**9 + int((match.group(7) or ".0")[1:].ljust(9, "0"))


def read_lines(body: bytes, old: bool):
    """The lines of a body as the server reads them: None for one that is too long.

    An old server then reads on for the end of the line, and what comes in the read that reaches the end of the body is
    lost, whatever it is."""
    start = 0
    while start < len(body):
        end = body.find(b"\n", start)
        end = len(body) if end < 0 else end
        if end - start <= MAX_LINE_BYTES:
            yield body[start:end]
        else:
            yield None
            reads = (end - start - LINE_BUFFER_BYTES) // LINE_BUFFER_BYTES + 1
            if old and start + LINE_BUFFER_BYTES * (1 + reads) >= len(body):
                return
        start = end + 1


def as_text(value) -> str:
    if isinstance(value, str):
        return value
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def row_bytes(pairs) -> int:
    """What a row takes, as the server estimates it."""
    return ROW_BASE_BYTES + sum(len(key.encode()) + len(text.encode()) + 6 for key, text in pairs if text)


def flattened(value: dict, prefix: str = "") -> list:
    """(key, text) of every leaf; objects join with dots, arrays become JSON text, null is left out. An object whose
    members would have names that are too long is JSON text, the row itself as its message."""
    if value and len(prefix.encode()) + max(len(key.encode()) for key in value) > MAX_KEY_BYTES:
        return [(prefix[:-1] or "_msg", as_text(value))]
    pairs = []
    for key, member in value.items():
        if isinstance(member, dict):
            pairs += flattened(member, f"{prefix}{key}.")
        elif member is not None:
            pairs.append((prefix + key, as_text(member)))
    return pairs


class VictoriaLogs(HTTPBackend):
    """`rows` is what was stored; `drops` what a server drops in silence, and a gateway should have prevented;
    `violations` what no version should be sent. `old` is 1.26; `busy` is how many requests will find no free slot,
    and `read_only` whether the disk is full."""

    def __init__(self, old=False, retention_seconds=7 * DAY):
        super().__init__()
        self.old = old
        self.retention_seconds = retention_seconds
        self.rows: list[Row] = []
        self.drops: list[tuple] = []
        self.busy = 0
        self.read_only = False
        self._blocks: dict = {}  # of each stream: the names in the block being filled, and its bytes

    def answer(self, request: Request, fault: Fault) -> Answer:
        if request.path in ("/health", "/insert/ready", "/-/ready", "/-/healthy"):
            return Answer(200, b'{"status":"ok"}')
        if request.method == "GET" and request.path == "/insert/elasticsearch/":
            return Answer(200, b'{"version":{"number":"8.9.0"}}', {"X-Elastic-Product": "Elasticsearch"})
        insert = {
            "/insert/jsonline": self._jsonline,
            "/insert/elasticsearch/_bulk": self._bulk,
            "/insert/opentelemetry/v1/logs": self._otlp,
        }.get(request.path)
        if insert is None:
            self.violation(f"unexpected request {request.method} {request.path}")
            return Answer(400, b"unsupported path")
        if request.method != "POST":
            return Answer(405 if insert == self._jsonline else 200)
        return self._insert(insert, request, fault)

    def _insert(self, insert, request: Request, fault: Fault) -> Answer:
        for name in request.query:
            if name not in ARGUMENTS + ("AccountID", "ProjectID"):
                self.violation(f"unknown argument {name!r}")
        try:
            with self.lock:
                options = options_of(request)
                if self.read_only:
                    return Answer(429, b"cannot add rows: the storage is in read-only mode")
                if self.busy > 0:
                    self.busy -= 1
                    return self._no_slot(insert)
                return insert(request, options, fault)
        except OptionError as error:
            self.violation(str(error))
            return Answer(400, str(error).encode())

    def _no_slot(self, insert) -> Answer:
        """What a server answers that has waited `-insert.maxQueueDuration` for a slot, and stored nothing."""
        tells = insert == self._otlp or (insert == self._bulk and not self.old)
        return Answer(503, b"cannot process insert request") if tells else Answer(200)

    def _jsonline(self, request: Request, options: Options, fault: Fault) -> Answer:
        lines = [line for line in read_lines(request.body, self.old) if line is None or line.strip()]
        bad = sum(not self._take_line(line, options) for line in lines)
        return Answer(400, b"no line could be parsed") if lines and bad == len(lines) else Answer(200)

    def _take_line(self, line: Optional[bytes], options: Options) -> bool:
        """False if the line is not JSON; a dropped line counts as taken, as it does there."""
        if line is None:
            self.drops.append(("line_too_long", MAX_LINE_BYTES))
            return True
        try:
            value = parse(line)
        except StrictJSONError as error:
            self.violation(f"bad line: {error}: {line[:120]!r}")
            return False
        if not isinstance(value, dict):
            self.violation(f"a line is an object: {line[:120]!r}")
            return False
        if any(len(key.encode()) > MAX_KEY_BYTES for key in value):
            self.drops.append(("key_too_long", max(map(len, value))))  # stored, but as one text
        self._store(flattened(value), options)
        return True

    def _bulk(self, request: Request, options: Options, fault: Fault) -> Answer:
        lines = list(read_lines(request.body, self.old))
        items, position = [], 0
        while position < len(lines) and lines[position].strip():
            if b'"create"' not in lines[position] and b'"index"' not in lines[position]:
                return self._bulk_parse_error(f"unexpected command {lines[position][:80]!r}")
            document = lines[position + 1] if position + 1 < len(lines) else b""
            too_long = document is None
            if too_long and self.old and position + 2 == len(lines):
                self.drops.append(("line_too_long", MAX_LINE_BYTES))
                return Answer(200)  # missing log message after the "create" command
            bent = fault.item_status(len(items), {})
            if bent is None and not self._take_line(document, options):
                return self._bulk_parse_error(f"bad document {document[:80]!r}")
            status = bent or (400 if too_long and not self.old else 201)
            items.append({"create": {"status": status}})
            position += 2
        failed = any(item["create"]["status"] > 299 for item in items)
        body = json.dumps({"took": 1, "errors": failed, "items": items}).encode()
        return Answer(200, body, {"Content-Type": "application/json"})

    def _bulk_parse_error(self, text: str) -> Answer:
        self.violation(text)
        return Answer(200) if self.old else Answer(400, text.encode())

    def _otlp(self, request: Request, options: Options, fault: Fault) -> Answer:
        content_type = request.headers.get("Content-Type") or ""
        if content_type.split(";")[0].strip() == "application/json":
            self.violation("JSON on the OTLP path")
            return Answer(400, b"json encoding isn't supported for opentelemetry format. Use protobuf encoding")
        message = ExportLogsServiceRequest()
        try:
            message.ParseFromString(request.body)
        except DecodeError as error:
            self.violation(f"bad protobuf: {error}")
            return Answer(400, str(error).encode())
        for group in message.resource_logs:
            resource = self._attributes(group.resource.attributes)
            for scope in group.scope_logs:
                for record in scope.log_records:
                    self._store_record(resource, scope, record, options)
        return Answer(200)

    def _store_record(self, resource: list, scope_logs, record, options: Options):
        pairs = resource + self._scope_fields(scope_logs) + self._attributes(record.attributes)
        body = record.body.WhichOneof("value")
        if body == "kvlist_value":
            pairs += self._attributes(record.body.kvlist_value.values)
        elif body is not None:
            pairs.append(("_msg", self._any_text(record.body)))
        pairs += self._severity_fields(record)
        if record.trace_id:
            pairs.append(("trace_id", record.trace_id.hex()))
        if record.span_id:
            pairs.append(("span_id", record.span_id.hex()))
        if record.event_name and not self.old:
            pairs.append(("event_name", record.event_name))
        if options.stream_fields is None:
            options.stream_fields = [key for key, _ in resource]
        nanoseconds = record.time_unix_nano or record.observed_time_unix_nano or time.time_ns()
        self._store(pairs, options, nanoseconds)

    def _scope_fields(self, scope_logs) -> list:
        if self.old or not scope_logs.HasField("scope"):
            return []
        scope = scope_logs.scope
        named = [("scope.name", scope.name or "unknown"), ("scope.version", scope.version or "unknown")]
        return named + [("scope.attributes." + key, text) for key, text in self._attributes(scope.attributes)]

    def _severity_fields(self, record) -> list:
        if self.old:
            number = record.severity_number if 0 <= record.severity_number < len(SEVERITIES) else 0
            return [("severity", record.severity_text or SEVERITIES[number])]
        return [("severity_number", str(record.severity_number)), ("severity_text", record.severity_text)]

    def _attributes(self, pairs, prefix: str = "", depth: int = 0) -> list:
        if depth > MAX_OTLP_DEPTH:
            self.violation(f"values nested deeper than {MAX_OTLP_DEPTH}")
            return []
        result = []
        for pair in pairs:
            if not pair.key and not self.old:
                self.violation("attribute without a key, which is left out")
            elif not pair.HasField("value"):
                self.violation(f"attribute {pair.key!r} without a value")
            elif pair.value.WhichOneof("value") == "kvlist_value":
                result += self._attributes(pair.value.kvlist_value.values, f"{prefix}{pair.key}.", depth + 1)
            else:
                result.append((prefix + pair.key, self._any_text(pair.value)))
        return result

    def _any_text(self, value) -> str:
        return as_text(self._any_value(value, 0))

    def _any_value(self, value, depth: int):
        if depth > MAX_OTLP_DEPTH:
            self.violation(f"values nested deeper than {MAX_OTLP_DEPTH}")
            return None
        kind = value.WhichOneof("value")
        if kind is None:
            return ""
        if kind == "bytes_value":
            return base64.b64encode(value.bytes_value).decode()
        if kind == "array_value":
            return [self._any_value(element, depth + 1) for element in value.array_value.values]
        if kind == "kvlist_value":
            return {pair.key: self._any_value(pair.value, depth + 1) for pair in value.kvlist_value.values}
        return getattr(value, kind)

    def _store(self, pairs: list, options: Options, nanoseconds: Optional[int] = None):
        """Stores one row, or records which silent drop it would have met."""
        if nanoseconds is None:
            nanoseconds = self._time(pairs, options)
            pairs = [pair for pair in pairs if pair[0] not in options.time_fields]
        for key, text in options.extra_fields.items():
            pairs = [pair for pair in pairs if pair[0] != key] + [(key, text)]
        pairs = [pair for pair in pairs if not self._ignored(pair[0], options)]
        reason = self._drop_reason(pairs, nanoseconds)
        if reason:
            self.drops.append(reason)
            return
        fields = {}
        for key, text in pairs:
            # To the server a field without a value is none, whatever its name.
            if text and fields.get(key):
                self.violation(f"field {key!r} twice in one row")
            if text and key in ("_stream", "_stream_id", "_time"):
                self.violation(f"field {key!r} means something to the server")
            if text or key not in fields:
                fields[key] = text
        for name in options.msg_fields:
            if name != "_msg" and fields.get(name):
                fields["_msg"] = fields.pop(name)
                break
        stream = {key: fields[key] for key in options.stream_fields or [] if fields.get(key)}
        names = {key for key, text in fields.items() if text}
        if not self._has_names_left(names, row_bytes(pairs), (options.tenant, tuple(sorted(stream.items())))):
            self.drops.append(("too_many_names", len(fields)))
            return
        if not options.debug:
            self.rows.append(Row(options.tenant, stream, nanoseconds, fields))

    def _has_names_left(self, own: set, row_size: int, stream: tuple) -> bool:
        """Whether the stream's block has room for the names of a row; if not, the rest of the block is dropped too.
        Counted as the server does: all of a row's names beside those that the block has already."""
        names, size, is_full = self._blocks.get(stream, (set(), 0, False))
        if size >= BLOCK_BYTES:
            names, size, is_full = set(), 0, False
        is_full = is_full or bool(names and names != own and len(names) + len(own) > MAX_NAMES_IN_BLOCK)
        self._blocks[stream] = (names if is_full else names | own, size + row_size, is_full)
        return not is_full

    def _time(self, pairs: list, options: Options) -> int:
        for name in options.time_fields:
            for key, text in pairs:
                if key == name and text not in ("", "0", "-"):
                    if unix_nano(text) is None and not text.isdigit():
                        self.violation(f"time {text!r} is neither RFC 3339 in UTC nor a number")
                    return unix_nano(text) or time.time_ns()
        return time.time_ns()

    def _ignored(self, key: str, options: Options) -> bool:
        return any(key == name or (name.endswith("*") and key.startswith(name[:-1])) for name in options.ignore_fields)

    def _drop_reason(self, pairs: list, nanoseconds: int) -> Optional[tuple]:
        size = row_bytes(pairs)
        if size > MAX_ROW_BYTES:
            return ("row_too_big", size)
        if len(pairs) > MAX_FIELDS:
            return ("too_many_fields", len(pairs))
        for key, _ in pairs:
            if len(key.encode()) > MAX_KEY_BYTES:
                return ("key_too_long", len(key.encode()))
        now = time.time()
        if nanoseconds // 10**9 // DAY < int(now - self.retention_seconds) // DAY:
            return ("too_small_timestamp", nanoseconds)
        if nanoseconds / 1e9 > now + MAX_FUTURE_SECONDS:
            return ("too_big_timestamp", nanoseconds)
        return None
