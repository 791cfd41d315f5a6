"""Files as the Collector has them: what they say runs, and what is not for logs is left out."""

import http.client
import json
import os
import signal
import subprocess

import pytest

from EndToEnd.gateway import binary, free_ports, wait_until
from EndToEnd.http_clients import send
from EndToEnd.otlp_requests import record, records_of, request
from StandIns.otlp import OTLPServerHTTP

# A gateway's file of all signals, with components that are not here in the pipelines of the others.
FILE = """\
receivers:
  otlp:
    protocols:
      http: {endpoint: "127.0.0.1:HTTP", max_request_body_size: 0}
  hostmetrics: {collection_interval: 10s, scrapers: {cpu: , memory: }}
processors:
  batch: {timeout: 20ms, metadata_keys: [x-tenant]}
  memory_limiter: {check_interval: 1s, limit_mib: 512, spike_limit_mib: 128}
  resourcedetection: {detectors: [env, ec2], override: false, timeout: 2s}
  tail_sampling: {policies: [{name: all, type: always_sample}]}
exporters:
  otlp_http:
    endpoint: ENDPOINT
    compression: snappy
    headers: [{name: X-Key, value: "${env:KEY}"}]
    sending_queue: {QUEUE}
    retry_on_failure: {initial_interval: 50ms, max_interval: 100ms}
  prometheusremotewrite: {endpoint: "http://prometheus:9090/api/v1/write", auth: {authenticator: sigv4auth}}
  logging/old: {loglevel: warn}
extensions:
  health_check: {endpoint: "127.0.0.1:HEALTH", path: /health/status}
  zpages: {endpoint: "127.0.0.1:PAGES"}
  sigv4auth: {region: eu-central-1}
service:
  extensions: [health_check, zpages, sigv4auth]
  telemetry:
    logs: {level: INFO, encoding: json}
    metrics: {readers: [{pull: {exporter: {prometheus: {host: 127.0.0.1, port: ADMIN}}}}]}
    resource: {attributes: [{name: service.name, value: gateway}]}
  pipelines:
    traces: {receivers: [otlp], processors: [memory_limiter, tail_sampling, batch], exporters: [logging/old]}
    metrics: {receivers: [otlp, hostmetrics], processors: [batch], exporters: [prometheusremotewrite]}
    logs: {receivers: [otlp], processors: [memory_limiter, resourcedetection, batch], exporters: [otlp_http]}
"""


class Running:
    """The gateway on that file."""

    def __init__(self, folder, endpoint: str, queue: str = "enabled: true", *arguments: str):
        self.port, self.health, self.pages, admin = free_ports(4)
        self.path = folder / "collector.yaml"
        text = FILE.replace("QUEUE", queue).replace("ENDPOINT", endpoint)
        for name, port in ("HTTP", self.port), ("HEALTH", self.health), ("PAGES", self.pages), ("ADMIN", admin):
            text = text.replace(f":{name}\"", f":{port}\"").replace(f": {name}}}", f": {port}}}")
        self.path.write_text(text)
        self.environment = {**os.environ, "OTEL_RESOURCE_ATTRIBUTES": "deployment.environment=test,a=own"}
        self.log = folder / "log"
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                [str(binary()), "run", "--config", str(self.path), "--signals", "logs", *arguments],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=self.environment, cwd=folder)
        wait_until(lambda: "gateway is ready" in self.log.read_text(), 20, f"the gateway, {self.log}")

    def get(self, port: int, path: str) -> tuple:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(20) == 0, self.log.read_text()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait(20)


def test_logs_of_a_file_for_all_signals_run(tmp_path):
    with OTLPServerHTTP() as server, Running(tmp_path, server.url) as running:
        message = request(record("one"), resource={"a": "of the sender"})
        assert send(running.port, message.SerializeToString()).status == 200
        wait_until(lambda: server.requests_taken, what="the record")
        (resource,) = server.requests_taken[0].resource_logs
        attributes = {each.key: each.value.string_value for each in resource.resource.attributes}
        assert attributes == {"a": "of the sender", "deployment.environment": "test"}
        status, body = running.get(running.health, "/health/status")
        assert status == 200 and json.loads(body)["status"] == "Server available"
        assert running.get(running.health, "/")[0] == 404
        assert "it has no zPages" in running.get(running.pages, "/debug/servicez")[1]
        running.stop()
    log = running.log.read_text()
    assert "leaves out pipelines traces, metrics" in log and "sigv4auth" in log
    assert "the environment variable KEY is not set" in log


def test_without_a_queue_senders_hear_of_the_delivery(tmp_path):
    with OTLPServerHTTP() as server:
        with Running(tmp_path, server.url, "enabled: false") as running:
            body = request(record("one")).SerializeToString()
            assert send(running.port, body).status == 200
            assert len(records_of(*server.requests_taken)) == 1  # before the answer, not some time after it
            running.stop()


@pytest.mark.parametrize("arguments, code", [([], 78), (["--signals", "logs"], 0), (["--signals", "logs", "--strict"], 78)])
def test_validate_says_what_runs(tmp_path, arguments, code):
    path = tmp_path / "collector.yaml"
    path.write_text(
        FILE.replace("QUEUE", "enabled: true").replace("ENDPOINT", "http://127.0.0.1:9").replace(": ADMIN", ": 0")
        .replace(":HTTP", ":0").replace(":HEALTH", ":0").replace(":PAGES", ":0"))
    command = [str(binary()), "validate", "--config", str(path), *arguments]
    result = subprocess.run(command, capture_output=True, text=True, timeout=20, cwd=tmp_path)
    assert result.returncode == code, result.stderr
    if "--strict" in arguments:
        assert "and --strict takes none" in result.stderr


def test_the_schema_is_json(tmp_path):
    result = subprocess.run([str(binary()), "schema"], capture_output=True, text=True, timeout=20)
    assert result.returncode == 0
    assert "^otlp(/.+)?$" in json.loads(result.stdout)["properties"]["receivers"]["patternProperties"]
