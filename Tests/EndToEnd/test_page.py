"""The page to look at, in a browser: who may look, what it shows, and that records stay text."""

import http.client
import json
import shlex

import pytest

from EndToEnd.browser import Browser
from EndToEnd.gateway import Gateway, quick, wait_until
from EndToEnd.http_clients import send
from EndToEnd.otlp_requests import many

AWAY = "http://127.0.0.1:9"  # where nothing listens


@pytest.fixture(scope="module")
def browser():
    with Browser() as browser:
        yield browser


@pytest.fixture
def page(browser, start):
    """Opens the page of a gateway with these exporters, and finds no error on it afterwards."""
    browser.errors.clear()

    def opened(exporters: dict, address: str = ""):
        gateway = start(exporters)
        gateway.page = f"http://127.0.0.1:{gateway.admin_port}/"
        browser.open(gateway.page + address)
        return gateway

    yield opened
    browser.open("about:blank")
    assert browser.errors == []


def ask(gateway, path: str, source: str = "127.0.0.1", **fields) -> tuple:
    """(status, header fields, text) of a GET on the admin port."""
    connection = http.client.HTTPConnection("127.0.0.1", gateway.admin_port, timeout=5, source_address=(source, 0))
    try:
        headers = {name.replace("_", "-"): value for name, value in fields.items()}
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read().decode()
    finally:
        connection.close()


def test_it_answers_this_machine_only(start):
    gateway = start({"nop": {}})
    status, headers, text = ask(gateway, "/")
    assert (status, text.split("\n")[0]) == (200, "<!doctype html>")
    assert headers["Content-Security-Policy"].startswith("default-src 'self';")
    for path in ("/", "/app.js", "/api/pipelines"):
        assert ask(gateway, path, Host="localhost")[0] == 200
        for status, _, text in (
            ask(gateway, path, source="127.0.0.2"),
            ask(gateway, path, Host="rebound.example"),
            ask(gateway, path, Origin="http://elsewhere.example"),
        ):
            assert status == 403 and len(text) > 20 and "example" not in text
    assert ask(gateway, "/metrics", source="127.0.0.2", Host="rebound.example")[0] == 200


def test_a_file_that_the_browser_has_is_not_sent_again(start):
    gateway = start({"nop": {}})
    tag = ask(gateway, "/app.js")[1]["ETag"]
    status, _, text = ask(gateway, "/app.js", If_None_Match=tag)
    assert (status, text) == (304, "")


def test_pipelines_are_shown_with_what_fails(browser, page):
    gateway = page({"nop": {}, "otlphttp/away": quick(endpoint=AWAY)}, "?view=pipelines")
    assert send(gateway.http_port, many(7, "shown").SerializeToString()).status == 200
    wait_until(lambda: "failing" in gateway.admin("/api/pipelines")[1], 20, "a destination that fails")
    browser.wait("document.querySelector('.card.failing .error')?.innerText.includes('attempts')")
    assert [text.split("\n")[0] for text in browser.texts(".flow .exporter")] == ["nop", "otlphttp/away"]
    assert browser.texts(".flow .receiver")[0].startswith("otlp")
    away = browser.text("[aria-label='Destination otlphttp/away']")
    assert "failing" in away and "7 records" in away
    browser.wait("document.querySelector(\"[aria-label='Destination nop']\").innerText.includes('7 in all')")
    accepted = browser.text("[aria-label='Receiver otlp']")
    assert "7 in all" in accepted and f"127.0.0.1:{gateway.http_port}" in accepted
    state = json.loads(gateway.admin("/api/pipelines")[1])
    browser.open("about:blank")
    gateway.kill()  # it would wait for the destination
    assert state["pipelines"] == [
        {"id": "logs", "signal": "logs", "receivers": ["otlp"], "processors": [], "exporters": ["nop", "otlphttp/away"]}
    ]


def test_without_a_store_it_says_what_to_configure(browser, page):
    page({"nop": {}})
    browser.wait("document.querySelector('.records .note')?.innerText.includes('exporter store')")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_theme_is_the_systems_until_another_is_chosen(browser, page, theme):
    page({"nop": {}}, "?view=pipelines")
    browser.theme(theme)
    colour = "getComputedStyle(document.body).backgroundColor"
    white = "rgb(255, 255, 255)"
    assert (browser.run(colour) == white) == (theme == "light")
    browser.click("#theme")
    assert browser.run(colour) != white, "dark is chosen"
    browser.click("#theme")
    assert browser.run(colour) == white, "light is chosen"
    browser.click("#theme")
    assert (browser.run(colour) == white) == (theme == "light")


@pytest.fixture(scope="module")
def modules(browser, tmp_path_factory):
    """What a script comes to in the page, with the exports of one of its modules as `m`."""
    gateway = Gateway(tmp_path_factory.mktemp("modules"), {"nop": {}}).start()

    def run(name: str, script: str):
        if not browser.run("location.href").startswith("http"):
            browser.open(f"http://127.0.0.1:{gateway.admin_port}/?view=pipelines")
        return browser.run(f"(async () => {{ const m = await import('/{name}'); return {script}; }})()")

    yield run
    browser.open("about:blank")
    gateway.stop()


@pytest.mark.parametrize(
    "query, term, without, expected",
    [
        ("", "a:=1", False, "a:=1"),
        ("*", "a:=1", True, "-a:=1"),
        ("b", "a:=1", False, "b a:=1"),
        ("b -a:=1", "a:=1", False, "b a:=1"),
        ("a:=1 b", "a:=1", True, "b -a:=1"),
        ("a:=1", "a:=1", False, "a:=1"),
        ("x or y", "a:=1", False, "(x or y) a:=1"),
        ("(x or y) z", "a:=1", False, "(x or y) z a:=1"),
        ('"open', "a:=1", False, '("open) a:=1'),
        ('"x or y" z', "a:=1", False, '"x or y" z a:=1'),
    ],
)
def test_terms_are_added_and_turned(modules, query, term, without, expected):
    given = ", ".join(json.dumps(each) for each in (query, term, without))
    assert modules("query.js", f"m.including({given})") == expected


@pytest.mark.parametrize(
    "field, value, expected",
    [
        ("service.name", "shop", 'service.name:="shop"'),
        ("a", 'say "x" \\ \n', 'a:="say \\"x\\" \\\\ \\n"'),
        ("a b", "", '"a b":""'),
        ("or", "x", '"or":="x"'),
        ("severity", "warn", "severity:warn"),
        ("trace_id", "5b8e", "trace_id:5b8e"),
    ],
)
def test_a_value_means_itself(modules, field, value, expected):
    assert modules("query.js", f"m.term({json.dumps(field)}, {json.dumps(value)})") == expected


@pytest.mark.parametrize(
    "text, shown",
    [
        ("plain", "plain"),
        ("\x1b[31mred\x1b[0m", "\u241b[31mred\u241b[0m"),
        ("evil \u202egnp.exe", "evil U+202Egnp.exe"),
        ("\u202e", "U+202E"),
        ("a\u200bb\ufeffc", "aU+200BbU+FEFFc"),
        ("x\U000e0041y", "xU+E0041y"),
        ("<img src=x onerror=alert(1)>", "<img src=x onerror=alert(1)>"),
        ("one\ntwo\tthree", "one \u21b5 two three"),
        ("\u0645\u06cc\u200c\u062e", "\u0645\u06cc\u200c\u062e"),
        ("\U0001f469\u200d\U0001f680", "\U0001f469\u200d\U0001f680"),
    ],
)
def test_no_text_hides_turns_or_colours_anything(modules, text, shown):
    script = f"((e) => (m.showLine(e, {json.dumps(text)}), [e.textContent, e.querySelector('img')]))"
    # Twice: what was shown before must not matter.
    for _ in range(2):
        assert modules("text.js", f"{script}(document.createElement('div'))") == [shown, None]


def test_times_are_told_apart_to_the_nanosecond(modules):
    times = ["2026-01-31T23:59:59Z", "2026-01-31T23:59:59.1Z", "2026-01-31T23:59:59.000000001Z"]
    stamps = modules("time.js", f"{json.dumps(times)}.map(m.stamp)")
    assert sorted(stamps) == [stamps[0], stamps[2], stamps[1]]
    nanos = modules("time.js", f"{json.dumps(stamps)}.map((each) => String(m.nanos(each)))")
    assert nanos == ["1769903999000000000", "1769903999100000000", "1769903999000000001"]
    after = modules("time.js", "['2026-01-31T23:59:59.999999999', '1970-01-01T00:00:00.000000000'].map(m.justAfter)")
    assert after == ["2026-02-01T00:00:00.000000000Z", "1970-01-01T00:00:00.000000001Z"]


def test_a_command_to_copy_runs_nothing_of_a_query(modules):
    command = modules("export.js", "m.curl({query: \"it's $(id) `id`\", limit: 5, end: undefined})")
    words = shlex.split(command)
    assert words[:2] == ["curl", "-s"] and words[2].endswith("/select/logsql/query")
    assert words[3:] == ["--data-urlencode", "query=it's $(id) `id`", "--data-urlencode", "limit=5"]


def test_rates_begin_anew_with_the_gateway(modules):
    reading = "{{uptime_seconds: {}, receivers: [{{id: 'a', accepted: {}}}], processors: [], exporters: []}}"
    readings = [reading.format(10, 5), reading.format(12, 25), reading.format(1, 3), reading.format(2, 4)]
    script = f"((r) => [{', '.join(readings)}].map((each) => (r.take(each), r.of('receiver', 'a', 'accepted'))))"
    assert modules("rates.js", f"{script}(new m.Rates())") == [None, 10, None, 1]
