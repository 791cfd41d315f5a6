"""The page's view of taps, in a browser: a stage is chosen from the list or from the graph, and records pass."""

import os
import pathlib

import pytest

from EndToEnd.browser import Browser
from EndToEnd.gateway import merged, wait_until
from EndToEnd.http_clients import send
from EndToEnd.otlp_requests import many, record, request

PICTURES = os.environ.get("PAGE_PICTURES", "")  # a folder for pictures of each view in both themes
CARD = "4111111111111111"
MARKUP = "<img src=x onerror=alert(1)> \u202e end"


@pytest.fixture(scope="module")
def browser():
    with Browser() as browser:
        yield browser


@pytest.fixture
def page(browser):
    browser.errors.clear()
    yield browser
    browser.open("about:blank")
    assert browser.errors == []


def configured(**tap) -> dict:
    return {
        "processors": {
            "attributes/mark": {"actions": [{"key": "mark", "value": "set", "action": "upsert"}]},
            "redaction": {"allow_all_keys": True, "detectors": ["default"]},
            "filter/quiet": {"log_conditions": ['log.body == "noise"']},
        },
        "service": {
            "admin": {"tap": tap},
            "pipelines": {"logs": {"processors": ["attributes/mark", "redaction", "filter/quiet"]}},
        },
    }


def picture(browser, name: str):
    for theme in ("light", "dark") if PICTURES else ():
        browser.theme(theme)
        browser.picture(pathlib.Path(PICTURES) / f"{name}-{theme}.png")


def put(gateway, *bodies, severity=9):
    records = (record(body, {"order": 7, "user": "jo"}, severity_number=severity) for body in bodies)
    body = request(*records, resource={"service.name": "shop"}).SerializeToString()
    assert send(gateway.http_port, body).status == 200


def until(browser, gateway, script: str, *bodies, **options):
    """Sends records again and again until the page shows what is expected of it."""

    def is_so():
        put(gateway, *bodies, **options)
        return browser.run(script)

    wait_until(is_so, 15, script)


def test_a_stage_of_the_graph_shows_records_as_they_pass(page, start):
    gateway = start({"nop": {}}, configured(unredacted=True))
    page.open(f"http://127.0.0.1:{gateway.admin_port}/?view=pipelines")
    page.wait("document.querySelectorAll('a[data-stage]').length === 5")
    page.click("a[data-stage]", "redaction")
    page.wait("document.querySelector('.tap select')?.value === JSON.stringify(['logs', 'after:redaction'])")
    page.click(".tap .primary", "Start")
    page.wait("document.querySelector('.tap .primary').textContent === 'Stop'")
    until(page, gateway, "document.querySelectorAll('.tap .list .row[data-index]').length > 5", f"{MARKUP} {CARD}")
    text = page.text(".tap .list")
    assert "<img src=x onerror=alert(1)> U+202E end" in text and CARD not in text
    assert page.run("document.querySelector('img[src=x]')") is None
    page.click(".tap .list .row[data-index='0'] .text")
    page.wait("!document.querySelector('.tap .detail').hidden")
    assert "mark" in page.text(".tap .detail table") and "Include" not in page.run(
        "document.querySelector('.tap .detail').innerHTML")  # fmt: skip
    # What comes while a record is read waits for it.
    until(page, gateway, "!document.querySelector('.tap .pill').hidden", "later")
    picture(page, "tap-records")
    page.click(".tap .pill")
    page.wait("document.querySelector('.tap .detail').hidden && document.querySelector('.tap .pill').hidden")
    page.click(".tap .primary", "Stop")
    page.wait("document.querySelector('.tap .banner').innerText.startsWith('Stopped. Shown: ')")
    wait_until(lambda: "closed a tap" in gateway.log(), what="the end in the log")


def test_a_record_is_seen_before_and_after_a_processor(page, start):
    gateway = start({"nop": {}}, configured(unredacted=True))
    page.open(f"http://127.0.0.1:{gateway.admin_port}/?view=tap&pipeline=logs&stage=around:redaction")
    page.wait("document.querySelector('.tap select').value === JSON.stringify(['logs', 'around:redaction'])")
    page.click(".tap .box")
    page.type('log.severity_number >= 17')
    page.key("Enter")
    page.wait("document.querySelector('.tap .primary').textContent === 'Stop'")
    put(gateway, "quiet")
    until(page, gateway, "document.querySelectorAll('.pair').length > 2", f"card {CARD} {MARKUP}", severity=17)
    put(gateway, "nothing to take", severity=21)
    page.wait("document.querySelector('.pair')?.innerText.includes('left as it was')")
    pair = page.texts(".pair")[1]
    assert f"card {CARD}" in pair and "card ****1111" in pair and "changed: 1" in pair
    assert page.texts(".pair th[scope=row]")[0] == "body"
    assert "quiet" not in page.text(".pairs")
    assert page.run("document.querySelector('img[src=x]')") is None
    assert page.run("new URLSearchParams(location.search).get('where')") == "log.severity_number >= 17"
    picture(page, "tap-around")
    page.open(f"http://127.0.0.1:{gateway.admin_port}/?view=tap&pipeline=logs&stage=around:filter/quiet")
    page.wait("document.querySelector('.tap select').value === JSON.stringify(['logs', 'around:filter/quiet'])")
    page.click(".tap .primary", "Start")
    until(page, gateway, "document.querySelector('.pair')?.innerText.includes('removed')", "noise")


def test_what_is_refused_passed_over_or_ended_is_said(page, start):
    gateway = start({"nop": {}}, configured(records_per_second=50))
    page.open(f"http://127.0.0.1:{gateway.admin_port}/?view=tap")
    page.wait("document.querySelector('.tap option')?.textContent === 'logs: received (not yet redacted)'")
    page.click(".tap .primary", "Start")
    page.wait("document.querySelector('.tap .problem').innerText.includes('service.admin.tap.unredacted')")
    page.run("history.pushState(null, '', '?view=tap&pipeline=logs&stage=to%3Anop'); dispatchEvent(new Event('popstate'))")
    page.wait("document.querySelector('.tap select').value === JSON.stringify(['logs', 'to:nop'])")
    page.click(".tap .box")
    page.type("log.body = 1")
    page.click(".tap .primary", "Start")
    page.wait("document.querySelector('.tap .problem').innerText.includes('line 1, column 10')")
    page.run("document.querySelector('.tap .box').value = ''")
    page.click(".tap .primary", "Start")
    body = many(400, "fast").SerializeToString()
    wait_until(
        lambda: send(gateway.http_port, body) and "Passed over: " in page.text(".tap .banner"), 15, "what is passed over"
    )
    assert "the limit is 50" in page.text(".tap .banner")
    picture(page, "tap-passed-over")
    assert gateway.reload(merged(gateway.config, {"service": {"admin": {"tap": {"max_taps": 0}}}}))[0] == 200
    page.wait("document.querySelector('.tap .banner').innerText.startsWith('Ended: a new configuration is in force.')")
    page.click(".tap .primary", "Start")
    page.wait("document.querySelector('.tap .problem').innerText.includes('0 taps are open: the limit is 0')")
