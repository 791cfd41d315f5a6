"""The payloads that benchmarks send: the shape of a typical service's logs, from a fixed seed.

A payload is named by its records, `100`: of about 430 bytes of protobuf, 8 attributes each, and 8 resource attributes;
and by what is other than that, `100-long-body`.
Run as a program it writes them into a folder: payloads.py FOLDER [name ...]
"""

import gzip
import json
import pathlib
import random
import sys

from google.protobuf import json_format
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import KeyValue

WORDS = (
    "request completed connection reset timeout order customer payment retry queue worker shard cache miss hit user "
    "session started finished failed upstream latency budget exceeded rolling deployment node pod container image"
).split()

RESOURCE = {
    "service.name": "checkout",
    "service.namespace": "shop",
    "service.version": "1.42.0",
    "service.instance.id": "627cc493-f310-47de-96bd-71410b7dec09",
    "k8s.namespace.name": "production",
    "k8s.pod.name": "checkout-7d9f8c6b5-x2x9z",
    "host.name": "ip-10-1-2-3.internal",
    "deployment.environment.name": "production",
}


# What is other in a payload of that kind: the words of a body, at least and at most, the attributes of a record, and
# whether a body is a JSON text of ten members around the words, about 300 bytes with 12 to 14 of them.
KINDS = {
    "": {},
    "short-body": {"words": (2, 4)},
    "long-body": {"words": (250, 350)},
    "few-attributes": {"attributes": 2},
    "many-attributes": {"attributes": 32},
    "json-body": {"words": (12, 14), "is_json": True},
}


def pair(target, key, value):
    entry: KeyValue = target.add()
    entry.key = key
    if isinstance(value, bool):
        entry.value.bool_value = value
    elif isinstance(value, int):
        entry.value.int_value = value
    elif isinstance(value, float):
        entry.value.double_value = value
    else:
        entry.value.string_value = value


def json_body(rng, level, message):
    """A body as a service writes it that logs in JSON."""
    return json.dumps({
        "time": "2026-11-23T10:15:30.123Z", "level": level.lower(), "logger": "c.e.shop.CheckoutService",
        "msg": message, "order": rng.randint(10**15, 10**16 - 1), "total": rng.randint(100, 99999) / 100,
        "currency": "EUR", "region": "eu-central-1", "cached": rng.random() < 0.5, "worker": rng.randint(1, 64),
    }, separators=(",", ":"))


def request(records, seed=1, words=(10, 28), attributes=8, is_json=False):
    """An ExportLogsServiceRequest of `records` records from one resource and scope."""
    rng = random.Random(seed)
    message = ExportLogsServiceRequest()
    logs = message.resource_logs.add()
    for key, value in RESOURCE.items():
        pair(logs.resource.attributes, key, value)
    scope = logs.scope_logs.add()
    scope.scope.name = "com.example.checkout"
    scope.scope.version = "2.1.0"
    start = 1_760_000_000_000_000_000
    for index in range(records):
        record = scope.log_records.add()
        record.time_unix_nano = start + index * 1_000_037
        record.observed_time_unix_nano = record.time_unix_nano + 5_000
        record.severity_number = rng.choice([5, 9, 9, 9, 13, 17])
        record.severity_text = {5: "DEBUG", 9: "INFO", 13: "WARN", 17: "ERROR"}[record.severity_number]
        record.body.string_value = " ".join(rng.choice(WORDS) for _ in range(rng.randint(*words)))
        if is_json:
            record.body.string_value = json_body(rng, record.severity_text, record.body.string_value)
        pair(record.attributes, "http.request.method", rng.choice(["GET", "POST", "PUT"]))
        pair(record.attributes, "http.response.status_code", rng.choice([200, 201, 404, 500]))
        pair(record.attributes, "url.path", f"/api/v1/orders/{rng.randint(1, 10**6)}")
        pair(record.attributes, "duration_ms", round(rng.random() * 500, 2))
        pair(record.attributes, "user.id", f"u-{rng.randint(1, 10**8)}")
        pair(record.attributes, "thread.name", f"worker-{rng.randint(1, 64)}")
        pair(record.attributes, "code.function.name", "com.example.checkout.OrderService.place")
        pair(record.attributes, "retry", rng.random() < 0.1)
        for number in range(8, attributes):
            pair(record.attributes, f"app.field_{number}", rng.choice(WORDS))
        del record.attributes[attributes:]
        record.trace_id = rng.randbytes(16)
        record.span_id = rng.randbytes(8)
        record.flags = 1
    return message


def otlp_json(message):
    """The message in OTLP's JSON mapping: ids in hexadecimal, enums as numbers."""
    data = json_format.MessageToDict(message, use_integers_for_enums=True)
    for logs in message.resource_logs:
        for scope_index, scope in enumerate(logs.scope_logs):
            for record_index, record in enumerate(scope.log_records):
                target = data["resourceLogs"][0]["scopeLogs"][scope_index]["logRecords"][record_index]
                target["traceId"] = record.trace_id.hex()
                target["spanId"] = record.span_id.hex()
    return json.dumps(data, separators=(",", ":"), ensure_ascii=False).encode()


def write(folder, names=("1", "10", "100", "1000")):
    """Writes each payload as protobuf, gRPC message and JSON, plain and gzipped; returns the folder."""
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for name in map(str, names):
        count, _, kind = name.partition("-")
        message = request(int(count), **KINDS[kind])
        protobuf, text = message.SerializeToString(), otlp_json(message)
        for suffix, flag, body in (
            ("", 0, (protobuf, text)), (".gz", 1, (gzip.compress(protobuf, 1), gzip.compress(text, 1)))
        ):
            (folder / f"{name}.pb{suffix}").write_bytes(body[0])
            (folder / f"{name}.json{suffix}").write_bytes(body[1])
            (folder / f"{name}.grpc{suffix}").write_bytes(bytes([flag]) + len(body[0]).to_bytes(4, "big") + body[0])
    return folder


if __name__ == "__main__":
    for path in sorted(write(sys.argv[1], sys.argv[2:] or ["1", "10", "100", "1000"]).iterdir()):
        print(path, path.stat().st_size)
