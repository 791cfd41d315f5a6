"""Who may look: people known by passwords or tokens, each of whom sees their own records, wherever they look."""

import base64
import contextlib
import crypt
import http.client
import json
import os
import pathlib
import random
import subprocess
import time
import urllib.parse

import pytest

from EndToEnd.browser import Browser
from EndToEnd.certificates import Authority, trust
from EndToEnd.gateway import Gateway, binary, merged, quick, wait_until
from EndToEnd.http_clients import send
from EndToEnd.otlp_requests import record, request

PEOPLE = ["ann", "bob", "cat", "dan", "eve", "old"]
PASSWORD = "pa55-of-{}"
TOKENS = {name: f"t0ken-of-{name}" for name in PEOPLE}
WORDS = ["order", "paid", "failed", "timeout", "支付失败", "cart", "retry", "secret"]
TEAMS = ["shop", "bank", "ops", None]
SEVERITIES = {1: "trace", 5: "debug", 9: "info", 13: "warn", 17: "error", 21: "fatal"}
RECORDS = int(os.environ.get("ACCESS_RECORDS", "300"))
QUERIES = int(os.environ.get("ACCESS_QUERIES", "100"))

# What each person sees, as the configuration says it, and said once more.
CONDITIONS = {
    "ann": 'resource.attributes["team"] == "shop"',
    "bob": 'resource.attributes["team"] == "bank" and log.severity_number >= 13',
    "cat": None,
}
SEES = {
    "ann": lambda each: each["team"] == "shop",
    "bob": lambda each: each["team"] == "bank" and each["number"] >= 13,
    "cat": lambda each: True,
}


# By what each extension knows somebody.
KEYS = {"basicauth": "auth.username", "bearertokenauth": "auth.name"}


def access(authenticators) -> list:
    """Rules: ann, bob and cat search, dan has dead letters, eve reloads; nobody has told what old may."""
    rules = []
    who = lambda name: [{"authenticator": each, "key": KEYS[each], "value": name} for each in authenticators]
    for name, condition in CONDITIONS.items():
        rules.append({"who": who(name), "may": ["logs"], **({"where": condition} if condition else {})})
    return rules + [{"who": who("dan"), "may": ["dead_letters"]}, {"who": who("eve"), "may": ["reload"]}]


def overlay(folder: pathlib.Path, *authenticators: str, **admin) -> dict:
    lines = [f"{name}:{crypt.crypt(PASSWORD.format(name), '$2y$04$abcdefghijklmnopqrstuu')}" for name in PEOPLE]
    (folder / "people").write_text("\n".join(lines) + "\n")
    return {
        "extensions": {
            "basicauth": {"htpasswd": {"file": str(folder / "people")}},
            "bearertokenauth": {"tokens": [{"token": token, "name": name} for name, token in TOKENS.items()]},
        },
        "service": {
            "extensions": ["basicauth", "bearertokenauth"],
            "admin": {"auth": {"authenticators": list(authenticators)}, "access": access(authenticators), **admin},
        },
    }


def basic(name: str, password: str = "") -> dict:
    pair = f"{name}:{password or PASSWORD.format(name)}"
    return {"Authorization": "Basic " + base64.b64encode(pair.encode()).decode()}


def ask(gateway, path: str, headers: dict, method="GET", context=None, source="127.0.0.1", **arguments) -> tuple:
    """(status, text, header fields) of a question to the admin port."""
    connect = http.client.HTTPConnection if context is None else http.client.HTTPSConnection
    more = {} if context is None else {"context": context}
    host = "127.0.0.1" if context is None else "localhost"
    connection = connect(host, gateway.admin_port, timeout=20, source_address=(source, 0), **more)
    with contextlib.closing(connection):
        form = urllib.parse.urlencode(arguments)
        connection.request(method, f"{path}?{form}" if form else path, headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.read().decode(), answer.headers


def search(gateway, name: str, kind: str, **arguments):
    status, text, _ = ask(gateway, f"/select/logsql/{kind}", basic(name), **arguments)
    assert status == 200, text
    return text


def lines(text: str) -> list:
    return [json.loads(line) for line in text.splitlines()]


def made(count: int, seed: int = 4) -> list:
    """Records as the oracle has them, in the order of their times."""
    numbers = random.Random(seed)
    start = time.time_ns() - count * 1_000_000
    return [
        {
            "id": f"n{index}", "team": numbers.choice(TEAMS), "service": numbers.choice(["api", "web"]),
            "number": numbers.choice(list(SEVERITIES)), "time": start + index * 1_000_000,
            "words": [numbers.choice(WORDS) for _ in range(numbers.randint(1, 4))],
            "field": numbers.choice(["user", "region", "host.name"]), "value": numbers.choice(["a", "b", "c"]),
        }
        for index in range(count)
    ]  # fmt: skip


def put(gateway, records: list):
    for each in records:
        resource = {"service.name": each["service"], **({"team": each["team"]} if each["team"] else {})}
        # A field of its own of each team, whose name says something already.
        own = {f"only.{each['team']}": "x"}
        sent = record(
            " ".join(each["words"]), {"id": each["id"], each["field"]: each["value"], **own},
            time_unix_nano=each["time"], observed_time_unix_nano=each["time"], severity_number=each["number"],
            severity_text="", event_name="", trace_id=bytes([each["number"]] * 16),
        )  # fmt: skip
        body = request(sent, resource=resource).SerializeToString()
        assert send(gateway.http_port, body).status == 200


def query(numbers: random.Random, depth: int = 0) -> tuple:
    """A query, and whether it means a record."""
    kind = numbers.randrange(5 if depth > 1 else 8)
    if kind < 2:
        word = numbers.choice(WORDS)
        return word, lambda each: word in each["words"]
    if kind == 2:
        field, value = numbers.choice(["user", "region", "host.name"]), numbers.choice(["a", "b", "c"])
        return f'{field}:="{value}"', lambda each: each["field"] == field and each["value"] == value
    if kind == 3:
        number = numbers.choice(list(SEVERITIES))
        return f"severity>={SEVERITIES[number]}", lambda each: each["number"] >= number
    if kind == 4:
        team = numbers.choice(TEAMS[:3])
        return f'team:="{team}"', lambda each: each["team"] == team
    if kind == 5:
        text, means = query(numbers, depth + 1)
        return f"NOT ({text})", lambda each: not means(each)
    parts = [query(numbers, depth + 1) for _ in range(2)]
    if kind == 6:
        return " ".join(f"({text})" for text, _ in parts), lambda each: all(means(each) for _, means in parts)
    return " OR ".join(f"({text})" for text, _ in parts), lambda each: any(means(each) for _, means in parts)


@pytest.fixture(scope="module")
def guarded(tmp_path_factory):
    """A gateway with records of several teams, and the records."""
    folder = tmp_path_factory.mktemp("people")
    gateway = Gateway(folder, {"store": quick(path="logs")}, overlay(folder, "basicauth", "bearertokenauth")).start()
    records = made(RECORDS)
    try:
        put(gateway, records)
        wait_until(lambda: len(lines(search(gateway, "cat", "query", query="*"))) == RECORDS, 30, "all records")
        yield gateway, records
    finally:
        gateway.stop()


def counted(values: list) -> dict:
    return {value: values.count(value) for value in set(values)}


def test_each_sees_their_own_wherever_they_look(guarded):
    """Brute force: what searches find and count is what a look at each record of theirs finds."""
    gateway, records = guarded
    numbers = random.Random(11)
    queries = [("*", lambda each: True)] + [query(numbers) for _ in range(QUERIES)]
    found = 0
    for name, sees in SEES.items():
        own = [each for each in records if sees(each)]
        assert own
        for text, means in queries:
            meant = [each for each in own if means(each)]
            found += len(meant)
            ids = [each["id"] for each in lines(search(gateway, name, "query", query=text))]
            assert ids == [each["id"] for each in reversed(meant)], (name, text)
            hits = json.loads(search(gateway, name, "hits", query=text, step="1d", field="severity"))["hits"]
            totals = {each["fields"]["severity"]: each["total"] for each in hits}
            assert totals == counted([SEVERITIES[each["number"]] for each in meant]), (name, text)
            facets = json.loads(search(gateway, name, "facets", query=text, keep_const_fields=1, limit=100))["facets"]
            values = lambda facet: {each["field_value"]: each["hits"] for each in facet["values"]}
            shown = {facet["field_name"]: values(facet) for facet in facets}
            assert shown.get("team", {}) == counted([each["team"] for each in meant if each["team"]]), (name, text)
            assert {field for field in shown if field.startswith("only.")} == {f"only.{each['team']}" for each in meant}
            found_names = json.loads(search(gateway, name, "field_names", query=text))["values"]
            names = {each["value"]: each["hits"] for each in found_names}
            fields = counted([each["field"] for each in meant] + [f"only.{each['team']}" for each in meant])
            assert {field: names[field] for field in fields} == fields, (name, text)
            assert {field for field in names if field.startswith("only.")} <= set(fields), (name, text)
            values = json.loads(search(gateway, name, "field_values", query=text, field="id"))["values"]
            assert {each["value"] for each in values} == {each["id"] for each in meant}, (name, text)
    print(f"{len(SEES)} people, {len(queries)} queries over {len(records)} records: {found} found, none too many")


def test_streams_and_traces_are_theirs(guarded):
    gateway, records = guarded
    everything = lines(search(gateway, "cat", "query", query="*"))
    team = {each["id"]: each["team"] for each in records}
    for name, sees in SEES.items():
        own = {each["id"] for each in records if sees(each)}
        for number in SEVERITIES:
            trace = bytes([number] * 16).hex()
            ids = {each["id"] for each in lines(search(gateway, name, "query", query=f"trace_id:{trace}"))}
            assert ids == {each["id"] for each in records if sees(each) and each["number"] == number}
        for each in everything[:40]:
            place = {"_stream_id": each["_stream_id"], "_time": each["_time"], "before": 20, "after": 20}
            around = lines(search(gateway, name, "stream_context", **place))
            if each["id"] not in own:
                assert around == [], (name, each)
                continue
            assert {other["id"] for other in around} <= own and each["id"] in {other["id"] for other in around}
            assert {team[other["id"]] for other in around} == {team[each["id"]]}
        piped = lines(search(gateway, name, "query", query="* | limit 5 | stream_context before 50 after 50"))
        assert piped and {each["id"] for each in piped} <= own


def test_patterns_sums_and_tables_are_theirs(guarded):
    gateway, records = guarded
    for name, sees in SEES.items():
        own = [each for each in records if sees(each)]
        found = json.loads(search(gateway, name, "patterns", query="*", max_patterns=1000))
        samples = {each["sample"] for each in found["patterns"]}
        assert sum(each["hits"] for each in found["patterns"]) + found["others"]["hits"] == len(own)
        assert samples <= {" ".join(each["words"]) for each in own}
        rows = lines(search(gateway, name, "query", query="* | stats by (severity) count() n"))
        assert {row["severity"]: int(row["n"]) for row in rows} == counted([SEVERITIES[each["number"]] for each in own])
        table = search(gateway, name, "query", query="* | fields id", format="csv").split("\r\n")
        assert table == ["id", *[each["id"] for each in reversed(own)], ""]


def test_a_tail_has_what_is_theirs(guarded):
    gateway, _ = guarded
    connection = http.client.HTTPConnection("127.0.0.1", gateway.admin_port, timeout=20)
    connection.request("GET", "/select/logsql/tail?query=later&refresh_interval=100ms", headers=basic("ann"))
    answer = connection.getresponse()
    sent = [("bank", "later of bank"), ("shop", "later of shop"), (None, "later of nobody"), ("shop", "later 2")]
    for team, text in sent:
        body = request(record(text), resource={"team": team} if team else {}).SerializeToString()
        assert send(gateway.http_port, body).status == 200
    assert [json.loads(answer.readline())["_msg"] for _ in range(2)] == ["later of shop", "later 2"]
    connection.close()


SEARCHES = ["query", "hits", "facets", "tail", "field_names", "field_values", "stream_context"]


def test_who_is_not_known_or_may_not_is_told_so(guarded):
    gateway, _ = guarded
    for path in [f"/select/logsql/{kind}" for kind in SEARCHES] + ["/api/pipelines"]:
        for headers in ({}, basic("ann", "wrong"), {"Authorization": "Bearer wrong"}):
            status, text, fields = ask(gateway, path, headers, query="secret")
            assert status == 401 and text.count("\n") == 1, (path, text)
            assert fields.get_all("WWW-Authenticate") == ['Basic realm="sluice"', "Bearer"]
        status, text, _ = ask(gateway, path, basic("old"), query="secret")
        assert status == 403 and "you are known and may not" in text
    status, text, _ = ask(gateway, "/select/logsql/query", basic("eve"), query="secret")
    assert status == 403 and "logs in may" in text
    assert ask(gateway, "/api/pipelines", basic("eve"))[0] == 200
    for path in ("/metrics", "/healthz", "/readyz"):
        assert ask(gateway, path, {})[0] == 200
    # Nothing is for this machine alone any more: what is loopback may be a proxy.
    for source in ("127.0.0.1", "127.0.0.9"):
        assert ask(gateway, "/select/logsql/query", {}, query="*", source=source)[0] == 401
        assert ask(gateway, "/select/logsql/query", basic("cat"), query="*", limit=1, source=source)[0] == 200
    assert ask(gateway, "/select/logsql/query", {"Authorization": f"Bearer {TOKENS['cat']}"}, query="*")[0] == 200


def test_changes_are_for_those_who_may_and_not_for_other_sites(guarded):
    gateway, _ = guarded
    reload = lambda headers: ask(gateway, "/-/reload", headers, method="POST")[:2]
    own = {"Origin": f"http://127.0.0.1:{gateway.admin_port}"}
    assert reload({})[0] == 401 and reload(basic("cat")) == (
        403, "you are known and may not: no item of service.admin.access for you has reload in may\n")
    assert reload(basic("eve"))[0] == 200
    # A browser has the password of who it shows the page to, and would send it along.
    for headers in (
        {"Origin": "http://evil.example"}, {"Origin": "null"}, {"Origin": "http://evil.example", "Sluice-Page": "1"},
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"}, own, {"Sec-Fetch-Site": "same-origin"},
        {"Host": "rebound.example"},
    ):  # fmt: skip
        assert reload({**basic("eve"), **headers})[0] == 403, headers
    assert reload({**basic("eve"), **own, "Sluice-Page": "1"})[0] == 200
    for headers in ({"Origin": "http://evil.example"}, {"Host": "rebound.example"}):
        assert ask(gateway, "/select/logsql/query", {**basic("cat"), **headers}, query="*")[0] == 403


# What each view of the page asks, and who may have it.
VIEWS = [
    ("GET", "/api/pipelines", ["ann", "dan", "eve"]), ("POST", "/api/redaction", ["ann", "dan", "eve"]),
    ("GET", "/api/configuration", ["eve"]), ("POST", "/api/configuration/check", ["eve"]),
    ("POST", "/api/configuration/reload", ["eve"]), ("GET", "/api/dead_letters", ["dan"]),
    ("GET", "/api/dead_letters/replay/progress", ["dan"]), ("POST", "/api/dead_letters/replay/stop", ["dan"]),
]  # fmt: skip


@pytest.mark.parametrize("method, path, names", VIEWS)
def test_views_of_the_page_are_for_those_who_may(guarded, method, path, names):
    gateway, _ = guarded
    page = {"Sluice-Page": "1"} if method == "POST" else {}
    assert ask(gateway, path, page, method=method)[0] == 401
    for name in PEOPLE:
        status, text, _ = ask(gateway, path, {**basic(name), **page}, method=method)
        if name in names or name in ("bob", "cat") and "ann" in names:
            assert status == 200, (name, text)
        else:
            assert status == 403 and "you are known and may not" in text, (name, text)
    for headers in ({"Origin": "http://evil.example"}, {"Host": "rebound.example"}):
        assert ask(gateway, path, {**basic(names[-1]), **page, **headers}, method=method)[0] == 403
    if method == "POST":
        assert ask(gateway, path, basic(names[-1]), method=method)[0] == 403


def test_the_log_tells_who_has_looked_and_never_for_what(guarded):
    gateway, _ = guarded
    secret = "hunter2-and-4111111111111111"
    ask(gateway, "/select/logsql/query", basic("ann"), query=f'user:="{secret}" {secret}')
    ask(gateway, "/select/logsql/query", basic("eve"), query=secret)
    ask(gateway, "/-/reload", basic("eve"), method="POST")
    audit = lambda: [line for line in gateway.log().splitlines() if " audit " in f" {line} "]
    wait_until(lambda: "asked for" in "\n".join(audit()[-2:]), 10, "the line of the reload")
    looked = next(line for line in reversed(audit()) if "looked" in line)
    assert "basicauth username=ann" in looked and "GET /select/logsql/query" in looked and "user:… …" in looked
    denied = next(line for line in reversed(audit()) if "denied" in line and "username=eve" in line)
    assert "not allowed" in denied and "127.0.0.1:" in denied
    assert secret not in gateway.log() and secret not in gateway.admin("/metrics")[1]
    known = [PASSWORD.format(name) for name in PEOPLE] + list(TOKENS.values())
    assert not any(each in gateway.log() for each in known)
    assert gateway.metric("sluice_admin_authentications", authenticator="basicauth", outcome="identified") > 0


def test_the_command_asks_as_somebody(guarded, tmp_path):
    gateway, records = guarded
    address = ("--address", f"127.0.0.1:{gateway.admin_port}")

    def logs(*arguments, **environment):
        command = [str(binary()), "logs", "*", "-n", "1000", "--json", *address, *arguments]
        return subprocess.run(
            command, capture_output=True, text=True, timeout=30, env={**os.environ, **environment}
        )

    done = logs()
    assert done.returncode == 1 and "credentials are needed" in done.stderr
    own = {each["id"] for each in records if SEES["ann"](each)}
    shown = lambda done: {each.get("id") for each in lines(done.stdout)} - {None}
    for text in (f"Basic ann:{PASSWORD.format('ann')}", f"Bearer {TOKENS['ann']}"):
        assert own <= shown(logs(SLUICE_CREDENTIALS=text)) and not shown(logs(SLUICE_CREDENTIALS=text)) - own
        (tmp_path / "credentials").write_text(text + "\n")
        assert shown(logs("--credentials-file", str(tmp_path / "credentials"))) == own
    (tmp_path / "credentials").write_text("x" * 20_000)
    done = logs("--credentials-file", str(tmp_path / "credentials"))
    assert done.returncode == 1 and "the limit is 16384" in done.stderr
    done = logs(SLUICE_CREDENTIALS="Bearer wrong")
    assert done.returncode == 1 and "the credentials are wrong" in done.stderr and "Bearer wrong" not in done.stderr


def test_the_port_speaks_tls(start, tmp_path):
    authority = Authority(tmp_path, "authority")
    pair = authority.issue("gateway")
    tls = {"cert_file": str(pair / "cert"), "key_file": str(pair / "key")}
    gateway = Gateway(tmp_path / "gateway", {"store": quick(path="logs")}, overlay(tmp_path, "basicauth", tls=tls))
    context = trust(authority)
    gateway._is_ready = lambda: _is_ready(gateway, context)
    gateway.start()
    try:
        status, text, _ = ask(gateway, "/select/logsql/query", basic("cat"), context=context, query="*")
        assert (status, text) == (200, "")
        with pytest.raises((OSError, http.client.HTTPException)):
            ask(gateway, "/readyz", {})
        config = ("--config", str(gateway.folder / "gateway.yaml"))
        run = lambda *arguments, **environment: subprocess.run(
            [str(binary()), *arguments], capture_output=True, text=True, timeout=30, env={**os.environ, **environment})
        assert run("probe", *config).returncode == 0
        person = {"SLUICE_CREDENTIALS": f"Basic cat:{PASSWORD.format('cat')}"}
        assert run("logs", *config, **person).returncode == 0
        address = ("--address", f"https://localhost:{gateway.admin_port}")
        assert run("logs", *address, "--ca-file", str(authority.path), **person).returncode == 0
        assert run("logs", *address, **person).returncode == 1
        other = Authority(tmp_path, "other")
        assert run("logs", *address, "--ca-file", str(other.path), **person).returncode == 1
        # What listens in the gateway's place with another certificate is not told who asks.
        tls["cert_file"] = str(other.issue("false") / "cert")
        tls["key_file"] = str(tmp_path / "false" / "key")
        false = merged(gateway.config, {"service": {"admin": {"tls": tls}}})
        (tmp_path / "false.yaml").write_text(json.dumps(false))
        assert run("probe", "--config", str(tmp_path / "false.yaml")).returncode != 0
        status, text, _ = ask(gateway, "/readyz", {}, context=context)
        assert [each["of"] for each in json.loads(text)["certificates"]] == ["the admin port"]
    finally:
        gateway.kill()


def _is_ready(gateway, context) -> bool:
    assert gateway.process.poll() is None, gateway.log()[-4000:]
    try:
        return ask(gateway, "/readyz", {}, context=context)[0] == 200
    except OSError:
        return False


def test_a_reload_changes_who_may(start, tmp_path):
    gateway = start({"store": quick(path="logs")})
    assert ask(gateway, "/select/logsql/query", {}, query="*")[0] == 200
    guarded = merged(gateway.config, overlay(tmp_path, "basicauth"))
    assert gateway.reload(guarded)[0] == 200
    assert ask(gateway, "/select/logsql/query", {}, query="*")[0] == 401
    assert ask(gateway, "/select/logsql/query", basic("ann"), query="*")[0] == 200
    tail = http.client.HTTPConnection("127.0.0.1", gateway.admin_port, timeout=20)
    tail.request("GET", "/select/logsql/tail?query=*&refresh_interval=100ms", headers=basic("ann"))
    answer = tail.getresponse()
    shop = request(record("before"), resource={"team": "shop"}).SerializeToString()
    assert send(gateway.http_port, shop).status == 200
    assert json.loads(answer.readline())["_msg"] == "before"
    nobody = merged(guarded, {"service": {"admin": {"access": []}}})
    gateway.replace(nobody)
    assert ask(gateway, "/-/reload", basic("eve"), method="POST")[0] == 200
    assert ask(gateway, "/select/logsql/query", basic("ann"), query="*")[0] == 403
    assert ask(gateway, "/-/reload", basic("eve"), method="POST")[0] == 403
    # What goes on ends too, as soon as it is asked again.
    assert answer.readline() == b""
    tail.close()


def test_a_tail_ends_with_the_credentials(start, tmp_path):
    gateway = start({"store": quick(path="logs")})
    assert gateway.reload(merged(gateway.config, overlay(tmp_path, "basicauth")))[0] == 200
    tail = http.client.HTTPConnection("127.0.0.1", gateway.admin_port, timeout=20)
    tail.request("GET", "/select/logsql/tail?query=*&refresh_interval=100ms", headers=basic("ann"))
    answer = tail.getresponse()
    people = tmp_path / "people"
    people.with_suffix(".new").write_text("".join(
        f"{line}\n" for line in people.read_text().splitlines() if not line.startswith("ann:")))
    os.replace(people.with_suffix(".new"), people)
    assert answer.readline() == b""
    tail.close()
    denied = [line for line in gateway.log().splitlines() if " audit " in line and "denied" in line]
    assert len(denied) == 1 and "username=ann" in denied[0] and "/select/logsql/tail" in denied[0]


def test_elsewhere_is_told_at_the_start(start):
    everywhere = {"readers": [{"pull": {"exporter": {"prometheus": {"host": "0.0.0.0", "port": 0}}}}]}
    gateway = start({"nop": {}})
    assert "no service.admin.auth lets others in" not in gateway.log()
    port = gateway.admin_port
    everywhere["readers"][0]["pull"]["exporter"]["prometheus"]["port"] = port
    assert gateway.reload(merged(gateway.config, {"service": {"telemetry": {"metrics": everywhere}}}))[0] == 200
    wait_until(lambda: "no service.admin.auth lets others in" in gateway.log(), 10, "the line")


# MARK: The page

LOADED = "Number(document.querySelector('.list')?.getAttribute('aria-rowcount') ?? 1) - 1"


@pytest.fixture(scope="module")
def browser():
    with Browser() as browser:
        yield browser


@pytest.fixture
def paged(browser, tmp_path):
    """Starts a gateway with some records whose page asks by these authenticators, and finds no error on the page."""
    browser.errors.clear()
    gateways = []

    def opened(authenticator: str, headers: dict) -> tuple:
        gateway = Gateway(tmp_path / "paged", {"store": quick(path="logs")}, overlay(tmp_path, authenticator)).start()
        gateways.append(gateway)
        records = made(60)
        put(gateway, records)
        asked = lambda: lines(ask(gateway, "/select/logsql/query", headers, query="*")[1])
        wait_until(lambda: len(asked()) == len(records), 20, "the records")
        return gateway, records

    yield opened
    browser.open("about:blank")
    for gateway in gateways:
        gateway.stop()
    assert browser.errors == []


def test_a_page_with_passwords_asks_by_the_browser(browser, paged):
    gateway, records = paged("basicauth", basic("cat"))
    page = f"127.0.0.1:{gateway.admin_port}/?range=all"
    status, _, fields = ask(gateway, "/", {})
    assert (status, fields["WWW-Authenticate"]) == (401, 'Basic realm="sluice"')
    browser.open(f"http://ann:{PASSWORD.format('ann')}@{page}")  # what is given to the prompt of a browser
    browser.open(f"http://{page}")
    own = [each for each in records if SEES["ann"](each)]
    browser.wait(f"{LOADED} === {len(own)}")
    browser.wait("document.querySelector('.facet')")
    text = browser.text("main")
    assert not any(team in text for team in ("bank", "ops", "only.None"))
    browser.open(f"http://127.0.0.1:{gateway.admin_port}/?range=all&q=" + urllib.parse.quote('team:="bank"'))
    browser.wait("document.querySelector('main').innerText.includes('No record is what you ask for')")


def test_a_page_with_tokens_asks_by_a_form(browser, paged):
    gateway, records = paged("bearertokenauth", {"Authorization": f"Bearer {TOKENS['cat']}"})
    page = f"http://127.0.0.1:{gateway.admin_port}/?range=all"

    def give(text: str):
        browser.wait("document.querySelector('dialog.token input')")
        browser.run(f"document.querySelector('dialog.token input').value = {json.dumps(text)}")
        browser.run("document.querySelector('dialog.token button').click()")

    browser.open(page)
    give("wrong")
    browser.wait("document.querySelector('dialog.token [role=alert]')")
    give(TOKENS["bob"])
    own = [each for each in records if SEES["bob"](each)]
    browser.wait(f"!document.querySelector('dialog.token') && {LOADED} === {len(own)}")
    browser.wait("document.querySelector('.facet')")
    text = browser.text("main")
    assert not any(team in text for team in ("shop", "ops", "only.None"))
    # A link would not take the token along: what is exported is fetched.
    browser.run("URL.createObjectURL = (blob) => { blob.text().then((text) => { window.exported = text; }); return '#'; }")
    browser.click(".searchbar button", "Export")
    browser.click(".menu button", "CSV")
    assert browser.wait("window.exported").count("\r\n") == 1 + len(own)
    kept = browser.run("JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie, location.href])")
    assert TOKENS["bob"] not in kept
    # Forgotten with the page; who may not search is told what is lacking.
    browser.open(page)
    give(TOKENS["eve"])
    browser.wait("document.querySelector('main').innerText.includes('you are known and may not')")
    browser.open(page)
    browser.wait("document.querySelector('dialog.token')")
    browser.run("document.querySelector('dialog.token').close()")
    browser.wait("document.querySelector('main').innerText.includes('credentials are needed')")
    assert not browser.run("document.querySelector('dialog.token')")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_form_is_shown(browser, paged, theme, tmp_path):
    gateway, _ = paged("bearertokenauth", {"Authorization": f"Bearer {TOKENS['cat']}"})
    browser.theme(theme)
    browser.open(f"http://127.0.0.1:{gateway.admin_port}/")
    browser.wait("document.activeElement.name === 'token'")
    assert "Who are you?" in browser.text("dialog.token")
    if os.environ.get("PICTURES"):
        browser.picture(pathlib.Path(os.environ["PICTURES"]) / f"token-{theme}.png")
