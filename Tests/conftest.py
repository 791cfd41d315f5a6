"""Fixtures of the whole suite. Every gateway a test starts is stopped with SIGTERM and must leave with 0."""

import pytest

from EndToEnd.gateway import Gateway, quick, wait_until
from EndToEnd.otlp_requests import records_of
from StandIns.otlp import OTLPServerHTTP


class Started:
    """The gateways of one test or session; all of them are gone afterwards."""

    def __init__(self, folders):
        self._folders = folders
        self.gateways = []

    def __call__(self, exporters=None, overlay=None) -> Gateway:
        gateway = Gateway(self._folders(), exporters, overlay)
        self.gateways.append(gateway)
        return gateway.start()

    def stop(self):
        failures = []
        for gateway in self.gateways:
            try:
                gateway.stop()
            except AssertionError as error:
                failures.append(str(error))
            finally:
                gateway.kill()
        assert not failures, "\n".join(failures)


@pytest.fixture
def start(tmp_path_factory):
    """Starts a gateway with an `exporters` section and an overlay on its configuration."""
    started = Started(lambda: tmp_path_factory.mktemp("gateway"))
    yield started
    started.stop()


class Conformant:
    """One gateway shared by the tests that do not disturb it, and the OTLP server it delivers to."""

    def __init__(self, gateway: Gateway, sink: OTLPServerHTTP):
        self.gateway, self.sink = gateway, sink
        self.grpc_port, self.http_port = gateway.grpc_port, gateway.http_port

    def delivered(self, text: str) -> list:
        """The records delivered so far whose body or attributes hold `text`."""
        with self.sink.lock:
            requests = list(self.sink.requests_taken)
        return [seen for seen in records_of(*requests) if text in str(seen)]

    def stored(self, text: str, count: int = 1) -> list:
        """Waits for that many records that hold `text`, and takes no more."""
        wait_until(lambda: len(self.delivered(text)) >= count, 10, f"{count} records with {text!r}")
        found = self.delivered(text)
        assert len(found) == count, f"{len(found)} records with {text!r}, sent {count}"
        return found


@pytest.fixture(scope="session")
def shared(tmp_path_factory):
    started = Started(lambda: tmp_path_factory.mktemp("shared"))
    with OTLPServerHTTP() as sink:
        gateway = started({"otlphttp": quick(endpoint=sink.url)})
        yield Conformant(gateway, sink)
        started.stop()
    assert sink.violations == []
