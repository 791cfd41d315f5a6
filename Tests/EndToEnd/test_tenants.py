"""Tenants: how they are known, and what becomes of one that is over its quota or its share."""

import concurrent.futures
import gzip
import json
import socket
import threading
import time

import grpc
import pytest
from google.rpc import error_details_pb2

from EndToEnd.gateway import quick, wait_until
from EndToEnd.http_clients import EXPORT, channel, details_of, grpc_status, send, status_of, stub
from EndToEnd.otlp_requests import record, request
from StandIns.elasticsearch import Elasticsearch
from StandIns.http_backend import Fault

SOURCES = {"header": "metadata.x-tenant", "attribute": "resource.tenant.id"}
TOKENS = {"blue": "t0ken-0f-blue", "green": "t0ken-0f-green"}


def body(records: int = 1, tenant: str = None, text: str = "hello") -> bytes:
    resource = {"service.name": "shop"} | ({"tenant.id": tenant} if tenant else {})
    return request(*(record(text) for _ in range(records)), resource=resource).SerializeToString()


def overlay(options: dict, authenticated: bool = False) -> dict:
    """A configuration whose receiver asks for tenants, on ports that ask for a token if they are to."""
    result = {
        "extensions": {"tenants": options},
        "receivers": {"otlp": {"tenants": "tenants"}},
        "service": {"extensions": ["tenants"]},
    }
    if authenticated:
        auth = {"auth": {"authenticator": "bearertokenauth"}}
        tokens = [{"token": token, "tenant": tenant} for tenant, token in TOKENS.items()]
        result["extensions"]["bearertokenauth"] = {"tokens": tokens}
        result["receivers"]["otlp"]["protocols"] = {"http": auth, "grpc": auth}
        result["service"]["extensions"].append("bearertokenauth")
    return result


def refused(gateway, reason: str) -> float:
    return gateway.metric("sluice_tenants_refused_requests", extension="tenants", reason=reason)


def message(response) -> str:
    return response.body.decode(errors="replace")


def bearer(tenant: str) -> dict:
    return {"Authorization": f"Bearer {TOKENS[tenant]}"}


@pytest.mark.parametrize("source", ["header", "attribute", "identity"])
def test_each_tenant_has_its_own_quota(start, source):
    """100 records at once, and one more is refused, whoever says whose they are."""
    options = {
        "from": ["auth.tenant", "metadata.x-tenant", "resource.tenant.id"],
        "quota": {"records_per_second": 1, "burst": "100s"},
        "when_idle": "refuse",
    }
    gateway = start(overlay=overlay(options, authenticated=source == "identity"))

    def post(records, tenant):
        headers = {"header": {"X-Tenant": tenant}, "identity": bearer(tenant), "attribute": {}}[source]
        return send(gateway.http_port, body(records, tenant if source == "attribute" else None), **headers)

    assert post(100, "blue").status == 200
    over = post(1, "blue")
    # By its head for as much as it had last, and a minute at most; what was decoded for what is in it.
    assert over.status == 429 and int(over.headers["Retry-After"]) == (1 if source == "attribute" else 60)
    assert "the tenant's quota of 1 records a second is used up" in message(over)
    assert post(1, "green").status == 200
    assert "blue" not in message(over)
    assert post(99, "green").status == 200
    assert post(101, "green").status == 429
    assert refused(gateway, "records") == 2
    assert gateway.metric("sluice_receiver_refused_requests", reason="tenant_limited") == 2
    assert gateway.metric("sluice_tenants") == 2


def test_grpc_says_when_to_come_again(start):
    quota = {"bytes_per_second": "1KiB", "burst": "4s"}
    gateway = start(overlay=overlay({"from": ["metadata.x-tenant"], "quota": quota, "when_idle": "refuse"}))
    large = request(record("x" * 4000))
    with channel(gateway.grpc_port) as connection:
        stub(connection).Export(large, metadata=[("x-tenant", "a")], timeout=10)
        with pytest.raises(grpc.RpcError) as error:
            stub(connection).Export(large, metadata=[("x-tenant", "a")], timeout=10)
        assert error.value.code() == grpc.StatusCode.RESOURCE_EXHAUSTED
        hint = details_of(grpc_status(error.value), error_details_pb2.RetryInfo)
        assert 3 <= hint.retry_delay.seconds <= 4
        stub(connection).Export(large, metadata=[("x-tenant", "b")], timeout=10)
    assert refused(gateway, "bytes") == 1


def test_over_its_quota_a_tenant_gets_the_room_that_is_idle(start):
    quota = {"records_per_second": 1, "bytes_per_second": 100}
    gateway = start(overlay=overlay({"from": ["metadata.x-tenant"], "quota": quota}))
    for _ in range(20):
        assert send(gateway.http_port, body(50), X_Tenant="noisy").status == 200


def test_names_that_are_missing_wrong_or_not_ones_own_are_refused(start):
    options = {"from": ["auth.tenant", "metadata.x-tenant"], "required": True}
    known = start(overlay=overlay(options, authenticated=True))
    assert send(known.http_port, body(), **bearer("blue")).status == 200
    assert send(known.http_port, body(), X_Tenant="blue", **bearer("blue")).status == 200
    foreign = send(known.http_port, body(), X_Tenant="green", **bearer("blue"))
    assert foreign.status == 403 and "green" not in message(foreign)
    assert refused(known, "contradiction") == 1

    open_port = start(overlay=overlay({"from": ["metadata.x-tenant", "resource.tenant.id"], "required": True}))
    assert send(open_port.http_port, body()).status == 403
    assert send(open_port.http_port, body(), X_Tenant="x" * 128).status == 200
    long = send(open_port.http_port, body(), X_Tenant="x" * 129)
    assert long.status == 400 and "129" in message(long) and "128" in message(long)
    assert send(open_port.http_port, body(tenant="a")).status == 200
    assert (refused(open_port, "missing"), refused(open_port, "invalid")) == (1, 1)


def test_some_records_without_a_tenant_are_rejected_and_the_others_taken(start):
    gateway = start(
        {"file": {"path": "out.jsonl", "flush_interval": "10ms"}},
        overlay({"from": ["resource.tenant.id"], "required": True}),
    )
    both = body(2, "a", "mine") + body(3, None, "nobody's")
    answer = send(gateway.http_port, both)
    assert answer.status == 200 and b"no tenant is named" in answer.body
    assert gateway.metric("otelcol_receiver_accepted_log_records") == 2
    assert gateway.metric("otelcol_receiver_refused_log_records") == 3
    out = gateway.folder / "out.jsonl"
    wait_until(lambda: out.exists() and "mine" in out.read_text(), what="the records that were taken")
    assert "nobody's" not in out.read_text()


def test_requests_in_flight_are_bounded_for_each_tenant(start):
    """A tenant whose bodies come slowly may not hold more than its quota; others are not concerned."""
    options = {"from": ["metadata.x-tenant"], "quota": {"in_flight": "64KiB"}, "when_idle": "refuse"}
    gateway = start(overlay=overlay(options))
    with socket.create_connection(("127.0.0.1", gateway.http_port)) as slow:
        head = (
            "POST /v1/logs HTTP/1.1\r\nHost: a\r\nX-Tenant: slow\r\nContent-Type: application/x-protobuf\r\n"
            "Content-Length: 60000\r\n\r\n"
        )
        slow.sendall(head.encode() + b"\x00" * 50000)
        wait_until(lambda: gateway.metric("sluice_receiver_in_flight_bytes") >= 50000, what="a body on its way")
        over = send(gateway.http_port, body(1, text="x" * 20000), X_Tenant="slow")
        assert over.status == 429 and "the limit is 65536 bytes" in message(over)
        assert send(gateway.http_port, body(1, text="x" * 20000), X_Tenant="other").status == 200
        assert send(gateway.http_port, body(), X_Tenant="slow").status in (200, 429)
    assert refused(gateway, "in_flight") >= 1
    wait_until(lambda: gateway.metric("sluice_receiver_in_flight_bytes") == 0, what="the memory given back")
    end = time.monotonic() + 5
    while send(gateway.http_port, body(1, text="x" * 20000), X_Tenant="slow").status != 200:
        assert time.monotonic() < end


@pytest.mark.parametrize("source", ["header", "attribute"])
def test_one_tenant_does_not_fill_the_queue_of_a_destination_that_is_away(start, source):
    """Shares of a queue hold without a quota; with one it is exact, and free again once records are delivered."""
    with Elasticsearch() as server:
        server.faults.standing(Fault(status=503))
        exporters = {"elasticsearch": quick(endpoints=[server.url], sending_queue={"queue_size": 4 << 20})}
        options = {"from": [SOURCES[source]], "quotas": {"small": {"queued": "200KiB"}}, "when_idle": "refuse"}
        gateway = start(exporters, overlay(options))

        def post(tenant, records=100, text="x" * 1000):
            named = tenant if source == "attribute" else None
            headers = {"X-Tenant": tenant} if source == "header" else {}
            return send(gateway.http_port, body(records, named, text), **headers)

        taken = 0
        while post("small").status == 200:
            taken += 1
        assert taken == 1
        assert refused(gateway, "queued") == 1
        taken = 0
        while (answer := post("noisy")).status == 200:
            taken += 1
            assert taken < 40
        assert "its share is" in message(answer), message(answer)
        size = gateway.metric("otelcol_exporter_queue_size") / (4 << 20)
        assert 0.7 < size < 0.9, size
        for quiet in range(20):
            assert post(f"quiet{quiet}", 10, "hello").status == 200
        assert post("noisy").status == 429
        server.faults.standing()
        wait_until(lambda: gateway.metric("otelcol_exporter_queue_size") == 0, 30, "an empty queue")
        assert post("noisy").status == 200
        assert post("small").status == 200
        # The gateway delivers at its end what it holds in memory, for which the destination has to be there.
        wait_until(lambda: gateway.metric("otelcol_exporter_queue_size") == 0, 30, "an empty queue")


def test_a_reload_keeps_what_tenants_have_had(start):
    options = {
        "from": ["metadata.x-tenant"], "when_idle": "refuse", "quota": {"records_per_second": 1, "burst": "1000s"}
    }  # fmt: skip
    gateway = start(overlay=overlay(options))
    assert send(gateway.http_port, body(1000), X_Tenant="a").status == 200
    config = json.loads(json.dumps(gateway.config))
    config["extensions"]["tenants"]["weights"] = {"a": 2}
    assert gateway.reload(config)[0] == 200
    assert send(gateway.http_port, body(10), X_Tenant="a").status == 429
    assert send(gateway.http_port, body(10), X_Tenant="b").status == 200
    config["extensions"]["tenants"]["quotas"] = {"a": {}}
    assert gateway.reload(config)[0] == 200
    assert send(gateway.http_port, body(1000), X_Tenant="a").status == 200
    assert refused(gateway, "records") == 1


def test_equal_requests_of_two_tenants_are_two(start):
    with Elasticsearch() as server:
        exporters = {"elasticsearch": quick(endpoints=[server.url], document_id="request")}
        gateway = start(exporters, overlay({"from": ["metadata.x-tenant"]}))
        same = body(1, text="the very same")
        for tenant in ("a", "b", "a"):
            assert send(gateway.http_port, same, X_Tenant=tenant).status == 200
        wait_until(lambda: len(server.documents()) == 2, what="a document for each tenant")


def test_many_senders_of_many_tenants_at_once(start):
    """No request of a tenant within its quota is refused while another is over it."""
    options = {
        "from": ["metadata.x-tenant"], "when_idle": "refuse", "quota": {"records_per_second": 100, "burst": "10s"}
    }  # fmt: skip
    gateway = start(overlay=overlay(options))
    one = body(10)

    def sender(tenant, requests):
        return [send(gateway.http_port, one, X_Tenant=tenant).status for _ in range(requests)]

    with concurrent.futures.ThreadPoolExecutor(9) as pool:
        noisy = pool.submit(sender, "noisy", 300)
        quiet = [pool.submit(sender, f"quiet{number}", 20) for number in range(8)]
        assert all(set(each.result()) == {200} for each in quiet)
        statuses = noisy.result()
    assert 100 <= statuses.count(200) <= 250 and set(statuses) == {200, 429}


def forwarded(options: dict) -> dict:
    """A configuration that believes this machine who sends."""
    result = overlay(options)
    trusted = {"forwarded_for": {"trusted": ["127.0.0.1"]}}
    result["receivers"]["otlp"]["protocols"] = {"http": trusted, "grpc": trusted}
    return result


@pytest.mark.parametrize("source", ["header", "attribute"])
def test_an_address_that_makes_tenants_up_takes_no_more_than_one(start, source):
    """The destination is away. Each request of one address is of a hundred new tenants, or of a new one."""
    with Elasticsearch() as server:
        server.faults.standing(Fault(status=503))
        exporters = {"elasticsearch": quick(endpoints=[server.url], sending_queue={"queue_size": 4 << 20})}
        gateway = start(exporters, forwarded({"from": [SOURCES[source]], "max_tenants": 10_000}))

        def post(address, name, text="hello"):
            count = 10 if text == "hello" else 100
            if source == "header":
                return send(gateway.http_port, body(count, None, text), X_Tenant=name, X_Forwarded_For=address)
            parts = b"".join(body(1, f"{name}-{part}", text) for part in range(count))
            return send(gateway.http_port, parts, X_Forwarded_For=address)

        taken = 0
        while (answer := post("10.0.0.1", f"made-up-{taken}", "x" * 1000)).status == 200:
            taken += 1
            assert taken < 80
        assert "the sender's in the queue" in message(answer), message(answer)
        for quiet in range(20):
            assert post(f"10.0.1.{quiet}", f"quiet{quiet}").status == 200
        assert post("10.0.0.1", "one-more", "x" * 1000).status == 429
        assert refused(gateway, "queue_share") == 2
        server.faults.standing()
        wait_until(lambda: gateway.metric("otelcol_exporter_queue_size") == 0, 30, "an empty queue")
        assert post("10.0.0.1", "again", "x" * 1000).status == 200
        wait_until(lambda: gateway.metric("otelcol_exporter_queue_size") == 0, 30, "an empty queue")


def chunked(port: int, tenant: str, pieces: list) -> tuple:
    """Sends a body without a length over HTTP/1.1; the status and the rest of the answer."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as to:
        to.sendall(
            f"POST /v1/logs HTTP/1.1\r\nHost: a\r\nX-Tenant: {tenant}\r\nContent-Type: application/x-protobuf\r\n"
            "Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n".encode()
        )
        try:
            for piece in [*pieces, b""]:
                to.sendall(b"%x\r\n%s\r\n" % (len(piece), piece))
        except OSError:
            pass  # It is answered before the end.
        answer = b""
        try:
            while piece := to.recv(65536):
                answer += piece
        except OSError:
            pass
    return int(answer.split()[1]), answer.decode(errors="replace")


@pytest.mark.parametrize("is_packed", [False, True])
def test_one_request_may_come_to_the_quota_in_flight_and_no_more(start, is_packed):
    """Over every protocol, with a length and without, the tenant hears of its own quota; never to be sent again."""
    limit = 200_000
    empty = len(body(1, text="x" * 150_000)) - 150_000
    exact, over = (body(1, text="x" * (limit + more - empty)) for more in (0, 1))
    assert (len(exact), len(over)) == (limit, limit + 1)
    options = {"from": ["metadata.x-tenant"], "quota": {"in_flight": limit}, "when_idle": "refuse"}
    gateway = start(overlay=overlay(options))
    coding = {"Content_Encoding": "gzip"} if is_packed else {}
    packed = gzip.compress if is_packed else bytes
    for tenant in ("a", "b"):
        assert send(gateway.http_port, packed(exact), X_Tenant=tenant, **coding).status == 200
        answer = send(gateway.http_port, packed(over), X_Tenant=tenant, **coding)
        assert answer.status == 413 and "Retry-After" not in answer.headers, message(answer)
        assert f"{limit + 1} bytes of one request" in message(answer) and f"limit is {limit} bytes" in message(answer)
    if not is_packed:
        halves = lambda sent: [sent[start : start + 50_000] for start in range(0, len(sent), 50_000)]
        assert chunked(gateway.http_port, "a", halves(exact))[0] == 200
        status, answer = chunked(gateway.http_port, "a", halves(over))
        assert status == 413 and f"limit is {limit} bytes" in answer and "retry-after" not in answer.lower(), answer
    # A gRPC message has five bytes in front; packed it counts as what it comes to.
    compression = grpc.Compression.Gzip if is_packed else grpc.Compression.NoCompression
    most = exact if is_packed else body(1, text="x" * (limit - 5 - empty))
    with channel(gateway.grpc_port) as to:
        call = to.unary_unary(EXPORT)
        call(most, metadata=[("x-tenant", "a")], compression=compression, timeout=10)
        with pytest.raises(grpc.RpcError) as error:
            call(over, metadata=[("x-tenant", "a")], compression=compression, timeout=10)
    assert error.value.code() == grpc.StatusCode.RESOURCE_EXHAUSTED
    assert f"limit is {limit} bytes" in error.value.details()
    assert details_of(grpc_status(error.value), error_details_pb2.RetryInfo) is None
    wait_until(lambda: gateway.metric("sluice_receiver_in_flight_bytes") == 0, what="the memory given back")


def test_what_does_not_fit_beside_others_of_the_tenant_says_so_over_every_protocol(start):
    options = {"from": ["metadata.x-tenant"], "quota": {"in_flight": "64KiB"}, "when_idle": "refuse"}
    gateway = start(overlay=overlay(options))
    large = body(1, text="x" * 40_000)
    with socket.create_connection(("127.0.0.1", gateway.http_port)) as slow:
        head = (
            "POST /v1/logs HTTP/1.1\r\nHost: a\r\nX-Tenant: a\r\nContent-Type: application/x-protobuf\r\n"
            "Content-Length: 60000\r\n\r\n"
        )
        slow.sendall(head.encode() + b"\x00" * 50_000)
        wait_until(lambda: gateway.metric("sluice_receiver_in_flight_bytes") >= 50_000, what="a body on its way")
        status, answer = chunked(gateway.http_port, "a", [large[:20_000], large[20_000:]])
        assert status == 429 and "the limit is 65536 bytes" in answer and "retry-after" in answer.lower(), answer
        assert "of the tenant's requests" in answer
        packed = send(gateway.http_port, gzip.compress(large), X_Tenant="a", Content_Encoding="gzip")
        assert packed.status == 429 and "the limit is 65536 bytes" in message(packed)
        with channel(gateway.grpc_port) as to:
            with pytest.raises(grpc.RpcError) as error:
                to.unary_unary(EXPORT)(large, metadata=[("x-tenant", "a")], timeout=10)
            assert error.value.code() == grpc.StatusCode.RESOURCE_EXHAUSTED, error.value
            assert "the limit is 65536 bytes" in error.value.details()
            hint = details_of(grpc_status(error.value), error_details_pb2.RetryInfo)
            assert hint.retry_delay.seconds >= 1
            to.unary_unary(EXPORT)(large, metadata=[("x-tenant", "b")], timeout=10)
    assert gateway.metric("sluice_receiver_refused_requests", reason="over_budget") == 0


def test_the_field_that_names_no_tenant_is_told(start):
    gateway = start(overlay=overlay({"from": ["metadata.x-tenant"]}))
    answer = send(gateway.http_port, body(), X_Tenant="x" * 129)
    assert answer.status == 400
    found = details_of(status_of(answer), error_details_pb2.BadRequest)
    assert [violation.field for violation in found.field_violations] == ["x-tenant"]


def test_quotas_change_under_load_and_nothing_is_refused_that_is_within(start):
    """Quotas of none, of the least and of the most, and other sources, one after the other under many tenants."""
    gateway = start(overlay=overlay({"from": ["metadata.x-tenant"]}))
    most = {"records_per_second": 10**9, "bytes_per_second": 10**9, "in_flight": "1TiB", "queued": "1024TiB"}
    least = {"records_per_second": 1, "bytes_per_second": 1, "in_flight": 1, "queued": 1, "burst": "1ms"}
    over = threading.Event()
    seen: dict = {"fine": set(), "odd": set()}

    def sender(number):
        names = ["fine", f"odd-{number}", "\u00e9" * 60, "a b", "%00", "x" * 128, "../etc", "'; --"]
        while not over.is_set():
            for name in names:
                status = send(gateway.http_port, body(3), X_Tenant=name.encode().decode("latin-1")).status
                seen["fine" if name == "fine" else "odd"].add(status)

    threads = [threading.Thread(target=sender, args=[number]) for number in range(6)]
    for thread in threads:
        thread.start()
    try:
        for quota, when_idle, sources in [
            (least, "refuse", ["metadata.x-tenant"]), (most, "refuse", ["metadata.x-tenant"]),
            (least, "admit", ["resource.tenant.id", "metadata.x-tenant"]), ({}, "admit", ["metadata.x-tenant"]),
            (least, "refuse", ["metadata.x-tenant", "resource.tenant.id"]), (most, "admit", ["metadata.x-tenant"]),
        ]:  # fmt: skip
            config = json.loads(json.dumps(gateway.config))
            config["extensions"]["tenants"] = {
                "from": sources, "quota": quota, "when_idle": when_idle, "quotas": {"fine": most}, "max_tenants": 3,
            }  # fmt: skip
            assert gateway.reload(config)[0] == 200
            time.sleep(0.5)
    finally:
        over.set()
        for thread in threads:
            thread.join()
    assert seen["fine"] == {200}
    assert seen["odd"] <= {200, 413, 429}
    wait_until(lambda: gateway.metric("sluice_receiver_in_flight_bytes") == 0, what="the memory given back")
