"""Who may send: the extensions `basicauth` and `bearertokenauth` on both ports, with real clients."""

import base64
import collections
import crypt
import pathlib
import subprocess
import threading
import time

import grpc
import pytest
from opentelemetry._logs import LogRecord
from opentelemetry.exporter.otlp.proto.grpc._log_exporter import OTLPLogExporter as GRPCExporter
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter as HTTPExporter
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import SimpleLogRecordProcessor

from EndToEnd.certificates import Authority, link, replace
from EndToEnd.gateway import Gateway, wait_until
from EndToEnd.http_clients import EXPORT, channel, send, status_of
from EndToEnd.otlp_requests import JSON, PROTOBUF, as_json, record, request, unique
from EndToEnd.traffic import Traffic

USER, PASSWORD = "edge", "p4ss-w0rd-of-the-edge"
TOKEN, OTHER_TOKEN = "t0ken-0f-the-blue-tenant", "t0ken-0f-the-green-tenant"
WRONG = "wr0ng-secret-of-nobody"
SECRETS = [PASSWORD, TOKEN, OTHER_TOKEN, WRONG]


def basic(user: str = USER, password: str = PASSWORD) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def bearer(token: str = TOKEN) -> str:
    return f"Bearer {token}"


def bcrypt(password: str, cost: int = 4) -> str:
    return crypt.crypt(password, f"$2y${cost:02}$abcdefghijklmnopqrstuu")


@pytest.fixture
def htpasswd(tmp_path) -> pathlib.Path:
    path = tmp_path / "htpasswd"
    path.write_text(f"# senders\n{USER}:{bcrypt(PASSWORD)}\n")
    return path


@pytest.fixture
def tokens(tmp_path) -> pathlib.Path:
    path = tmp_path / "green.token"
    path.write_text(OTHER_TOKEN + "\n")
    return path


@pytest.fixture
def guarded(start, htpasswd, tokens):
    """A gateway that takes either kind of credentials on both ports, and notes who has sent."""
    auth = {"auth": {"authenticators": ["basicauth", "bearertokenauth"]}}
    actions = [
        {"key": "user", "action": "insert", "from_context": "auth.username", "default_value": "none"},
        {"key": "tenant", "action": "insert", "from_context": "auth.tenant", "default_value": "none"},
    ]
    overlay = {
        "receivers": {"otlp": {"protocols": {"grpc": auth, "http": auth}}},
        "processors": {"attributes": {"actions": actions}},
        "extensions": {
            "basicauth": {"htpasswd": {"file": str(htpasswd)}},
            "bearertokenauth": {
                "tokens": [
                    {"token": TOKEN, "tenant": "blue", "signals": ["logs"]},
                    {"token_file": str(tokens), "tenant": "green", "signals": ["traces"]},
                ]
            },
        },
        "service": {
            "extensions": ["basicauth", "bearertokenauth"],
            "pipelines": {"logs": {"processors": ["attributes"]}},
        },
    }
    gateway = start({"file": {"path": "out.jsonl", "flush_interval": "10ms"}}, overlay)
    yield gateway
    for path in gateway.folder.rglob("*"):
        if path.is_file() and path.name != "gateway.yaml":
            for secret in SECRETS + [basic().split()[1], basic(password=WRONG).split()[1]]:
                assert secret.encode() not in path.read_bytes(), f"{path.name} holds a credential"


def stored(gateway: Gateway, text: str) -> str:
    """The line of a record that holds `text`."""
    path = gateway.folder / "out.jsonl"
    lines = lambda: [line for line in path.read_text().splitlines() if text in line] if path.exists() else []
    return wait_until(lines, 10, f"a record with {text}")[0]


def no_secrets_in_metrics(gateway: Gateway):
    text = gateway.admin("/metrics")[1]
    assert not [secret for secret in SECRETS if secret in text]


@pytest.mark.parametrize("content_type", [PROTOBUF, JSON])
@pytest.mark.parametrize("port", ["http_port", "grpc_port"])
@pytest.mark.parametrize(
    "credential,status",
    [
        (None, 401), (basic(), 200), (basic(password=WRONG), 401), (basic("nobody"), 401), ("Basic ????", 401),
        (bearer(), 200), (bearer(WRONG), 401), (bearer(OTHER_TOKEN), 403), ("Digest abc", 401),
    ],
)  # fmt: skip
def test_http_answers_by_who_sends(guarded, content_type, port, credential, status):
    text = unique("auth")
    sent = request(record(text))
    body = sent.SerializeToString() if content_type == PROTOBUF else as_json(sent)
    headers = {"authorization": credential} if credential else {}
    response = send(getattr(guarded, port), body, content_type, **headers)
    assert response.status == status
    assert response.headers.get_all("WWW-Authenticate") == (
        ['Basic realm="sluice"', "Bearer"] if status == 401 else None
    )
    if status == 200:
        is_basic = credential.startswith("Basic")
        line = stored(guarded, text)
        for key, value in [("user", USER if is_basic else "none"), ("tenant", "none" if is_basic else "blue")]:
            assert f'{{"key":"{key}","value":{{"stringValue":"{value}"}}}}' in line, line
    else:
        assert status_of(response).message
    no_secrets_in_metrics(guarded)


@pytest.mark.parametrize("port", ["http_port", "grpc_port"])
@pytest.mark.parametrize(
    "credential,code",
    [
        (None, grpc.StatusCode.UNAUTHENTICATED), (basic(), None),
        (basic(password=WRONG), grpc.StatusCode.UNAUTHENTICATED),
        (bearer(), None), (bearer(OTHER_TOKEN), grpc.StatusCode.PERMISSION_DENIED),
    ],
)  # fmt: skip
def test_grpc_answers_by_who_sends(guarded, port, credential, code):
    metadata = [("authorization", credential)] if credential else []
    with channel(getattr(guarded, port)) as to:
        call = to.unary_unary(EXPORT)
        body = request(record(unique("auth"))).SerializeToString()
        if code is None:
            call(body, metadata=metadata, timeout=10)
        else:
            with pytest.raises(grpc.RpcError) as refused:
                call(body, metadata=metadata, timeout=10)
            assert refused.value.code() == code
    no_secrets_in_metrics(guarded)


@pytest.mark.parametrize("protocol", ["grpc", "http"])
def test_the_sdk_sends_as_its_variable_says(guarded, monkeypatch, protocol):
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_HEADERS", "authorization=" + basic().replace(" ", "%20"))
    text = unique("sdk")
    if protocol == "grpc":
        exporter = GRPCExporter(endpoint=f"127.0.0.1:{guarded.grpc_port}", insecure=True)
    else:
        exporter = HTTPExporter(endpoint=f"http://127.0.0.1:{guarded.http_port}/v1/logs")
    provider = LoggerProvider()
    provider.add_log_record_processor(SimpleLogRecordProcessor(exporter))
    provider.get_logger("library").emit(LogRecord(body=text))
    provider.shutdown()
    assert USER in stored(guarded, text)


def test_what_is_there_for_all_is_answered_to_all(guarded):
    with channel(guarded.grpc_port) as to:
        to.unary_unary("/grpc.health.v1.Health/Check")(b"", timeout=10)
    assert send(guarded.http_port, b"", path="/").status == 404


def test_a_large_body_is_taken_once_its_sender_is_known(guarded):
    """The first verdict of a password takes a thread; the body, past every window, waits for it."""
    text = unique("large")
    body = request(record(text + "x" * 3_000_000)).SerializeToString()
    with channel(guarded.grpc_port) as to:
        to.unary_unary(EXPORT)(body, metadata=[("authorization", basic())], timeout=20)
    assert send(guarded.http_port, body, authorization=basic()).status == 200
    for extra in [[], ["--http2-prior-knowledge"], ["-H", "Expect: 100-continue"]]:
        sent = guarded.folder / "body"
        sent.write_bytes(body)
        for credential, status in [(basic(), "200"), (basic(password=WRONG), "401")]:
            if status == "401" and "--http2-prior-knowledge" in extra:
                continue  # This curl takes RST_STREAM after an answer for a failure.
            done = subprocess.run(
                ["curl", "-sS", "--max-time", "20", "-o", "/dev/null", "-w", "%{http_code}", *extra, "-H",
                 f"Content-Type: {PROTOBUF}", "-H", f"Authorization: {credential}", "--data-binary", f"@{sent}",
                 f"http://127.0.0.1:{guarded.http_port}/v1/logs"], capture_output=True, text=True, timeout=30,
            )  # fmt: skip
            assert done.stdout == status, (extra, status, done.stderr)
        sent.unlink()


@pytest.fixture
def certificates(tmp_path) -> pathlib.Path:
    """An authority, and certificates of it for the gateway and for two senders."""
    authority = Authority(tmp_path, "ca")
    for name in ("server", "edge", "other"):
        authority.issue(name)
    return tmp_path


@pytest.mark.parametrize("version", ["--http1.1", "--http2"])
def test_a_certificate_says_who_sends(start, certificates, version):
    tls = {key: str(certificates / name) for key, name in [
        ("cert_file", "server/cert"), ("key_file", "server/key"), ("client_ca_file", "ca.pem")]}  # fmt: skip
    port = {"auth": {"authenticator": "client_certificate"}}
    actions = [{"key": key, "action": "insert", "from_context": f"auth.{name}"} for key, name in [
        ("tenant", "tenant"), ("id", "san_uri"), ("subject", "subject")]]  # fmt: skip
    overlay = {
        "receivers": {"otlp": {"protocols": {"http": {**port, "tls": tls}, "grpc": port}}},
        "processors": {"attributes": {"actions": actions}},
        "extensions": {"client_certificate": {"identities": [{"uri": "spiffe://test/edge", "tenant": "blue"}]}},
        "service": {"extensions": ["client_certificate"], "pipelines": {"logs": {"processors": ["attributes"]}}},
    }
    gateway = start({"file": {"path": "out.jsonl", "flush_interval": "10ms"}}, overlay)
    text = unique("certificate")
    body = gateway.folder / "body"
    body.write_bytes(request(record(text)).SerializeToString())
    for name, status in [("edge", "200"), ("other", "403")]:
        done = subprocess.run(
            ["curl", "-sS", version, "--max-time", "10", "--cacert", certificates / "ca.pem", "--cert",
             certificates / name / "cert", "--key", certificates / name / "key", "-o", "/dev/null", "-w",
             "%{http_code}", "-H", f"Content-Type: {PROTOBUF}", "--data-binary", f"@{body}",
             f"https://localhost:{gateway.http_port}/v1/logs"], capture_output=True, text=True, timeout=20,
        )  # fmt: skip
        assert done.stdout == status, (name, done.stderr)
    line = stored(gateway, text)
    assert all(part in line for part in ["blue", "spiffe://test/edge", '"edge"']), line
    # The other port has no TLS, so that nobody can show a certificate there.
    assert send(gateway.grpc_port, body.read_bytes()).status == 401


def becomes(gateway: Gateway, credential: str, status: int):
    body = request(record(unique("turn"))).SerializeToString()
    wait_until(lambda: send(gateway.http_port, body, authorization=credential).status == status, 10, f"{status}")


def test_an_htpasswd_file_turns_under_traffic(guarded, htpasswd):
    with Traffic(guarded.http_port, basic()) as traffic:
        becomes(guarded, basic("second", "new"), 401)
        replace(htpasswd, f"{USER}:{bcrypt(PASSWORD, 5)}\nsecond:{bcrypt('new')}\n")
        becomes(guarded, basic("second", "new"), 200)
        # Broken: what was known before goes on, and the log says so once.
        replace(htpasswd, "no colon\n")
        wait_until(lambda: "has no" in guarded.log(), 10, "a line about the broken file")
        becomes(guarded, basic("second", "new"), 200)
        replace(htpasswd, f"{USER}:{bcrypt(PASSWORD)}\n")
        becomes(guarded, basic("second", "new"), 401)
    assert set(traffic.statuses) == {200} and traffic.statuses[200] > 50, traffic.statuses


def test_tokens_turn_by_a_moved_link_under_traffic(start, tmp_path):
    """As Kubernetes does it: the file is a link through a link that is moved."""
    for name, lines in [("one", [TOKEN]), ("two", [TOKEN, OTHER_TOKEN]), ("broken", [])]:
        (tmp_path / name).mkdir()
        (tmp_path / name / "tokens").write_text("\n".join(lines) + "\n")
    data, path = tmp_path / "..data", tmp_path / "tokens"
    data.symlink_to("one")
    path.symlink_to("..data/tokens")

    auth = {"auth": {"authenticator": "bearertokenauth"}}
    overlay = {
        "receivers": {"otlp": {"protocols": {"http": auth, "grpc": auth}}},
        "extensions": {"bearertokenauth": {"filename": str(path)}},
        "service": {"extensions": ["bearertokenauth"]},
    }
    gateway = start(None, overlay)
    with Traffic(gateway.http_port, bearer()) as traffic:
        becomes(gateway, bearer(OTHER_TOKEN), 401)
        link(data, "two")
        becomes(gateway, bearer(OTHER_TOKEN), 200)
        link(data, "broken")
        wait_until(lambda: "there is no token" in gateway.log(), 10, "a line about the broken file")
        becomes(gateway, bearer(OTHER_TOKEN), 200)
        link(data, "one")
        becomes(gateway, bearer(OTHER_TOKEN), 401)
    assert set(traffic.statuses) == {200} and traffic.statuses[200] > 50, traffic.statuses
    assert TOKEN not in gateway.log() + gateway.admin("/metrics")[1]


def test_a_flood_of_wrong_passwords_does_not_hold_up_a_good_sender(start, tmp_path):
    htpasswd = tmp_path / "htpasswd"
    htpasswd.write_text(f"{USER}:{bcrypt(PASSWORD, 10)}\n")
    auth = {"auth": {"authenticator": "basicauth"}}
    overlay = {
        "receivers": {"otlp": {"protocols": {"http": auth, "grpc": auth}}},
        "extensions": {"basicauth": {"htpasswd": {"file": str(htpasswd)}, "limits": {"max_waiting_per_address": 8}}},
        "service": {"extensions": ["basicauth"]},
    }
    gateway = start(None, overlay)
    becomes(gateway, basic(), 200)
    over, seen = threading.Event(), []

    def flood(number: int):
        body, count = request(record("flood")).SerializeToString(), 0
        while not over.is_set():
            count += 1
            seen.append(send(gateway.http_port, body, authorization=basic(password=f"{WRONG}-{number}-{count}")).status)

    threads = [threading.Thread(target=flood, args=[number]) for number in range(12)]
    for thread in threads:
        thread.start()
    try:
        with Traffic(gateway.http_port, basic()) as traffic:
            time.sleep(3)
    finally:
        over.set()
        for thread in threads:
            thread.join()
    assert set(traffic.statuses) == {200} and traffic.statuses[200] > 100, traffic.statuses
    assert traffic.slowest < 2, traffic.slowest
    statuses = collections.Counter(seen)
    assert set(statuses) <= {401, 503} and statuses[503] > 0, statuses
    assert gateway.metric("sluice_receiver_authentications", authenticator="basicauth", outcome="unavailable") > 0
    refused = gateway.metric("sluice_receiver_refused_requests", reason="authentication_unavailable")
    assert refused == statuses[503]
    # The same wrong password again and again is known, and takes no thread.
    begin = time.monotonic()
    for _ in range(50):
        assert send(gateway.http_port, b"", authorization=basic(password=WRONG)).status == 401
    assert time.monotonic() - begin < 5
    assert WRONG not in gateway.log()
