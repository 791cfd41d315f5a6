"""`sluice dead-letter replay`: what is delivered leaves the file, what is not stays there, and it says why."""

import datetime
import json
import signal
import subprocess
import time
from collections import Counter

import pytest

from EndToEnd.gateway import binary, free_port, wait_until
from StandIns.elasticsearch import Elasticsearch
from StandIns.http_backend import Fault
from StandIns.victorialogs import DAY, VictoriaLogs
from StandIns.victorialogs_server import VictoriaLogsServer
from StandIns.victorialogs_server import binary as victorialogs_binary

VICTORIALOGS_PATH = "/insert/elasticsearch/_bulk?_time_field=_time&_msg_field=_msg&_stream_fields=service.name"
NOT_SENT = "not sent, since the destination would lose it"


def rfc3339(seconds: float) -> str:
    return datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def letter(document: dict, path="/_bulk", action=None, reason="bad: thing", exporter="elasticsearch") -> str:
    time_text = rfc3339(time.time() - 60)
    line = {"time": time_text, "exporter": exporter, "reason": reason, "attempts": 1, "first_sent": time_text}
    line |= {"format": "bulk", "path": path, "record": {"action": action or {"create": {}}, "document": document}}
    return json.dumps(line, separators=(",", ":")) + "\n"


def elasticsearch_letter(number: int) -> str:
    return letter({"@timestamp": rfc3339(time.time()), "n": number}, action={"create": {"_index": "logs-a-b"}})


def victorialogs_letter(message: str, age: float = 5, **options) -> str:
    document = {"_time": rfc3339(time.time() - age), "_msg": message, "service.name": "shop"}
    return letter(document, path=VICTORIALOGS_PATH, exporter="victorialogs", **options)


@pytest.fixture
def letters(tmp_path):
    return tmp_path / "letters.ndjson"


@pytest.fixture
def elasticsearch():
    with Elasticsearch() as server:
        yield server


def command(letters, to: str, *arguments) -> list:
    return [str(binary()), "dead-letter", "replay", "--path", str(letters), "--to", to, *map(str, arguments)]


def replay(letters, to: str, *arguments) -> subprocess.CompletedProcess:
    return subprocess.run(command(letters, to, *arguments), capture_output=True, text=True, timeout=60)


def numbers(server) -> list:
    return sorted(document["n"] for document in server.documents())


def test_what_is_delivered_leaves_the_file_though_the_replay_gives_up(letters, elasticsearch):
    lines = [elasticsearch_letter(number) for number in range(1, 5)]
    letters.write_text("".join(lines))
    elasticsearch.faults.standing(
        Fault(items=lambda document: (429, "es_rejected_execution_exception", "full") if document["n"] == 2 else None)
    )
    result = replay(letters, elasticsearch.url, "--give-up-after", 1)
    assert result.returncode == 1 and "the rest stays" in result.stderr
    assert "attempts: es_rejected_execution_exception\n" in result.stderr
    assert letters.read_text() == lines[1] and numbers(elasticsearch) == [1, 3, 4]
    elasticsearch.faults.standing()
    assert replay(letters, elasticsearch.url).returncode == 0
    assert letters.read_text() == "" and numbers(elasticsearch) == [1, 2, 3, 4]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_what_is_delivered_leaves_the_file_though_a_signal_ends_it(letters, elasticsearch, number):
    lines = [elasticsearch_letter(number) for number in range(1, 5)]
    letters.write_text("".join(lines))
    elasticsearch.faults.standing(Fault(items=lambda document: 503 if document["n"] == 2 else None))
    process = subprocess.Popen(command(letters, elasticsearch.url), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    wait_until(lambda: len(elasticsearch.requests) > 1, 20, "a repetition")
    process.send_signal(number)
    _, error = process.communicate(timeout=20)
    assert process.returncode == 1 and b"ended by a signal; the rest stays" in error
    assert letters.read_text() == lines[1] and numbers(elasticsearch) == [1, 3, 4]


def test_a_file_that_holds_no_letters_is_an_error(letters, elasticsearch):
    letters.write_text("some notes\n")
    result = replay(letters, elasticsearch.url)
    assert result.returncode == 1 and result.stderr == f"error: {letters} holds no dead letters\n"
    letters.write_text("")
    assert replay(letters, elasticsearch.url).returncode == 0


class StandIn(VictoriaLogs):
    """The old server, asked as the real one is."""

    def __init__(self, _):
        super().__init__(old=True)

    def messages(self) -> Counter:
        return Counter(row.fields["_msg"] for row in self.rows)


class Real(VictoriaLogsServer):
    def messages(self) -> Counter:
        return Counter(row["_msg"] for row in self.rows("*"))


@pytest.fixture(params=[StandIn, Real])
def victorialogs(request, tmp_path):
    if request.param is Real and victorialogs_binary() is None:
        pytest.skip("no VictoriaLogs: name it in VICTORIALOGS or put victoria-logs-prod on PATH")
    with request.param(tmp_path / "victorialogs") as server:
        yield server


def test_a_line_that_victorialogs_does_not_take_costs_no_other_and_no_time(letters, victorialogs):
    messages = [f"m{number}" for number in range(20)]
    lines = [victorialogs_letter(message) for message in messages]
    lines.insert(1, victorialogs_letter("x" * 300_000))
    letters.write_text("".join(lines))
    began = time.monotonic()
    result = replay(letters, victorialogs.url)
    assert time.monotonic() - began < 30
    assert result.returncode == 1 and "refused: 1 records: HTTP 200, no evidence of success" in result.stderr
    assert victorialogs.messages() == Counter(messages)
    (left,) = [json.loads(line) for line in letters.read_text().splitlines()]
    assert left["record"]["document"]["_msg"] == "x" * 300_000
    assert left["reason"].startswith("not taken in 5 attempts while others were: HTTP 200, no evidence of success")


def test_what_victorialogs_would_lose_is_not_sent(letters, victorialogs):
    kept = [
        victorialogs_letter("old", age=30 * DAY, reason=f"too_old: {NOT_SENT}"),
        victorialogs_letter("has become old", age=8 * DAY),
        victorialogs_letter("new", age=-3 * DAY, reason=f"too_new: {NOT_SENT}"),
        victorialogs_letter("x" * 300_000, reason=f"line_too_long: {NOT_SENT}"),
    ]
    letters.write_text("".join([kept[0], victorialogs_letter("was new", reason=f"too_new: {NOT_SENT}"), *kept[1:]]))
    result = replay(letters, victorialogs.url, "--json")
    assert result.returncode == 1
    outcome = json.loads(result.stdout)
    assert outcome["delivered"] == 1 and outcome["untouched_letters"] == 4
    assert outcome["kept"] == {"too_old": 2, "line_too_long": 1, "too_new": 1}
    assert "not sent: 2 letters: too_old: VictoriaLogs would drop" in result.stderr and "--max-age" in result.stderr
    assert letters.read_text() == "".join(kept) and victorialogs.messages() == Counter(["was new"])


def test_a_longer_retention_takes_older_letters(letters):
    with VictoriaLogs(retention_seconds=60 * DAY) as server:
        letters.write_text(victorialogs_letter("old", age=30 * DAY, reason=f"too_old: {NOT_SENT}"))
        assert replay(letters, server.url, "--max-age", 60).returncode == 0
        assert [row.fields["_msg"] for row in server.rows] == ["old"] and letters.read_text() == ""


def test_it_says_why_nothing_is_taken(letters, elasticsearch):
    letters.write_text(elasticsearch_letter(1))
    result = replay(letters, f"http://127.0.0.1:{free_port()}", "--give-up-after", 1)
    assert result.returncode == 1 and "onnection refused" in result.stderr
    for status, body in ((401, b""), (404, b"no such page s3cret")):
        elasticsearch.faults.standing(Fault(status=status, body=body))
        result = replay(letters, elasticsearch.url, "--give-up-after", 1)
        assert result.returncode == 1 and f"attempts: HTTP {status}" in result.stderr and "s3cret" not in result.stderr


def test_an_unusable_address_or_header_file_ends_it_at_once(letters, elasticsearch, tmp_path):
    letters.write_text(elasticsearch_letter(1))
    for address in ("127.0.0.1:9200", "ftp://x", f"{elasticsearch.url}/_bulk", "http://h/insert/jsonline"):
        result = replay(letters, address)
        assert result.returncode == 64 and "--to: " in result.stderr, address
    unknown = replay(letters, "http://no-such-host.invalid")
    assert unknown.returncode == 1 and "no-such-host.invalid cannot be resolved" in unknown.stderr
    fields = tmp_path / "fields"
    fields.write_text("X-One: 1\nAuthorization ApiKey s3cret\n")
    result = replay(letters, elasticsearch.url, "--header-file", fields)
    assert result.returncode == 1 and "line 2" in result.stderr and "s3cret" not in result.stderr
    assert elasticsearch.requests == []
    fields.write_text("Authorization: ApiKey abc")
    assert replay(letters, elasticsearch.url, "--header-file", fields).returncode == 0
    assert elasticsearch.requests[0].headers["Authorization"] == "ApiKey abc"
