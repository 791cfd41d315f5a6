"""The page's views of redaction, dead letters and the configuration, in a browser; and who may have things done."""

import csv
import http.client
import io
import json
import os
import pathlib
import time
import urllib.parse

import pytest

from EndToEnd.browser import Browser
from EndToEnd.gateway import merged, quick, wait_until
from EndToEnd.http_clients import send
from EndToEnd.otlp_requests import record, request
from StandIns.elasticsearch import Elasticsearch

PICTURES = os.environ.get("PAGE_PICTURES", "")  # a folder for pictures of each view in both themes


@pytest.fixture(scope="module")
def browser():
    with Browser() as browser:
        yield browser


@pytest.fixture
def page(browser, start):
    """Opens a view of the page of a gateway, and finds no error on it afterwards."""
    browser.errors.clear()

    def opened(gateway, view: str):
        browser.open(f"http://127.0.0.1:{gateway.admin_port}/?view={view}")
        return gateway

    yield opened
    browser.open("about:blank")
    assert browser.errors == []


def picture(browser, name: str):
    """Pictures for people to look at, if a folder is named for them."""
    for theme in ("light", "dark") if PICTURES else ():
        browser.theme(theme)
        browser.picture(pathlib.Path(PICTURES) / f"{name}-{theme}.png")


def ask(gateway, method: str, path: str, body: str = "", source: str = "127.0.0.1", **fields) -> tuple:
    """(status, text) of a request to the admin port."""
    connection = http.client.HTTPConnection("127.0.0.1", gateway.admin_port, timeout=10, source_address=(source, 0))
    try:
        headers = {name.replace("_", "-"): value for name, value in fields.items()}
        connection.request(method, path, body.encode(), headers)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def do(gateway, path: str, **parameters) -> tuple:
    """The same as the page has something done."""
    form = urllib.parse.urlencode(parameters, doseq=True)
    return ask(
        gateway, "POST", path, form, Sluice_Page="1", Content_Type="application/x-www-form-urlencoded"
    )  # fmt: skip


CHANGING = [
    "/api/redaction", "/api/configuration/check", "/api/configuration/reload", "/api/dead_letters/letter",
    "/api/dead_letters/replay", "/api/dead_letters/replay/stop", "/api/dead_letters/purge",
]  # fmt: skip


def test_nothing_is_done_for_the_page_of_another_site(start):
    gateway = start({"nop": {}})
    own = f"http://127.0.0.1:{gateway.admin_port}"
    for path in CHANGING:
        assert ask(gateway, "GET", path)[0] == 405
        for fields in (
            {},
            {"Origin": own},  # without the page's own field, as a form would come
            {"Sluice_Page": "1", "Origin": "http://elsewhere.example"},
            {"Sluice_Page": "1", "Origin": "null"},
            {"Sluice_Page": "1", "Sec_Fetch_Site": "cross-site"},
            {"Sluice_Page": "1", "Host": "rebound.example"},
            {"Sluice_Page": "1", "source": "127.0.0.2"},  # another address, which may be a proxy
        ):
            status, text = ask(gateway, "POST", path, **fields)
            assert status == 403 and "example" not in text, (path, fields, text)
        # No other site is told that it may send the field.
        assert ask(gateway, "OPTIONS", path, Origin="http://elsewhere.example")[0] == 405
    for path in ("/api/configuration", "/api/dead_letters", "/api/dead_letters/letters"):
        assert ask(gateway, "POST", path)[0] == 405
        assert ask(gateway, "GET", path, source="127.0.0.2")[0] == 403
    assert ask(gateway, "POST", "/api/configuration/check", Sluice_Page="1", Origin=own)[0] == 200
    assert gateway.metric("sluice_config_reloads", outcome="in_force") == 0


# Redaction

REDACTION = {"processors": {"redaction": {"detectors": ["default", "email"], "blocked_key_patterns": ["^internal"]}}}
PIPELINE = {"service": {"pipelines": {"logs": {"processors": ["redaction"]}}}}
CARD = "4111111111111111"


def test_redaction_shows_what_each_rule_takes(browser, page, start):
    gateway = page(start({"nop": {}}, merged(REDACTION, PIPELINE)), "redaction")
    browser.click(".panel textarea")
    browser.type(f"paid with {CARD} by jo@example.com <img src=x onerror=alert(1)>")
    browser.wait("document.querySelectorAll('.before mark').length === 2")
    assert browser.texts(".before mark") == [f"{CARD}credit_card", "jo@example.comemail"]
    assert browser.text(".after") == "paid with ****1111 by j***@example.com <img src=x onerror=alert(1)>"
    assert browser.texts(".taken tbody tr") == ["credit_card\tmask\t1", "email\tmask\t1"]
    assert browser.run("document.querySelector('img[src=x]')") is None
    picture(browser, "redaction-text")
    # JSON in a text, with an escape: the string is marked that has something.
    browser.click(".panel button", "Clear")
    browser.type(json.dumps({"note": f"a\tcard {CARD}", "plain": "x", "password": "hunter2"}))
    browser.wait("document.querySelector('.before')?.innerText.includes('hunter2')")
    assert browser.texts(".before mark") == [f"a\\tcard {CARD}credit_card", "hunter2key_name"]
    # A record.
    browser.click(".panel button", "Clear")
    attributes = [
        {"key": "card", "value": {"stringValue": CARD}},
        {"key": "internal.id", "value": {"intValue": "7"}},
        {"key": "free", "value": {"stringValue": "nothing here"}},
    ]
    browser.type(json.dumps({"body": {"stringValue": "mail jo@example.com"}, "attributes": attributes}))
    browser.wait("document.querySelectorAll('.taken section').length === 3")
    assert browser.texts(".taken section h2") == ["record 1: attributes.card", "record 1: attributes.internal.id", "Body"]
    assert browser.texts(".before mark") == [f"{CARD}credit_card", "7blocked_key_patterns", "jo@example.comemail"]
    assert '"stringValue":"nothing here"' in browser.run("document.querySelector('.whole').textContent")
    picture(browser, "redaction-record")
    # Nothing of it is anywhere.
    assert CARD not in gateway.log() and "hunter2" not in gateway.log()
    assert "redactions" not in gateway.admin("/metrics")[1] or gateway.metric(
        "sluice_processor_redactions", rule="credit_card") == 0  # fmt: skip
    assert CARD not in browser.run("location.href + JSON.stringify(localStorage)")


def test_redaction_without_a_processor_shows_the_default_detectors(browser, page, start):
    page(start({"nop": {}}), "redaction")
    browser.wait("document.querySelector('.panel .bar')?.innerText.includes('The configuration has no redaction')")
    browser.click(".panel textarea")
    browser.type("nothing")
    browser.wait("document.querySelector('.said')?.innerText === 'Nothing is taken.'")


def test_redaction_takes_so_much_and_no_more(start):
    gateway = start({"nop": {}})
    status, text = ask(gateway, "POST", "/api/redaction", "a" * (256 << 10), Sluice_Page="1")
    assert status == 200 and json.loads(text)["form"] == "text"
    status, text = ask(gateway, "POST", "/api/redaction", "a" * ((256 << 10) + 1), Sluice_Page="1")
    assert status == 413 and "262145" in text and "262144" in text
    status, text = ask(gateway, "POST", "/api/redaction?processor=x", "a", Sluice_Page="1")
    assert status == 404 and text == "the configuration has no redaction processor\n"


# The configuration


def test_the_configuration_is_shown_checked_and_put_in_force(browser, page, start):
    gateway = start({"otlphttp": quick(endpoint="http://127.0.0.1:9", headers={"api-key": "s3cret-s3cret"})})
    page(gateway, "configuration")
    browser.wait("document.querySelector('.yaml')?.innerText.includes('otlphttp')")
    assert "s3cret" not in browser.text() and "s3cret" not in ask(gateway, "GET", "/api/configuration")[1]
    picture(browser, "configuration")
    browser.click(".panel button", "Check the files")
    browser.wait("document.querySelector('.outcome')?.innerText === 'The files say what is in force.'")
    # What would change.
    changed = merged(gateway.config, {"exporters": {"otlphttp": {"timeout": "17s"}}})
    gateway.replace(changed)
    browser.click(".panel button", "Check the files")
    browser.wait("document.querySelector('.changes')")
    assert browser.texts(".changes .added") == ["+     timeout: 17s\n"]
    browser.click(".panel button", "Reload")
    browser.wait("document.querySelector('.outcome')?.innerText === 'The configuration is in force.'")
    browser.wait("document.querySelector('.yaml').innerText.includes('timeout: 17s')")
    assert gateway.metric("sluice_config_reloads", outcome="in_force") == 1
    assert '"the page"' in gateway.log() or "because_of=\"the page\"" in gateway.log()
    # What is wrong, with its place.
    gateway.replace(merged(changed, {"exporters": {"otlphttp": {"tiemout": "1s"}}}))
    browser.click(".panel button", "Check the files")
    browser.wait("document.querySelector('.problems tbody')?.innerText.includes('tiemout')")
    places = browser.texts(".problems tbody td:nth-child(2)")
    assert len(places) == 1 and places[0].split(":")[0].endswith(".yaml") and places[0].count(":") == 2
    browser.click(".panel button", "Reload")
    browser.wait("document.querySelector('.refused .message')?.innerText.includes('tiemout')")
    browser.wait("[...document.querySelectorAll('h2')].some((each) => each.innerText.startsWith('Refused since'))")
    assert "timeout: 17s" in browser.text(".yaml")
    assert gateway.metric("sluice_config_reloads", outcome="refused") == 1
    picture(browser, "configuration-refused")


# Dead letters


def test_dead_letters_are_listed_shown_sent_again_and_removed(browser, page, start, tmp_path):
    letters = tmp_path / "letters.ndjson"
    lines = []
    for number in range(6):
        then = time.strftime("%Y-%m-%dT%H:%M:%S.000000000Z", time.gmtime(time.time() - 3600 + number))
        kind = "mapper_parsing_exception" if number < 4 else "strict_dynamic_mapping_exception"
        document = {"@timestamp": then, "n": number, "secret": "hunter2"}
        line = {"time": then, "exporter": "elasticsearch", "reason": f"{kind}: of 'hunter2'", "attempts": 1,
                "first_sent": then, "format": "bulk", "path": "/_bulk",
                "record": {"action": {"create": {"_index": "logs-a-b"}}, "document": document}}  # fmt: skip
        lines.append(json.dumps(line) + "\n")
    letters.write_text("".join(lines))
    with Elasticsearch() as server:
        gateway = start({"elasticsearch": quick(endpoints=[server.url], dead_letter={"path": str(letters)})})
        page(gateway, "letters")
        browser.wait("document.querySelectorAll('[aria-label=Letters] tbody tr').length === 6")
        assert "hunter2" not in browser.text()
        picture(browser, "letters")
        # One, with its content only when it is asked for.
        browser.click("[aria-label=Letters] tbody button", "Look")
        browser.wait("document.querySelector('.facts')")
        assert "a dead letter is looked at" not in gateway.log()
        browser.click(".detail-row button", "Show the reason")
        browser.wait("document.querySelector('.content')?.innerText.includes('hunter2')")
        wait_until(lambda: "a dead letter is looked at" in gateway.log(), 5, "the line in the log")
        assert "hunter2" not in gateway.log()
        picture(browser, "letters-content")
        # Those of one kind.
        browser.click("[aria-label='Kinds of reasons'] button", "strict_dynamic")
        browser.wait("document.querySelectorAll('[aria-label=Letters] tbody tr').length === 2")
        browser.click(".letters button", "Send all of these again")
        browser.wait("document.querySelector('.job')?.innerText.includes('2 records delivered')")
        assert sorted(each["n"] for each in server.documents()) == [4, 5]
        wait_until(lambda: letters.read_text().count("\n") == 4, 10, "the file without them")
        browser.wait("document.querySelectorAll('[aria-label=Letters] tbody tr').length === 4")
        # A chosen one is removed, after a question.
        browser.click("[aria-label=Letters] tbody input")
        browser.click(".letters button", "Remove 1 letter")
        browser.click("dialog button", "Cancel")
        assert letters.read_text().count("\n") == 4
        browser.click(".letters button", "Remove 1 letter")
        picture(browser, "letters-remove")
        browser.click("dialog button", "Remove")
        browser.wait("document.querySelectorAll('[aria-label=Letters] tbody tr').length === 3")
        assert [json.loads(line)["record"]["document"]["n"] for line in letters.read_text().splitlines()] == [1, 2, 3]
        # All the rest.
        browser.click(".letters button", "Send all again")
        browser.wait("document.querySelector('.job')?.innerText.includes('3 records delivered')")
        wait_until(lambda: letters.read_text() == "", 10, "an empty file")
        assert sorted(each["n"] for each in server.documents()) == [1, 2, 3, 4, 5]
        log = gateway.log()
        assert log.count("dead letters are sent again") == 2 and log.count("dead letters are removed") == 1


# Patterns, tables and counts of what a store keeps


@pytest.fixture
def kept(start):
    """A gateway that keeps 60 records of three shapes."""
    gateway = start({"store": {"path": "kept"}})
    now = time.time_ns()

    def made(number):
        text = [f"order {number} placed in {number}ms", f"user u-{number:04x}ff said 'no {number}'", "=cmd()"][number % 3]
        return record(text, severity_number=9, severity_text="", time_unix_nano=now - number * 1_000_000)

    records = [made(number) for number in range(60)]
    for part, service in ((records[:40], "shop"), (records[40:], "cart")):
        message = request(*part, resource={"service.name": service})
        assert send(gateway.http_port, message.SerializeToString()).status == 200
    wait_until(lambda: len(lines(gateway, query="*")) == 60, 20, "60 records in the store")
    return gateway


def lines(gateway, path: str = "query", **parameters) -> list:
    status, text = ask(gateway, "GET", f"/select/logsql/{path}?{urllib.parse.urlencode(parameters)}")
    assert status == 200, text
    return text.splitlines()


def test_messages_of_one_shape_are_folded(browser, page, kept):
    page(kept, "logs")
    browser.wait("document.querySelector('.list')?.getAttribute('aria-rowcount') === '61'")
    browser.click(".searchbar button", "Patterns")
    browser.wait("document.querySelectorAll('.patterns tbody tr').length === 3")
    shapes = browser.texts(".patterns tbody .shape")
    assert sorted(shapes) == ["=cmd()", "order <N> placed in <N>ms", "user u-<N> said <STR>"]
    assert browser.texts(".patterns tbody td:first-child") == ["20", "20", "20"]
    assert browser.run("document.querySelector('.list').hidden")
    picture(browser, "patterns")
    browser.click(".patterns .shape", "user")
    browser.click(".menu button", "Exclude")
    browser.wait("document.querySelectorAll('.patterns tbody tr').length === 2")
    browser.click(".patterns .shape", "order")
    browser.click(".menu button", "Show its records")
    browser.wait("document.querySelector('.list')?.getAttribute('aria-rowcount') === '21'")
    messages = browser.texts(".list .row[data-index]:not([hidden])")
    assert messages and all("placed in" in each for each in messages)
    # The keyboard does the same.
    browser.key("p")
    browser.wait("document.querySelectorAll('.patterns tbody tr').length === 1")
    browser.key("p")
    browser.wait("!document.querySelector('.list').hidden")


def test_a_download_is_a_table_without_formulas(browser, page, kept):
    page(kept, "logs")
    browser.wait("document.querySelector('.list')?.getAttribute('aria-rowcount') === '61'")
    browser.click(".searchbar button", "Export")
    address = browser.wait("[...document.querySelectorAll('.menu a')].find((a) => a.textContent.startsWith('CSV'))?.href")
    text = browser.run(f"fetch({json.dumps(address)}).then((answer) => answer.text())")
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert len(rows) == 60 and rows[0]["service.name"] == "shop"
    assert {row["_msg"] for row in rows if "cmd" in row["_msg"]} == {"'=cmd()"}
    plain = "\n".join(lines(kept, query="cmd | fields _msg", format="csv", limit=1))
    assert plain == "_msg\n=cmd()"


def test_records_are_counted_by_fields_and_time(kept):
    counted = [json.loads(line) for line in lines(kept, query="* | stats by (service.name) count() as n")]
    assert counted == [{"service.name": "shop", "n": "40"}, {"service.name": "cart", "n": "20"}]
    assert json.loads(lines(kept, query="order | stats count()")[0]) == {"count(*)": "20"}
    days = [json.loads(line) for line in lines(kept, query="* | stats by (_time:1d) count() n")]
    assert sum(int(day["n"]) for day in days) == 60
    vector = json.loads(lines(kept, "stats_query", query="* | stats by (service.name) count() n")[0])
    assert [each["value"][1] for each in vector["data"]["result"]] == ["40", "20"]
    assert lines(kept, query="* | stats by (severity) count() n", format="csv") == ["severity,n", "info,60"]
