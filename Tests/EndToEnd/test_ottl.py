"""Statements and conditions as users write them, through every exporter; and what is told when they fail."""

import json
import subprocess
import time

import pytest
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceResponse

from EndToEnd.gateway import binary, quick, wait_until
from EndToEnd.http_clients import send
from EndToEnd.otlp_requests import from_json, record, records_of, request
from StandIns.elasticsearch import Elasticsearch
from StandIns.otlp import OTLPServerGRPC, OTLPServerHTTP
from StandIns.victorialogs import VictoriaLogs

PARSE = 'merge_maps({0}attributes, ParseJSON({0}body), "upsert") where IsMatch({0}body, "^\\\\{{")'
LEVEL = 'set({0}severity_number, SEVERITY_NUMBER_ERROR) where {0}attributes["level"] == "error"'
RENAME = 'set({0}attributes["user.name"], {0}attributes["user"]) where {0}attributes["user"] != nil'
DELETE = 'delete_key({0}attributes, "user")'
TENANT = 'set(resource.attributes["tenant"], "acme")'
STATEMENTS = [PARSE, LEVEL, RENAME, DELETE]

FORMS = {
    "strings": [TENANT] + [text.format("log.") for text in STATEMENTS],
    "groups with a context": [
        {"context": "resource", "statements": ['set(attributes["tenant"], "acme")']},
        {"context": "log", "statements": [text.format("") for text in STATEMENTS]},
    ],
    "groups without": [
        {"statements": [TENANT]},
        {"conditions": ["log.body == nil", "log.body != nil"], "statements": [t.format("log.") for t in STATEMENTS]},
    ],
}


def message():
    now = time.time_ns()
    return request(
        record('{"level":"error","user":"ann","ms":31}', {"a": 1}, time_unix_nano=now),
        record("plain", {"user": "bob"}, time_unix_nano=now + 1),
    )


@pytest.mark.parametrize("form", FORMS)
def test_every_exporter_gets_what_statements_made(start, form):
    with (
        OTLPServerGRPC() as over_grpc,
        OTLPServerHTTP() as over_http,
        Elasticsearch() as elastic,
        VictoriaLogs() as victoria,
    ):
        gateway = start(
            {
                "otlp": quick(endpoint=f"127.0.0.1:{over_grpc.port}", tls={"insecure": True}),
                "otlphttp": quick(endpoint=over_http.url),
                "elasticsearch": quick(endpoints=[elastic.url]),
                "victorialogs": quick(endpoint=victoria.url),
                "file": {"path": "out.ndjson"},
                "debug": {"verbosity": "detailed"},
                "nop": {},
            },
            {
                "processors": {"transform": {"log_statements": FORMS[form]}},
                "service": {"pipelines": {"logs": {"processors": ["transform"]}}},
            },
        )
        assert send(gateway.http_port, message().SerializeToString()).status == 200
        assert gateway.metric("sluice_ottl_faults") == 0
        assert gateway.metric("sluice_ottl_met", component="transform") > 4
        gateway.stop()
        assert elastic.violations == [] and victoria.violations == []
    lines = (gateway.folder / "out.ndjson").read_bytes().splitlines()
    for requests in (over_grpc.requests_taken, over_http.requests_taken, [from_json(line) for line in lines]):
        first, second = records_of(*requests)
        assert {"key": "tenant", "value": {"stringValue": "acme"}} in first.resource["attributes"]
        attributes = {entry["key"]: entry["value"] for entry in first.record["attributes"]}
        assert attributes == {
            "a": {"intValue": "1"},
            "level": {"stringValue": "error"},
            "ms": {"doubleValue": 31.0},
            "user.name": {"stringValue": "ann"},
        }
        assert first.record["severityNumber"] == 17 and second.record["severityNumber"] == 9
        assert second.record["attributes"] == [{"key": "user.name", "value": {"stringValue": "bob"}}]
    assert sorted(document["severity_number"] for document in elastic.documents()) == [9, 17]
    assert sorted(row.fields["user.name"] for row in victoria.rows) == ["ann", "bob"]
    assert {row.fields["tenant"] for row in victoria.rows} == {"acme"}
    shown = gateway.log()
    assert all(text in shown for text in ("user.name: Str(ann)", "user.name: Str(bob)", "tenant: Str(acme)"))
    assert "user: Str(bob)" not in shown


def test_a_filter_drops_and_a_route_chooses_by_conditions(start):
    table = [{"context": "log", "condition": 'Len(body) > 5 and attributes["n"] * 2 >= 4', "pipelines": ["logs/long"]}]
    with OTLPServerHTTP() as long, OTLPServerHTTP() as rest:
        gateway = start(
            {"otlphttp/long": quick(endpoint=long.url), "otlphttp/rest": quick(endpoint=rest.url)},
            {
                "processors": {"filter": {"log_conditions": ['log.body == "noise"', "scope.name == nil"]}},
                "connectors": {"routing": {"table": table, "default_pipelines": ["logs/rest"], "error_mode": "ignore"}},
                "service": {
                    "pipelines": {
                        "logs": {"receivers": ["otlp"], "processors": ["filter"], "exporters": ["routing"]},
                        "logs/long": {"receivers": ["routing"], "exporters": ["otlphttp/long"]},
                        "logs/rest": {"receivers": ["routing"], "exporters": ["otlphttp/rest"]},
                    }
                },
            },
        )
        sent = request(
            record("noise", {"n": 9}), record("long text", {"n": 2}), record("long text", {"n": 1}), record("short")
        )
        assert send(gateway.http_port, sent.SerializeToString()).status == 200
        assert gateway.metric("sluice_processor_filtered_log_records", processor="filter") == 1
        gateway.stop()
    assert [seen.record["attributes"][0]["value"] for seen in records_of(*long.requests_taken)] == [{"intValue": "2"}]
    assert len(records_of(*rest.requests_taken)) == 2


def test_a_record_that_fails_a_row_goes_to_the_default_pipeline(start):
    table = [
        {"context": "log", "condition": 'ParseJSON(body)["a"] == 1', "pipelines": ["logs/one"]},
        {"context": "log", "condition": "true", "pipelines": ["logs/one"]},
    ]
    with OTLPServerHTTP() as one, OTLPServerHTTP() as rest:
        gateway = start(
            {"otlphttp/one": quick(endpoint=one.url), "otlphttp/rest": quick(endpoint=rest.url)},
            {
                "connectors": {"routing": {"table": table, "default_pipelines": ["logs/rest"], "error_mode": "silent"}},
                "service": {
                    "pipelines": {
                        "logs": {"receivers": ["otlp"], "exporters": ["routing"]},
                        "logs/one": {"receivers": ["routing"], "exporters": ["otlphttp/one"]},
                        "logs/rest": {"receivers": ["routing"], "exporters": ["otlphttp/rest"]},
                    }
                },
            },
        )
        sent = request(record('{"a":1}'), record("no json"), record('{"a":2}'))
        assert send(gateway.http_port, sent.SerializeToString()).status == 200
        gateway.stop()
    taken = [[seen.record["body"]["stringValue"] for seen in records_of(*end.requests_taken)] for end in (one, rest)]
    assert taken == [['{"a":1}', '{"a":2}'], ["no json"]]


def written(gateway) -> list:
    """The records of the file exporter, when the gateway has stopped."""
    gateway.stop()
    return records_of(*map(from_json, (gateway.folder / "out.ndjson").read_bytes().splitlines()))


def test_only_records_of_which_a_condition_is_true_are_deduplicated(start):
    conditions = ['attributes["noisy"] == true', 'IsMatch(body, "^ping")']
    gateway = start(
        {"file": {"path": "out.ndjson"}},
        {
            "processors": {"log_dedup": {"interval": "1h", "conditions": conditions}},
            "service": {"pipelines": {"logs": {"processors": ["log_dedup"]}}},
        },
    )
    kinds = [("same", {"noisy": True}), ("ping 1", {}), ("same", {"noisy": "true"}), ("same", {})]
    for body, attributes in kinds * 3:
        assert send(gateway.http_port, request(record(body, attributes)).SerializeToString()).status == 200
    assert gateway.metric("sluice_ottl_met", component="log_dedup") == 6
    found = [(seen.record["body"]["stringValue"], seen.record.get("attributes", [])) for seen in written(gateway)]
    counts = [value for _, pairs in found for value in pairs if value["key"] == "log_count"]
    assert counts == [{"key": "log_count", "value": {"intValue": "2"}}] * 2
    assert [body for body, _ in found].count("ping 1") == 2
    assert [body for body, _ in found].count("same") == 2 + 3 + 3


def test_records_of_which_a_condition_is_true_are_not_redacted(start):
    gateway = start(
        {"file": {"path": "out.ndjson"}},
        {
            "processors": {
                "redaction": {
                    "allow_all_keys": True,
                    "blocked_values": ["card-[0-9]+"],
                    "skip_conditions": ['resource.attributes["zone"] == "vault" and attributes["audit"] != nil'],
                }
            },
            "service": {"pipelines": {"logs": {"processors": ["redaction"]}}},
        },
    )
    for zone, attributes in (("vault", {"audit": "card-1"}), ("vault", {"n": "card-2"}), ("open", {"audit": "card-3"})):
        message = request(record("of card-4", attributes), resource={"zone": zone})
        assert send(gateway.http_port, message.SerializeToString()).status == 200
    shown = [json.dumps(seen.record) for seen in written(gateway)]
    assert ["card-" in text for text in shown] == [True, False, False]
    assert "card-1" in shown[0] and "of card-4" in shown[0]


@pytest.mark.parametrize("depth", [2, 1])
def test_every_user_of_conditions_has_their_limits(start, depth):
    """What a condition parses is two deep: with a limit of 1 it is not met, and that is counted as a fault."""
    condition, limits = 'ParseJSON(body)["a"]["b"] == 1', {"max_depth": depth}
    row = {"context": "log", "condition": condition, "pipelines": ["logs/met"]}
    masks = {"allow_all_keys": True, "blocked_values": ["card-[0-9]+"], "skip_conditions": [condition]}
    pipeline = {"receivers": ["routing"], "processors": ["redaction", "log_dedup"]}
    gateway = start(
        {"file/met": {"path": "met.ndjson"}, "file": {"path": "out.ndjson"}},
        {
            "processors": {
                "redaction": {**masks, "limits": limits},
                "log_dedup": {"interval": "1h", "conditions": [condition], "limits": limits},
            },
            "connectors": {
                "routing": {
                    "table": [row], "default_pipelines": ["logs/rest"], "error_mode": "ignore", "limits": limits,
                }
            },
            "service": {
                "pipelines": {
                    "logs": {"receivers": ["otlp"], "exporters": ["routing"]},
                    "logs/met": {**pipeline, "exporters": ["file/met"]},
                    "logs/rest": {**pipeline, "exporters": ["file"]},
                }
            },
        },
    )  # fmt: skip
    for _ in range(3):
        sent = request(record('{"a":{"b":1},"c":"card-1"}'))
        assert send(gateway.http_port, sent.SerializeToString()).status == 200
    users = ("routing", "redaction", "log_dedup")
    faults = {user: gateway.metric("sluice_ottl_faults", component=user) for user in users}
    gateway.stop()
    files = [gateway.folder / name for name in ("met.ndjson", "out.ndjson")]
    met, rest = (path.read_text() if path.exists() else "" for path in files)
    if depth == 2:
        assert faults == dict.fromkeys(users, 0)
        # The first passes at once, the others are told together at the end.
        assert (met.count("card-1"), rest) == (2, "")
    else:
        assert faults == {"routing": 3, "redaction": 3, "log_dedup": 3}
        assert (met, rest.count('{\\"a\\":'), rest.count("card-1")) == ("", 3, 0)


def test_an_attribute_moves_from_each_record_to_a_resource_of_its_own(start):
    statements = ['set(resource.attributes["host"], log.attributes["host"])', 'delete_key(log.attributes, "host")']
    gateway = start(
        {"file": {"path": "out.ndjson"}},
        {
            "processors": {"transform": {"flatten_data": True, "log_statements": statements}},
            "service": {"pipelines": {"logs": {"processors": ["transform"]}}},
        },
    )
    sent = request(*(record(f"{number}", {"host": f"h{number % 2}"}) for number in range(4)), resource={"a": 1})
    assert send(gateway.http_port, sent.SerializeToString()).status == 200
    gateway.stop()
    requests = [from_json(line) for line in (gateway.folder / "out.ndjson").read_bytes().splitlines()]
    assert sum(len(message.resource_logs) for message in requests) == 2
    shown = [
        (seen.record["body"]["stringValue"], seen.resource["attributes"][1]["value"]["stringValue"])
        for seen in records_of(*requests)
    ]
    assert shown == [("0", "h0"), ("2", "h0"), ("1", "h1"), ("3", "h1")]
    assert all("attributes" not in seen.record for seen in records_of(*requests))


CASES = """
cases:
  - name: a body is parsed
    input: [{body: '{"level":"error","user":"ann"}', attributes: {a: 1}}]
    expect: [{severity_number: 17, attributes: {a: 1, level: error, user.name: ann}}]
    match: %s
  - name: noise is dropped
    input: [{body: noise}, {body: kept}]
    expect: [{body: kept}]
  - name: all of it
    input: [{body: noise}]
    dropped: 1
"""


def test_cases_show_what_statements_and_conditions_do(tmp_path):
    config, cases = tmp_path / "sluice.yaml", tmp_path / "cases.yaml"
    pipeline = {"receivers": ["otlp"], "processors": ["filter", "transform"], "exporters": ["nop"]}
    config.write_text(
        json.dumps(
            {
                "receivers": {"otlp": {"protocols": {"http": {}}}},
                "processors": {
                    "filter": {"log_conditions": ['log.body == "noise"']},
                    "transform": {"log_statements": FORMS["strings"]},
                },
                "exporters": {"nop": {}},
                "service": {"pipelines": {"logs": pipeline}},
            }
        )
    )
    for match, code, last in (("subset", 0, "3 of 3 cases passed"), ("exact", 1, "2 of 3 cases passed")):
        cases.write_text(CASES % match)
        command = [str(binary()), "test", "--config", str(config), str(cases)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=20)
        assert (done.returncode, done.stdout.splitlines()[-1]) == (code, last), done.stdout + done.stderr
    assert "tenant" in done.stdout


def test_faults_are_counted_and_told_of_once_without_the_record(start):
    gateway = start(
        {"file": {"path": "out.ndjson"}},
        {
            "processors": {"transform": {"log_statements": ["set(log.body, ParseJSON(log.body))"]}},
            "service": {"pipelines": {"logs": {"processors": ["transform"]}}},
        },
    )
    for _ in range(5):
        assert send(gateway.http_port, request(record("s3cret no json")).SerializeToString()).status == 200
    wait_until(lambda: "a statement failed" in gateway.log(), 10, "a line about the statement")
    statement = "processors.transform.log_statements[0]"
    assert gateway.metric("sluice_ottl_faults", component="transform", statement=statement) == 5
    assert gateway.log().count("a statement failed") == 1
    assert "s3cret" not in gateway.log()
    gateway.stop()


def test_a_fault_that_propagates_refuses_the_request(start):
    gateway = start(
        {"file": {"path": "out.ndjson"}},
        {
            "processors": {
                "transform": {"error_mode": "propagate", "log_statements": ["set(log.body, ParseJSON(log.body))"]}
            },
            "service": {"pipelines": {"logs": {"processors": ["transform"]}}},
        },
    )
    refused = send(gateway.http_port, request(record("no json")).SerializeToString())
    # It would fail again: the sender is not to send it again, and is told which statement it was.
    assert refused.status == 400
    assert b"processors.transform.log_statements[0] failed for a record" in refused.body
    assert b"no json" not in refused.body
    assert send(gateway.http_port, request(record('{"a":1}')).SerializeToString()).status == 200
    gateway.stop()
    assert len((gateway.folder / "out.ndjson").read_bytes().splitlines()) == 1


ROOM = {
    "limits": {"max_growth": "1KiB"},
    "log_statements": ['replace_pattern(log.body, "s3cret", "***")', 'set(log.attributes["password"], "***")'],
}


@pytest.mark.parametrize("mode", ["ignore", "silent", "propagate"])
def test_what_a_limit_keeps_from_being_masked_does_not_go_on(start, mode):
    gateway = start(
        {"file": {"path": "out.ndjson"}},
        {
            "processors": {"transform": {"error_mode": mode, **ROOM}},
            "service": {"pipelines": {"logs": {"processors": ["transform"]}}},
        },
    )
    sent = [record(f"s3cret {fill}", {"password": "s3cret"}, time_unix_nano=time.time_ns()) for fill in ("", "x" * 5000)]
    answer = send(gateway.http_port, request(*sent).SerializeToString())
    statement = "processors.transform.log_statements[0]"
    assert gateway.metric("sluice_ottl_faults", component="transform", statement=statement) == 1
    assert b"s3cret" not in answer.body and b"1024 are allowed (limits.max_growth)" in answer.body
    if mode == "propagate":
        assert answer.status == 400
    else:
        assert answer.status == 200
        told = ExportLogsServiceResponse.FromString(answer.body).partial_success
        assert told.rejected_log_records == 1
        assert f"transform: {statement} failed for a record: the request would take" in told.error_message
        assert gateway.metric("sluice_processor_rejected_log_records", processor="transform") == 1
    assert "s3cret" not in gateway.log()
    gateway.stop()
    lines = (gateway.folder / "out.ndjson").read_text() if mode != "propagate" else ""
    assert "s3cret" not in lines and lines.count("***") == (0 if mode == "propagate" else 2)


def explain(text: str, *arguments: str, record_: dict) -> subprocess.CompletedProcess:
    command = [str(binary()), "ottl", "explain", text, *arguments]
    return subprocess.run(command, input=json.dumps(record_), capture_output=True, text=True, timeout=20)


def test_explain_says_why_where_is_not_true():
    shown = explain(
        'set(severity_number, 13) where attributes["status"] == 500',
        record_={"attributes": [{"key": "status", "value": {"stringValue": "500"}}]},
    )
    assert shown.returncode == 0, shown.stderr
    assert "false: a text is never equal to a whole number" in shown.stdout
    assert "not run: where is not true" in shown.stdout
    wrong = explain("set(severity_numbr, 13)", record_={})
    assert wrong.returncode == 1 and "severity_number" in wrong.stderr
