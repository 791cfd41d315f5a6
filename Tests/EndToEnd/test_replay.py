"""`sluice replay`: what a store keeps, sent to another backend."""

import contextlib
import json
import signal
import subprocess
import time

import pytest

from EndToEnd.gateway import Gateway, binary, quick, wait_until
from EndToEnd.http_clients import send
from EndToEnd.otlp_requests import record, request
from StandIns.elasticsearch import Elasticsearch

START = 1_760_000_000_000_000_000
RECORDS = 1000


@pytest.fixture
def server():
    with contextlib.ExitStack() as ends:
        server = Elasticsearch().start()
        ends.callback(server.stop)
        yield server


@pytest.fixture
def kept(tmp_path):
    """A store with records of two services, a second after the other, and the configuration that names it."""
    gateway = Gateway(tmp_path / "kept", {"store": quick(path=str(tmp_path / "logs"))}).start()
    for service, share in (("shop", 0), ("cart", 1)):
        records = [
            record(f"order {number}", {"n": number}, time_unix_nano=START + number * 1_000_000_000)
            for number in range(share, RECORDS, 2)
        ]
        for first in range(0, len(records), 50):
            body = request(*records[first:first + 50], resource={"service.name": service}).SerializeToString()
            assert send(gateway.http_port, body).status == 200
    wait_until(lambda: gateway.metric("otelcol_exporter_sent_log_records", exporter="store") == RECORDS, 20, "records")
    yield gateway
    gateway.stop()


def configured(kept, server, **options) -> str:
    """A file with the store and where its records are to go, which no gateway runs."""
    elasticsearch = quick(endpoint=server.url, **options)
    config = {
        "receivers": {"otlp": {"protocols": {"http": {"endpoint": "127.0.0.1:0"}}}},
        "exporters": {"store": {"path": str(kept.folder.parent / "logs")}, "elasticsearch/new": elasticsearch},
        "service": {"pipelines": {"logs": {"receivers": ["otlp"], "exporters": ["store", "elasticsearch/new"]}}},
    }
    path = kept.folder / "replay.yaml"
    path.write_text(json.dumps(config))
    return str(path)


def replay(config, *arguments, code=0) -> subprocess.CompletedProcess:
    command = [str(binary()), "replay", "--config", config, "--exporter", "elasticsearch/new", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == code, done.stderr + done.stdout
    return done


def numbers(server) -> list:
    return sorted(document["attributes"]["n"] for document in server.documents())


def test_everything_is_sent_while_a_gateway_writes(kept, server):
    done = replay(configured(kept, server))
    assert done.stdout == f"{RECORDS} records delivered by elasticsearch/new, 0 of them already there; 0 refused.\n"
    assert numbers(server) == list(range(RECORDS))
    times = {document["@timestamp"] for document in server.documents()}
    assert len(times) == RECORDS


def test_a_query_and_times_choose(kept, server):
    second = lambda number: f"{time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(START // 10**9 + number))}Z"
    done = replay(
        configured(kept, server), "--query", "service.name:cart", "--from", second(100), "--to", second(200), "--json")
    assert json.loads(done.stdout) == {
        "exporter": "elasticsearch/new", "found": 50, "delivered": 50, "duplicates": 0, "refused": 0,
        "dead_lettered": False, "damaged_blocks": 0, "next": RECORDS, "end": RECORDS,
    }
    assert numbers(server) == list(range(101, 200, 2))


def test_it_goes_on_where_it_ended(kept, server, tmp_path):
    config, file = configured(kept, server), str(tmp_path / "progress")
    command = [str(binary()), "replay", "--config", config, "--exporter", "elasticsearch/new", "--resume", file]
    running = subprocess.Popen([*command, "--rate", "200"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    wait_until(lambda: len(server.documents()) >= 100, 20, "the first records")
    running.send_signal(signal.SIGTERM)
    output, _ = running.communicate(timeout=30)
    assert running.returncode == 1 and "were not looked at" in output
    first = numbers(server)
    assert 100 <= len(first) < RECORDS
    replay(config, "--resume", file)
    # What was confirmed is not sent again.
    assert numbers(server) == list(range(RECORDS))
    assert replay(config, "--resume", file).stdout.startswith("0 records delivered")
    assert replay(config, "--resume", file, "--query", "cart", code=1).stderr.count("is of another replay") == 1


def test_a_kill_loses_nothing(kept, server, tmp_path):
    config, file = configured(kept, server), str(tmp_path / "progress")
    command = [str(binary()), "replay", "--config", config, "--exporter", "elasticsearch/new", "--resume", file]
    for wanted in (150, 300):
        running = subprocess.Popen([*command, "--rate", "300"], stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        wait_until(lambda: len(server.documents()) >= wanted, 20, "some records")
        running.kill()
        running.wait(10)
    replay(config, "--resume", file)
    assert set(numbers(server)) == set(range(RECORDS))


def test_a_destination_that_is_away_is_waited_for(kept, server):
    config = configured(kept, server)
    server.stop()
    command = [str(binary()), "replay", "--config", config, "--exporter", "elasticsearch/new"]
    running = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    time.sleep(1)
    assert running.poll() is None
    server.start()
    output, _ = running.communicate(timeout=40)
    assert running.returncode == 0 and output.startswith(f"{RECORDS} records delivered")
    assert numbers(server) == list(range(RECORDS))


@pytest.mark.parametrize("arguments, words", [
    (["--query", "("], "--query: "), (["--from", "yesterday"], "--from: expected a time such as"),
    (["--from", "2026-01-02", "--to", "2026-01-01"], "--to is not after --from"),
    (["--path", "/no/such"], "/no/such"), (["--resume", "/proc/self/mem"], "not a file that a replay has written"),
    (["--exporter", "elasticsearch"], 'no exporter "elasticsearch"; it has store, elasticsearch/new'),
    (["--exporter", "store"], "writes"),
])  # fmt: skip
def test_what_is_wrong_is_said(kept, server, arguments, words):
    done = replay(configured(kept, server), *arguments, code=1)
    assert words in done.stderr and done.stdout == ""
    assert server.documents() == []
