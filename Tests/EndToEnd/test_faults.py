"""Faults of the backend: every acknowledged record is delivered, and nothing is delivered that was not sent."""

import fcntl
import json
import os
import random
import time
from collections import Counter

import pytest

from EndToEnd.gateway import quick, wait_until
from EndToEnd.http_clients import send
from EndToEnd.otlp_requests import record, request, unique
from StandIns.elasticsearch import Elasticsearch
from StandIns.http_backend import Fault

REQUESTS, RECORDS = 20, 50
MIB = 1 << 20


class Traffic:
    """Numbered records sent through a gateway to one Elasticsearch, and what became of them."""

    def __init__(self, start, server: Elasticsearch, **options):
        self.server, self.text = server, unique("fault")
        self.gateway = start({"elasticsearch": quick(endpoints=[server.url], **options)})
        self.acknowledged: Counter = Counter()
        self.sent: Counter = Counter()

    def send(self, requests: int = REQUESTS, body_bytes: int = 60):
        for _ in range(requests):
            base = len(self.sent)
            numbers = range(base, base + RECORDS)
            message = request(*(record(self.body(n, body_bytes), {"n": n}) for n in numbers))
            self.sent.update(numbers)
            if send(self.gateway.http_port, message.SerializeToString()).status == 200:
                self.acknowledged.update(numbers)

    def body(self, number: int, size: int) -> str:
        return f"{self.text} {number} ".ljust(size, "x")

    def delivered(self) -> Counter:
        return Counter(document["attributes"]["n"] for document in self.server.documents())

    def settle(self, seconds: float = 30):
        """Waits until every acknowledged record has arrived, and stops the gateway."""
        wait_until(lambda: not self.acknowledged - self.delivered(), seconds, "every acknowledged record")
        self.gateway.stop()
        assert self.server.violations == []

    def assert_exactly_once(self):
        self.settle()
        assert self.delivered() == self.acknowledged

    def assert_at_least_once(self):
        self.settle()
        assert set(self.delivered()) <= set(self.sent)


@pytest.fixture
def server():
    with Elasticsearch() as server:
        yield server


@pytest.fixture
def traffic(start, server):
    return Traffic(start, server)


def test_a_healthy_backend_gets_every_record_exactly_once(traffic):
    traffic.send(100)
    traffic.assert_exactly_once()
    assert sum(traffic.acknowledged.values()) == 100 * RECORDS


def test_the_counts_of_a_healthy_run_agree(traffic):
    traffic.send(10)
    wait_until(lambda: len(traffic.server.documents()) == 10 * RECORDS, 10, "delivery")
    metric = traffic.gateway.metric
    assert metric("otelcol_receiver_accepted_log_records") == 10 * RECORDS
    wait_until(lambda: metric("otelcol_exporter_sent_log_records") == 10 * RECORDS, 5, "the sent count")
    assert metric("otelcol_exporter_queue_size") == 0


def test_a_backend_that_is_down_and_comes_up_gets_every_record_exactly_once(start, server):
    server.stop()
    traffic = Traffic(start, server)
    traffic.send()
    time.sleep(1)
    assert sum(traffic.acknowledged.values()) == REQUESTS * RECORDS
    server.start()
    traffic.assert_exactly_once()


def test_a_backend_that_goes_away_under_load_loses_nothing(traffic):
    for _ in range(3):
        traffic.send(5)
        traffic.server.stop()
        traffic.send(5)
        traffic.server.start()
    traffic.assert_at_least_once()


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504, 401])
def test_a_backend_that_refuses_everything_for_a_while_gets_every_record_exactly_once(traffic, status):
    traffic.server.faults.standing(Fault(status=status))
    traffic.send()
    wait_until(lambda: traffic.server.statuses.count(status) >= 3, 10, "three refusals")
    traffic.server.faults.standing()
    traffic.assert_exactly_once()


PAGE = b"<html><h1>The plain HTTP request was sent to HTTPS port</h1></html>"


@pytest.mark.parametrize("status", [200, 400, 403, 404, 405, 415])
def test_an_answer_of_a_proxy_costs_no_record_and_readyz_says_what_came(traffic, status):
    traffic.server.faults.standing(Fault(status=status, body=PAGE, headers={"Content-Type": "text/html"}))
    traffic.send(5)
    error = f"HTTP {status}, not an answer of Elasticsearch"

    def failing():
        code, text = traffic.gateway.admin("/readyz")
        assert code == 200
        return json.loads(text)["queues"][0].get("failing", {})

    wait_until(lambda: failing().get("attempts", 0) >= 4, 20, "four attempts")
    assert failing()["error"] == error and failing()["since"].endswith("Z")
    assert error in traffic.gateway.log()
    traffic.server.faults.standing()
    traffic.assert_exactly_once()
    assert traffic.gateway.log().count("refused") == 0


def is_blocked(document: dict):
    if document["attributes"]["n"] % 10 == 3:
        return 403, "cluster_block_exception", "index [x] blocked by: [FORBIDDEN/8/index write (api)]"
    return None


def test_items_that_fail_for_what_the_cluster_lacks_wait_beside_the_others(traffic):
    traffic.server.faults.standing(Fault(items=is_blocked))
    traffic.send()
    blocked = REQUESTS * RECORDS // 10
    wait_until(lambda: len(traffic.delivered()) == REQUESTS * RECORDS - blocked, 20, "delivery of the rest")
    stuck = wait_until(lambda: json.loads(traffic.gateway.admin("/readyz")[1])["queues"][0].get("stuck"), 20, "stuck")
    assert stuck["error"] == "cluster_block_exception"
    assert traffic.gateway.metric("otelcol_exporter_send_failed_log_records") == 0
    traffic.server.faults.standing()
    traffic.assert_exactly_once()


def test_a_missing_pipeline_is_named_and_costs_no_record(start, server):
    traffic = Traffic(start, server, pipeline="parse-logs")
    fault = (400, "illegal_argument_exception", "pipeline with id [parse-logs] does not exist")
    server.faults.standing(Fault(items=lambda document: fault))
    traffic.send(3)
    wait_until(lambda: "pipeline [parse-logs] does not exist" in traffic.gateway.log(), 10, "the name in the log")
    server.faults.standing()
    traffic.assert_exactly_once()


def in_failure_store(outcome: str):
    return lambda document: outcome if document["attributes"]["n"] % 10 == 3 else None


def test_what_the_failure_store_takes_is_delivered_and_told(traffic):
    traffic.server.faults.standing(Fault(failure_store=in_failure_store("used")))
    traffic.send()
    faulty = REQUESTS * RECORDS // 10
    wait_until(lambda: len(traffic.server.failure_store) == faulty, 20, "the failure store")
    metric = traffic.gateway.metric
    everything = REQUESTS * RECORDS
    wait_until(lambda: metric("otelcol_exporter_sent_log_records") == everything, 10, "the sent count")
    assert metric("sluice_exporter_failure_store_log_records", outcome="used") == faulty
    assert metric("sluice_ledger_log_records", state="failure_store") == faulty
    assert metric("sluice_ledger_log_records", state="delivered") == everything - faulty
    assert "records stored in the failure store" in traffic.gateway.log()


def test_what_the_failure_store_could_not_take_is_sent_again(traffic):
    traffic.server.faults.standing(Fault(failure_store=in_failure_store("failed")))
    traffic.send(4)
    metric = traffic.gateway.metric
    wait_until(lambda: metric("sluice_exporter_failure_store_log_records", outcome="failed") >= 20, 20, "the count")
    traffic.server.faults.standing()
    traffic.assert_exactly_once()


def test_dead_letters_that_cannot_be_written_stop_no_other_record(start, server, tmp_path):
    letters = tmp_path / "letters.ndjson"
    traffic = Traffic(start, server, dead_letter={"path": str(letters)})
    letters.unlink(missing_ok=True)
    letters.mkdir()  # what stands in the way
    server.faults.standing(Fault(items=is_poison))
    traffic.send()
    poison = REQUESTS * RECORDS // 10
    wait_until(lambda: len(traffic.delivered()) == REQUESTS * RECORDS - poison, 20, "delivery of the rest")
    metric = traffic.gateway.metric
    wait_until(lambda: metric("sluice_exporter_dead_letters_waiting_log_records") == poison, 10, "the waiting count")
    assert metric("sluice_exporter_dead_letters_failing_since_seconds") > time.time() - 60
    shown = json.loads(traffic.gateway.admin("/readyz")[1])["queues"][0]["dead_letters"]
    assert shown["waiting_records"] == poison and "Is a directory" in shown["error"]
    assert metric("sluice_ledger_log_records", state="queued") == poison
    letters.rmdir()
    wait_until(lambda: metric("sluice_exporter_dead_lettered_log_records") == poison, 30, "the dead letters")
    wait_until(lambda: metric("sluice_ledger_log_records", state="queued") == 0, 10, "an empty queue")
    assert metric("sluice_exporter_dead_letters_failing_since_seconds") == 0
    assert len(letters.read_text().splitlines()) == poison
    traffic.gateway.stop()
    assert sum(traffic.delivered().values()) == REQUESTS * RECORDS - poison


def test_dead_letters_that_cannot_be_written_are_given_up_if_told_so(start, server, tmp_path):
    letters = tmp_path / "letters.ndjson"
    traffic = Traffic(start, server, dead_letter={"path": str(letters), "give_up_after": "1s"})
    letters.unlink(missing_ok=True)
    letters.mkdir()
    server.faults.standing(Fault(items=is_poison))
    traffic.send(4)
    metric = traffic.gateway.metric
    wait_until(lambda: metric("sluice_exporter_dead_letters_given_up_log_records") == 20, 20, "giving up")
    wait_until(lambda: metric("sluice_ledger_log_records", state="queued") == 0, 10, "an empty queue")
    assert metric("sluice_ledger_log_records", state="dead_lettered") == 20
    assert "are lost" in traffic.gateway.log()


def test_dead_letters_that_hang_hold_up_neither_records_nor_the_end(start, server, tmp_path):
    letters = tmp_path / "letters"
    overlay = {"service": {"shutdown_timeout": "2s"}}
    exporter = quick(endpoints=[server.url], dead_letter={"path": str(letters)})
    gateway = start({"elasticsearch": exporter}, overlay)
    held = open(letters, "a")
    fcntl.flock(held, fcntl.LOCK_EX)  # whoever writes waits for ever
    server.faults.standing(Fault(items=lambda document: 400 if document["attributes"]["n"] % 2 else None))
    bulk = "x" * 50_000
    for n in range(40):
        assert send(gateway.http_port, request(record(bulk, {"n": n})).SerializeToString()).status == 200
    wait_until(lambda: len(server.documents()) == 20, 20, "delivery of the rest")
    began = time.monotonic()
    gateway.terminate()
    gateway.wait()
    assert time.monotonic() - began < 8
    held.close()


@pytest.mark.parametrize("items", [[429, None], [None, 503, 500], [429], [1000]])
def test_items_that_are_refused_for_now_are_sent_again_alone(traffic, items):
    traffic.server.faults.once(*[Fault(items=items)] * 5)
    traffic.send()
    traffic.assert_exactly_once()


def is_poison(document: dict):
    return 400 if document["attributes"]["n"] % 10 == 3 else None


def test_items_that_are_refused_for_good_do_not_cost_their_neighbours(traffic):
    traffic.server.faults.standing(Fault(items=is_poison))
    traffic.send()
    traffic.acknowledged = Counter({n: 1 for n in traffic.acknowledged if n % 10 != 3})
    traffic.assert_exactly_once()


def test_records_refused_for_good_are_counted(traffic):
    traffic.server.faults.standing(Fault(items=is_poison))
    traffic.send()
    poison = REQUESTS * RECORDS // 10
    wait_until(lambda: len(traffic.delivered()) == REQUESTS * RECORDS - poison, 10, "delivery of the rest")
    metric = traffic.gateway.metric
    wait_until(lambda: metric("otelcol_exporter_send_failed_log_records") == poison, 5, "the count of refused records")
    assert metric("otelcol_exporter_sent_log_records") == REQUESTS * RECORDS - poison


def test_a_mapping_conflict_costs_only_the_records_that_have_it(start, server):
    gateway = start({"elasticsearch": quick(endpoints=[server.url])})
    for value in (1, "text", 2):
        assert send(gateway.http_port, request(record("x", {"field": value})).SerializeToString()).status == 200
        wait_until(lambda: server.statuses, 5, "an answer")
        server.statuses.clear()
    gateway.stop()
    assert [document["attributes"]["field"] for document in server.documents()] == [1, 2]


def test_a_body_that_is_too_large_is_halved_until_it_fits(start, server):
    traffic = Traffic(start, server, compression="none")
    server.faults.standing(Fault(max_body_bytes=8_000))
    traffic.send()
    traffic.assert_exactly_once()
    assert 413 in server.statuses


def test_a_single_record_that_is_too_large_does_not_cost_its_neighbours(start, server):
    traffic = Traffic(start, server, compression="none")
    server.faults.standing(Fault(max_body_bytes=8_000))
    traffic.send(1)
    huge = request(record("y" * 20_000, {"n": -1}))
    assert send(traffic.gateway.http_port, huge.SerializeToString()).status == 200
    traffic.send(1)
    traffic.assert_exactly_once()


def test_retry_after_is_waited_for(traffic):
    traffic.server.faults.once(Fault(status=503, headers={"Retry-After": "2"}))
    traffic.send(1)
    traffic.assert_exactly_once()
    first, second = traffic.server.arrivals[:2]
    assert second - first >= 1.9


@pytest.mark.parametrize("reset", ["before-body", "within-body", "after-body"])
def test_connections_that_are_reset_before_anything_was_stored_lose_and_double_nothing(traffic, reset):
    traffic.server.faults.once(*[Fault(reset=reset)] * 6)
    traffic.send()
    traffic.assert_exactly_once()


@pytest.mark.parametrize(
    "fault",
    [
        Fault(reset="after-commit"),
        Fault(truncate_answer=True),
        Fault(answer_body=b"<html>gateway error</html>"),
        Fault(answer_body=b""),
        Fault(answer_body=b"{}"),
        Fault(answer_body=b'{"errors":false,"items":['),
    ],
    ids=["lost", "truncated", "html", "empty", "no-items", "cut"],
)
def test_an_answer_that_says_nothing_is_no_delivery_and_no_loss(traffic, fault):
    traffic.server.faults.once(fault, Fault(status=503), fault)
    traffic.send()
    traffic.assert_at_least_once()


def test_a_slow_backend_loses_nothing_and_memory_stays_bounded(start, server):
    traffic = Traffic(start, server)
    server.faults.standing(Fault(delay_seconds=0.3))
    before = traffic.gateway.rss_bytes()
    traffic.send(200, body_bytes=1_000)  # 10 MB
    assert traffic.gateway.rss_bytes() - before < 128 * MIB
    server.faults.standing()
    traffic.assert_exactly_once()


def test_a_full_queue_refuses_and_every_acknowledged_record_arrives(start, server):
    queue = {"sizer": "bytes", "queue_size": 1 << 20, "batch": {"flush_timeout": "20ms"}}
    traffic = Traffic(start, server, sending_queue=queue)
    server.faults.standing(Fault(status=503))
    traffic.send(50, body_bytes=1_000)
    accepted = sum(traffic.acknowledged.values())
    assert 0 < accepted < 50 * RECORDS
    assert traffic.gateway.metric("otelcol_receiver_accepted_log_records") == accepted
    assert traffic.gateway.metric("sluice_receiver_refused_requests") == 50 - accepted // RECORDS
    server.faults.standing()
    traffic.assert_exactly_once()


def test_a_dead_destination_does_not_hold_up_another(start, server):
    with Elasticsearch() as other:
        server.stop()
        gateway = start(
            {
                "elasticsearch/dead": quick(endpoints=[server.url]),
                "elasticsearch/alive": quick(endpoints=[other.url]),
            }
        )
        for n in range(10):
            assert send(gateway.http_port, request(record("x", {"n": n})).SerializeToString()).status == 200
        wait_until(lambda: len(other.documents()) == 10, 10, "delivery to the living")
        server.start()
        wait_until(lambda: len(server.documents()) == 10, 10, "delivery to the one that came back")
        gateway.stop()
        assert len(other.documents()) == len(server.documents()) == 10


def test_the_next_endpoint_is_tried_when_one_is_down(start, server):
    with Elasticsearch() as gone:
        pass
    gateway = start({"elasticsearch": quick(endpoints=[gone.url, server.url])})
    for n in range(10):
        assert send(gateway.http_port, request(record("x", {"n": n})).SerializeToString()).status == 200
    wait_until(lambda: len(server.documents()) == 10, 10, "delivery by the other endpoint")


def test_what_was_acknowledged_is_flushed_at_shutdown(traffic):
    traffic.send()
    traffic.gateway.stop()
    assert traffic.delivered() == traffic.acknowledged


def test_a_storm_of_mixed_faults_loses_nothing(traffic):
    weather = random.Random(7)
    kinds = [
        Fault(),
        Fault(status=503),
        Fault(status=429),
        Fault(reset="before-body"),
        Fault(reset="after-body"),
        Fault(reset="after-commit"),
        Fault(items=[429, None, None]),
        Fault(items=[503]),
        Fault(truncate_answer=True),
        Fault(delay_seconds=0.1),
        Fault(max_body_bytes=2_000),
        Fault(answer_body=b"?"),
    ]
    traffic.server.faults.once(*(weather.choice(kinds) for _ in range(60)))
    for _ in range(10):
        traffic.send(5)
        time.sleep(weather.uniform(0, 0.1))
    traffic.assert_at_least_once()
