"""Every credential that a gateway is given, or gives: none of them is in a log, a metric, an answer or a file."""

import base64
import contextlib
import json
import subprocess
import urllib.parse

import grpc
import pytest

from EndToEnd.gateway import Gateway, binary, quick, wait_until
from EndToEnd.http_clients import EXPORT, channel, send
from EndToEnd.otlp_requests import record, request, unique
from EndToEnd.test_authentication import basic, bcrypt, bearer
from StandIns.connect_proxy import ConnectProxy
from StandIns.elasticsearch import Elasticsearch
from StandIns.http_backend import Fault
from StandIns.issuer import Issuer, SigningKey
from StandIns.otlp import OTLPServerHTTP
from StandIns.token_endpoint import GuardedHTTP, TokenEndpoint

# Of senders: right ones, and wrong ones that the gateway is shown.
PASSWORD, TOKEN, FILE_TOKEN = "inw4rd-passw0rd", "inw4rd-t0ken-of-the-table", "inw4rd-t0ken-of-a-file"
WRONG_PASSWORD, WRONG_TOKEN = "wr0ng-passw0rd", "wr0ng-t0ken-0f-nobody"
# Of the gateway's own, towards destinations.
CLIENT_SECRET, OWN_PASSWORD, OWN_TOKEN = "secret-of-the-client", "outw4rd-passw0rd", "outw4rd-t0ken"
FIELD, SET_FIELD, API_KEY, PROXY = "outw4rd-field", "outw4rd-set-field", "outw4rd-api-key", "outw4rd-pr0xy"
ES_PASSWORD = "outw4rd-p4ssword-of-a-user"


def forms(secret: str) -> list:
    """A credential as it may be written somewhere."""
    plain = secret.encode()
    return [secret, plain.hex(), urllib.parse.quote(secret, safe=""), *([] if len(plain) < 12 else [encoded(plain)])]


def encoded(plain: bytes) -> str:
    """What base64 makes of it wherever it stands between others, but for its ends."""
    return base64.b64encode(plain).decode().rstrip("=")[:-1]


def extensions(issuer: Issuer, endpoint: TokenEndpoint, folder) -> dict:
    return {
        "basicauth": {"htpasswd": {"file": str(folder / "secret-htpasswd")}},
        "bearertokenauth": {"tokens": [TOKEN, {"token_file": str(folder / "secret-token"), "tenant": "blue"}]},
        "oidc": {"providers": [{"issuer_url": issuer.url, "audience": "logs"}]},
        "oauth2client": {
            "client_id": "client", "client_secret": CLIENT_SECRET, "token_url": f"{endpoint.url}/token"},
        "basicauth/out": {"client_auth": {"username": "out", "password": OWN_PASSWORD}},
        "bearertokenauth/out": {"token": OWN_TOKEN},
        "headers_setter": {"headers": [{"key": "X-Secret", "value": SET_FIELD}]},
        "file_storage": {"directory": str(folder / "queues")},
    }  # fmt: skip


@pytest.fixture
def ends(tmp_path):
    """Whatever the gateway talks to."""
    (tmp_path / "key").mkdir()
    key = SigningKey(tmp_path / "key")
    with contextlib.ExitStack() as stack:
        enter = stack.enter_context
        issuer, endpoint = enter(Issuer(key)), enter(TokenEndpoint())
        guarded, plain, server = enter(GuardedHTTP(endpoint.knows)), enter(OTLPServerHTTP()), enter(Elasticsearch())
        proxy = enter(ConnectProxy({"backend.test:80": plain.port}, f"user:{PROXY}"))
        yield key, issuer, endpoint, guarded, plain, server, proxy


def test_no_credential_is_told(ends, tmp_path):
    key, issuer, endpoint, guarded, plain, server, proxy = ends
    folder = tmp_path / "gateway"
    folder.mkdir()
    (folder / "secret-htpasswd").write_text(f"edge:{bcrypt(PASSWORD)}\n")
    (folder / "secret-token").write_text(FILE_TOKEN + "\n")
    out = lambda auth: {"auth": {"authenticator": auth}, "endpoint": plain.url, "headers": {"X-Own": FIELD}}
    exporters = {
        "otlphttp/oauth": quick(endpoint=guarded.url, auth={"authenticator": "oauth2client"}),
        "otlphttp/basic": quick(**out("basicauth/out")),
        "otlphttp/bearer": quick(**out("bearertokenauth/out"), sending_queue={"storage": "file_storage"}),
        "otlphttp/set": quick(**out("headers_setter")),
        "otlphttp/proxy": quick(
            endpoint="http://backend.test", proxy_url=f"http://user:{PROXY}@127.0.0.1:{proxy.port}"),
        "elasticsearch": quick(
            endpoints=[server.url], api_key=API_KEY, sending_queue={"storage": "file_storage"},
            dead_letter={"path": "dead.jsonl"}),
        "elasticsearch/user": quick(endpoints=[server.url], user="out", password=ES_PASSWORD),
        "debug": {"verbosity": "detailed"},
    }  # fmt: skip
    found = extensions(issuer, endpoint, folder)
    ports = {"auth": {"authenticators": ["basicauth", "bearertokenauth", "oidc"]}}
    overlay = {
        "extensions": found,
        "receivers": {"otlp": {"protocols": {"grpc": ports, "http": ports}}},
        "service": {"extensions": list(found), "telemetry": {"logs": {"level": "debug"}}},
    }
    gateway = Gateway(folder, exporters, overlay)
    right = key.token(issuer.claims())
    expired, foreign = key.token(issuer.claims(exp=1)), key.token(issuer.claims(aud="others"))
    bent = right[:-6] + ("AAAAAA" if not right.endswith("AAAAAA") else "BBBBBB")
    answers: dict = {}
    try:
        gateway.start()
        good = [basic(password=PASSWORD), bearer(TOKEN), bearer(FILE_TOKEN), bearer(right)]
        bad = [basic(password=WRONG_PASSWORD), f"Basic {WRONG_PASSWORD}", f"Digest {WRONG_TOKEN}", WRONG_TOKEN]
        bad += [bearer(token) for token in (WRONG_TOKEN, expired, foreign, bent)]
        text = send_all(gateway, good, bad, answers)
        wait_until(lambda: text in str(plain.requests_taken), 20, "records at the destination")
        # Destinations that fail and reject, so that there are errors and dead letters.
        server.faults.standing(Fault(status=401))
        endpoint.client = ("client", "another")
        endpoint.revoke()
        send(gateway.http_port, request(record(unique())).SerializeToString(), authorization=bearer(TOKEN))
        wait_until(lambda: '"failing":' in gateway.admin("/readyz")[1], 20, "a failure")
        server.faults.standing()
        for path in ["/metrics", "/readyz", "/healthz", "/", "/config", "/debug", f"/?token={WRONG_TOKEN}"]:
            answers[f"admin {path}"] = gateway.admin(path)[1]
        config = json.loads(json.dumps(gateway.config))
        config["extensions"]["bearertokenauth"]["tokens"] = [{"token": TOKEN, "token_file": "x", "unknown": OWN_TOKEN}]
        answers["reload"] = gateway.reload(config)[1]
        assert "unknown" in answers["reload"]
    finally:
        gateway.kill()
    for command in ["validate", "print-config"]:
        line = [str(binary()), command, "--config", "gateway.yaml"]
        done = subprocess.run(line, cwd=folder, capture_output=True, text=True, timeout=60)
        answers[command] = done.stdout + done.stderr
    secrets = [
        PASSWORD, TOKEN, FILE_TOKEN, WRONG_PASSWORD, WRONG_TOKEN, CLIENT_SECRET, OWN_PASSWORD, OWN_TOKEN, FIELD,
        SET_FIELD, API_KEY, PROXY, ES_PASSWORD, *endpoint.given,
        *(part for token in (right, expired, foreign, bent) for part in (token, token.rpartition(".")[2])),
        basic(password=PASSWORD).split()[1], basic(password=WRONG_PASSWORD).split()[1],
    ]  # fmt: skip
    for path in folder.rglob("*"):
        if path.is_file() and path.name != "gateway.yaml" and not path.name.startswith("secret-"):
            answers[str(path)] = path.read_bytes().decode("latin-1")
    assert len(endpoint.given) >= 1 and any(path.endswith("gateway.log") for path in answers)
    assert any("/queues/" in path for path in answers), sorted(answers)
    told = {(place, secret) for place, said in answers.items() for secret in secrets for form in forms(secret)
            if form in said}  # fmt: skip
    assert not told, told


def send_all(gateway: Gateway, right: list, wrong: list, answers: dict) -> str:
    """Sends each credential over each protocol and port; the text that the right ones sent."""
    text = unique()
    body = request(record(text)).SerializeToString()
    for number, credential in enumerate(right + wrong):
        is_right = number < len(right)
        for port in (gateway.http_port, gateway.grpc_port):
            for path in ("/v1/logs", f"/v1/logs?access_token={WRONG_TOKEN}"):
                wait_until(lambda: send(port, body, authorization=credential).status in (200, 401), 10, "a verdict")
                answer = send(port, body, path=path, authorization=credential)
                assert answer.status == (200 if is_right else 401), (number, answer.body)
                answers[f"HTTP {number} {port} {path}"] = f"{answer.headers}{answer.body.decode('latin-1')}"
            with channel(port) as to:
                call = to.unary_unary(EXPORT)
                try:
                    call(body, metadata=[("authorization", credential)], timeout=10)
                    assert is_right
                except grpc.RpcError as error:
                    assert not is_right and error.code() == grpc.StatusCode.UNAUTHENTICATED, error
                    answers[f"gRPC {number} {port}"] = f"{error.details()}{error.trailing_metadata()}"
    return text
