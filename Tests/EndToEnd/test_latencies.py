"""Histograms of how long things take, held against stand-ins that wait."""

import http.client
import math
import time

import pytest

from EndToEnd.gateway import quick, wait_until
from EndToEnd.http_clients import channel, send, stub
from EndToEnd.otlp_requests import record, request
from StandIns.elasticsearch import Elasticsearch
from StandIns.http_backend import Fault

BODY = request(*(record(f"line {n}") for n in range(5)))
DELIVERED = {"service": {"pipelines": {"logs": {"ack": "delivered"}}}}
RECEIVER, EXPORTER = "sluice_receiver_request_duration_seconds", "sluice_exporter_request_duration_seconds"
QUEUE = "sluice_exporter_queue_duration_seconds"


class Histogram:
    """One series of a family; (lower bound, upper bound, count) for each bucket that has any."""

    def __init__(self, gateway, family: str, **labels):
        samples = gateway.metrics()
        wanted = set(labels.items())

        def of(name):
            found = [(given, value) for (sample, given), value in samples.items() if sample == name]
            return [(dict(given), value) for given, value in found if wanted <= set(given)]

        self.count = sum(value for _, value in of(f"{family}_count"))
        self.seconds = sum(value for _, value in of(f"{family}_sum"))
        bounds = sorted((float(given["le"].replace("+Inf", "inf")), value) for given, value in of(f"{family}_bucket"))
        assert len({bound for bound, _ in bounds}) == len(bounds), "labels that name one series"
        self.buckets, below, before = [], 0, 0
        for bound, value in bounds:
            assert value >= before, "counts that ascend"
            if value > before:
                self.buckets.append((below, bound, value - before))
            below, before = bound, value
        if bounds:
            assert bounds[-1] == (math.inf, self.count)


def test_the_time_of_a_destination_is_that_of_attempts_requests_and_records(start):
    """The sender waits for a delivery that takes 300 ms: its request does, the attempt does, and the records were
    queued for as long. Another attempt before, refused at once, counts by itself."""
    with Elasticsearch() as server:
        server.faults.once(Fault(status=429), Fault(delay_seconds=0.3))
        gateway = start({"elasticsearch": quick(endpoints=[server.url])}, DELIVERED)
        began = time.monotonic()
        assert send(gateway.http_port, BODY.SerializeToString()).status == 200
        took = time.monotonic() - began
        assert 0.3 <= took < 2.5, "this machine is too slow for this test"

        request = Histogram(gateway, RECEIVER, transport="http", encoding="protobuf", outcome="accepted")
        assert request.count == 1 and 0.3 <= request.seconds <= took
        assert [low < request.seconds <= high for low, high, _ in request.buckets] == [True]

        attempt = Histogram(gateway, EXPORTER, exporter="elasticsearch", outcome="success")
        assert attempt.count == 1 and 0.3 <= attempt.seconds <= took
        assert [low < attempt.seconds <= high for low, high, _ in attempt.buckets] == [True]
        refused = Histogram(gateway, EXPORTER, exporter="elasticsearch", outcome="too_many")
        assert refused.count == 1 and refused.seconds < took - 0.3

        queued = Histogram(gateway, QUEUE, exporter="elasticsearch")
        assert queued.count == 5 and 0.3 <= queued.seconds / 5 <= took
        assert [count for _, _, count in queued.buckets] == [5]


@pytest.mark.parametrize("queue", ["memory", "disk"])
def test_the_age_of_records_counts_an_outage(start, tmp_path, queue):
    kept = {"sending_queue": {"directory": str(tmp_path / "queue")}} if queue == "disk" else {}
    with Elasticsearch() as server:
        server.faults.standing(Fault(status=503))
        gateway = start({"elasticsearch": quick(endpoints=[server.url], **kept)})
        for _ in range(3):
            assert send(gateway.http_port, BODY.SerializeToString()).status == 200
            time.sleep(0.7)
        time.sleep(0.5)
        server.faults.standing()
        wait_until(lambda: gateway.metric("otelcol_exporter_queue_size") == 0, 10, "an empty queue")
        queued = Histogram(gateway, QUEUE, exporter="elasticsearch")
        assert queued.count == 15 == gateway.metric("otelcol_exporter_sent_log_records")
        # 2.6 s, 1.9 s and 1.2 s, and what the retry takes; one batch may hold all, and is as old as its oldest.
        assert 5 * (2.6 + 1.9 + 1.2) <= queued.seconds <= 15 * 5
        assert all(low >= 1 for low, _, _ in queued.buckets)


def test_refused_requests_have_a_series_of_their_own(start):
    gateway = start()
    assert send(gateway.http_port, b"{", "application/json").status == 400
    assert send(gateway.http_port, None, None, method="GET").status == 405
    with channel(gateway.grpc_port) as connected:
        for _ in range(3):
            stub(connected).Export(BODY, timeout=5)
    refused = Histogram(gateway, RECEIVER, transport="http", encoding="json", outcome="refused")
    assert refused.count == 2 and refused.seconds < 1
    accepted = Histogram(gateway, RECEIVER, transport="grpc", outcome="accepted")
    assert accepted.count == 3 == gateway.metric("sluice_receiver_accepted_requests", transport="grpc")
    assert Histogram(gateway, RECEIVER, transport="http", outcome="accepted").count == 0


def test_what_a_sender_says_of_itself_adds_no_series(start):
    gateway = start()
    sent = lambda: {key for key in gateway.metrics() if "_duration_seconds" in key[0]}  # noqa: E731
    assert send(gateway.http_port, BODY.SerializeToString()).status == 200
    for form in ("application/x-protobuf", "a/b"):
        assert send(gateway.http_port, b"x", form, path="/v1/other").status == 404
    wait_until(lambda: gateway.metric("otelcol_exporter_sent_log_records") == 5, 10, "delivery")
    before = sent()
    connection = http.client.HTTPConnection("127.0.0.1", gateway.http_port, timeout=5)
    for number in range(20):
        connection.request("POST", f"/v1/{number}", b"x", {"Content-Type": f"a/{number}", "User-Agent": f"u{number}"})
        connection.getresponse().read()
        connection.request("POST", "/v1/logs", BODY.SerializeToString(), {"Content-Type": "application/x-protobuf"})
        connection.getresponse().read()
    connection.close()
    wait_until(lambda: gateway.metric("otelcol_exporter_sent_log_records") == 105, 10, "delivery")
    assert sent() == before
