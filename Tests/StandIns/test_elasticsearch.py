"""The stand-in itself: it must refuse what Elasticsearch refuses, or the tests that lean on it show nothing."""

import gzip
import http.client
import json

import pytest
import zstandard

from StandIns.elasticsearch import Elasticsearch, illegal_index_name
from StandIns.http_backend import Fault

INDEX = "logs-generic-default"


@pytest.fixture
def server():
    with Elasticsearch() as server:
        yield server


def bulk(server, *lines, path="/_bulk", headers=None, body=None):
    """Sends the lines and returns (status, answer)."""
    if body is None:
        body = b"".join(line if isinstance(line, bytes) else json.dumps(line).encode() + b"\n" for line in lines)
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=5)
    try:
        connection.request("POST", path, body, {"Content-Type": "application/json", **(headers or {})})
        response = connection.getresponse()
        text = response.read()
        return response.status, json.loads(text) if text.startswith(b"{") else text
    finally:
        connection.close()


def create(index=INDEX, **meta):
    return {"create": {"_index": index, **meta}}


def document(**fields):
    return {"@timestamp": "2024-01-15T10:30:00.000000000Z", **fields}


def test_documents_are_kept_in_order(server):
    status, answer = bulk(server, create(), document(a=1), create("other"), {"a": 2})
    assert (status, answer["errors"]) == (200, False)
    assert [d["a"] for d in server.documents()] == [1, 2]
    assert server.indices() == {INDEX, "other"}
    assert server.violations == []


def test_filter_path_leaves_only_what_it_names(server):
    path = "/_bulk?filter_path=items.*.status,items.*.error.type"
    _, answer = bulk(server, create(), document(), create("Bad"), document(), path=path)
    assert answer == {
        "items": [
            {"create": {"status": 201}},
            {"create": {"status": 400, "error": {"type": "invalid_index_name_exception"}}},
        ]
    }


@pytest.mark.parametrize("encoding, pack", [("gzip", gzip.compress), ("zstd", zstandard.compress)])
def test_compressed_bodies_are_read(server, encoding, pack):
    body = pack(json.dumps(create()).encode() + b"\n" + json.dumps(document()).encode() + b"\n")
    bulk(server, body=body, headers={"Content-Encoding": encoding})
    assert len(server.documents()) == 1


@pytest.mark.parametrize("line", [b'{"a":1,"a":2}\n', b'{"a":NaN}\n', b'{"a":Infinity}\n', b'{"a":"\xff"}\n', b"[1]\n"])
def test_a_document_that_is_not_strict_json_is_a_violation(server, line):
    _, answer = bulk(server, create("plain"), line)
    assert answer["items"][0]["create"]["status"] == 400
    assert len(server.violations) == 1


@pytest.mark.parametrize(
    "lines",
    [
        [create(), b'{"a":1}'],
        [{"create": {"_index": "x", "colour": 1}}, {}],
        [{"create": {}, "index": {}}, {}],
        [{"delete": {"_index": "x"}}],
        [create()],
        [b""],
    ],
)
def test_a_malformed_request_is_refused_whole(server, lines):
    status, _ = bulk(server, *lines)
    assert (status, server.documents()) == (400, [])
    assert len(server.violations) == 1


@pytest.mark.parametrize(
    "name, legal",
    [
        ("logs-a-b", True),
        ("a" * 255, True),
        ("a" * 256, False),
        ("Logs", False),
        ("a b", False),
        ("a:b", False),
        ("-a", False),
        ("", False),
        ("a/b", False),
        ("..", False),
    ],
)
def test_index_names(name, legal):
    assert (illegal_index_name(name) is None) == legal


@pytest.mark.parametrize(
    "first, second, status",
    [
        ({"a": 1}, {"a": {"b": 1}}, 400),
        ({"a.b": 1}, {"a": 1}, 400),
        ({"a": 1}, {"a": "x"}, 400),
        ({"a": 1}, {"a": "2"}, 201),
        ({"a": "x"}, {"a": 1}, 201),
        ({"a": 1}, {"a": 1.5}, 201),
        ({"a": True}, {"a": 1}, 400),
        ({"a": [1, "x"]}, {"b": 1}, 201),
    ],
)
def test_the_first_type_of_a_field_wins(server, first, second, status):
    bulk(server, create("plain"), first)
    _, answer = bulk(server, create("plain"), second)
    assert answer["items"][0]["create"]["status"] == status


def test_otel_attributes_keep_their_dots(server):
    otel = "logs-generic.otel-default"
    _, answer = bulk(server, create(otel), document(attributes={"a": 1, "a.b": 2}))
    assert answer["errors"] is False


def test_a_second_create_of_an_id_conflicts(server):
    _, answer = bulk(server, create(_id="1"), document(), create(_id="1"), document())
    assert [item["create"]["status"] for item in answer["items"]] == [201, 409]
    assert len(server.documents()) == 1


def test_data_streams_take_only_create_with_a_timestamp(server):
    _, answer = bulk(
        server,
        create(require_data_stream=True),
        {"a": 1},
        {"index": {"_index": INDEX}},
        document(),
        create("plain", require_data_stream=True),
        document(),
    )
    assert [next(iter(item.values()))["status"] for item in answer["items"]] == [400, 400, 404]


def test_credentials_are_checked():
    with Elasticsearch(basic=("user", "secret")) as server:
        assert bulk(server, create(), document())[0] == 401
        assert bulk(server, create(), document(), headers={"Authorization": "Basic dXNlcjpzZWNyZXQ="})[0] == 200
    with Elasticsearch(api_key="a2V5") as server:
        assert bulk(server, create(), document(), headers={"Authorization": "ApiKey a2V5"})[0] == 200


def test_faults_come_once_in_order_and_then_stand(server):
    server.faults.once(Fault(status=503, headers={"Retry-After": "1"}), Fault(items=[429, None]))
    assert bulk(server, create(), document())[0] == 503
    _, answer = bulk(server, create(), document(a=1), create(), document(a=2))
    assert [item["create"]["status"] for item in answer["items"]] == [429, 201]
    assert [d["a"] for d in server.documents()] == [2]
    server.faults.standing(Fault(max_body_bytes=10))
    assert bulk(server, create(), document())[0] == 413


@pytest.mark.parametrize(
    "reset, stored",
    [
        ("before-body", 0),
        ("within-body", 0),
        ("after-body", 0),
        ("after-commit", 1),
    ],
)
def test_resets_lose_the_answer(server, reset, stored):
    server.faults.once(Fault(reset=reset))
    with pytest.raises((OSError, http.client.HTTPException)):
        bulk(server, create(), document())
    assert len(server.documents()) == stored


def test_answers_can_be_cut_or_nonsense(server):
    server.faults.once(Fault(truncate_answer=True), Fault(answer_body=b"<html>"))
    with pytest.raises((OSError, http.client.HTTPException)):
        bulk(server, create(), document())
    assert bulk(server, create(), document()) == (200, b"<html>")
    assert len(server.documents()) == 2


def test_a_stopped_server_comes_back_on_its_port(server):
    port = server.port
    server.stop()
    with pytest.raises(OSError):
        bulk(server, create(), document())
    server.start()
    assert server.port == port
    assert bulk(server, create(), document())[0] == 200
