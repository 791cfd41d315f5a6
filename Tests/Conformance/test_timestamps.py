"""Row J14: a destination with one timestamp gets the time, else the observed time."""

import pytest

from EndToEnd.gateway import quick
from EndToEnd.http_clients import send
from EndToEnd.otlp_requests import record, request
from StandIns.elasticsearch import Elasticsearch

TIME, OBSERVED = 1_705_314_600_000_000_000, 1_705_314_601_000_000_000


@pytest.mark.parametrize(
    "time, observed, expected",
    [
        (TIME, OBSERVED, 1705314600000.0),
        (0, OBSERVED, 1705314601000.0),
        (TIME, 0, 1705314600000.0),
    ],
)
def test_J14_the_timestamp_falls_back_on_the_observed_time(start, time, observed, expected):
    with Elasticsearch() as elasticsearch:
        gateway = start({"elasticsearch": quick(endpoints=[elasticsearch.url])})
        message = request(record(time_unix_nano=time, observed_time_unix_nano=observed))
        assert send(gateway.http_port, message.SerializeToString()).status == 200
        gateway.stop()
    (document,) = elasticsearch.documents()
    assert float(document["@timestamp"]) == expected
    assert elasticsearch.violations == []
