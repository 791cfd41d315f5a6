"""Gateways that can be measured: this one, and peers that are found on PATH, each with its files in `peers/`.

A gateway knows some ways: `nop`, `elasticsearch`, `otlphttp`, `victorialogs`, with `-gzip` or `-zstd` for a compressed
request and `+NAME` for a processor of `PROCESSORS`. What a peer has no file for, it is not measured at.
"""

import dataclasses
import pathlib
import re
import shutil
import tempfile
import urllib.request

from harness import GATEWAY_CORE, ROOT, Running, free_port

PEERS = pathlib.Path(__file__).resolve().parent / "peers"

EXPORTERS = {
    "nop": "nop: {}",
    "elasticsearch": "elasticsearch: {endpoints: ['http://127.0.0.1:SINK'], compression: CODING}",
    "otlphttp": "otlphttp: {endpoint: 'http://127.0.0.1:SINK', compression: CODING}",
    # The payloads' records are older than what the destination is said to keep.
    "victorialogs": "victorialogs: {endpoint: 'http://127.0.0.1:SINK', compression: CODING, limits: {max_age: 0s}}",
}

# A processor's type and options, by what a row calls it.
PROCESSORS = {
    "attributes": ("attributes", "{actions: [{key: deployment, action: upsert, value: blue}, {key: user.id, "
                                 "action: hash}, {key: thread.name, action: delete}]}"),
    "filter": ("filter", "{logs: {exclude: {match_type: regexp, bodies: ['^(heartbeat|health check)']}}}"),
    "filter-ottl": ("filter", """{log_conditions: [
        'log.severity_number < 9 and IsMatch(log.body, "^(heartbeat|health check)")']}"""),
    "parse-json": ("transform", """{log_statements: [
        'merge_maps(log.attributes, ParseJSON(log.body), "upsert")']}"""),
    "redaction": ("redaction", "{detectors: [default], allow_all_keys: true}"),
    "transform": ("transform", """{log_statements: [
        'set(log.attributes["deployment"], "blue")',
        'set(log.severity_text, "LOW") where log.severity_number < 9',
        'delete_key(log.attributes, "thread.name")',
        'replace_pattern(log.attributes["url.path"], "/orders/[0-9]+", "/orders/ID")',
        'set(log.attributes["http.request.method"], "/") where log.attributes["http.request.method"] != nil']}"""),
}

CONFIG = """
receivers: {otlp: {protocols: {grpc: {endpoint: 127.0.0.1:GRPC}, http: {endpoint: 127.0.0.1:HTTP}}}}
processors: {PROCESSORS}
exporters: {EXPORTER}
service:
  telemetry: {metrics: {readers: [{pull: {exporter: {prometheus: {host: 127.0.0.1, port: ADMIN}}}}]}}
  pipelines: {logs: {receivers: [otlp], processors: STEPS, exporters: [NAME]}}
"""


@dataclasses.dataclass
class Gateway:
    """A gateway that runs, and where it listens."""

    running: Running
    grpc: int
    http: int
    admin: int = 0

    def metric(self, name):
        """The sum of a metric of ours over its labels."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.admin}/metrics", timeout=5) as answer:
            found = re.findall(rf"^{name}(?:_total)?(?:{{.*}})? (\S+)$", answer.read().decode(), re.M)
        return sum(map(float, found))


def write_temporary(text, suffix):
    path = pathlib.Path(tempfile.mkstemp(suffix=suffix)[1])
    path.write_text(text)
    return path


def start_sluice(way, sink, core=GATEWAY_CORE):
    grpc, http, admin = free_port(), free_port(), free_port()
    way, _, processor = way.partition("+")
    exporter, _, coding = way.partition("-")
    type, options = PROCESSORS[processor] if processor else ("", "")
    text = CONFIG.replace("PROCESSORS", f"{type}: {options}" if type else "").replace("STEPS", f"[{type}]")
    text = text.replace("EXPORTER", EXPORTERS[exporter]).replace("NAME", exporter).replace("CODING", coding or "none")
    text = text.replace("GRPC", str(grpc)).replace("HTTP", str(http)).replace("SINK", str(sink))
    config = write_temporary(text.replace("ADMIN", str(admin)), ".yaml")
    return Gateway(Running(core, [ROOT / ".build/release/sluice", "--config", config], http), grpc, http, admin)


def start_peer(binary, arguments, name, way, sink, core=GATEWAY_CORE):
    """Starts a peer on its file for a way, or says None where it has none."""
    found = [path for path in (PEERS / name).glob("*") if path.stem == way]
    if not found:
        return None
    grpc, http = free_port(), free_port()
    text = found[0].read_text().replace("FOLDER", str(PEERS / name)).replace("SINK", str(sink))
    if "GRPC" not in text:
        grpc = http
    text = text.replace("GRPC", str(grpc)).replace("HTTP", str(http))
    if found[0].suffix == ".args":
        command = [binary, *text.split()]
    else:
        command = [binary, *arguments, write_temporary(text, found[0].suffix)]
    return Gateway(Running(core, command, http), grpc, http)


# What a peer is called in the tables: its binary, what precedes its file, and its folder in `peers/`.
KNOWN_PEERS = {
    "otelcol": ("otelcol", ["--config"], "otelcol"),
    "rotel": ("rotel", [], "rotel"),
    "fluent-bit": ("fluent-bit", ["-c"], "fluent-bit"),
    "fluent-bit, body alone": ("fluent-bit", ["-c"], "fluent-bit-body"),
}


def find_binary(name):
    """The binary of PATH; for rotel also that of the PyPI package."""
    found = shutil.which(name)
    if found or name != "rotel":
        return found
    try:
        import rotel
    except ImportError:
        return None
    binary = pathlib.Path(rotel.__file__).parent / "rotel-agent"
    return str(binary) if binary.exists() else None


def gateways():
    """Names and what starts them: (way, sink port) to a gateway, or None where it has no such way."""
    known = {"sluice": start_sluice}
    for name, (binary, arguments, folder) in KNOWN_PEERS.items():
        path = find_binary(binary)
        if path:
            known[name] = lambda *way, path=path, arguments=arguments, folder=folder: start_peer(
                path, arguments, folder, *way)
    return known
