"""Records looked at as they pass: at each stage, within limits, by who may, and before redaction only if it is allowed."""

import base64
import contextlib
import crypt
import http.client
import json
import queue
import re
import subprocess
import threading
import time
import urllib.parse

import pytest

from EndToEnd.gateway import Gateway, binary, merged, wait_until
from EndToEnd.http_clients import send
from EndToEnd.otlp_requests import many, record, request

SECRET = "4556737586899855"
REDACTION = {"allow_all_keys": True, "detectors": ["default"]}


def pipelines(**tap) -> dict:
    """Logs that are marked, redacted and filtered, then go to a file and, behind a connector, to another pipeline."""
    return {
        "processors": {
            "attributes/mark": {"actions": [{"key": "mark", "value": "set", "action": "upsert"}]},
            "redaction": REDACTION,
            "filter/quiet": {"error_mode": "ignore", "log_conditions": ['log.body == "noise"']},
        },
        "connectors": {"forward": {}},
        "exporters": {"nop": {}, "nop/other": {}},
        "service": {
            "admin": {"tap": tap},
            "pipelines": {
                "logs": {
                    "receivers": ["otlp"], "processors": ["attributes/mark", "redaction", "filter/quiet"],
                    "exporters": ["nop", "forward"],
                },
                "logs/behind": {"receivers": ["forward"], "exporters": ["nop/other"]},
            },
        },
    }  # fmt: skip


class Tap:
    """A tap that is open, and its lines as they come."""

    def __init__(self, gateway: Gateway, headers=None, method="GET", **arguments):
        self.lines = queue.Queue()
        self.connection = http.client.HTTPConnection("127.0.0.1", gateway.admin_port, timeout=30)
        form = urllib.parse.urlencode(arguments)
        if method == "POST":
            kind = {"Content-Type": "application/x-www-form-urlencoded", **(headers or {})}
            self.connection.request("POST", "/api/tap", form, kind)
        else:
            self.connection.request("GET", f"/api/tap?{form}", headers=headers or {})
        self.answer = self.connection.getresponse()
        self.status = self.answer.status
        if self.status != 200:
            self.text = self.answer.read().decode()
            self.connection.close()
            return
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        with contextlib.suppress(OSError, ValueError, http.client.HTTPException, AttributeError):
            for line in self.answer:
                self.lines.put(json.loads(line))
        self.lines.put(None)

    def next(self, seconds: float = 10):
        """The next line; None at the end."""
        return self.lines.get(timeout=seconds)

    def close(self):
        with contextlib.suppress(OSError):
            self.connection.sock.shutdown(2)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def put(gateway: Gateway, *bodies, service="shop", **resource):
    sent = request(*(record(body) for body in bodies), resource={"service.name": service, **resource})
    assert send(gateway.http_port, sent.SerializeToString()).status == 200


def put_until_seen(gateway: Gateway, tap: Tap, body: str) -> dict:
    """Sends records until one is seen: a tap takes nothing in its first moment."""
    for _ in range(50):
        put(gateway, body)
        with contextlib.suppress(queue.Empty):
            return tap.next(0.3)
    raise AssertionError("no record was seen")


def audits(gateway: Gateway) -> list:
    return [line for line in gateway.log().splitlines() if "a tap" in line]


@pytest.fixture
def gateway(start):
    return start(None, pipelines(unredacted=True))


@pytest.mark.parametrize(
    "pipeline, stage, has_mark, has_secret",
    [
        ("logs", "received", False, True),
        ("logs", "after:attributes/mark", True, True),
        ("logs", "after:redaction", True, False),
        ("logs", "after:filter/quiet", True, False),
        ("logs", "to:nop", True, False),
        ("logs", "to:forward", True, False),
        ("logs/behind", "received", True, False),
        ("logs/behind", "to:nop/other", True, False),
    ],
)
def test_each_stage_shows_records_as_they_are_there(gateway, pipeline, stage, has_mark, has_secret):
    with Tap(gateway, pipeline=pipeline, stage=stage) as tap:
        seen = put_until_seen(gateway, tap, f"card {SECRET}")["record"]
    assert seen["service.name"] == "shop"
    assert seen["_msg"].startswith("card ")
    assert (seen.get("mark") == "set") == has_mark
    assert (SECRET in seen["_msg"]) == has_secret


def test_a_processor_is_seen_from_both_sides(gateway):
    with Tap(gateway, pipeline="logs", stage="around:redaction") as tap:
        before, after = put_until_seen(gateway, tap, f"card {SECRET}"), tap.next()
        assert SECRET in before["before"]["_msg"]
        assert SECRET not in after["after"]["_msg"] and after["after"]["mark"] == "set"
    with Tap(gateway, pipeline="logs", stage="around:filter/quiet") as tap:
        before, after = put_until_seen(gateway, tap, "noise"), tap.next()
        assert before["before"]["_msg"] == "noise" and after == {"after": None}


def test_a_condition_chooses_and_a_wrong_one_is_told(gateway):
    with Tap(gateway, method="POST", pipeline="logs", where='log.body == "wanted"') as tap:
        put_until_seen(gateway, tap, "wanted")
        put(gateway, "other", "wanted", "other")
        assert tap.next()["record"]["_msg"] == "wanted"
        with pytest.raises(queue.Empty):
            tap.next(0.5)
    wrong = Tap(gateway, pipeline="logs", where="log.body = 1")
    assert wrong.status == 400 and wrong.text.startswith("where: line 1, column 10")
    request_wanted = Tap(gateway, pipeline="logs", where='request["x"] == "1"')
    assert request_wanted.status == 400
    assert Tap(gateway, pipeline="logs", stage="after:nothing").status == 404
    assert Tap(gateway, pipeline="logs/none").status == 404
    assert Tap(gateway, stage="received").text == "pipeline: known are logs, logs/behind (of logs)\n"


def test_before_redaction_nothing_is_shown_unless_it_is_allowed(start):
    gateway = start(None, pipelines())
    for stage in ["received", "after:attributes/mark", "around:redaction"]:
        refused = Tap(gateway, pipeline="logs", stage=stage)
        assert refused.status == 403 and "service.admin.tap.unredacted" in refused.text
    with Tap(gateway, pipeline="logs", stage="after:redaction") as tap:
        assert SECRET not in put_until_seen(gateway, tap, f"card {SECRET}")["record"]["_msg"]
    status, text = gateway.admin("/api/tap/stages")
    shown = {stage["stage"]: stage["shown"] for stage in json.loads(text)["pipelines"][0]["stages"]}
    assert status == 200
    assert not shown["received"] and not shown["around:redaction"] and shown["after:redaction"] and shown["to:nop"]


def test_both_ends_are_in_the_log_without_words_of_the_condition(gateway):
    with Tap(gateway, pipeline="logs", stage="received", where='log.body != "hush"') as tap:
        put_until_seen(gateway, tap, "loud")
    wait_until(lambda: len(audits(gateway)) == 2, what="both lines")
    opened, closed = audits(gateway)
    for line in [opened, closed]:
        assert "hush" not in line and "loud" not in line
        assert "this machine" in line and "received" in line and "unredacted" in line
    assert "opened a tap" in opened and "closed a tap" in closed and "shown" in closed


def test_what_comes_too_fast_is_counted(start):
    gateway = start(None, {"service": {"admin": {"tap": {"records_per_second": 50}}}})
    with Tap(gateway) as tap:
        put_until_seen(gateway, tap, "first")
        body = many(500, "fast").SerializeToString()
        end = time.monotonic() + 2.5
        sent = 0
        while time.monotonic() < end:
            assert send(gateway.http_port, body).status == 200
            sent += 500
        wanted, lines = sent, []
        while wanted > 0:
            lines.append(tap.next())
            wanted -= lines[-1].get("skipped", 1)
    seen = sum("record" in line for line in lines)
    assert 100 <= seen <= 50 * 5
    told = [line["because"] for line in lines if "skipped" in line]
    numbers = [re.match(r"(\d+) records have passed in a second: the limit is 50 ", each) for each in told]
    assert told and all(numbers) and max(int(each[1]) for each in numbers) > 500
    assert wanted == 0


def test_no_more_taps_are_open_than_may_be(start):
    gateway = start(None, {"service": {"admin": {"tap": {"max_taps": 2}}}})
    with Tap(gateway) as first, Tap(gateway) as second:
        assert (first.status, second.status) == (200, 200)
        third = Tap(gateway)
        assert third.status == 429
        assert third.text == "2 taps are open: the limit is 2 (service.admin.tap.max_taps)\n"
    wait_until(lambda: Tap(gateway).status == 200, what="room for another tap")


def test_a_tap_ends_with_its_configuration_and_its_time(gateway):
    with Tap(gateway, pipeline="logs", stage="received") as tap:
        put_until_seen(gateway, tap, "before")
        config = merged(gateway.config, {"service": {"admin": {"tap": {"unredacted": False, "max_duration": "1s"}}}})
        assert gateway.reload(config)[0] == 200
        assert tap.next() == {"ended": "a new configuration is in force"}
        assert tap.next() is None
    assert Tap(gateway, pipeline="logs", stage="received").status == 403
    with Tap(gateway, pipeline="logs", stage="to:nop") as tap:
        put_until_seen(gateway, tap, "after")
        lines = list(iter(tap.next, None))
        assert "max_duration" in lines[-1]["ended"]


def test_a_tap_that_nobody_reads_neither_holds_records_up_nor_fills_memory(start):
    gateway = start(None, {"service": {"admin": {"tap": {"records_per_second": 100000, "max_waiting": "64MiB"}}}})
    connection = http.client.HTTPConnection("127.0.0.1", gateway.admin_port, timeout=30)
    connection.request("GET", "/api/tap")
    answer = connection.getresponse()
    assert answer.status == 200
    body = many(2000, "unread", body_bytes=2000).SerializeToString()
    for _ in range(5):
        assert send(gateway.http_port, body).status == 200
    before = gateway.rss_bytes()
    for _ in range(150):
        assert send(gateway.http_port, body).status == 200
        time.sleep(0.02)
    assert gateway.rss_bytes() - before < 160 << 20  # of 600 MB that were sent
    answer.close()
    connection.close()
    wait_until(lambda: len(audits(gateway)) == 2, what="the end of the tap")
    # What the sockets and a few chunks hold: the rest was not even copied.
    shown = int(re.search(r"shown\W+(\d+)", audits(gateway)[1])[1])
    assert 100 < shown < 20_000, shown


@pytest.mark.parametrize("version", ["--http1.1", "--http2-prior-knowledge"])
def test_whoever_reads_gets_more_than_is_sent_at_once(start, version):
    gateway = start(None, {"service": {"admin": {"tap": {"records_per_second": 100000}}}})
    address = f"http://127.0.0.1:{gateway.admin_port}/api/tap?limit=3000"
    reader = subprocess.Popen(["curl", "-sN", version, address], stdout=subprocess.PIPE, text=True)
    wait_until(lambda: audits(gateway), what="the tap")
    body = many(500, "long", body_bytes=1000).SerializeToString()

    def sends():
        while reader.poll() is None:
            assert send(gateway.http_port, body).status == 200
            time.sleep(0.05)

    sender = threading.Thread(target=sends)
    sender.start()
    text, _ = reader.communicate(timeout=60)
    sender.join()
    lines = [json.loads(line) for line in text.splitlines()]
    assert sum("record" in line for line in lines) == 3000 and len(text) > 3_000_000
    assert lines[-1] == {"ended": "3000 records were asked for"}


def test_who_may_tap_sees_their_own(start, tmp_path):
    names = ["ann", "bob", "cat"]
    lines = [f"{name}:{crypt.crypt('pass-' + name, '$2y$04$abcdefghijklmnopqrstuu')}" for name in names]
    (tmp_path / "people").write_text("\n".join(lines) + "\n")
    rule = lambda name, may, **more: {"who": [{"key": "auth.username", "value": name}], "may": may, **more}
    gateway = start(
        None,
        {
            "extensions": {"basicauth": {"htpasswd": {"file": str(tmp_path / "people")}}},
            "service": {
                "extensions": ["basicauth"],
                "admin": {
                    "auth": {"authenticators": ["basicauth"]},
                    "access": [
                        rule("ann", ["tap"], where='resource.attributes["team"] == "shop"'),
                        rule("bob", ["logs"]),
                        rule("cat", ["tap"]),
                    ],
                },
            },
        },
    )
    basic = lambda name: {"Authorization": "Basic " + base64.b64encode(f"{name}:pass-{name}".encode()).decode()}
    assert Tap(gateway).status == 401
    assert Tap(gateway, basic("bob")).status == 403
    with Tap(gateway, basic("ann"), where="true") as ann, Tap(gateway, basic("cat")) as cat:
        time.sleep(0.5)
        for number in range(20):
            put(gateway, f"bank {number}", team="bank")
            put(gateway, f"shop {number}", team="shop")
        of_cat = [cat.next()["record"] for _ in range(40)]
        of_ann = [ann.next()["record"] for _ in range(20)]
        assert {each["team"] for each in of_cat} == {"shop", "bank"}
        assert {each["team"] for each in of_ann} == {"shop"}
        with pytest.raises(queue.Empty):
            ann.next(0.5)
    wait_until(lambda: len(audits(gateway)) == 4, what="lines of the log")
    assert "username=ann" in audits(gateway)[0]


def test_the_page_of_another_site_sees_nothing(gateway):
    assert Tap(gateway, {"Origin": "http://elsewhere.example"}).status == 403


def tap(gateway, *arguments, **options):
    command = [str(binary()), "tap", *arguments, "--address", f"127.0.0.1:{gateway.admin_port}"]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options)


def test_the_command_shows_so_many_records(gateway):
    command = tap(gateway, "logs", "around:redaction", "--where", 'log.severity_number >= 17', "-n", "2")
    wait_until(lambda: audits(gateway), what="the tap")
    body = request(record(f"bad {SECRET}", severity_number=17), record("good", severity_number=9))
    while command.poll() is None:
        assert send(gateway.http_port, body.SerializeToString()).status == 200
        time.sleep(0.05)
    lines = command.stdout.read().splitlines()
    assert command.returncode == 0, command.stderr.read()
    assert len(lines) == 4
    assert lines[0].startswith("- ") and SECRET in lines[0] and "ERROR" in lines[0]
    assert lines[1].startswith("+ ") and SECRET not in lines[1]


def test_the_command_says_what_is_wrong_and_what_there_is(gateway):
    listed = tap(gateway, "--stages")
    text, _ = listed.communicate(timeout=20)
    assert listed.returncode == 0 and '"around:redaction"' in text
    for arguments, said in [(["logs", "after:x"], "stage: known are received"), (["x"], "pipeline: known are logs")]:
        command = tap(gateway, *arguments)
        _, problem = command.communicate(timeout=20)
        assert command.returncode == 1 and said in problem
