"""Nothing acknowledged is lost: kills, outages and full disks between a remembering client and backend."""

import random
import time

import pytest

from Faults.campaign import KILLS, Campaign
from StandIns.elasticsearch import Elasticsearch
from StandIns.http_backend import Fault


@pytest.fixture
def server():
    with Elasticsearch() as server:
        yield server


@pytest.fixture
def campaign(tmp_path, server):
    made = []

    def make(**options):
        made.append(Campaign(tmp_path, server, **options))
        return made[-1].start()

    yield make
    for campaign in made:
        campaign.stop_senders()
        campaign.gateway.kill()


def test_kill_9_under_load_loses_nothing_acknowledged(campaign):
    run = campaign()
    for _ in range(KILLS):
        run.kill_and_restart()
    run.settle()
    run.check()
    print(f"{KILLS} kills, {len(run.acknowledged)} acknowledged, {run.duplicates()} duplicates")


def test_kill_9_with_the_backend_down_keeps_everything_on_disk(campaign, server):
    server.faults.standing(Fault(status=503))
    run = campaign()
    for _ in range(max(KILLS // 4, 3)):
        run.kill_and_restart()
    run.stop_senders()
    before = run.gateway.metric("otelcol_exporter_queue_size")
    assert before > 0
    server.faults.standing()
    run.settle()
    run.check()


def test_kill_9_with_ids_from_the_request_stores_nothing_twice(campaign):
    run = campaign(document_id="request")
    for _ in range(KILLS):
        run.kill_and_restart()
    run.settle()
    run.check()
    assert run.duplicates() == 0


def test_sigterm_with_the_backend_down_keeps_the_queue_for_the_next_process(campaign, server):
    server.faults.standing(Fault(status=503))
    run = campaign()
    time.sleep(0.5)
    run.stop_senders()
    run.gateway.terminate()
    assert run.gateway.wait(60) == 0
    server.faults.standing()
    run.gateway.start()
    run.settle()
    run.check()


def test_a_storm_of_backend_faults_and_kills(campaign, server):
    generator = random.Random(7)
    run = campaign(document_id="request")
    for _ in range(max(KILLS // 2, 5)):
        server.faults.once(*(generator.choice(STORM) for _ in range(6)))
        run.kill_and_restart()
    server.faults.standing()
    run.settle()
    run.check()
    assert run.duplicates() == 0


STORM = (
    Fault(status=429),
    Fault(status=503),
    Fault(items=[429, None, None, 503]),
    Fault(reset="before-body"),
    Fault(reset="after-body"),
    Fault(reset="after-commit"),
    Fault(delay_seconds=0.05),
)
