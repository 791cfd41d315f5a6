"""What the Kubernetes API says of pods becomes attributes of their resources, whatever the API server does meanwhile."""

import http.client
import json
import os
import pathlib
import time

import pytest

from EndToEnd.gateway import Gateway, merged, quick, wait_until
from EndToEnd.otlp_requests import as_json, record, request, unique
from StandIns.kubernetes import APIServer, certificates, pod, thing
from StandIns.otlp import OTLPServerHTTP

SHOP = {"kind": "ReplicaSet", "name": "cart-5d8f7c9b6", "uid": "rs-1"}


@pytest.fixture(scope="session")
def authority(tmp_path_factory):
    return certificates(tmp_path_factory.mktemp("authority"))


class Cluster:
    """An API server, the files of a pod's account, a gateway that uses them, and what the gateway delivers."""

    def __init__(self, start, folder, server, sink):
        self._start, self.folder, self.server, self.sink = start, folder, server, sink
        self.gateway = None
        server.tokens = {"token-aaaa"} if server.tls else {None}
        self.token("token-aaaa")

    def token(self, text):
        (self.folder / "token.new").write_text(text + "\n")
        (self.folder / "token.new").replace(self.folder / "token")

    def options(self, **options):
        given = {"api_server": self.server.url, "token_file": str(self.folder / "token")}
        if self.server.tls:
            given["ca_file"] = str(self.folder / "ca.crt")
        else:
            given["auth_type"] = "none"
        return merged(given, options)

    def overlay(self, **options):
        name = "k8s_attributes"
        return {
            "processors": {name: self.options(**options)},
            "service": {"pipelines": {"logs": {"processors": [name]}}}}

    def start(self, **options):
        self.gateway = self._start({"otlphttp": quick(endpoint=self.sink.url)}, self.overlay(**options))
        return self.gateway

    def synced(self):
        wait_until(lambda: self.gateway.metric("sluice_k8s_synced") == 1, 10, "a list of all pods")

    def resource(self, source="127.0.0.1", **attributes):
        """The resource of a record that is sent from an address, as it is delivered."""
        text = unique()
        names = {name.replace("__", "."): value for name, value in attributes.items()}
        connection = http.client.HTTPConnection(
            "127.0.0.1", self.gateway.http_port, timeout=10, source_address=(source, 0))
        body = as_json(request(record(text), resource=names))
        connection.request("POST", "/v1/logs", body, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        assert answer.status == 200, answer.read()
        connection.close()

        def found():
            with self.sink.lock:
                taken = list(self.sink.requests_taken)
            for message in taken:
                for group in message.resource_logs:
                    if text in str(group):
                        return group.resource
            return None

        resource = wait_until(found, 10, f"the record {text}")
        return {pair.key: value_of(pair.value) for pair in resource.attributes}

    def comes(self, wanted, source="127.0.0.1", seconds=10, **attributes):
        """Waits until what is sent from there has these attributes."""
        last = {}

        def holds():
            last.clear()
            last.update(self.resource(source, **attributes))
            return wanted.items() <= last.items()

        try:
            wait_until(holds, seconds)
        except AssertionError:
            raise AssertionError(f"{last} has not {wanted} after {seconds} s\n{self.gateway.log()[-3000:]}") from None
        return dict(last)


def value_of(value):
    kind = value.WhichOneof("value")
    return [value_of(item) for item in value.array_value.values] if kind == "array_value" else getattr(value, kind)


@pytest.fixture
def cluster(start, tmp_path, authority):
    """A cluster whose API server speaks TLS, as a real one."""
    for name in ("ca.crt", "server.crt", "server.key"):
        (tmp_path / name).write_bytes((authority / name).read_bytes())
    with OTLPServerHTTP() as sink, APIServer(tmp_path) as server:
        yield Cluster(start, tmp_path, server, sink)
    assert sink.violations == []


def test_a_pod_is_known_by_the_address_of_its_connection(cluster):
    cart = cluster.server.put("pods", pod("cart-5d8f7c9b6-x2x4z", "127.0.0.5", owner=SHOP, uid="pod-1"))
    cluster.start()
    cluster.synced()
    assert cluster.resource("127.0.0.5", service__name="cart") == {
        "service.name": "cart", "k8s.pod.ip": "127.0.0.5", "k8s.namespace.name": "shop",
        "k8s.pod.name": "cart-5d8f7c9b6-x2x4z", "k8s.pod.uid": cart["metadata"]["uid"],
        "k8s.pod.start_time": "2026-01-31T09:00:00Z", "k8s.deployment.name": "cart", "k8s.node.name": "node-a"}
    # What is not known keeps what it has; the address is told all the same.
    assert cluster.resource("127.0.0.6", a="b") == {"a": "b", "k8s.pod.ip": "127.0.0.6"}
    # What a resource says of itself is not overwritten.
    assert cluster.resource("127.0.0.5", k8s__pod__name="own")["k8s.pod.name"] == "own"
    assert cluster.gateway.metric("otelcol_k8s_pod_association", status="success") == 2
    assert cluster.gateway.metric("otelcol_k8s_pod_association", status="error") == 1
    assert cluster.gateway.metric("otelcol_k8s_watcher_pod_cache_size") == 1


def test_what_a_forwarding_header_says_counts_for_nothing(cluster):
    cluster.server.put("pods", pod("cart", "127.0.0.5"))
    cluster.start()
    cluster.synced()
    connection = http.client.HTTPConnection("127.0.0.1", cluster.gateway.http_port, timeout=10)
    text = unique()
    connection.request("POST", "/v1/logs", as_json(request(record(text), resource={})), {
        "Content-Type": "application/json", "X-Forwarded-For": "127.0.0.5", "Forwarded": "for=127.0.0.5"})
    assert connection.getresponse().status == 200
    connection.close()
    wait_until(lambda: cluster.sink.requests_taken, 10)
    (message,) = cluster.sink.requests_taken
    assert [pair.key for pair in message.resource_logs[0].resource.attributes] == ["k8s.pod.ip"]
    assert "127.0.0.5" not in str(message)


def test_pods_that_come_change_and_go_while_the_gateway_runs(cluster):
    cluster.start(pod_delete_grace_period="1s", extract={"labels": [{"key": "tier", "tag_name": "tier"}]})
    cluster.synced()
    cart = pod("cart", "127.0.0.5", labels={"tier": "one"})
    cluster.server.put("pods", cart)
    cluster.comes({"k8s.pod.name": "cart", "tier": "one"}, "127.0.0.5")
    cart["metadata"]["labels"]["tier"] = "two"
    cluster.server.put("pods", cart)
    cluster.comes({"tier": "two"}, "127.0.0.5")
    cluster.server.delete("pods", cart)
    wait_until(lambda: cluster.gateway.metric("otelcol_k8s_watcher_pod_deleted") == 1, 5)
    # It is kept for what it has sent before, and then is not.
    assert cluster.resource("127.0.0.5")["k8s.pod.name"] == "cart"
    wait_until(lambda: cluster.gateway.metric("otelcol_k8s_watcher_pod_cache_size") == 0, 5)
    assert cluster.resource("127.0.0.5") == {"k8s.pod.ip": "127.0.0.5"}


def test_an_address_that_is_used_again_is_the_new_pods(cluster):
    old = cluster.server.put("pods", pod("old", "127.0.0.5", started="2026-01-31T09:00:00Z"))
    cluster.start()
    cluster.synced()
    assert cluster.resource("127.0.0.5")["k8s.pod.name"] == "old"
    cluster.server.put("pods", pod("new", "127.0.0.5", started="2026-01-31T10:00:00Z"))
    cluster.comes({"k8s.pod.name": "new"}, "127.0.0.5")
    # News of the old one come late and change nothing.
    changed = cluster.gateway.metric("otelcol_k8s_watcher_pod_updated")
    cluster.server.put("pods", {**old, "status": {**old["status"], "message": "late"}})
    wait_until(lambda: cluster.gateway.metric("otelcol_k8s_watcher_pod_updated") > changed, 5)
    assert cluster.resource("127.0.0.5")["k8s.pod.name"] == "new"
    # A pod on its node's network, and one that has ended, are not known by an address.
    cluster.server.put("pods", pod("agent", "127.0.0.7", host_network=True))
    cluster.server.put("pods", pod("done", "127.0.0.8", phase="Succeeded"))
    cluster.server.put("pods", pod("mark", "127.0.0.9"))
    cluster.comes({"k8s.pod.name": "mark"}, "127.0.0.9")
    assert cluster.resource("127.0.0.7") == {"k8s.pod.ip": "127.0.0.7"}
    assert cluster.resource("127.0.0.8") == {"k8s.pod.ip": "127.0.0.8"}


def test_lists_come_in_pages_and_nothing_else_is_asked_of_the_server(cluster):
    for number in range(1203):
        cluster.server.put("pods", pod(f"p{number:04}", f"10.0.{number // 250}.{number % 250}"))
    cluster.server.put("pods", pod("last", "127.0.0.5"))
    cluster.start()
    cluster.synced()
    assert cluster.gateway.metric("otelcol_k8s_watcher_pod_cache_size") == 1204
    assert cluster.resource("127.0.0.5")["k8s.pod.name"] == "last"
    wait_until(lambda: cluster.server.asked("watch=1"), 5)
    queries = [query for _, path, query, _ in cluster.server.asked("/api/v1/pods") if "watch" not in query]
    assert len(queries) == 3 and all("limit=500" in query for query in queries)
    assert ["continue=" in query for query in queries] == [False, True, True]
    (watch,) = cluster.server.asked("watch=1")
    assert "allowWatchBookmarks=true" in watch[2] and "timeoutSeconds=" in watch[2]
    assert f"resourceVersion={cluster.server.version}" in watch[2]
    assert watch[3]["Authorization"] == "Bearer token-aaaa"
    assert {path for _, path, _, _ in cluster.server.requests} == {"/api/v1/pods"}


@pytest.mark.parametrize("by_event", [True, False])
def test_a_watch_that_has_expired_is_followed_by_a_new_list(cluster, by_event):
    cluster.server.expire_by_event = by_event
    gone = cluster.server.put("pods", pod("gone", "127.0.0.5"))
    cluster.start(pod_delete_grace_period="0s")
    cluster.synced()
    wait_until(lambda: cluster.server.asked("watch=1"), 5)
    # What happens is forgotten before the watch sees it.
    with cluster.server.lock:
        cluster.server.delete("pods", gone)
        cluster.server.put("pods", pod("new", "127.0.0.6"))
        cluster.server.forget()
    cluster.comes({"k8s.pod.name": "new"}, "127.0.0.6")
    assert cluster.resource("127.0.0.5") == {"k8s.pod.ip": "127.0.0.5"}
    assert len(cluster.server.asked("limit=500")) == 2


def test_bookmarks_move_a_quiet_watch_on(cluster):
    cluster.server.put("pods", pod("cart", "127.0.0.5"))
    cluster.start()
    cluster.synced()
    wait_until(lambda: cluster.server.asked("watch=1"), 5)
    for number in range(3):  # what the watch of pods does not see
        cluster.server.put("nodes", thing(f"node-{number}"))
    version = cluster.server.version
    time.sleep(1)
    cluster.server.cut()
    wait_until(lambda: len(cluster.server.asked("watch=1")) > 1, 10)
    assert f"resourceVersion={version}" in cluster.server.asked("watch=1")[1][2]
    assert len(cluster.server.asked("limit=500")) == 1


def test_watches_that_are_cut_off_go_on_where_they_were(cluster):
    cluster.start()
    cluster.synced()
    for number in range(5):
        address = f"127.0.0.{10 + number}"
        cluster.server.cut()
        cluster.server.put("pods", pod(f"p{number}", address))
        cluster.comes({"k8s.pod.name": f"p{number}"}, address, seconds=30)
    assert len(cluster.server.asked("limit=500")) == 1


def test_a_token_that_rotates_is_read_again(cluster):
    cluster.server.put("pods", pod("cart", "127.0.0.5"))
    cluster.start()
    cluster.synced()
    wait_until(lambda: cluster.server.asked("watch=1"), 5)
    cluster.server.tokens = {"token-bbbb"}
    cluster.server.cut()
    wait_until(lambda: "answers 401" in cluster.gateway.log(), 10, "a word on the refusal")
    assert cluster.gateway.metric("sluice_k8s_failing_since_seconds") > 0
    # What was known stays in use while the server refuses.
    assert cluster.resource("127.0.0.5")["k8s.pod.name"] == "cart"
    assert "answers 401" in json.loads(cluster.gateway.admin("/readyz")[1])["kubernetes"][0]["failing"]["error"]
    cluster.token("token-bbbb")
    cluster.server.put("pods", pod("late", "127.0.0.6"))
    cluster.comes({"k8s.pod.name": "late"}, "127.0.0.6", seconds=30)
    assert cluster.server.requests[-1][3]["Authorization"] == "Bearer token-bbbb"
    assert "failing" not in json.loads(cluster.gateway.admin("/readyz")[1])["kubernetes"][0]
    assert "token-" not in cluster.gateway.log()


def test_authorities_that_change_are_read_again(cluster, tmp_path_factory):
    cluster.start()
    cluster.synced()
    folder = certificates(tmp_path_factory.mktemp("other"))
    cluster.server.stop()
    for name in ("server.crt", "server.key"):
        (cluster.folder / name).write_bytes((folder / name).read_bytes())
    cluster.server.start()
    cluster.server.put("pods", pod("late", "127.0.0.6"))
    wait_until(lambda: cluster.gateway.metric("sluice_k8s_failing_since_seconds") > 0, 10)
    time.sleep(1)
    assert "k8s.pod.name" not in cluster.resource("127.0.0.6"), "a certificate of another authority is taken"
    (cluster.folder / "ca.new").write_bytes((folder / "ca.crt").read_bytes())
    (cluster.folder / "ca.new").replace(cluster.folder / "ca.crt")
    cluster.comes({"k8s.pod.name": "late"}, "127.0.0.6", seconds=30)


def test_a_server_that_is_away_at_the_start_and_later(cluster):
    cluster.server.stop()
    cluster.server.put("pods", pod("cart", "127.0.0.5"))
    cluster.start()
    assert cluster.resource("127.0.0.5") == {"k8s.pod.ip": "127.0.0.5"}
    status, text = cluster.gateway.admin("/readyz")
    assert status == 200 and json.loads(text)["kubernetes"][0]["synced"] is False
    cluster.server.start()
    cluster.comes({"k8s.pod.name": "cart"}, "127.0.0.5", seconds=30)
    cluster.server.stop()
    time.sleep(1)
    assert cluster.resource("127.0.0.5")["k8s.pod.name"] == "cart"
    cluster.server.put("pods", pod("more", "127.0.0.6"))
    cluster.server.start()
    cluster.comes({"k8s.pod.name": "more"}, "127.0.0.6", seconds=30)


@pytest.mark.parametrize("status", [403, 429, 500, 503])
def test_a_server_that_refuses_is_told_and_asked_again(cluster, status):
    cluster.server.put("pods", pod("cart", "127.0.0.5"))
    if status == 403:
        cluster.server.forbidden = {"pods"}
    else:
        cluster.server.failing = status
    cluster.start()
    wait_until(lambda: f"answers {status}" in cluster.gateway.log(), 10)
    if status == 403:
        assert "system:serviceaccount:logs:sluice" in cluster.gateway.log()
    time.sleep(2)
    # Not a storm: the waits between requests grow.
    assert 2 <= len(cluster.server.requests) <= 8
    cluster.server.forbidden, cluster.server.failing = set(), None
    cluster.comes({"k8s.pod.name": "cart"}, "127.0.0.5", seconds=30)
    wait_until(lambda: "answers again" in cluster.gateway.log(), 5)


@pytest.mark.parametrize("garbage", [
    b"", b"<html>", b"[]", b"{", b'{"kind":"PodList","metadata":{},"items":[]}', b'{"items":[{"metadata":7}]}',
    b'{"metadata":{"resourceVersion":"1"},"items":[' + b'{"metadata":{"name":"' + b"a" * (9 << 20) + b'"}}]}',
    b'{"a":"' + b"a" * (1 << 20) + b'"}', b"[" * 200_000, b'{"items":[' + b"[" * 200_000],
    ids=["nothing", "html", "array", "half", "no version", "odd", "large object", "large frame", "deep", "deep item"])
def test_what_is_no_list_changes_nothing(cluster, garbage):
    cluster.server.put("pods", pod("cart", "127.0.0.5"))
    cluster.start()
    cluster.synced()
    before = cluster.gateway.rss_bytes()
    cluster.server.garbage = garbage
    cluster.server.forget()
    wait_until(lambda: cluster.gateway.metric("sluice_k8s_failing_since_seconds") > 0, 10)
    assert cluster.resource("127.0.0.5")["k8s.pod.name"] == "cart"
    assert cluster.gateway.rss_bytes() - before < 48 << 20
    cluster.server.garbage = None
    cluster.server.put("pods", pod("late", "127.0.0.6"))
    cluster.comes({"k8s.pod.name": "late"}, "127.0.0.6", seconds=40)


@pytest.mark.parametrize("garbage", [
    b"<html>", b'{"type":"ADDED"}\n', b'{"type":"NEW","object":{}}\n', b'{"a":"' + b"a" * (9 << 20), b"\0"])
def test_what_is_no_watch_changes_nothing(cluster, garbage):
    cluster.server.put("pods", pod("cart", "127.0.0.5"))
    cluster.server.watch_garbage = garbage
    cluster.start()
    wait_until(lambda: cluster.gateway.metric("sluice_k8s_failing_since_seconds") > 0, 10)
    assert cluster.resource("127.0.0.5")["k8s.pod.name"] == "cart"
    cluster.server.watch_garbage = None
    cluster.server.put("pods", pod("late", "127.0.0.6"))
    cluster.comes({"k8s.pod.name": "late"}, "127.0.0.6", seconds=40)
    assert len(cluster.server.asked("limit=500")) == 1


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n"


def failing(gateway):
    return json.loads(gateway.admin("/readyz")[1])["kubernetes"][0].get("failing", {}).get("error", "")


def cpu_seconds(gateway) -> float:
    fields = pathlib.Path(f"/proc/{gateway.process.pid}/stat").read_text().rsplit(")")[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@pytest.mark.parametrize("begin, more, told", [
    (b"", b"HTTP/1.1 100 Continue\r\n\r\n", "beside its body"),
    (b"", b"\r\n", "beside its body"),
    (b"HTTP/1.1 200 OK\r\n", b"a: b\r\n", ""),
    (HEAD, b" ", "the limit is"),
], ids=["interim", "blank lines", "head", "blanks"])
def test_lists_without_end_are_given_up_and_told(cluster, begin, more, told):
    cluster.server.flood = (begin, more)
    gateway = cluster.start()
    wait_until(lambda: failing(gateway), 30, "a word on it")
    assert told in failing(gateway)
    assert gateway.metric("sluice_k8s_failing_since_seconds") > 0
    # It is not asked again at once, and what fails stays told.
    used, asked = cpu_seconds(gateway), len(cluster.server.requests)
    time.sleep(5)
    assert failing(gateway)
    if told == "beside its body":
        assert len(cluster.server.requests) == asked
        assert cpu_seconds(gateway) - used < 1
    assert len(cluster.server.requests) - asked <= 6
    assert gateway.rss_bytes() < 200 << 20


@pytest.mark.parametrize("status", [400, 401, 403, 500])
def test_a_token_that_the_server_repeats_is_not_told(cluster, status):
    cluster.server.echoes = status
    gateway = cluster.start()
    wait_until(lambda: failing(gateway), 10, "a word on it")
    assert failing(gateway) == f"the API server answers {status}"
    for text in (gateway.log(), gateway.admin("/readyz")[1], gateway.admin("/metrics")[1]):
        assert "token-aa" not in text and "Bearer" not in text


def test_a_pod_of_another_form_is_left_out_and_counted(cluster):
    cluster.server.put("pods", pod("cart", "127.0.0.5"))
    cluster.server.put("pods", {**pod("odd", "127.0.0.6"), "spec": 7})
    cluster.start()
    cluster.synced()
    assert cluster.resource("127.0.0.5")["k8s.pod.name"] == "cart"
    assert "k8s.pod.name" not in cluster.resource("127.0.0.6")
    assert cluster.gateway.metric("sluice_k8s_unreadable_objects") == 1
    wait_until(lambda: "another form than is known" in cluster.gateway.log(), 5)
    assert cluster.gateway.metric("sluice_k8s_failing_since_seconds") == 0


def test_more_pods_than_are_kept_are_told(cluster):
    for number in range(7):
        cluster.server.put("pods", pod(f"p{number}", f"127.0.0.{10 + number}"))
    cluster.start(max_objects=5)
    cluster.synced()
    assert cluster.gateway.metric("otelcol_k8s_watcher_pod_cache_size") == 5
    wait_until(lambda: '"left_out":"2"' in cluster.gateway.log() or "left_out=2" in cluster.gateway.log(), 5)
    assert cluster.gateway.metric("sluice_k8s_left_out_objects") == 2
    assert cluster.resource("127.0.0.10")["k8s.pod.name"] == "p0"


def test_every_way_to_say_which_pod_it_is(cluster):
    cluster.server.put("pods", pod("cart", "127.0.0.5", uid="uid-1", labels={"app": "cart"}))
    cluster.server.put("pods", pod("cart", "127.0.0.6", uid="uid-2", namespace="other"))
    cluster.start(pod_association=[
        {"sources": [{"from": "resource_attribute", "name": "k8s.pod.uid"}]},
        {"sources": [{"from": "resource_attribute", "name": name} for name in ("k8s.pod.name", "k8s.namespace.name")]},
        {"sources": [{"from": "resource_attribute", "name": "k8s.pod.ip"}]},
        {"sources": [{"from": "resource_attribute", "name": "container.id"}]},
        {"sources": [{"from": "connection"}]},
    ])
    cluster.synced()
    assert cluster.resource(k8s__pod__uid="uid-2")["k8s.namespace.name"] == "other"
    named = cluster.resource("127.0.0.9", k8s__pod__name="cart", k8s__namespace__name="shop")
    assert named["k8s.pod.uid"] == "uid-1" and "k8s.pod.ip" not in named
    assert cluster.resource(k8s__pod__ip="127.0.0.6")["k8s.pod.uid"] == "uid-2"
    assert cluster.resource("127.0.0.5")["k8s.pod.uid"] == "uid-1"
    # The first of which all is there counts, also if it leads nowhere.
    assert cluster.resource("127.0.0.5", k8s__pod__uid="uid-9") == {"k8s.pod.uid": "uid-9"}


def test_all_that_can_be_extracted(cluster):
    server = cluster.server
    server.put("namespaces", thing("shop", labels={"team": "till"}))
    server.put("namespaces", thing("kube-system", uid="cluster-1"))
    server.put("nodes", thing("node-a", uid="node-uid", labels={"zone": "a"}))
    server.put("replicasets", thing(
        "cart-5d8f7c9b6", "shop", uid="rs-1", ownerReferences=[{"kind": "Deployment", "name": "cart", "uid": "dep-1"}]))
    server.put("deployments", thing("cart", "shop", uid="dep-1", annotations={"owner": "ann"}))
    server.put("pods", pod(
        "cart-5d8f7c9b6-x2x4z", "127.0.0.5", owner=SHOP, labels={"app": "cart", "app.kubernetes.io/version": "1.4"},
        annotations={"resource.opentelemetry.io/service.namespace": "till", "note": "a" * 300}))
    cluster.start(max_value_size=200, extract={
        "metadata": [
            "k8s.pod.name", "k8s.replicaset.name", "k8s.replicaset.uid", "k8s.deployment.name", "k8s.deployment.uid",
            "k8s.node.uid", "k8s.cluster.uid", "k8s.container.name", "container.id", "container.image.name",
            "container.image.tag", "container.image.repo_digests", "service.name", "service.namespace",
            "service.version", "service.instance.id"],
        "labels": [
            {"key": "team", "from": "namespace", "tag_name": "team"}, {"key_regex": "zo(.*)", "from": "node"},
            {"key_regex": "a(pp)", "tag_name": "label.$1"}],
        "annotations": [{"key": "owner", "from": "deployment"}, {"key": "note"}],
        "otel_annotations": True, "deployment_name_from_replicaset": False})
    cluster.synced()
    assert cluster.resource("127.0.0.5") == {
        "k8s.pod.ip": "127.0.0.5", "k8s.pod.name": "cart-5d8f7c9b6-x2x4z", "k8s.replicaset.name": "cart-5d8f7c9b6",
        "k8s.replicaset.uid": "rs-1", "k8s.deployment.name": "cart", "k8s.deployment.uid": "dep-1",
        "k8s.node.uid": "node-uid", "k8s.cluster.uid": "cluster-1", "k8s.container.name": "main",
        "container.id": "c0ffee-main", "container.image.name": "registry.example:5000/shop/cart",
        "container.image.tag": "1.4.2",
        "container.image.repo_digests": [f"registry.example:5000/shop/cart@sha256:{'ab' * 32}"],
        "service.name": "cart", "service.namespace": "till", "service.version": "1.4",
        "service.instance.id": "shop.cart-5d8f7c9b6-x2x4z.main", "team": "till", "k8s.node.labels.zone": "a",
        "label.pp": "cart", "k8s.deployment.annotations.owner": "ann"}
    accepted = {path: headers["Accept"] for _, path, query, headers in server.requests if "watch" not in query}
    assert set(accepted) == {
        "/api/v1/pods", "/api/v1/namespaces", "/api/v1/nodes", "/apis/apps/v1/replicasets", "/apis/apps/v1/deployments"}
    assert all("PartialObjectMetadata" in accept for path, accept in accepted.items() if path != "/api/v1/pods")
    # Of a pod that is not known the namespace and the node count that the resource names.
    assert cluster.resource("127.0.0.9", k8s__namespace__name="shop")["team"] == "till"


def test_one_of_several_containers_has_to_be_named(cluster):
    images = {"main": "cart:1", "proxy": "envoy:2"}
    cluster.server.put("pods", pod("cart", "127.0.0.5", containers=images))
    cluster.start(extract={"metadata": ["container.image.tag"]})
    cluster.synced()
    assert "container.image.tag" not in cluster.resource("127.0.0.5")
    assert cluster.resource("127.0.0.5", k8s__container__name="proxy")["container.image.tag"] == "2"
    assert cluster.resource("127.0.0.5", container__id="c0ffee-main")["container.image.tag"] == "1"


def test_filters_are_the_servers_work(cluster):
    cluster.server.put("pods", pod("here", "127.0.0.5", labels={"a": "1"}))
    for other in (
            pod("other-space", "127.0.0.6", namespace="other", labels={"a": "1"}), pod("unlabelled", "127.0.0.7"),
            pod("other-node", "127.0.0.8", node="node-b", labels={"a": "1"}),
            pod("jaeger-agent-1", "127.0.0.9", labels={"a": "1"}),
            pod("ignored", "127.0.0.10", labels={"a": "1"}, annotations={"opentelemetry.io/k8s-processor/ignore": "true"})):
        cluster.server.put("pods", other)
    gateway = Gateway(cluster.folder / "gateway", {"otlphttp": quick(endpoint=cluster.sink.url)}, cluster.overlay(
        filter={"namespace": "shop", "node_from_env_var": "NODE", "labels": [
            {"key": "a", "op": "exists"}, {"key": "b", "op": "does-not-exist"}]}))
    gateway.environment["NODE"] = "node-a"
    cluster.gateway = gateway.start()
    try:
        cluster.synced()
        assert gateway.metric("otelcol_k8s_watcher_pod_cache_size") == 1
        assert cluster.resource("127.0.0.5")["k8s.pod.name"] == "here"
        (path,) = {path for _, path, _, _ in cluster.server.requests}
        assert path == "/api/v1/namespaces/shop/pods"
        query = cluster.server.requests[0][2]
        assert "fieldSelector=spec.nodeName%3Dnode-a" in query and "labelSelector=a%2C%21b" in query
        gateway.stop()
    finally:
        gateway.kill()


def test_a_node_that_the_environment_does_not_name_is_no_reason_to_watch_all(cluster):
    gateway = Gateway(cluster.folder / "gateway", None, cluster.overlay(filter={"node_from_env_var": "NO_SUCH_NODE"}))
    with pytest.raises(AssertionError, match="NO_SUCH_NODE is not in the environment"):
        gateway.start()
    assert cluster.server.requests == []


def test_the_environment_of_a_pod_names_the_server(cluster):
    cluster.server.put("pods", pod("cart", "127.0.0.5"))
    overlay = cluster.overlay()
    del overlay["processors"]["k8s_attributes"]["api_server"]
    gateway = Gateway(cluster.folder / "gateway", {"otlphttp": quick(endpoint=cluster.sink.url)}, overlay)
    gateway.environment |= {"KUBERNETES_SERVICE_HOST": "127.0.0.1", "KUBERNETES_SERVICE_PORT": str(cluster.server.port)}
    cluster.gateway = gateway.start()
    try:
        cluster.comes({"k8s.pod.name": "cart"}, "127.0.0.5")
        gateway.stop()
    finally:
        gateway.kill()


def test_waiting_for_metadata(cluster):
    cluster.server.put("pods", pod("cart", "127.0.0.5"))
    cluster.start(wait_for_metadata=True)
    assert cluster.resource("127.0.0.5")["k8s.pod.name"] == "cart", "the first record of all"
    cluster.server.forbidden = {"pods"}
    options = {"wait_for_metadata": True, "wait_for_metadata_timeout": "700ms"}
    gateway = Gateway(cluster.folder / "other", None, cluster.overlay(**options))
    with pytest.raises(AssertionError, match="wait_for_metadata_timeout.*answers 403"):
        gateway.start()


def test_passthrough_tells_the_address_and_asks_no_server(cluster):
    cluster.server.put("pods", pod("cart", "127.0.0.5"))
    cluster.start(passthrough=True)
    assert cluster.resource("127.0.0.5") == {"k8s.pod.ip": "127.0.0.5"}
    assert cluster.resource("127.0.0.5", k8s__pod__ip="10.0.0.9") == {"k8s.pod.ip": "10.0.0.9"}
    assert cluster.server.requests == []


def test_without_a_token_over_plain_http(start, tmp_path):
    with OTLPServerHTTP() as sink, APIServer() as server:
        server.put("pods", pod("cart", "127.0.0.5"))
        cluster = Cluster(start, tmp_path, server, sink)
        cluster.start()
        cluster.comes({"k8s.pod.name": "cart"}, "127.0.0.5")
        assert "Authorization" not in server.requests[0][3]


def test_reloads_keep_a_table_that_nothing_has_changed(cluster):
    def reload(overlay):
        return gateway.reload(merged(gateway.config, overlay))

    cluster.server.put("pods", pod("cart", "127.0.0.5", labels={"app": "x"}))
    gateway = cluster.start(wait_for_metadata=True)
    lists = len(cluster.server.asked("limit=500"))
    assert reload({"exporters": {"nop": {}}})[0] == 200
    assert cluster.resource("127.0.0.5")["k8s.pod.name"] == "cart"
    assert len(cluster.server.asked("limit=500")) == lists
    # A changed processor has a table of its own, which is there before the next request.
    assert reload(cluster.overlay(wait_for_metadata=True, extract={"labels": [{"key": "app"}]}))[0] == 200
    assert cluster.resource("127.0.0.5")["k8s.pod.labels.app"] == "x"
    assert len(cluster.server.asked("limit=500")) == lists + 1
    cluster.server.put("pods", pod("late", "127.0.0.6"))
    cluster.comes({"k8s.pod.name": "late"}, "127.0.0.6")
    assert gateway.metric("otelcol_k8s_watcher_pod_added") == 2
    # One that does not come in time leaves what was in force.
    cluster.server.forbidden = {"pods"}
    status, text = reload(cluster.overlay(
        wait_for_metadata=True, wait_for_metadata_timeout="500ms", extract={"metadata": ["k8s.node.name"]}))
    assert status == 400 and "wait_for_metadata_timeout" in text
    assert cluster.resource("127.0.0.5")["k8s.pod.labels.app"] == "x"
    # A configuration without the processor asks no server any more.
    assert reload({"processors": {"k8s_attributes": cluster.options(passthrough=True)}})[0] == 200
    cluster.server.cut()
    asked = len(cluster.server.requests)
    time.sleep(2)
    assert len(cluster.server.requests) == asked
