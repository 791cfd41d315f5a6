"""Who may send by tokens that an issuer has signed: the extension `oidc` on both ports, with real clients."""

import contextlib
import json
import threading
import time

import grpc
import pytest

from EndToEnd.certificates import replace
from EndToEnd.gateway import Gateway, wait_until
from EndToEnd.http_clients import EXPORT, HTTP2, channel, grpc_frame, send
from EndToEnd.otlp_requests import PROTOBUF, record, request, unique
from EndToEnd.traffic import Traffic
from StandIns.http_backend import Answer
from StandIns.issuer import Issuer, SigningKey

OPAQUE = "an-0paque-token-of-another-kind"


@pytest.fixture
def key(tmp_path) -> SigningKey:
    return SigningKey(tmp_path)


@pytest.fixture
def issuer(key):
    with Issuer(key) as issuer:
        yield issuer


def overlay(providers: list, others: tuple = (), **options) -> dict:
    """Both ports ask `oidc` and then `others`; records say who has sent them."""
    names = ["oidc", *(name for name, _ in others)]
    auth = {"auth": {"authenticators": names, "timeout": "5s"}}
    actions = [
        {"key": name, "action": "insert", "from_context": f"auth.{claim}", "default_value": "none"}
        for name, claim in [("who", "subject"), ("groups", "membership"), ("whose", "tenant"), ("plan", "claims.plan")]
    ]  # fmt: skip
    return {
        "receivers": {"otlp": {"protocols": {"grpc": auth, "http": auth}}},
        "processors": {"attributes": {"actions": actions}},
        "extensions": {"oidc": {"providers": providers, "unknown_key_interval": "200ms", **options}, **dict(others)},
        "service": {"extensions": names, "pipelines": {"logs": {"processors": ["attributes"]}}},
    }


def guarded(start, issuer: Issuer, others: tuple = (), provider: dict = {}, **options) -> Gateway:
    given = {"issuer_url": issuer.url, "audience": "logs", "groups_claim": "groups", "tenant_claim": "org", **provider}
    exporters = {"file": {"path": "out.jsonl", "flush_interval": "10ms"}}
    return start(exporters, overlay([given], others, **options))


def good(issuer: Issuer, **more) -> dict:
    return issuer.claims(**{"groups": ["a", "b"], "org": "blue", "plan": 7, **more})


def status(gateway: Gateway, token: str, text: str = "x") -> int:
    body = request(record(text)).SerializeToString()
    return send(gateway.http_port, body, authorization=f"Bearer {token}").status


def stored(gateway: Gateway, text: str) -> str:
    path = gateway.folder / "out.jsonl"
    lines = lambda: [line for line in path.read_text().splitlines() if text in line] if path.exists() else []
    return wait_until(lines, 10, f"a record with {text}")[0]


def assert_silent(gateway: Gateway, *tokens: str):
    """No token, and no part of one that proves something, is in the log, the metrics, `/readyz` or a file."""
    texts = {"/metrics": gateway.admin("/metrics")[1], "/readyz": gateway.admin("/readyz")[1]}
    for path in gateway.folder.rglob("*"):
        if path.is_file() and path.name != "gateway.yaml":
            texts[str(path)] = path.read_text(errors="replace")
    for place, text in texts.items():
        for token in tokens:
            assert token not in text and token.rpartition(".")[2] not in text, f"{place} shows a token"


def failing_issuer(gateway: Gateway) -> dict:
    """What `/readyz` says of an issuer whose keys cannot be had; None if all is well."""
    found = json.loads(gateway.admin("/readyz")[1]).get("failing_issuers", [])
    assert len(found) <= 1, found
    return found[0] if found else None


def reason_count(gateway: Gateway, reason: str) -> float:
    return gateway.metric("sluice_oidc_denied_tokens", extension="oidc", reason=reason)


@pytest.mark.parametrize(
    "algorithm", ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
)
def test_tokens_of_each_algorithm_are_taken(start, tmp_path, algorithm):
    keys = [SigningKey(tmp_path, algorithm), SigningKey(tmp_path, algorithm, "other")]
    with Issuer(keys[0]) as issuer:
        gateway = guarded(start, issuer)
        text = unique("oidc")
        token = keys[0].token(good(issuer))
        assert status(gateway, token, text) == 200
        line = stored(gateway, text)
        for name, value in [("who", "edge"), ("groups", "a;b"), ("whose", "blue"), ("plan", "7")]:
            assert f'{{"key":"{name}","value":{{"stringValue":"{value}"}}}}' in line, line
        forged = keys[1].token(good(issuer), {"alg": algorithm, "kid": "one"})
        assert status(gateway, forged) == 401
        assert reason_count(gateway, "signature") == 1
        assert_silent(gateway, token, forged)


def wrong_tokens(key: SigningKey, issuer: Issuer) -> dict:
    now = int(time.time())
    right = key.token(good(issuer))
    header, claims, signature = right.split(".")
    without = {name: value for name, value in good(issuer).items() if name != "org"}
    none = SigningKey.token(key, good(issuer), {"alg": "none"}).rpartition(".")[0]
    return {
        "expired": key.token(good(issuer, exp=now - 1)),
        "not_yet_valid": key.token(good(issuer, nbf=now + 400)),
        "audience": key.token(good(issuer, aud=["metrics"])),
        "issuer": key.token(good(issuer, iss="https://other")),
        "claim": key.token(without),
        "algorithm": f"{none}.AA",
        "signature": f"{header}.{claims}.{'A' * len(signature)}",
        "malformed": f"{header}..{signature}",
    }


def test_wrong_tokens_are_denied_by_http_and_told_by_reason(start, issuer, key):
    gateway = guarded(start, issuer)
    tokens = wrong_tokens(key, issuer)
    for reason, token in tokens.items():
        for port in (gateway.http_port, gateway.grpc_port):
            response = send(port, request(record("x")).SerializeToString(), authorization=f"Bearer {token}")
            assert response.status == 401, reason
            assert response.headers.get_all("WWW-Authenticate") == ["Bearer"]
        assert reason_count(gateway, reason) == 2, reason
    for credential in (None, "Bearer", "Basic YTpi", "Bearer opaque"):
        headers = {"authorization": credential} if credential else {}
        assert send(gateway.http_port, request(record("x")).SerializeToString(), **headers).status == 401
    assert status(gateway, "a.b." + "c" * (16 << 10)) == 401 and reason_count(gateway, "malformed") == 3
    assert status(gateway, key.token(good(issuer))) == 200
    assert_silent(gateway, *tokens.values())


def test_the_other_protocols_answer_the_same(start, issuer, key):
    gateway = guarded(start, issuer)
    right, expired = key.token(good(issuer)), key.token(good(issuer, exp=1))
    message = request(record(unique("grpc"))).SerializeToString()
    for port in (gateway.grpc_port, gateway.http_port):
        with channel(port) as to:
            call = to.unary_unary(EXPORT)
            call(message, metadata=[("authorization", f"Bearer {right}")], timeout=10)
            for metadata in ([], [("authorization", f"Bearer {expired}")]):
                with pytest.raises(grpc.RpcError) as refused:
                    call(message, metadata=metadata, timeout=10)
                assert refused.value.code() == grpc.StatusCode.UNAUTHENTICATED
        with HTTP2(port) as connection:
            for token, expected in ((right, 200), (expired, 401)):
                head = {"content-type": PROTOBUF, "authorization": f"Bearer {token}"}
                assert connection.request(message, head).status == expected
            stream = connection.open_grpc(authorization=f"bearer {right}")
            connection.write(stream, grpc_frame(message))
            assert connection.result(stream).grpc_field("grpc-status") == "0"
    assert_silent(gateway, right, expired)


def test_a_token_of_another_kind_goes_to_the_next_authenticator(start, issuer, key):
    others = (("bearertokenauth", {"token": OPAQUE}),)
    gateway = guarded(start, issuer, others)
    assert status(gateway, OPAQUE) == 200 and status(gateway, OPAQUE + "x") == 401
    assert status(gateway, key.token(good(issuer))) == 200
    assert status(gateway, key.token(good(issuer, exp=1))) == 401
    assert gateway.metric("sluice_receiver_authentications", authenticator="oidc", outcome="absent") == 2
    assert gateway.metric("sluice_receiver_authentications", authenticator="bearertokenauth", outcome="denied") == 1


def test_a_gateway_starts_without_its_issuer_and_says_so(start, issuer, key):
    issuer.stop()
    gateway = guarded(start, issuer)
    token = key.token(good(issuer))
    for _ in range(3):
        assert status(gateway, token) == 503
    with channel(gateway.grpc_port) as to:
        with pytest.raises(grpc.RpcError) as refused:
            to.unary_unary(EXPORT)(b"", metadata=[("authorization", f"Bearer {token}")], timeout=10)
        assert refused.value.code() == grpc.StatusCode.UNAVAILABLE
    wait_until(lambda: "keys of an issuer cannot be had" in gateway.log(), 5, "a line of the log")
    assert gateway.metric("sluice_oidc_failing_since_seconds", issuer=issuer.url) > 0
    assert gateway.admin("/readyz")[0] == 200
    failing = failing_issuer(gateway)
    assert (failing["component"], failing["issuer"], failing["keys"]) == ("extension oidc", issuer.url, 0)
    assert "Connection refused" in failing["error"], failing
    # What is wrong by itself needs no issuer.
    assert status(gateway, key.token(good(issuer, exp=1))) == 401
    issuer.start()
    wait_until(lambda: status(gateway, token) == 200, 10, "the issuer")
    assert gateway.metric("sluice_oidc_failing_since_seconds", issuer=issuer.url) == 0
    assert gateway.metric("sluice_oidc_keys", issuer=issuer.url) == 1 and failing_issuer(gateway) is None
    wait_until(lambda: "keys of an issuer are in use" in gateway.log(), 5, "a line of the log")
    # Away again: its keys go on, a key that is not known cannot be told.
    issuer.stop()
    assert status(gateway, key.token(good(issuer, n=1))) == 200
    time.sleep(0.3)
    assert status(gateway, key.token(good(issuer), {"alg": "ES256", "kid": "new"})) == 503
    assert_silent(gateway, token)


def test_keys_are_asked_for_before_the_first_token(start, issuer, key):
    issuer.stop()
    gateway = guarded(start, issuer)
    wait_until(lambda: failing_issuer(gateway), 10, "a word of the issuer, which no token has asked for")
    issuer.start()
    wait_until(lambda: failing_issuer(gateway) is None, 10, "the issuer's keys")
    asked = issuer.asked()
    assert status(gateway, key.token(good(issuer))) == 200 and issuer.asked() == asked == 1


def test_keys_turn_under_traffic(start, issuer, key, tmp_path):
    new = SigningKey(tmp_path, id="two")
    gateway = guarded(start, issuer, refresh_interval="1s")
    old_token, new_token = key.token(good(issuer)), new.token(good(issuer))
    with Traffic(gateway.http_port, f"Bearer {old_token}") as traffic:
        wait_until(lambda: traffic.statuses.get(200, 0) > 10, 10, "traffic")
        assert status(gateway, new_token) in (401, 503)
        with issuer.lock:
            issuer.keys = [key, new]
        wait_until(lambda: status(gateway, new_token) == 200, 5, "the new key")
        time.sleep(0.5)
    assert set(traffic.statuses) == {200}, traffic.statuses
    # One answer of keys serves all requests of its time.
    assert issuer.asked() < 12 and traffic.statuses[200] > 50
    # The old key goes: what it has signed is looked at again, and not taken.
    with Traffic(gateway.http_port, f"Bearer {new_token}") as traffic:
        with issuer.lock:
            issuer.keys = [new]
        wait_until(lambda: status(gateway, old_token) == 401, 10, "the end of the old key")
    assert set(traffic.statuses) == {200}, traffic.statuses
    assert_silent(gateway, old_token, new_token)


def test_a_file_of_keys_turns(start, tmp_path):
    keys = [SigningKey(tmp_path, id="one"), SigningKey(tmp_path, id="two")]
    path = tmp_path / "keys.json"

    replace(path, json.dumps({"keys": [keys[0].jwk()]}))
    provider = {"issuer_url": "cluster", "audience": "logs", "public_keys_file": str(path)}
    gateway = start(None, overlay([provider]))
    now = int(time.time())
    tokens = [key.token({"iss": "cluster", "aud": "logs", "sub": "pod", "exp": now + 600}) for key in keys]
    assert [status(gateway, token) for token in tokens] == [200, 401]
    replace(path, json.dumps({"keys": [keys[1].jwk()]}))
    wait_until(lambda: [status(gateway, token) for token in tokens] == [401, 200], 10, "the other key")
    replace(path, "[]")
    wait_until(lambda: "the key set has no list of keys" in gateway.log(), 10, "a line about the broken file")
    assert [status(gateway, token) for token in tokens] == [401, 200]
    failing = gateway.metric("sluice_watched_files_failing_since_seconds", component="extension oidc")
    assert failing > 0


def hostile_answers(issuer: Issuer, key: SigningKey) -> list:
    document, place = "/.well-known/openid-configuration", "/keys"
    jwk = json.dumps(key.jwk())
    return [
        (place, Answer(302, b"", {"Location": f"{issuer.url}/elsewhere"}), "redirects are not followed"),
        (place, Answer(200, b"<html>login</html>"), "is no JSON"),
        (place, Answer(200, b" " * (10 << 20)), "exceeds the limit of 1048576 bytes"),
        (place, Answer(200, ('{"keys":[' + ",".join(["{}"] * 10_000) + "]}").encode()), "10000 keys: the limit is 100"),
        (place, Answer(200, b'{"keys":[{"kty":"oct","k":"c2VjcmV0"}]}'), "no key that signatures can be checked with"),
        (place, Answer(200, b"[" * 100_000), "nested"),
        (place, Answer(200, f'{{"keys":[{jwk}],"keys":[{jwk}]}}'.encode()), "is no JSON"),
        (place, Answer(500, b""), "answers 500"),
        (document, Answer(200, b'{"issuer":"https://other"}'), "another issuer"),
        (document, Answer(200, json.dumps({"issuer": issuer.url, "jwks_uri": "file:///etc/passwd"}).encode()), "no URL"),
        (document, Answer(404, b""), "answers 404"),
    ]


def test_an_issuer_that_answers_nonsense_is_no_reason_to_deny(start, issuer, key):
    gateway = guarded(start, issuer)
    token = key.token(good(issuer))
    for path, answer, reason in hostile_answers(issuer, key):
        # Begun anew each time, as keys that there are go on counting.
        gateway.stop()
        issuer.bent = {path: answer}
        gateway.start()
        wait_until(lambda: gateway.metric("sluice_oidc_key_fetches", outcome="failure") > 0, 70, "a failure")
        assert status(gateway, token) == 503
        wait_until(lambda: reason in gateway.log(), 10, reason)
    issuer.bent = {}
    wait_until(lambda: status(gateway, token) == 200, 10, "keys")
    assert issuer.asked("/elsewhere") == 0
    assert gateway.peak_rss_bytes() < 400 << 20


def test_a_flood_of_unknown_keys_does_not_become_one_at_the_issuer(start, issuer, key):
    gateway = guarded(start, issuer, unknown_key_interval="1s", limits={"max_waiting": 8, "max_waiting_per_address": 4})
    right = key.token(good(issuer))
    assert status(gateway, right) == 200
    header = {"alg": "ES256"}
    flood = [key.token(good(issuer), {**header, "kid": f"unknown-{number}"}) for number in range(40)]
    seen, begin = [], time.monotonic()

    def send_all(tokens):
        for token in tokens:
            seen.append(status(gateway, token))

    threads = [threading.Thread(target=send_all, args=[flood[number::8]]) for number in range(8)]
    with Traffic(gateway.http_port, f"Bearer {right}") as traffic, contextlib.ExitStack() as ends:
        for thread in threads:
            thread.start()
            ends.callback(thread.join)
    assert set(traffic.statuses) == {200}, traffic.statuses
    assert set(seen) <= {401, 503}, seen
    assert issuer.asked() <= 2 + (time.monotonic() - begin)


def test_what_was_remembered_ends_with_the_token(start, issuer, key):
    gateway = guarded(start, issuer)
    token = key.token(good(issuer, exp=int(time.time()) + 3))
    assert status(gateway, token) == 200 and status(gateway, token) == 200
    wait_until(lambda: status(gateway, token) == 401, 10, "the end of the token")
    assert reason_count(gateway, "expired") >= 1
