"""Fixtures of the fault campaign; every gateway it starts is gone afterwards."""

import pytest

from Faults.backend import RememberingElasticsearch
from Faults.campaign import ES, Campaign


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
