"""What `/readyz` says: which destination fails and why, how old what is queued is, when certificates end."""

import calendar
import contextlib
import http.client
import json
import re
import socket
import subprocess
import threading
import time

import grpc
import pytest

from EndToEnd.gateway import free_port, quick, wait_until
from EndToEnd.http_clients import send
from EndToEnd.otlp_requests import record, request
from StandIns.elasticsearch import Elasticsearch
from StandIns.http_backend import Fault
from StandIns.otlp import GRPCFault, OTLPServerGRPC, OTLPServerHTTP

SECRET = "s3cr3t-that-nobody-may-read"
BODY = request(record("a"), record("b")).SerializeToString()


def readiness(gateway) -> dict:
    """What it says of a gateway that takes logs."""
    status, text = gateway.admin("/readyz")
    assert status == 200, text
    return json.loads(text)


def failing(gateway, attempts: int = 2) -> dict:
    def told():
        found = readiness(gateway)["queues"][0].get("failing")
        return found if found and found["attempts"] >= attempts else None

    return wait_until(told, 10, "a failure that is told")


def certificate(folder, name: str, days: int) -> dict:
    """A certificate for `localhost` that ends in so many days, as options of `tls`."""
    folder.mkdir(exist_ok=True)
    cert, key = folder / f"{name}.pem", folder / f"{name}.key"
    subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
    curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    command = ["openssl", "req", "-x509", *curve, "-keyout", key, "-out", cert, "-days", str(days), *subject]
    subprocess.run([str(part) for part in command], check=True, capture_output=True, timeout=30)
    return {"cert_file": str(cert), "key_file": str(key)}


FAULTS = {
    "HTTP 503": Fault(status=503),
    "HTTP 429": Fault(status=429),
    "HTTP 401": Fault(status=401, body=b'{"error":{"type":"security_exception","reason":"%b"}}' % SECRET.encode()),
    "no answer within": Fault(delay_seconds=3),
    "reset|closed": Fault(reset="after-body"),
}


@pytest.mark.parametrize("told", FAULTS)
def test_it_says_why_a_destination_fails_and_since_when(start, told):
    """Nor does it say credentials, what stands in header fields, or what the destination says after a colon."""
    with Elasticsearch() as server:
        server.faults.standing(FAULTS[told])
        options = {"user": "u", "password": SECRET, "headers": {"X-Key": SECRET}, "timeout": "1s"}
        gateway = start({"elasticsearch": quick(endpoints=[server.url], **options)})
        before = time.time()
        assert send(gateway.http_port, BODY).status == 200
        found = failing(gateway)
        assert re.search(told, found["error"], re.I), found
        since = calendar.timegm(time.strptime(found["since"], "%Y-%m-%dT%H:%M:%SZ"))
        assert before - 2 <= since <= time.time() + 1
        assert found["batch_records"] == 2
        for text in (gateway.admin("/readyz")[1], gateway.admin("/metrics")[1], gateway.log()):
            assert SECRET not in text
        server.faults.standing()
        wait_until(lambda: "failing" not in readiness(gateway)["queues"][0], 10, "a destination that is well again")


def test_one_that_cannot_be_reached_and_one_that_answers_over_grpc(start):
    with OTLPServerGRPC() as server:
        server.standing = GRPCFault(code=grpc.StatusCode.UNAVAILABLE, message=SECRET)
        tls = {"insecure": True}
        exporters = {
            "otlp": quick(endpoint=f"127.0.0.1:{server.port}", tls=tls),
            "otlphttp": quick(endpoint=f"http://127.0.0.1:{free_port()}"),
            "nop": {},
        }
        gateway = start(exporters)
        assert send(gateway.http_port, BODY).status == 200
        wait_until(lambda: [q for q in readiness(gateway)["queues"] if "failing" in q][1:], 10, "two failures")
        queues = {queue["exporter"]: queue for queue in readiness(gateway)["queues"]}
        assert "UNAVAILABLE" in queues["otlp"]["failing"]["error"]
        assert "refused" in queues["otlphttp"]["failing"]["error"].lower()
        assert "failing" not in queues["nop"]
        assert SECRET not in gateway.admin("/readyz")[1]
        server.standing = GRPCFault()
        gateway.kill()


@pytest.mark.parametrize("greeting", [b"SSH-2.0-OpenSSH_9.6\r\n", b"\0\0\x06\4" + b"\0" * 6 + b"\3\0\0\0\x64"])
def test_a_port_of_another_protocol_is_told_in_words(start, greeting):
    """Such as SSH, or a server of HTTP/2 alone."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def greet():
            with contextlib.suppress(OSError):
                while True:
                    client, _ = server.accept()
                    with client:
                        client.sendall(greeting)
                        client.recv(1 << 16)

        thread = threading.Thread(target=greet)
        thread.start()
        try:
            url = f"http://127.0.0.1:{server.getsockname()[1]}"
            gateway = start({"otlphttp": quick(endpoint=url)})
            assert send(gateway.http_port, BODY).status == 200
            # A client may find the connection closed by a server that greeted first before its request went out.
            wait_until(lambda: "what came back is not HTTP/1.1" in failing(gateway)["error"], 10, "a word on it")
            assert "HTTPParserError" not in gateway.log()
            gateway.kill()
        finally:
            server.shutdown(socket.SHUT_RDWR)
            thread.join(10)


def test_it_says_how_old_the_oldest_queued_record_is(start):
    with OTLPServerHTTP() as sink:
        sink.faults.standing(Fault(status=503))
        gateway = start({"otlphttp": quick(endpoint=sink.url)})
        assert readiness(gateway)["queues"][0]["oldest_seconds"] == 0
        assert send(gateway.http_port, BODY).status == 200
        began = time.monotonic()
        oldest = lambda: readiness(gateway)["queues"][0]["oldest_seconds"]  # noqa: E731
        wait_until(lambda: oldest() >= 2, 10, "an age")
        assert 1.9 <= time.monotonic() - began < 4
        sink.faults.standing()
        wait_until(lambda: oldest() == 0, 10, "an empty queue")


def test_it_says_when_certificates_end(start, tmp_path):
    """Of ports and of clients; the metrics have the same moments. One that ends does not make a replica unready."""
    server, client = certificate(tmp_path, "server", 3), certificate(tmp_path, "client", 40)
    exporter = quick(endpoint=f"https://localhost:{free_port()}", tls={**client, "ca_file": server["cert_file"]})
    grpc_exporter = quick(endpoint=f"https://localhost:{free_port()}", tls=client)
    plain = quick(endpoint=f"http://localhost:{free_port()}")
    tls = {"receivers": {"otlp": {"protocols": {"grpc": {"tls": server}}}}}
    gateway = start({"otlphttp": exporter, "otlp": grpc_exporter, "otlphttp/plain": plain}, tls)
    certificates = {found["of"]: found for found in readiness(gateway)["certificates"]}
    assert set(certificates) == {"receiver otlp grpc", "exporter otlphttp", "exporter otlp"}
    assert certificates["receiver otlp grpc"]["days_left"] in (2, 3)
    assert certificates["exporter otlp"]["days_left"] in (39, 40)
    ends = gateway.metric("sluice_receiver_certificate_expiry_seconds", receiver="otlp", protocol="grpc")
    assert abs(ends - time.time() - 3 * 86400) < 120
    assert time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(ends)) == certificates["receiver otlp grpc"]["ends"]
    for exporter in ("otlphttp", "otlp"):
        ends = gateway.metric("sluice_exporter_certificate_expiry_seconds", exporter=exporter)
        assert abs(ends - time.time() - 40 * 86400) < 120
    assert gateway.metric("sluice_exporter_certificate_expiry_seconds", exporter="otlphttp/plain") == 0


def test_a_gateway_without_certificates_says_nothing_of_them(start):
    assert "certificates" not in readiness(start())


def test_probes_are_answered_whatever_is_asked_of_the_metrics(start):
    """Also while clients ask for long pages far ahead, take little of them, leave and come again."""
    gateway = start({f"nop/{n}": {} for n in range(300)})
    assert len(gateway.admin("/metrics")[1]) > 1 << 20
    ended = threading.Event()

    def ask_ahead():
        while not ended.is_set():
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", gateway.admin_port), 5) as client:
                client.sendall(b"GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n" * 100)
                client.settimeout(0.2)
                while client.recv(1 << 16):
                    pass

    clients = [threading.Thread(target=ask_ahead) for _ in range(4)]
    for client in clients:
        client.start()
    try:
        time.sleep(1)
        for path in ["/readyz", "/healthz"] * 3:
            probe = http.client.HTTPConnection("127.0.0.1", gateway.admin_port, timeout=5)
            probe.request("GET", path)
            assert probe.getresponse().status == 200
            probe.close()
    finally:
        ended.set()
        for client in clients:
            client.join(30)
    # None of the pages that nobody took is kept.
    assert gateway.rss_bytes() < 512 << 20
