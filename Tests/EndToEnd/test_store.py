"""Records kept on this machine, and found there: the exporter `store`, its API and `sluice logs`."""

import base64
import concurrent.futures
import http.client
import json
import random
import subprocess
import time
import urllib.parse

import pytest

from EndToEnd.gateway import Gateway, binary, merged, quick, wait_until
from EndToEnd.http_clients import send
from EndToEnd.otlp_requests import record, request

TRACE = bytes(range(101, 117))


def store(**options) -> dict:
    return {"store": merged(quick(path="logs"), options)}


def put(gateway: Gateway, *records, service="shop"):
    body = request(*records, resource={"service.name": service}).SerializeToString()
    assert send(gateway.http_port, body).status == 200


def ask(gateway: Gateway, path: str, method="GET", headers=None, **arguments) -> tuple:
    """(status, text) of a question to the store."""
    connection = http.client.HTTPConnection("127.0.0.1", gateway.admin_port, timeout=20)
    form = urllib.parse.urlencode(arguments)
    try:
        if method == "POST":
            given = {"Content-Type": "application/x-www-form-urlencoded", **(headers or {})}
            connection.request("POST", f"/select/logsql/{path}", form, given)
        else:
            connection.request("GET", f"/select/logsql/{path}?{form}", headers=headers or {})
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def found(gateway: Gateway, query: str, **arguments) -> list:
    status, text = ask(gateway, "query", query=query, **arguments)
    assert status == 200, text
    return [json.loads(line) for line in text.splitlines()]


def counted(gateway: Gateway, path: str, **arguments) -> dict:
    status, text = ask(gateway, path, **arguments)
    assert status == 200, text
    return json.loads(text)


def logs(*arguments, code=0, **options) -> str:
    done = subprocess.run([str(binary()), "logs", *arguments], capture_output=True, text=True, timeout=30, **options)
    assert done.returncode == code, done.stderr
    return done.stdout if code == 0 else done.stderr


@pytest.fixture
def filled(start):
    gateway = start(store())
    now = time.time_ns()
    put(
        gateway,
        *(record(f"order {number} paid", time_unix_nano=now + number, severity_number=9) for number in range(5)),
        record("支付失败 deadlock", {"order.id": 7}, time_unix_nano=now + 5, severity_number=17, trace_id=TRACE),
    )
    put(gateway, record("cart emptied", time_unix_nano=now + 6, trace_id=TRACE), service="cart")
    wait_until(lambda: len(found(gateway, "*")) == 7, what="seven records")
    return gateway


def test_records_are_found_by_what_they_hold(filled):
    bodies = lambda query, **more: [each["_msg"] for each in found(filled, query, **more)]
    assert bodies("order paid", limit=2) == ["order 4 paid", "order 3 paid"]
    assert bodies('"order 3 paid"') == ["order 3 paid"]
    assert bodies("失败") == bodies("severity>=error") == bodies("order.id:7") == ["支付失败 deadlock"]
    assert bodies(f"trace_id:{TRACE.hex()}") == ["cart emptied", "支付失败 deadlock"]
    assert bodies("service.name:cart OR deadlock | sort by (_time)") == ["支付失败 deadlock", "cart emptied"]
    assert bodies("* -order", limit=1, offset=1) == ["支付失败 deadlock"]
    failed = found(filled, "deadlock")[0]
    assert all(isinstance(value, str) for value in failed.values())
    assert failed["trace_id"] == TRACE.hex() and failed["severity"] == "error" and failed["order.id"] == "7"
    assert failed["_stream"] == '{service.name="shop"}' and failed["_time"].endswith("Z")


def test_counts_and_surroundings(filled):
    hits = counted(filled, "hits", query="*", step="1d", field="severity")["hits"]
    totals = {each["fields"]["severity"]: each["total"] for each in hits}
    assert totals == {"info": 6, "error": 1}
    assert all(len(each["timestamps"]) == len(each["values"]) and sum(each["values"]) == each["total"] for each in hits)
    facets = {each["field_name"]: each["values"] for each in counted(filled, "facets", query="*")["facets"]}
    assert facets["service.name"] == [{"field_value": "shop", "hits": 6}, {"field_value": "cart", "hits": 1}]
    names = {each["value"]: each["hits"] for each in counted(filled, "field_names", query="*")["values"]}
    assert names["trace_id"] == 7 and names["_msg"] == 7 and names["order.id"] == 1
    values = counted(filled, "field_values", query="*", field="service.name")["values"]
    assert values == [{"value": "shop", "hits": 6}, {"value": "cart", "hits": 1}]
    third = found(filled, '"order 2"')[0]
    status, text = ask(
        filled, "stream_context", _stream_id=third["_stream_id"], _time=third["_time"], before=1, after=2, method="POST"
    )
    assert [json.loads(line)["_msg"] for line in text.splitlines()] == [f"order {n} paid" for n in (1, 2, 3, 4)], status


def test_a_tail_has_what_comes(filled):
    connection = http.client.HTTPConnection("127.0.0.1", filled.admin_port, timeout=20)
    connection.request("GET", "/select/logsql/tail?query=later&refresh_interval=100ms")
    answer = connection.getresponse()
    put(filled, record("no match"), record("later 1"), record("later 2"))
    assert [json.loads(answer.readline())["_msg"] for _ in range(2)] == ["later 1", "later 2"]
    connection.close()


def test_only_this_machine_may_look(filled):
    for headers in ({"Host": "evil.example"}, {"Origin": "http://evil.example"}):
        status, text = ask(filled, "query", query="*", headers=headers)
        assert status == 403 and text.count("\n") == 1, text
    assert ask(filled, "query", query="(")[0] == 400
    assert ask(filled, "query", query="*", headers={"Host": f"localhost:{filled.admin_port}"})[0] == 200


def test_the_command_shows_the_same(filled):
    address = ("--address", f"127.0.0.1:{filled.admin_port}")
    lines = logs("order", "paid", "-n", "2", *address).splitlines()
    shown = lambda lines: [line.split(" ", 1)[1].split(" event_name=")[0].split(" trace_id=")[0] for line in lines]
    assert shown(lines) == ["INFO shop order 3 paid", "INFO shop order 4 paid"]
    assert json.loads(logs("deadlock", "--json", *address))["order.id"] == "7"
    around = logs("deadlock", "--context", "1", *address).splitlines()
    assert shown(around) == ["INFO shop order 4 paid", "ERROR shop 支付失败 deadlock"]
    problem = logs("order (", *address, code=1).splitlines()
    assert problem == [f"error: {address[1]}: a value is missing, at character 8", "order (", "       ^"]
    folder = logs("order", "paid", "-n", "2", "--path", str(filled.folder / "logs")).splitlines()
    assert folder == lines


def test_the_command_follows(filled):
    command = [str(binary()), "logs", "new", "--follow", "--json", "--address", f"127.0.0.1:{filled.admin_port}"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            time.sleep(0.5)
            put(filled, record("new 1"))
            assert json.loads(process.stdout.readline())["_msg"] == "new 1"
        finally:
            process.terminate()


def test_what_was_answered_survives_a_kill(start):
    overlay = {"service": {"pipelines": {"logs": {"ack": "delivered"}}}}
    gateway = start(store(), overlay)
    for number in range(20):
        put(gateway, record(f"order {number}"))
    gateway.kill()
    gateway.start()
    assert {each["_msg"] for each in found(gateway, "order")} == {f"order {number}" for number in range(20)}
    put(gateway, record("order 20"))
    wait_until(lambda: len(found(gateway, "order")) == 21, what="one more")


def test_two_gateways_cannot_have_one_folder(start, tmp_path):
    gateway = start(store())
    other = Gateway(tmp_path / "other", {"store": {"path": str(gateway.folder / "logs")}})
    with pytest.raises(AssertionError, match=rf"process {gateway.process.pid} has it open"):
        other.start()


def test_a_reload_changes_retention_and_keeps_the_records(start):
    gateway = start(store())
    put(gateway, record("kept"))
    wait_until(lambda: len(found(gateway, "kept")) == 1, what="a record")
    config = merged(gateway.config, {"exporters": store(retention={"max_size": "2GiB"}, compression_level=3)})
    assert gateway.reload(config)[0] == 200
    put(gateway, record("kept too"))
    wait_until(lambda: len(found(gateway, "kept")) == 2, what="two records")
    assert gateway.metric("sluice_store_records", exporter="store") == 2


def test_the_oldest_go_when_there_is_too_much(start):
    gateway = start(store(retention={"max_size": "1MiB"}, block_size="64KiB"))
    numbers = random.Random(1)
    for batch in range(12):
        noise = (base64.b64encode(numbers.randbytes(12_000)).decode() for _ in range(12))
        put(gateway, *(record(f"marker{batch} {text}") for text in noise))
        wait_until(lambda: len(found(gateway, f"marker{batch}")) == 12, what=f"batch {batch}")
    assert found(gateway, "marker0") == []
    # What has come last may be too much until more comes.
    assert 512 << 10 < gateway.metric("sluice_store_size_bytes") <= (1 << 20) + (512 << 10)


def test_questions_at_the_edge_of_numbers_are_answered(start):
    gateway = start(store())
    put(gateway, record("one"))
    wait_until(lambda: found(gateway, "one"), 10, "the record")
    for edge in ("18446744073", "18446744073709", "18446744073709551", "18446744073709551615", "9223372036854775807"):
        for arguments in ({"query": f"_time:{edge}"}, {"query": "*", "start": edge}, {"query": "*", "end": edge},
                          {"query": f"_time:[{edge}, now]"}, {"query": f"* | limit {edge}"},
                          {"query": f"* | stream_context before {edge} after {edge}"}):  # fmt: skip
            assert ask(gateway, "query", **arguments)[0] in (200, 400), arguments
        assert ask(gateway, "stats_query", query="* | stats count()", time=edge)[0] in (200, 400)
    assert gateway.is_running() and found(gateway, "one")
    assert logs("--path", str(gateway.folder / "logs"), "_time:18446744073") == ""


def test_what_takes_long_to_read_holds_no_receiver(start):
    """Patterns are compiled, and forms taken apart, where no sender waits."""
    gateway = start(store())
    query = " or ".join(f"x{number}:~`\\pL{{250}}{number}`" for number in range(16))
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        asked = [pool.submit(ask, gateway, "query", query=query, timeout="1s") for _ in range(4)]
        forms = [pool.submit(ask, gateway, "query", "POST", **{f"a{n}": n for n in range(9000)}) for _ in range(4)]
        slowest = 0.0
        while not all(each.done() for each in asked):
            began = time.monotonic()
            put(gateway, record("order"))
            slowest = max(slowest, time.monotonic() - began)
        print(f"the slowest of requests beside them took {slowest:.2f} s")
        assert slowest < 5
        assert all(each.result()[0] in (200, 429) for each in asked)
        assert all(each.result()[0] in (200, 400, 429) for each in forms)
