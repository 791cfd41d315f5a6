"""The ledger of an exporter as /metrics shows it, and whether it explains every record."""

import time
from typing import Callable, NamedTuple, Optional

from EndToEnd.gateway import Gateway

FAMILIES = {"records": "sluice_ledger_log_records", "bytes": "sluice_ledger_bytes"}


class Ledger(NamedTuple):
    """One exporter's states in one unit: `recovered + received = filtered + … + queued`."""

    recovered: int
    received: int
    filtered: int
    dropped: int
    delivered: int
    failure_store: int
    dead_lettered: int
    queued: int

    @classmethod
    def of(cls, gateway: Gateway, exporter: str, unit: str = "records") -> "Ledger":
        samples = gateway.metrics()
        labels = [(("exporter", exporter), ("state", state)) for state in cls._fields]
        return cls(*(int(samples[FAMILIES[unit], pair]) for pair in labels))

    @property
    def unaccounted(self) -> int:
        return self.recovered + self.received - sum(self[2:])


def assert_balanced(gateway: Gateway, exporter: str, taken: Optional[Callable[[], int]] = None) -> Ledger:
    """The ledger once it balances, which at a quiet point it must soon; `taken` is what the backend says it
    has taken from this process, which is what must be delivered."""
    deadline = time.monotonic() + 20
    while True:
        records, size = Ledger.of(gateway, exporter), Ledger.of(gateway, exporter, "bytes")
        expected = taken() if taken else records.delivered
        if records.unaccounted == 0 == size.unaccounted and records.delivered == expected:
            return records
        assert time.monotonic() < deadline, f"{exporter}: {records}, {size}; the backend has taken {expected} records"
        time.sleep(0.02)
