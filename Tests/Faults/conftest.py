"""Fixtures of the fault campaign; every gateway it starts is gone afterwards."""

import pytest

from Faults.backend import RememberingElasticsearch
from Faults.campaign import ES, SLOW, Campaign
from Faults.clock import CLOCK_SOURCE, FaultyClock
from Faults.disk import FaultyDisk, SmallDisk, build_library


@pytest.fixture
def server():
    with RememberingElasticsearch() as server:
        yield server


@pytest.fixture
def prepared(tmp_path, server):
    """Makes a campaign without starting it."""
    made = []

    def make(servers=None, **options) -> Campaign:
        made.append(Campaign(tmp_path / f"campaign-{len(made)}", servers or {ES: server}, **options))
        return made[-1]

    yield make
    for campaign in made:
        campaign.end()


@pytest.fixture
def campaign(prepared):
    """Makes a campaign and starts it."""
    return lambda **options: prepared(**options).start()


@pytest.fixture(scope="session")
def fault_library(tmp_path_factory):
    return build_library(tmp_path_factory.mktemp("library"))


@pytest.fixture
def disk(fault_library, tmp_path):
    """The disk with the queues of the test's first campaign; the gateway's log is on another."""
    return FaultyDisk(fault_library, tmp_path / "faults", tmp_path / "campaign-0" / "replica-0" / "queue")


@pytest.fixture
def slow_disk(fault_library, tmp_path):
    """The disk with the queue of the exporter `elasticsearch/slow` of the test's first campaign."""
    return FaultyDisk(fault_library, tmp_path / "faults", tmp_path / "campaign-0" / "replica-0" / f"queue-{SLOW}")


@pytest.fixture
def letters_disk(fault_library, tmp_path):
    """The disk with files whose name starts with `dead`."""
    return FaultyDisk(fault_library, tmp_path / "faults", tmp_path / "dead")


@pytest.fixture(scope="session")
def clock_library(tmp_path_factory):
    return build_library(tmp_path_factory.mktemp("clock"), CLOCK_SOURCE)


@pytest.fixture
def clock(clock_library, tmp_path):
    """A clock of the day that can be set, and a disk below the folder `stalling` that can hang."""
    return FaultyClock(clock_library, tmp_path / "clock", tmp_path / "stalling")


@pytest.fixture
def small_disk(tmp_path):
    """A real file system of 24 MiB, where the campaign's queue is to be."""
    disk = SmallDisk(tmp_path / "small", 24)
    if disk.reason:
        pytest.skip(f"no file system can be mounted here: {disk.reason}")
    yield disk
    disk.end()
