"""What redaction hides is nowhere: not in the queue, the dead letters, the outputs, the gateway's log or its metrics."""

import json

import pytest

from EndToEnd.gateway import quick, wait_until
from EndToEnd.http_clients import send
from EndToEnd.otlp_requests import JSON, PROTOBUF, as_json, pairs, record, request
from Quality.sensitive_values import OTHERS, VALIDATED, Texts
from StandIns.elasticsearch import Elasticsearch
from StandIns.http_backend import Fault

KINDS = [kind for kind in (*VALIDATED, *OTHERS) if kind not in ("key_name", "credit_card alone, rare lengths")]


def forms(secret: str) -> set:
    """A secret as it may be written: plain and with JSON's escapes, once and twice."""
    once = json.dumps(secret, ensure_ascii=False)[1:-1]
    return {form.encode() for form in (secret, once, json.dumps(once, ensure_ascii=False)[1:-1])}


@pytest.fixture
def secrets():
    """(secret, line with it) pairs of every rule, each in a text that no request in JSON surrounds."""
    texts = Texts(4)
    samples = [texts.sample(kind)[0:2] for _ in range(40) for kind in KINDS]
    return [(secret, line) for secret, line in samples if not line.startswith('{"resourceLogs"')][:900]


def message_of(samples):
    """The lines in every place of records; passwords under the names of secrets too."""
    records = []
    for secret, line in samples:
        nested = {"deep": [{"line": line}], "db": {"password": secret, "session.id": [secret]}}
        records.append(record(line, {"line": line, "nested": nested, "api_key": secret, "raw": line.encode()}))
        records.append(record({"event": {"text": line}, "client_secret": {"value": secret}}))
    message = request(*records, resource={"service.name": "shop", "note": samples[0][1], "token": samples[0][0]})
    message.resource_logs[0].scope_logs[0].scope.attributes.extend(pairs({"why": samples[0][1]}))
    return message


def found(where: bytes, secrets) -> list:
    return [secret for secret, _ in secrets if any(form in where for form in forms(secret))]


def test_no_secret_reaches_a_queue_a_file_a_log_or_a_metric(start, secrets, tmp_path):
    with Elasticsearch() as server:
        server.faults.standing(Fault(status=503))
        options = {
            "endpoints": [server.url],
            "compression": "none",
            "sending_queue": {"directory": str(tmp_path / "queue"), "batch": {"flush_timeout": "20ms"}},
            "dead_letter": {"path": str(tmp_path / "dead-letters.jsonl")},
        }
        exporters = {
            "elasticsearch": quick(**options),
            "file": {"path": str(tmp_path / "out.jsonl")},
            "debug": {"verbosity": "detailed"},
        }
        processors = {"redaction": {"detectors": ["default", "email"], "summary": "debug"}}
        pipeline = {"receivers": ["otlp"], "processors": ["redaction"], "exporters": list(exporters)}
        overlay = {"processors": processors, "service": {"pipelines": {"logs": pipeline}}}
        overlay["service"]["telemetry"] = {"logs": {"level": "debug"}}
        gateway = start(exporters, overlay)
        sent = 0
        for place in range(0, len(secrets), 50):
            message = message_of(secrets[place : place + 50])
            sent += 2 * len(secrets[place : place + 50])
            body, kind = (message.SerializeToString(), PROTOBUF) if place % 100 else (as_json(message), JSON)
            answer = send(gateway.http_port, body, kind)
            assert answer.status == 200
        assert send(gateway.http_port, b'{"resourceLogs": [{"password": "hunter2hunter2"', content_type=JSON).status == 400
        queue = b"".join(path.read_bytes() for path in (tmp_path / "queue").rglob("*") if path.is_file())
        assert len(queue) > sent * 100, "the queue holds the records"
        assert found(queue, secrets) == []
        server.faults.standing(Fault(items=lambda document: 400 if "event" in str(document)[:9000] else None))
        metric = gateway.metric
        settled = ("otelcol_exporter_sent_log_records", "otelcol_exporter_send_failed_log_records")
        wait_until(
            lambda: sum(metric(name, exporter="elasticsearch") for name in settled) == sent, 60, "every record's end")
        wait_until(lambda: metric("otelcol_exporter_sent_log_records", exporter="file") == sent, 30, "the file")
        wait_until(lambda: metric("otelcol_exporter_sent_log_records", exporter="debug") == sent, 60, "the debug output")
        metrics = gateway.admin("/metrics")[1]
        gateway.stop()
    assert metric_of(metrics, "secret_kv") > 0 and metric_of(metrics, "key_name") >= sent
    letters = (tmp_path / "dead-letters.jsonl").read_bytes()
    outputs = {
        "metrics": metrics.encode(), "log": gateway.log_path.read_bytes(), "file": (tmp_path / "out.jsonl").read_bytes(),
        "dead letters": letters, "documents": "\n".join(map(repr, server.documents())).encode(),
    }
    assert all(outputs.values()) and b"****" in letters
    for name, output in outputs.items():
        assert found(output, [*secrets, ("hunter2hunter2", "")]) == [], name
    for path in gateway.folder.rglob("*"):
        if path.is_file():
            assert found(path.read_bytes(), secrets) == [], path


def metric_of(metrics: str, rule: str) -> float:
    lines = [line for line in metrics.splitlines() if line.startswith("sluice_processor_redactions")]
    return sum(float(line.split()[-1]) for line in lines if f'rule="{rule}"' in line)
