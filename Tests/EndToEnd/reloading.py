"""What tests of a configuration that is read again have in common."""

import http.client
import json
import subprocess
import threading
import time

from EndToEnd.gateway import wait_until
from EndToEnd.otlp_requests import body_of, records_of


def request_of(mark: str, number: int) -> str:
    record = {"timeUnixNano": str(time.time_ns()), "body": {"stringValue": f"{mark} {number}"}}
    return json.dumps({"resourceLogs": [{"scopeLogs": [{"logRecords": [record]}]}]})


class Sender(threading.Thread):
    """Sends a record a request on one connection until it is told to stop; keeps what was not taken."""

    def __init__(self, port: int, mark: str):
        super().__init__(daemon=True)
        self.mark, self.sent, self.failed = mark, 0, []
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        self._ended = threading.Event()

    def run(self):
        while not self._ended.is_set():
            try:
                self._connection.request(
                    "POST", "/v1/logs", request_of(self.mark, self.sent), {"Content-Type": "application/json"})
                answer = self._connection.getresponse()
                text = answer.read()
                if answer.status != 200:
                    self.failed.append((answer.status, text))
            except (OSError, http.client.HTTPException) as error:
                self.failed.append(error)
                self._connection.close()
            self.sent += 1

    def stop(self):
        self._ended.set()
        self.join(30)
        self._connection.close()


def bodies(sink) -> list:
    with sink.lock:
        requests = list(sink.requests_taken)
    return [body_of(seen) for seen in records_of(*requests)]


def attributes(value: str) -> dict:
    return {"processors": {"attributes": {"actions": [{"key": "round", "value": value, "action": "upsert"}]}},
            "service": {"pipelines": {"logs": {"processors": ["attributes"]}}}}


def acknowledged(gateway, mark: str, count: int = 20):
    sender = Sender(gateway.http_port, mark)
    sender.start()
    wait_until(lambda: sender.sent >= count, 10, "requests")
    sender.stop()
    assert sender.failed == []
    return sender.sent


def in_force(gateway, count):
    wait_until(lambda: gateway.metric("sluice_config_reloads", outcome="in_force") == count, 10, "a reload")


def certificate(folder):
    """Makes a certificate of this machine's address, and its key, in a folder of the name it has."""
    folder.mkdir()
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days",
         "2", "-subj", f"/CN={folder.name}", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", folder / "key",
         "-out", folder / "cert"], check=True, capture_output=True)
