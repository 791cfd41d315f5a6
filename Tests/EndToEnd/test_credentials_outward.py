"""What the gateway says of itself to destinations: tokens, users, fields; right, wrong, changed."""

import base64
import os
import threading
import time

import pytest

from EndToEnd.gateway import quick, wait_until
from EndToEnd.otlp_requests import unique
from EndToEnd.outward import assert_silent, failing, put, wait_for
from StandIns.http_backend import Fault
from StandIns.token_endpoint import GuardedGRPC, GuardedHTTP, TokenEndpoint

SECRET = "secret-of-the-client"


def oauth(endpoint: TokenEndpoint, **options) -> dict:
    needed = {"client_id": "client", "client_secret": SECRET, "token_url": f"{endpoint.url}/token"}
    return {"oauth2client": {**needed, **options}}


def overlay(extensions: dict) -> dict:
    return {"extensions": extensions, "service": {"extensions": list(extensions)}}


def over_http(backend, auth: str, **options) -> dict:
    return {"otlphttp": quick(endpoint=backend.url, auth={"authenticator": auth}, **options)}


def over_grpc(backend, auth: str) -> dict:
    endpoint = f"127.0.0.1:{backend.port}"
    return {"otlp": quick(endpoint=endpoint, tls={"insecure": True}, auth={"authenticator": auth})}


@pytest.mark.parametrize("exporter, guarded", [(over_http, GuardedHTTP), (over_grpc, GuardedGRPC)])
def test_a_token_is_obtained_once_and_again_when_it_is_revoked(start, exporter, guarded):
    with TokenEndpoint() as endpoint, guarded(endpoint.knows) as backend:
        options = {"scopes": ["logs.write"], "endpoint_params": {"audience": "a b"}}
        gateway = start(exporter(backend, "oauth2client"), overlay(oauth(endpoint, **options)))
        texts = [unique() + "." for _ in range(5)]
        for text in texts:
            put(gateway, text)
            wait_for(backend, text)
        assert len(endpoint.given) == 1 and backend.refused == 0
        assert endpoint.forms[0] == {"grant_type": "client_credentials", "scope": "logs.write", "audience": "a b"}
        endpoint.revoke()
        after = unique()
        put(gateway, after)
        wait_for(backend, after)
        # Refused once, then sent again at once with a new token: nothing has failed.
        assert backend.refused == 1 and len(endpoint.given) == 2
        assert gateway.metric("sluice_credential_fetches", extension="oauth2client", outcome="success") == 2
        assert abs(gateway.metric("sluice_credential_expiry_seconds") - time.time() - 3600) < 60
        assert_silent(gateway, SECRET, *endpoint.given)


def test_a_token_is_replaced_before_it_ends(start):
    with TokenEndpoint(lifetime_seconds=4) as endpoint, GuardedHTTP(endpoint.knows) as backend:
        gateway = start(over_http(backend, "oauth2client"), overlay(oauth(endpoint, expiry_buffer="2s")))
        end = time.monotonic() + 9
        texts = []
        while time.monotonic() < end:
            texts.append(unique() + ".")
            put(gateway, texts[-1], 1)
            time.sleep(0.05)
        for text in texts:
            wait_for(backend, text, 1)
        assert backend.refused == 0
        assert 4 <= len(endpoint.given) <= 6


@pytest.mark.parametrize("trouble", ["away", "error", "reset", "page", "slow"])
def test_records_wait_while_the_token_endpoint_is_in_trouble(start, trouble):
    faults = {
        "error": Fault(status=503), "reset": Fault(reset="after-body"),
        "page": Fault(status=200, body=b"<html>secret-page</html>"), "slow": Fault(delay_seconds=30),
    }
    with TokenEndpoint() as endpoint, GuardedHTTP(endpoint.knows) as backend:
        if trouble == "away":
            endpoint.stop()
        else:
            endpoint.faults.standing(faults[trouble])
        gateway = start(over_http(backend, "oauth2client"), overlay(oauth(endpoint, timeout="500ms")))
        text = unique()
        put(gateway, text)
        reason = wait_until(lambda: failing(gateway), 10, "a failure in /readyz")
        assert f"no credentials: {endpoint.url}/token: " in reason, reason
        assert gateway.admin("/readyz")[0] == 200
        assert gateway.metric("sluice_credential_fetches", outcome="failure") >= 1
        assert len(backend.requests) == 0
        if trouble == "away":
            endpoint.start()
        else:
            endpoint.faults.standing()
        wait_for(backend, text, seconds=40)
        wait_until(lambda: gateway.metric("sluice_ledger_log_records", state="delivered") == 3, 10, "the ledger")
        assert_silent(gateway, SECRET, "secret-page", *endpoint.given)


def test_a_destination_that_refuses_every_token_does_not_flood_the_endpoint(start):
    with TokenEndpoint() as endpoint, GuardedHTTP(lambda _: False) as backend:
        gateway = start(over_http(backend, "oauth2client"), overlay(oauth(endpoint)))
        text = unique()
        put(gateway, text)
        wait_until(lambda: backend.refused >= 15, 20, "refusals")
        assert len(endpoint.given) <= 6
        assert "credentials were rejected" in failing(gateway)
        backend.knows = endpoint.knows
        wait_for(backend, text)
        assert_silent(gateway, SECRET, *endpoint.given)


def test_a_wrong_client_is_said_and_the_rotated_secret_used(start, tmp_path):
    file = tmp_path / "secret"
    file.write_text("secret-that-is-wrong\n")
    with TokenEndpoint() as endpoint, GuardedHTTP(endpoint.knows) as backend:
        extension = oauth(endpoint, client_secret_file=str(file))
        del extension["oauth2client"]["client_secret"]
        gateway = start(over_http(backend, "oauth2client"), overlay(extension))
        text = unique()
        put(gateway, text)
        reason = wait_until(lambda: failing(gateway), 10, "a failure in /readyz")
        assert "answers 401 (invalid_client)" in reason
        file.write_text(f"{SECRET}\n")
        wait_for(backend, text, seconds=40)
        assert_silent(gateway, SECRET, "secret-that-is-wrong", *endpoint.given)


def replace(path, text: str):
    """As an editor or a secrets agent does."""
    fresh = path.with_name("secret.new")
    fresh.write_text(text)
    os.replace(fresh, path)


@pytest.mark.parametrize("kind", ["bearer", "basic", "setter"])
def test_a_rotated_file_is_used_without_a_reload(start, tmp_path, kind):
    known = {"right": "secret-one"}
    file = tmp_path / "secret-file"
    file.write_text("secret-one\n")
    field = "X-Api-Key" if kind == "setter" else "Authorization"
    extension = {
        "bearer": {"bearertokenauth": {"filename": str(file)}},
        "basic": {"basicauth": {"client_auth": {"username": "user", "password_file": str(file)}}},
        "setter": {"headers_setter": {"headers": [{"key": field, "value_file": str(file)}]}},
    }[kind]

    def knows(value) -> bool:
        user = base64.b64encode(f"user:{known['right']}".encode()).decode()
        return value == {"bearer": f"Bearer {known['right']}", "basic": f"Basic {user}", "setter": known["right"]}[kind]

    with GuardedHTTP(knows, field) as backend:
        gateway = start(over_http(backend, next(iter(extension))), overlay(extension))
        first = unique()
        put(gateway, first)
        wait_for(backend, first)
        assert backend.refused == 0
        known["right"] = "secret-two"
        replace(file, "secret-two\n")
        second = unique()
        put(gateway, second)
        wait_for(backend, second)
        # A broken file: what was used before still is.
        replace(file, "\n")
        wait_until(lambda: "cannot be used" in gateway.log(), 10, "a word on the file")
        third = unique()
        put(gateway, third)
        wait_for(backend, third)
        assert_silent(gateway, "secret-one", "secret-two")


def test_fields_are_set_after_other_credentials(start):
    with GuardedHTTP(lambda value: value == "Bearer secret-token") as backend:
        setter = {
            "additional_auth": "bearertokenauth",
            "headers": [
                {"key": "X-Scope-OrgID", "value": "team-a"}, {"key": "X-Own", "action": "delete"},
                {"key": "X-Other", "action": "insert", "value": "not"},
            ],
        }
        extensions = {"headers_setter": setter, "bearertokenauth": {"token": "secret-token"}}
        headers = {"X-Own": "1", "X-Other": "2"}
        gateway = start(over_http(backend, "headers_setter", headers=headers), overlay(extensions))
        text = unique()
        put(gateway, text)
        wait_for(backend, text)
        seen = backend.requests[-1].headers
        assert seen["X-Scope-OrgID"] == "team-a" and seen["X-Own"] is None and seen["X-Other"] == "2"
        assert_silent(gateway, "secret-token")


def test_no_record_is_lost_when_tokens_change_under_load(start):
    with TokenEndpoint() as endpoint, GuardedHTTP(endpoint.knows) as backend:
        gateway = start(over_http(backend, "oauth2client"), overlay(oauth(endpoint)))
        over = threading.Event()

        def revoke():
            while not over.wait(1.5):
                endpoint.revoke()

        revoking = threading.Thread(target=revoke)
        revoking.start()
        text, sent = unique(), 0
        end = time.monotonic() + 6
        while time.monotonic() < end:
            put(gateway, text, 10)
            sent += 10
        over.set()
        revoking.join()
        wait_for(backend, text, sent, seconds=40)
        assert backend.refused >= 2
