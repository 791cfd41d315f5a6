"""Backends that are away, overloaded, slow or picky: every record arrives once or is in the dead letters."""

import time

import pytest

from EndToEnd.gateway import wait_until
from Faults.campaign import KILLS, RECORDS, SERIALS
from Faults.dead_letters import numbers_in, run_command
from StandIns.http_backend import Fault


@pytest.mark.parametrize(
    "fault",
    [
        Fault(status=429, headers={"Retry-After": "1"}),
        Fault(status=503),
        Fault(items=[429, None, 503]),
        Fault(reset="within-body"),
        Fault(reset="after-commit"),
        Fault(delay_seconds=0.2),
    ],
    ids=["429", "503", "items", "reset-mid-body", "answer-lost", "slow"],
)
def test_a_fault_under_load_loses_and_doubles_nothing(campaign, server, fault):
    run = campaign(document_id="request")
    run.run_for(0.2)
    server.faults.standing(fault)
    run.run_for(0.8)
    run.pause()
    assert next(iter(run.check_ledgers().values())).received >= len(run.acknowledged)
    server.faults.standing()
    run.load()
    run.run_for(0.2)
    run.settle()
    run.check()
    assert run.duplicates() == 0


def test_a_backend_that_goes_away_and_comes_back_gets_every_record(campaign, server):
    run = campaign(document_id="request")
    for _ in range(3):
        run.run_for(0.2)
        server.stop()
        run.run_for(0.3)
        server.start()
    # An answer that was on its way when the backend went may have been lost.
    run.settle(are_answers_exact=False)
    run.check()
    assert run.duplicates() == 0


def is_poison(document: dict):
    return 400 if document["attributes"]["n"] % 10 == 3 else None


def poisonous(document: dict):
    """Some records are refused for good, others for now."""
    number = document["attributes"]["n"]
    return 400 if number % 10 == 3 else 429 if number % 10 == 4 and time.time() % 1 < 0.5 else None


def test_poison_goes_to_the_dead_letters_and_can_be_replayed(campaign, server, tmp_path):
    letters = tmp_path / "dead.ndjson"
    server.faults.standing(Fault(items=poisonous))
    run = campaign(document_id="request", dead_letter={"path": str(letters)})
    run.run_for(1)
    ledger = run.settle()
    dead = numbers_in(letters)
    assert ledger.dead_lettered == len(dead) == len(set(dead)) > 0
    assert all(number % 10 == 3 for number in dead)
    assert ledger.delivered == sum(server.numbers().values())
    run.check(elsewhere=dead)

    listed = run_command("dead-letter", "list", "--path", letters, "--json")
    assert listed["records"] == len(dead) and listed["exporter"] == "elasticsearch"
    shown = run_command("dead-letter", "show", "--path", letters, "--json", "--limit", "1")
    assert shown["record"]["document"]["attributes"]["n"] == dead[0]
    server.faults.standing()
    replayed = run_command("dead-letter", "replay", "--path", letters, "--to", server.url, "--json")
    assert replayed["delivered"] == len(dead) and replayed["refused"] == 0
    assert numbers_in(letters) == []
    run.check()
    assert run.duplicates() == 0


def test_kill_9_with_poison_leaves_every_record_stored_or_in_the_dead_letters(campaign, server, tmp_path):
    letters = tmp_path / "dead.ndjson"
    server.faults.standing(Fault(items=is_poison))
    run = campaign(document_id="request", dead_letter={"path": str(letters)})
    for _ in range(KILLS):
        run.kill_and_restart()
    run.settle()
    dead = numbers_in(letters)
    assert dead and all(number % 10 == 3 for number in dead)
    run.check(elsewhere=dead)
    run.report(f"{KILLS} kills with poison, {len(dead) - len(set(dead))} dead letters twice")
    assert run.duplicates() == 0


def test_two_destinations_one_of_them_dead(prepared, server):
    """The living one gets everything at once and once, the other when it comes back."""
    with type(server)() as dead:
        dead.faults.standing(Fault(status=503))
        run = prepared({"elasticsearch/alive": server, "elasticsearch/dead": dead}, document_id="request").start()
        run.run_for(0.5)
        for _ in range(2):
            run.kill_and_restart()
        run.pause()
        wait_until(lambda: run.acknowledged <= set(server.numbers()), 20, "delivery to the living")
        ledgers = {name: ledger for (_, name), ledger in run.check_ledgers().items()}
        assert ledgers["elasticsearch/dead"].queued >= len(run.acknowledged)
        assert dead.numbers() == {}
        dead.faults.standing()
        run.settle()
        run.check()
        assert run.duplicates() == 0


@pytest.mark.parametrize("on_full", ["drop_oldest", "drop_newest"])
def test_a_queue_that_drops_explains_every_record(campaign, server, on_full):
    server.faults.standing(Fault(status=503))
    queue = {"on_full": on_full, "queue_size": 2 << 20, "sizer": "bytes", "batch": {"max_size": 65536, "min_size": 1}}
    run = campaign(sending_queue=queue)
    wait_until(lambda: run.gateway.metric("sluice_ledger_log_records", state="dropped") > 1000, 30, "dropped records")
    run.pause()
    assert set(run.answers) == {200}
    ledger = next(iter(run.check_ledgers().values()))
    assert ledger.received == len(run.acknowledged) and ledger.queued > 0
    server.faults.standing()
    ledger = run.settle()
    stored = server.numbers()
    assert ledger.received == len(run.acknowledged)
    assert ledger.dropped == len(run.acknowledged) - len(stored) > 0
    assert set(stored) <= run.acknowledged and run.duplicates() == 0
    newest = max(run.acknowledged, key=lambda number: number % (SERIALS * RECORDS))
    assert (newest in stored) == (on_full == "drop_oldest")
