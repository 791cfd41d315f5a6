"""The container image: what is in its root, that it runs there as a runtime would run it, and the archive made of it.

`make image` makes both, without a container engine."""

import contextlib
import gzip
import hashlib
import http.client
import io
import json
import os
import pathlib
import re
import runpy
import signal
import statistics
import subprocess
import tarfile
import time

import pytest

from Deploy.certificates import Authority
from Deploy.container import IMAGE_ROOT, ROOT, USER, Container, PrivateNetwork
from EndToEnd.gateway import quick, wait_until
from EndToEnd.http_clients import HTTP2, grpc_frame, send
from EndToEnd.otlp_requests import body_of, record, records_of, request
from StandIns.name_server import NameServer
from StandIns.otlp import OTLPServerHTTP

ARCHIVE = ROOT / ".build/sluice-image.tar"
# What checks tokens of issuers brings a TLS library of its own: without it and OTTL the image has 17.7 MB. Traces and
# metrics, and what files of the Collector say, take some 0.3 MB, time zones 0.4 MB.
MAX_COMPRESSED_BYTES = 22_300_000
# What stays outside of the program, which is to run with the glibc that it was built for.
OUTSIDE = {"libc.so.6", "libm.so.6", "libgcc_s.so.1", "libcrypt.so.1"}
BUNDLE = "etc/ssl/certs/ca-certificates.crt"

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="namespaces and chroot need root")


@pytest.fixture(scope="module", autouse=True)
def image():
    assert ARCHIVE.exists() and IMAGE_ROOT.exists(), "no image to test: run make image"


def files_of_root() -> dict:
    return {str(path.relative_to(IMAGE_ROOT)): path for path in IMAGE_ROOT.rglob("*") if not path.is_dir()}


def test_the_root_has_one_program_and_what_it_loads():
    programs = {
        name: path for name, path in files_of_root().items()
        if path.read_bytes()[:4] == b"\x7fELF"
    }
    loaders = {name for name in programs if pathlib.Path(name).name.startswith("ld-linux")}
    libraries = {pathlib.Path(name).name for name in programs} - {"sluice"} - {pathlib.Path(n).name for n in loaders}
    assert libraries == OUTSIDE and len(loaders) == 1
    for path in programs.values():
        needed = re.findall(r"\(NEEDED\).*\[(.*)\]", subprocess.run(
            ["readelf", "--dynamic", path], capture_output=True, text=True, check=True).stdout)
        assert set(needed) <= OUTSIDE | {pathlib.Path(name).name for name in loaders}, path
    executable = {name for name, path in files_of_root().items() if path.stat().st_mode & 0o111}
    assert executable == set(programs), "nothing else can be run, no shell among it"
    assert not [name for name, path in files_of_root().items() if path.is_symlink() or path.stat().st_mode & 0o6000]


def test_the_program_has_no_symbols_and_names_the_file_that_has_them():
    def sections(path):
        return subprocess.run(
            ["readelf", "--sections", "--wide", path], capture_output=True, text=True, check=True).stdout

    program, symbols = sections(IMAGE_ROOT / "usr/bin/sluice"), sections(ROOT / ".build/release/sluice.debug")
    assert ".gnu_debuglink" in program and ".symtab" not in program and ".debug_info" not in program
    assert ".symtab" in symbols and ".debug_info" in symbols


def test_time_zones_are_there_for_statements_that_name_them():
    zones = IMAGE_ROOT / "usr/share/zoneinfo"
    for name in ("America/New_York", "Europe/Berlin", "US/Eastern", "UTC"):
        assert (zones / name).read_bytes()[:4] == b"TZif", name
    assert not (zones / "right").exists() and not (zones / "posix").exists()


def test_what_is_shipped_comes_with_its_licence():
    documents = IMAGE_ROOT / "usr/share/doc"
    for name in ("libc6", "libgcc-s1", "libnghttp2-dev", "libssl-dev", "zlib1g-dev", "ca-certificates", "tzdata"):
        assert (documents / name / "copyright").stat().st_size > 300, name
        assert f"Package: {name}\n" in (IMAGE_ROOT / "var/lib/dpkg/status.d" / name).read_text()
    for name in ("swift", "swift-nio", "swift-nio-ssl", "async-http-client", "sluice"):
        assert list((documents / name).glob("LICENSE*")), name


def test_sizes_and_start(tmp_path):
    """What a start takes is told, not held to a limit: it depends on the machine."""
    with tarfile.open(ARCHIVE) as archive:
        manifest = json.load(archive.extractfile("manifest.json"))
        layer = archive.getmember(manifest[0]["Layers"][0])
    program = (IMAGE_ROOT / "usr/bin/sluice").stat().st_size
    settings = [f"receivers.otlp.protocols.{name}.endpoint=127.0.0.1:0" for name in ("grpc", "http")]
    settings.append("service.telemetry.metrics.address=127.0.0.1:0")
    command = [IMAGE_ROOT / "usr/bin/sluice", *(part for setting in settings for part in ("--set", setting))]
    taken = []
    for _ in range(9):
        began = time.monotonic()
        with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, cwd=tmp_path) as process:
            assert any("gateway is ready" in line for line in process.stderr)
            taken.append((time.monotonic() - began) * 1000)
            process.terminate()
            process.stderr.read()
            assert process.wait(20) == 0
    print(
        f"\nimage: {layer.size / 1e6:.1f} MB compressed, the program {program / 1e6:.1f} MB; "
        f"ready in {min(taken):.0f} to {max(taken):.0f} ms, half of the time within {statistics.median(taken):.0f} ms")
    assert layer.size <= MAX_COMPRESSED_BYTES


# The archive.


def blob(archive, descriptor) -> bytes:
    content = archive.extractfile("blobs/" + descriptor["digest"].replace(":", "/")).read()
    assert f"sha256:{hashlib.sha256(content).hexdigest()}" == descriptor["digest"]
    assert len(content) == descriptor["size"]
    return content


def test_the_archive_is_an_oci_layout_with_the_root_as_its_layer():
    with tarfile.open(ARCHIVE) as archive:
        assert json.load(archive.extractfile("oci-layout")) == {"imageLayoutVersion": "1.0.0"}
        (entry,) = json.load(archive.extractfile("index.json"))["manifests"]
        manifest = json.loads(blob(archive, entry))
        config = json.loads(blob(archive, manifest["config"]))
        (compressed,) = (blob(archive, layer) for layer in manifest["layers"])
        (docker,) = json.load(archive.extractfile("manifest.json"))
        assert docker["Config"].endswith(manifest["config"]["digest"].removeprefix("sha256:"))
    tar = gzip.decompress(compressed)
    assert config["rootfs"]["diff_ids"] == [f"sha256:{hashlib.sha256(tar).hexdigest()}"]
    assert entry["platform"] == {"architecture": config["architecture"], "os": "linux"}
    with tarfile.open(fileobj=io.BytesIO(tar)) as layer:
        entries = {member.name: member for member in layer}
        for name, path in files_of_root().items():
            member = entries.pop(name)
            assert layer.extractfile(member).read() == path.read_bytes(), name
            assert (member.mode, member.uid) == (path.stat().st_mode & 0o7777, 0)
    assert all(member.isdir() for member in entries.values())
    assert entries["var/lib/sluice"].uid == entries["var/lib/sluice"].gid == USER
    assert entries["tmp"].mode == 0o1777
    assert {member.uid for name, member in entries.items() if name != "var/lib/sluice"} == {0}


def test_the_archive_is_run_as_the_dockerfile_says():
    with tarfile.open(ARCHIVE) as archive:
        (docker,) = json.load(archive.extractfile("manifest.json"))
        config = json.load(archive.extractfile(docker["Config"]))["config"]
    labels = {name.removeprefix("org.opencontainers.image."): value for name, value in config.pop("Labels").items()}
    told = subprocess.run(
        [IMAGE_ROOT / "usr/bin/sluice", "--version"], capture_output=True, text=True, check=True).stdout
    assert f"sluice {labels['version']} (commit {labels['revision']})" in told
    assert docker["RepoTags"] == [f"sluice:{labels['version']}"]
    assert labels["licenses"] == "Apache-2.0" and labels["title"] == "sluice"
    assert config == {
        "User": f"{USER}:{USER}", "WorkingDir": "/var/lib/sluice", "Entrypoint": ["/usr/bin/sluice"],
        "ExposedPorts": {"4317/tcp": {}, "4318/tcp": {}, "8888/tcp": {}},
        "Healthcheck": {"Test": ["CMD", "/usr/bin/sluice", "probe"], "Interval": 10**10, "Timeout": 5 * 10**9},
    }


def test_the_same_root_gives_the_same_archive(tmp_path):
    program = tmp_path / "root/usr/bin/sluice"
    program.parent.mkdir(parents=True)
    program.write_text("#!/bin/sh\necho 'sluice 1.2.3 (commit abc)'\n")
    program.chmod(0o755)
    (tmp_path / "root/etc").mkdir()
    (tmp_path / "root/etc/a").write_text("a")

    def packed(epoch: str) -> bytes:
        subprocess.run(
            ["python3", ROOT / "deploy/image/archive.py", tmp_path / "root", tmp_path / "image.tar"], check=True,
            capture_output=True, env={**os.environ, "SOURCE_DATE_EPOCH": epoch})
        return (tmp_path / "image.tar").read_bytes()

    first = packed("1700000000")
    os.utime(tmp_path / "root/etc/a", (1, 1))
    assert packed("1700000000") == first
    assert packed("1700000001") != first


# The Dockerfile, which no test builds: that takes a container engine.


def test_the_dockerfile_copies_what_make_makes():
    text = (ROOT / "Dockerfile").read_text()
    stages = re.findall(r"^FROM (\S+)(?: AS (\S+))?$", text, re.M)
    assert [name for _, name in stages] == ["build", ""] and stages[1][0] == "scratch"
    (target,) = re.findall(r"^RUN make (\S+)$", text, re.M)
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(), re.M)
    (sources,) = re.findall(r"^WORKDIR (\S+)$", text.split("FROM scratch")[0], re.M)
    last_stage = runpy.run_path(str(ROOT / "deploy/image/archive.py"))["last_stage"]
    instructions = last_stage(text)
    copied = [rest.split() for word, rest in instructions if word == "COPY"]
    for *options, source, goal in copied:
        assert "--from=build" in options
        inside = pathlib.Path(source).relative_to(pathlib.Path(sources) / ".build/image-root")
        assert (IMAGE_ROOT / inside).is_dir() and pathlib.Path(goal) == pathlib.Path("/") / inside
    assert ["--chown=65532:65532" in options for *options, _, _ in copied] == [False, True]
    known = dict(instructions)
    for word in ("ENTRYPOINT", "HEALTHCHECK"):
        program = json.loads(known[word][known[word].index("[") :])[0]
        assert (IMAGE_ROOT / program.lstrip("/")).is_file()
    assert (IMAGE_ROOT / known["WORKDIR"].lstrip("/")).is_dir()


def test_the_context_of_the_dockerfile_has_what_is_built_but_no_builds():
    ignored = (ROOT / ".dockerignore").read_text().split()
    assert ".build*" in ignored and ".git" not in ignored, "the commit is told to the build"


# The image's root as a runtime runs it.


class Running:
    """A gateway in the image's root, and the destinations that it delivers to by names and TLS."""

    def __init__(self, folder: pathlib.Path, cleanup: contextlib.ExitStack):
        trusted, unknown = Authority(folder, "trusted"), Authority(folder, "unknown")
        self.servers = {
            "by-hosts": self._server(cleanup, trusted.server("by-hosts.test")),
            "by-dns": self._server(cleanup, trusted.server("by-dns.test")),
            "not-trusted": self._server(cleanup, unknown.server("not-trusted.test")),
        }
        self.names = NameServer({"by-dns.test": "127.0.0.1", "not-trusted.test": "127.0.0.1"}).start()
        cleanup.callback(self.names.stop)
        exporters = {
            f"otlphttp/{name}": quick(endpoint=f"https://{name}.test:{server.port}")
            for name, server in self.servers.items()
        }
        config = {
            "receivers": {"otlp": {"protocols": {"grpc": {"endpoint": ":4317"}, "http": {"endpoint": ":4318"}}}},
            "exporters": exporters,
            # What is kept for a destination that is not trusted is given up at the end, which is no clean one.
            "service": {"pipelines": {"logs": {"receivers": ["otlp"], "exporters": list(exporters)}}},
        }
        self.container = Container(folder, {
            "etc/sluice/sluice.yaml": json.dumps(config),
            "etc/hosts": "127.0.0.1 localhost\n127.0.0.1 by-hosts.test\n",
            "etc/resolv.conf": "nameserver 127.0.0.1\n",
            BUNDLE: (IMAGE_ROOT / BUNDLE).read_text() + trusted.certificate,
        })
        self.container.start("/usr/bin/sluice", "--config", "/etc/sluice/sluice.yaml")
        cleanup.callback(self.container.end)
        wait_until(lambda: "gateway is ready" in self.container.log(), 20, "the gateway")

    @staticmethod
    def _server(cleanup, tls) -> OTLPServerHTTP:
        server = cleanup.enter_context(OTLPServerHTTP())
        server._server.socket = tls.wrap_socket(server._server.socket, server_side=True)
        return server

    def bodies(self, name: str) -> list:
        server = self.servers[name]
        with server.lock:
            return [body_of(seen) for seen in records_of(*server.requests_taken)]


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    with PrivateNetwork(), contextlib.ExitStack() as cleanup:
        yield Running(tmp_path_factory.mktemp("container"), cleanup)


def probe(running, *arguments) -> subprocess.CompletedProcess:
    """The health check of the Dockerfile, inside."""
    return running.container.run("/usr/bin/sluice", "probe", *arguments)


@needs_root
def test_it_runs_as_nobody_in_particular_on_a_root_that_it_cannot_write(running):
    status = pathlib.Path(f"/proc/{running.container.pid}/status").read_text()
    for word in ("Uid", "Gid"):
        assert re.search(rf"^{word}:\s+(.*)$", status, re.M)[1].split() == [str(USER)] * 4
    assert re.search(r"^CapEff:\s+(\w+)$", status, re.M)[1] == "0" * 16
    assert re.search(r"^Groups:\s*$", status, re.M)
    assert re.search(r"^NSpid:.*\s1$", status, re.M)
    mounts = pathlib.Path(f"/proc/{running.container.pid}/mounts").read_text().splitlines()
    assert any(line.split()[1] == "/" and "ro" in line.split()[3].split(",") for line in mounts)


@needs_root
def test_its_health_check_says_that_it_is_ready(running):
    done = probe(running)
    assert done.returncode == 0 and '"status":"ready"' in done.stdout, done.stderr
    done = probe(running, "--config", "/etc/sluice/sluice.yaml", "--live")
    assert (done.returncode, done.stdout) == (0, "127.0.0.1:8888 answered 200: ok\n"), done.stderr


@needs_root
def test_it_takes_logs_by_both_protocols_and_delivers_them_to_names_over_tls(running):
    assert send(4318, request(record("over HTTP")).SerializeToString()).status == 200
    with HTTP2(4317) as connection:
        stream = connection.open_grpc()
        connection.write(stream, grpc_frame(request(record("over gRPC")).SerializeToString()))
        assert connection.result(stream).grpc_field("grpc-status") == "0"
    for name in ("by-hosts", "by-dns"):
        wait_until(lambda: len(running.bodies(name)) >= 2, 20, f"both logs at {name}")
        assert sorted(running.bodies(name)) == ["over HTTP", "over gRPC"]
    assert "by-dns.test" in running.names.asked and "by-hosts.test" not in running.names.asked


@needs_root
def test_it_trusts_no_certificate_that_its_bundle_does_not(running):
    def failing():
        connection = http.client.HTTPConnection("127.0.0.1", 8888, timeout=10)
        connection.request("GET", "/readyz")
        queues = json.loads(connection.getresponse().read())["queues"]
        connection.close()
        return {queue["exporter"]: queue["failing"]["error"] for queue in queues if "failing" in queue}

    wait_until(lambda: failing(), 20, "a destination that fails")
    assert list(failing()) == ["otlphttp/not-trusted"] and "certificate" in failing()["otlphttp/not-trusted"].lower()
    assert running.bodies("not-trusted") == []
    assert (IMAGE_ROOT / BUNDLE).read_text().count("BEGIN CERTIFICATE") > 100


@needs_root
def test_it_ends_in_order_when_a_runtime_asks_for_it(tmp_path):
    with PrivateNetwork():
        container = Container(tmp_path, {"etc/sluice/sluice.yaml": json.dumps({
            "receivers": {"otlp": {"protocols": {"http": {}}}}, "exporters": {"file": {"path": "out.ndjson"}},
            "service": {"pipelines": {"logs": {"receivers": ["otlp"], "exporters": ["file"]}}}})})
        try:
            container.start("/usr/bin/sluice", "--config", "/etc/sluice/sluice.yaml")
            wait_until(lambda: "gateway is ready" in container.log(), 20, "the gateway")
            assert send(4318, request(record("at the end")).SerializeToString()).status == 200
            os.kill(container.pid, signal.SIGTERM)
            assert container.process.wait(20) == 0, container.log()
            done = container.run("/usr/bin/sluice", "probe")
            assert done.returncode == 1 and done.stderr.startswith("error: 127.0.0.1:8888: "), done.stderr
        finally:
            container.end()


@needs_root
def test_it_has_no_shell():
    done = subprocess.run(["chroot", IMAGE_ROOT, "/bin/sh", "-c", "true"], capture_output=True, text=True)
    assert done.returncode == 127
