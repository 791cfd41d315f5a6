"""A stand-in for Elasticsearch 8 and 9: `_bulk` with its checks, its per-item answers and its refusals."""

import base64
import json
import re
from dataclasses import dataclass
from typing import NamedTuple, Optional

from StandIns.field_types import FieldTypes, MappingConflict
from StandIns.http_backend import Answer, Fault, HTTPBackend, Request
from StandIns.strict_json import StrictJSONError, parse

JSON_TYPES = ("application/json", "application/x-ndjson")
COMPATIBLE_TYPE = re.compile(r"application/vnd\.elasticsearch\+(json|x-ndjson);\s*compatible-with=[89]$")
ACTIONS = ("create", "index", "update", "delete")
ACTION_KEYS = {
    "_index",
    "_id",
    "pipeline",
    "routing",
    "require_alias",
    "require_data_stream",
    "dynamic_templates",
    "list_executed_pipelines",
    "version",
    "version_type",
    "if_seq_no",
    "if_primary_term",
    "retry_on_conflict",
}
ILLEGAL_IN_INDEX = set('\\/*?"<>| ,#:')
DATA_STREAM = re.compile(r"^logs-[^-]+-.+$")
TIMESTAMP = re.compile(r"^(\d{1,13}(\.\d{1,9})?|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z)$")
ERROR_TYPES = {
    400: "document_parsing_exception",
    404: "index_not_found_exception",
    409: "version_conflict_engine_exception",
    429: "es_rejected_execution_exception",
    500: "exception",
    503: "unavailable_shards_exception",
}


class Committed(NamedTuple):
    index: str
    id: str
    document: dict


@dataclass
class ItemError(Exception):
    status: int
    type: str
    reason: str


class BulkError(Exception):
    """The whole request is malformed: 400, nothing after the bad line is looked at."""


def illegal_index_name(name: str) -> Optional[str]:
    """Why Elasticsearch refuses this index name, or None."""
    if not name or name in (".", ".."):
        return "must not be empty, '.' or '..'"
    if name != name.lower():
        return "must be lower case"
    if name[0] in "-_+":
        return "must not start with '-', '_' or '+'"
    if ILLEGAL_IN_INDEX & set(name):
        return f"must not contain {sorted(ILLEGAL_IN_INDEX & set(name))}"
    if len(name.encode()) > 255:
        return f"{len(name.encode())} bytes, limit 255"
    return None


def filtered(value, patterns):
    """`value` with only the members that `filter_path` names; `*` is one key, arrays are passed through."""
    if not patterns:
        return value
    if any(pattern == [] for pattern in patterns):
        return value
    if isinstance(value, list):
        kept = [filtered(element, patterns) for element in value]
        return [element for element in kept if element not in ({}, None)]
    if not isinstance(value, dict):
        return None
    result = {}
    for key, member in value.items():
        rest = [pattern[1:] for pattern in patterns if pattern[0] in (key, "*")]
        kept = filtered(member, rest) if rest else None
        if kept is not None and kept != {}:
            result[key] = kept
    return result


class Elasticsearch(HTTPBackend):
    """Stores what `_bulk` brings, in order; `violations` lists what a correct exporter never sends."""

    def __init__(
        self, version="8.19.0", basic: Optional[tuple] = None, api_key: Optional[str] = None, data_streams=True
    ):
        super().__init__()
        self.version = version
        self.data_streams = data_streams
        self.committed: list[Committed] = []
        self.failure_store: list[dict] = []
        self.bulk_sizes: list[int] = []
        self._types: dict[str, FieldTypes] = {}
        self._ids: set = set()
        self._authorization = None
        if basic:
            self._authorization = "Basic " + base64.b64encode(":".join(basic).encode()).decode()
        if api_key:
            self._authorization = "ApiKey " + api_key

    def documents(self, index: Optional[str] = None) -> list[dict]:
        with self.lock:
            return [c.document for c in self.committed if index in (None, c.index)]

    def indices(self) -> set:
        with self.lock:
            return {c.index for c in self.committed}

    def answer(self, request: Request, fault: Fault) -> Answer:
        if self._authorization and request.headers.get("Authorization") != self._authorization:
            return self._json(401, {"error": {"type": "security_exception", "reason": "missing credentials"}})
        if request.method in ("GET", "HEAD") and request.path == "/":
            return self._json(200, {"version": {"number": self.version}, "tagline": "You Know, for Search"})
        if request.method in ("POST", "PUT") and request.path.rsplit("/", 1)[-1] == "_bulk":
            return self._bulk(request, fault)
        self.violation(f"unexpected request {request.method} {request.path}")
        return self._json(404, {"error": {"type": "invalid_request"}})

    def _json(self, status: int, value) -> Answer:
        headers = {"Content-Type": "application/json", "X-Elastic-Product": "Elasticsearch"}
        return Answer(status, json.dumps(value).encode(), headers)

    def _bulk(self, request: Request, fault: Fault) -> Answer:
        self._check_head(request)
        try:
            with self.lock:
                items = self._items(request, fault)
        except (BulkError, StrictJSONError) as error:
            self.violation(f"malformed bulk request: {error}")
            return self._json(400, {"error": {"type": "illegal_argument_exception", "reason": str(error)}})
        failed = any(item["status"] > 299 for wrapped in items for item in wrapped.values())
        answer = {"took": 1, "errors": failed, "items": items}
        patterns = [path.split(".") for path in (request.arg("filter_path") or "").split(",") if path]
        return self._json(200, filtered(answer, patterns))

    def _check_head(self, request: Request):
        content_type = (request.headers.get("Content-Type") or "").strip()
        if content_type.split(";")[0] not in JSON_TYPES and not COMPATIBLE_TYPE.match(content_type):
            self.violation(f"Content-Type {content_type!r}")
        declared = request.headers.get("X-Elastic-Uncompressed-Request-Length")
        if declared is not None and int(declared) != len(request.body):
            self.violation(f"X-Elastic-Uncompressed-Request-Length {declared}, body {len(request.body)}")

    def _items(self, request: Request, fault: Fault) -> list:
        if not request.body:
            raise BulkError("request body is required")
        if not request.body.endswith(b"\n"):
            raise BulkError("the bulk request must be terminated by a newline [\\n]")
        lines = request.body[:-1].split(b"\n")
        self.bulk_sizes.append(len(request.body))
        items, position = [], 0
        while position < len(lines):
            action, meta = self._action(lines[position], request)
            if action in ("update", "delete"):
                raise BulkError(f"action {action!r} has no place in a log stream")
            if position + 1 >= len(lines):
                raise BulkError("action line without a document")
            items.append({action: self._item(action, meta, lines[position + 1], len(items), fault)})
            position += 2
        declared = request.headers.get("X-Elastic-Event-Count")
        if declared is not None and int(declared) != len(items):
            self.violation(f"X-Elastic-Event-Count {declared}, items {len(items)}")
        return items

    def _action(self, line: bytes, request: Request) -> tuple:
        value = parse(line)
        if not isinstance(value, dict) or len(value) != 1:
            raise BulkError(f"an action line is one object with one action: {line[:80]!r}")
        ((action, meta),) = value.items()
        if action not in ACTIONS or not isinstance(meta, dict):
            raise BulkError(f"unknown action {action!r}")
        if set(meta) - ACTION_KEYS:
            raise BulkError(f"unknown parameter {sorted(set(meta) - ACTION_KEYS)} in action line")
        path_index = request.path.strip("/").split("/")[0]
        if path_index != "_bulk":
            meta.setdefault("_index", path_index)
        if request.arg("require_data_stream") == "true":
            meta.setdefault("require_data_stream", True)
        return action, meta

    def _item(self, action: str, meta: dict, line: bytes, position: int, fault: Fault) -> dict:
        answer = {"_index": meta.get("_index"), "_id": meta.get("_id") or f"auto-{len(self._ids)}"}
        try:
            document = self._document(line)
            bent = fault.item_status(position, document)
            if isinstance(bent, tuple):
                raise ItemError(*bent)
            if bent is not None and bent > 299:
                raise ItemError(bent, ERROR_TYPES.get(bent, "exception"), "bent by the script")
            outcome = fault.failure_store(document) if fault.failure_store else None
            if outcome == "used":
                self.failure_store.append(document)
                return {**answer, "_version": 1, "result": "created", "status": 201, "failure_store": "used"}
            if outcome == "failed":
                error = {"type": "document_parsing_exception", "reason": "bent by the script"}
                return {**answer, "status": 400, "failure_store": "failed", "error": error}
            self._store(action, meta, answer["_id"], document)
            return {**answer, "_version": 1, "result": "created", "status": 201}
        except ItemError as error:
            return {**answer, "status": error.status, "error": {"type": error.type, "reason": error.reason}}

    def _document(self, line: bytes) -> dict:
        try:
            document = parse(line)
        except StrictJSONError as error:
            self.violation(f"bad document: {error}: {line[:120]!r}")
            raise ItemError(400, "document_parsing_exception", str(error)) from None
        if not isinstance(document, dict):
            self.violation(f"a document is an object: {line[:120]!r}")
            raise ItemError(400, "document_parsing_exception", "not an object")
        return document

    def _store(self, action: str, meta: dict, id: str, document: dict):
        index = meta.get("_index") or ""
        reason = illegal_index_name(index)
        if reason:
            self.violation(f"index name {index!r}: {reason}")
            raise ItemError(400, "invalid_index_name_exception", f"Invalid index name [{index}], {reason}")
        self._check_data_stream(action, meta, index, document)
        if action == "create" and (index, id) in self._ids:
            raise ItemError(409, "version_conflict_engine_exception", f"[{id}]: document already exists")
        types = self._types.setdefault(index, FieldTypes(is_otel=".otel-" in index))
        try:
            types.learn(document)
        except MappingConflict as conflict:
            raise ItemError(400, "document_parsing_exception", str(conflict)) from None
        self._ids.add((index, id))
        self.commit(index, id, document)

    def commit(self, index: str, id: str, document: dict):
        self.committed.append(Committed(index, id, document))

    def _check_data_stream(self, action: str, meta: dict, index: str, document: dict):
        is_stream = self.data_streams and DATA_STREAM.match(index) is not None
        if meta.get("require_data_stream") and not is_stream:
            raise ItemError(404, "index_not_found_exception", f"[{index}] is not a data stream")
        if not is_stream:
            return
        if action != "create":
            raise ItemError(400, "illegal_argument_exception", "only op_type create is allowed in data streams")
        timestamp = document.get("@timestamp")
        if timestamp is None:
            raise ItemError(400, "document_parsing_exception", "field [@timestamp] is missing")
        if not TIMESTAMP.match(str(timestamp)):
            raise ItemError(400, "document_parsing_exception", f"failed to parse @timestamp {timestamp!r}")
