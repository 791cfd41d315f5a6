"""The page's view of logs, in a browser, of a gateway that keeps them: from the first record to the tail under load."""

import json
import subprocess
import threading
import time
import urllib.parse
import urllib.request

import pytest

from EndToEnd.browser import Browser
from EndToEnd.gateway import Gateway, wait_until
from EndToEnd.http_clients import send
from EndToEnd.otlp_requests import many, record, request

ROWS = "document.querySelectorAll('.list .row[data-index]:not([hidden])').length"
LOADED = "Number(document.querySelector('.list').getAttribute('aria-rowcount')) - 1"
TRACE = "0af7651916cd43dd8448eb211c80319c"


@pytest.fixture(scope="module")
def browser():
    with Browser() as browser:
        yield browser


class Shown:
    """A gateway that keeps records, and the page that shows it."""

    def __init__(self, gateway: Gateway, browser: Browser):
        self.gateway, self.browser = gateway, browser
        self.url = f"http://127.0.0.1:{gateway.admin_port}/"

    def open(self, address: str = ""):
        self.browser.open(self.url + address)

    def send(self, *requests):
        for each in requests:
            assert send(self.gateway.http_port, each.SerializeToString()).status == 200

    def kept(self, count: int, query: str = "*"):
        """Waits until the store has so many records."""
        wait_until(lambda: self.count(query) >= count, 20, f"{count} records in the store")

    def count(self, query: str) -> int:
        parts = urllib.parse.urlencode({"query": query, "step": "1d"})
        answer = json.load(urllib.request.urlopen(f"{self.url}select/logsql/hits?{parts}"))
        return sum(each["total"] for each in answer["hits"])

    def rows(self, count: int):
        """Waits until so many records, the bars and the fields are there, and nothing moves any more."""
        self.browser.wait(f"{LOADED} === {count} && {ROWS} > 0 && !document.querySelector('[aria-busy]')")

    def messages(self) -> list:
        return self.browser.run("""[...document.querySelectorAll('.list .row[data-index]:not([hidden])')]
          .sort((a, b) => a.dataset.index - b.dataset.index).map((each) => each.lastChild.innerText)""")

    def address(self, part: str) -> str:
        """Waits until the address has a part, and returns all of it."""
        return self.browser.wait(f"decodeURIComponent(location.search).includes({json.dumps(part)}) && location.search")


@pytest.fixture
def shown(start, browser):
    browser.errors.clear()
    yield Shown(start({"store": {"path": "kept"}}), browser)
    browser.open("about:blank")
    assert browser.errors == []


def test_the_first_record_is_sent_as_the_page_says(shown, browser):
    shown.open()
    command = browser.wait("document.querySelector('.start .snippet pre')?.innerText")
    assert f"127.0.0.1:{shown.gateway.http_port}/v1/logs" in command
    answer = subprocess.run(["bash", "-c", command], capture_output=True, text=True, timeout=20)
    assert " 200 " in answer.stdout.split("\n")[0], answer
    shown.rows(1)
    assert shown.messages() == ["order placed"]


def varied() -> list:
    """Records of two services, two of them in one trace, with severities and a field."""
    now = time.time_ns()
    shop = [
        record(f"shop {n} placed", {"http.status": 200 if n % 4 else 500}, severity_number=9 if n % 4 else 17,
               severity_text="", time_unix_nano=now - (40 - n) * 1_000_000_000, trace_id=b"", span_id=b"")
        for n in range(40)
    ]  # fmt: skip
    trace = bytes.fromhex(TRACE)
    cart = [
        record("cart asked", trace_id=trace, time_unix_nano=now - 3_500_000_000),
        record("cart 订单已创建", trace_id=trace, time_unix_nano=now - 2_500_000_000),
    ]
    shop[-1].trace_id = trace
    return [
        request(*shop, resource={"service.name": "shop"}),
        request(*cart, resource={"service.name": "cart", "k8s.pod.name": "cart-0"}),
    ]


def test_a_search_is_narrowed_by_clicks_and_all_of_it_stands_in_the_address(shown, browser):
    shown.send(*varied())
    shown.kept(42)
    shown.open()
    shown.rows(42)
    assert shown.messages()[0] == "shop 39 placed", "newest first"
    browser.wait("document.querySelector('.legend')?.innerText.includes('error 10')")
    # A value in the list, another among the fields.
    browser.click(".list .row[data-index='0'] .service")
    browser.click(".menu button", "Include")
    shown.address('q=service.name:="shop"')
    shown.rows(40)
    browser.click(".facet", "error")
    browser.click(".menu button", "Exclude")
    shown.address("-severity:error")
    shown.rows(30)
    browser.click(".facets details:not(.inner) summary button", "col")
    shown.address("columns=")
    # A record, and its address.
    browser.key("/")
    browser.key("Escape")
    browser.key("j")
    browser.key("Enter")
    browser.wait("!document.querySelector('.detail').hidden")
    message = browser.text(".detail .message")
    browser.open(browser.run("location.href"))
    assert browser.wait("document.querySelector('.detail .message')?.innerText") == message
    shown.rows(30)


def test_dragging_over_the_histogram_shows_less_and_back_shows_it_again(shown, browser):
    shown.send(*varied())
    shown.kept(42)
    shown.open("?range=5m")
    shown.rows(42)
    browser.wait("document.querySelectorAll('.bars rect').length > 3")
    browser.drag(".bars", 0, 0.95)
    shown.address("from=")
    browser.wait(f"{LOADED} > 0 && {LOADED} < 42")
    browser.run("history.back()")
    shown.rows(42)


def test_a_trace_is_shown_of_all_services_and_a_record_with_what_is_around_it(shown, browser):
    shown.send(*varied())
    shown.kept(42)
    shown.open()
    shown.rows(42)
    browser.click(".searchbar .box")
    browser.type(TRACE)
    browser.key("Enter")
    shown.address(f"trace={TRACE}")
    shown.rows(3)
    assert shown.messages() == ["cart asked", "cart 订单已创建", "shop 39 placed"]
    assert "3 records of 2 services" in browser.text(".banner")
    browser.click(".list .row[data-index='0'] .text")
    browser.wait("!document.querySelector('.detail').hidden")
    browser.click(".detail button", "Context")
    shown.address("around=")
    shown.rows(2)
    assert shown.messages() == ["cart asked", "cart 订单已创建"]
    assert browser.text(".row[aria-selected=true] .text") == "cart asked"
    browser.key("Escape")
    shown.rows(42)


def test_what_records_say_stays_text(shown, browser):
    markup = "<img src=x onerror=alert(1)><script>document.title = 'x'</script>"
    hostile = [markup, "\x1b[31mred\x1b[0m", "\u202egnp.exe"]
    shown.send(request(*(record(text, {text: text}) for text in hostile)))
    shown.kept(3)
    shown.open()
    shown.rows(3)
    assert sorted(shown.messages()) == sorted([markup, "␛[31mred␛[0m", "U+202Egnp.exe"])
    for index in range(3):
        browser.click(f".list .row[data-index='{index}'] .text")
        browser.wait("!document.querySelector('.detail').hidden")
        assert "\u202e" not in browser.text(".detail") and "\x1b" not in browser.text(".detail")
    browser.wait("document.querySelector('.facet')")
    assert browser.run("document.querySelectorAll('.logs img, .logs script').length") == 0
    assert browser.run("document.title") == "Logs · Sluice"


def test_a_query_that_makes_no_sense_is_answered_with_its_place(shown, browser):
    shown.send(many(1, "one"))
    shown.kept(1)
    shown.open("?q=%22open")
    browser.wait("document.querySelector('.problem')?.innerText.includes('at character 1')")
    browser.click(".searchbar .box")
    browser.run("document.querySelector('.box').value = ''")
    browser.key("Enter")
    shown.rows(1)
    assert browser.run("document.querySelector('.problem').hidden")


class Load:
    """Sends so many records a second until it ends."""

    def __init__(self, gateway: Gateway, rate: int):
        self.gateway, self.rate, self.over = gateway, rate, threading.Event()
        self.thread = threading.Thread(target=self._send)

    def _send(self):
        number = 0
        while not self.over.wait(0.1):
            body = many(self.rate // 10, f"load {number}").SerializeToString()
            send(self.gateway.http_port, body)
            number += 1

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.thread.join()


def test_the_tail_goes_on_under_load_and_rests_while_one_reads(shown, browser):
    shown.send(many(1, "before"))
    shown.kept(1)
    shown.open()
    shown.rows(1)
    browser.key("l")
    shown.address("live=1")
    first = "document.querySelector(\".list .row[data-index='0']\")?.innerText"
    with Load(shown.gateway, 5000):
        browser.wait(f"{LOADED} > 1000")
        seen = browser.run(first)
        browser.wait(f"{first} !== {json.dumps(seen)}")
        browser.wheel(".list", 480)
        waiting = browser.wait("!document.querySelector('.pill').hidden && document.querySelector('.pill').innerText")
        read = browser.run("document.querySelector(\".list .row[data-index='25']\").innerText")
        browser.wait(f"document.querySelector('.pill').innerText !== {json.dumps(waiting)}")
        assert browser.run("document.querySelector(\".list .row[data-index='25']\").innerText") == read
        browser.click(".pill")
        browser.wait("document.querySelector('.pill').hidden && document.querySelector('.list').scrollTop === 0")
        assert browser.run(ROWS) < 200


def test_many_records_are_a_few_rows(shown, browser):
    shown.send(*(many(4000, f"m{n}") for n in range(5)))
    shown.kept(20_000)
    shown.open()
    browser.wait(f"{LOADED} >= 1000")
    end = "document.querySelector('.list').scrollTop = 1e9"
    browser.wait(f"({end}, {LOADED} === 20_000)", 60)
    assert browser.run(ROWS) < 200
