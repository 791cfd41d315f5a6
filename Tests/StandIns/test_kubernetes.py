"""The stand-in for the Kubernetes API behaves as the API's documentation says."""

import http.client
import json
import ssl

import pytest

from StandIns.kubernetes import APIServer, certificates, pod, thing


@pytest.fixture
def server():
    with APIServer() as server:
        yield server


def get(server, path, token="first", **headers):
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    connection.request("GET", path, headers={"Authorization": f"Bearer {token}", **headers})
    answer = connection.getresponse()
    body = json.loads(answer.read())
    connection.close()
    return answer.status, body


def events(server, query, count):
    """So many events of a watch of pods, which is then left."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    connection.request("GET", f"/api/v1/pods?watch=1&{query}", headers={"Authorization": "Bearer first"})
    answer = connection.getresponse()
    found = [json.loads(answer.readline()) for _ in range(count)]
    connection.close()
    return [(event["type"], event["object"]["metadata"].get("name")) for event in found]


def test_a_list_comes_in_pages_of_one_version(server):
    for number in range(5):
        server.put("pods", pod(f"p{number}"))
    status, first = get(server, "/api/v1/pods?limit=2")
    assert (status, first["kind"], len(first["items"])) == (200, "PodList", 2)
    assert first["metadata"]["remainingItemCount"] == 3
    server.put("pods", pod("p0"))
    _, second = get(server, f"/api/v1/pods?limit=3&continue={first['metadata']['continue']}")
    assert [item["metadata"]["name"] for item in second["items"]] == ["p2", "p3", "p4"]
    assert second["metadata"] == {"resourceVersion": first["metadata"]["resourceVersion"]}
    server.forget()
    assert get(server, f"/api/v1/pods?limit=3&continue={first['metadata']['continue']}")[0] == 410


def test_a_watch_tells_what_comes_after_its_version(server):
    cart = server.put("pods", pod("cart"))
    server.put("pods", pod("cart"))
    server.delete("pods", cart)
    start = int(cart["metadata"]["resourceVersion"])
    assert events(server, f"resourceVersion={start - 1}", 3) == [
        ("ADDED", "cart"), ("MODIFIED", "cart"), ("DELETED", "cart")]
    assert events(server, f"resourceVersion={start + 1}&allowWatchBookmarks=true", 2) == [
        ("DELETED", "cart"), ("BOOKMARK", None)]
    server.forget()
    assert events(server, f"resourceVersion={start}", 1) == [("ERROR", None)]
    server.expire_by_event = False
    assert get(server, f"/api/v1/pods?watch=1&resourceVersion={start}")[0] == 410


def test_who_may_not_ask_is_told(server):
    assert get(server, "/api/v1/pods", token="other")[0] == 401
    server.forbidden = {"pods"}
    assert get(server, "/api/v1/pods")[0] == 403
    assert get(server, "/api/v1/secrets")[0] == 404


def test_selectors_choose(server):
    server.put("pods", pod("a", labels={"x": "1"}))
    server.put("pods", pod("b", labels={"x": "2"}, node="other", namespace="till"))

    def names(query, path="/api/v1/pods"):
        return [item["metadata"]["name"] for item in get(server, f"{path}?{query}")[1]["items"]]

    assert names("labelSelector=x%3D1") == names("labelSelector=x!%3D2") == ["a"]
    assert names("labelSelector=x") == ["a", "b"] and names("labelSelector=!x") == []
    assert names("fieldSelector=spec.nodeName%3Dother") == names("", "/api/v1/namespaces/till/pods") == ["b"]


def test_metadata_alone(server):
    server.put("nodes", thing("n", labels={"a": "b"}))
    accept = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json"
    _, answer = get(server, "/api/v1/nodes", Accept=accept)
    assert answer["kind"] == "PartialObjectMetadataList"
    assert answer["items"][0].keys() == {"kind", "apiVersion", "metadata"}


def test_tls_is_that_of_the_authority(tmp_path):
    folder = certificates(tmp_path)
    with APIServer(folder) as server:
        trust = ssl.create_default_context(cafile=folder / "ca.crt")
        connection = http.client.HTTPSConnection("127.0.0.1", server.port, context=trust, timeout=10)
        connection.request("GET", "/api/v1/pods", headers={"Authorization": "Bearer first"})
        assert connection.getresponse().status == 200
        connection.close()
