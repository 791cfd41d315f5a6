"""What tests of the way out share: records put in, waited for where they arrive, and no secret anywhere."""

from EndToEnd.gateway import wait_until
from EndToEnd.http_clients import send
from EndToEnd.otlp_requests import many, records_of


def put(gateway, text: str, count: int = 3):
    assert send(gateway.http_port, many(count, text).SerializeToString()).status == 200


def arrived(backend, text: str) -> int:
    with backend.lock:
        requests = list(backend.requests_taken)
    return sum(text in str(record) for record in records_of(*requests))


def wait_for(backend, text: str, count: int = 3, seconds: float = 20):
    wait_until(lambda: arrived(backend, text) >= count, seconds, f"{count} records with {text!r}")
    assert arrived(backend, text) == count


def failing(gateway) -> str:
    """Why nothing is delivered, as `/readyz` says."""
    return gateway.admin("/readyz")[1].partition('"failing":')[2]


def assert_silent(gateway, *secrets: str):
    """No secret is in the log, the metrics, the readiness or a file that the gateway wrote."""
    texts = {"/metrics": gateway.admin("/metrics")[1], "/readyz": gateway.admin("/readyz")[1]}
    for path in gateway.folder.rglob("*"):
        if path.is_file() and path.name != "gateway.yaml" and not path.name.startswith("secret"):
            texts[str(path)] = path.read_bytes().decode(errors="replace")
    for place, text in texts.items():
        for secret in secrets:
            assert secret not in text, f"{place} shows a secret"
