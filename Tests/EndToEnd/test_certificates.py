"""Certificates, keys and authorities of both edges are exchanged while records flow: no request fails, no connection
ends, and what cannot be used changes nothing.

`ROTATION_ROUNDS` is how often everything is exchanged under load.
"""

import http.client
import json
import os
import shutil
import signal
import ssl
import subprocess
import threading
import time

import pytest

from EndToEnd.certificates import Authority, link, replace, trust
from EndToEnd.gateway import free_port, merged, quick, wait_until

ROUNDS = int(os.environ.get("ROTATION_ROUNDS", "2"))


def request_of(mark: str, number: int) -> str:
    record = {"timeUnixNano": str(time.time_ns()), "body": {"stringValue": f"{mark} {number}"}}
    return json.dumps({"resourceLogs": [{"scopeLogs": [{"logRecords": [record]}]}]})


class Sender(threading.Thread):
    """Sends a record a request until it is told to stop, each on a connection of its own unless it `keeps` one."""

    def __init__(self, port: int, mark: str, context: ssl.SSLContext = None, keeps: bool = False):
        super().__init__(daemon=True)
        self.port, self.mark, self.context, self.keeps = port, mark, context, keeps
        self.sent, self.failed, self.own_ports = 0, [], set()
        self._ended = threading.Event()

    def _connection(self):
        if self.context is None:
            return http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        return http.client.HTTPSConnection("127.0.0.1", self.port, timeout=20, context=self.context)

    def run(self):
        connection = self._connection()
        while not self._ended.is_set():
            try:
                body = request_of(self.mark, self.sent)
                connection.request("POST", "/v1/logs", body, {"Content-Type": "application/json"})
                self.own_ports.add(connection.sock.getsockname()[1])
                answer = connection.getresponse()
                if (answer.status, answer.read()) and answer.status != 200:
                    self.failed.append(answer.status)
            except (OSError, http.client.HTTPException) as error:
                self.failed.append(repr(error))
                connection.close()
            self.sent += 1
            if not self.keeps:
                connection.close()
            time.sleep(0.005)
        connection.close()

    def stop(self):
        self._ended.set()
        self.join(30)


def shown(port: int) -> str:
    """The certificate that a port shows now."""
    return ssl.get_server_certificate(("127.0.0.1", port))


def wait_for_certificate(port: int, folder):
    text = (folder / "cert").read_text()
    wait_until(lambda: shown(port) == text, 10, f"the certificate of {folder.name}")


def failing(gateway) -> float:
    return gateway.metric("sluice_watched_files_failing_since_seconds")


def test_a_port_has_another_certificate_and_no_request_fails(start, tmp_path):
    """By a link that is moved and by renames; torn pairs and broken files between."""
    authority = Authority(tmp_path, "authority")
    pairs = [authority.issue(f"pair{number}", days=3 + number) for number in range(2 * ROUNDS + 1)]
    torn = tmp_path / "torn"
    torn.mkdir()
    shutil.copy(pairs[1] / "cert", torn / "cert")
    shutil.copy(pairs[0] / "key", torn / "key")
    data = tmp_path / "data"
    data.symlink_to(pairs[0])
    tls = {"cert_file": str(data / "cert"), "key_file": str(data / "key")}
    gateway = start({"nop": {}}, {"receivers": {"otlp": {"protocols": {"http": {"tls": tls}}}}})
    port = gateway.http_port
    kept = Sender(port, "kept", trust(authority), keeps=True)
    senders = [kept] + [Sender(port, "new", trust(authority)) for _ in range(3)]
    for sender in senders:
        sender.start()
    before = gateway.metric("sluice_receiver_certificate_expiry_seconds")
    wait_for_certificate(port, pairs[0])
    for number in range(1, 2 * ROUNDS + 1, 2):
        link(data, torn)
        wait_until(lambda: failing(gateway) > 0, 10, "a torn pair is counted")
        assert shown(port) == (pairs[number - 1] / "cert").read_text()
        link(data, pairs[number])
        wait_for_certificate(port, pairs[number])
        assert failing(gateway) == 0
        # Files that are renamed one after the other, the key late, in a folder of their own.
        own = tmp_path / f"own{number}"
        shutil.copytree(pairs[number], own)
        link(data, own)
        replace(own / "cert", (pairs[number + 1] / "cert").read_text())
        wait_until(lambda: failing(gateway) > 0, 10, "a certificate without its key is counted")
        replace(own / "key", "no key")
        time.sleep(2.2)
        assert shown(port) == (pairs[number] / "cert").read_text()
        replace(own / "key", (pairs[number + 1] / "key").read_text())
        wait_for_certificate(port, pairs[number + 1])
    for sender in senders:
        sender.stop()
    assert [sender.failed for sender in senders] == [[]] * 4
    assert len(kept.own_ports) == 1 and min(sender.sent for sender in senders) > 20
    assert gateway.metric("sluice_watched_files_reloads", option="protocols.http.tls") == 2 * ROUNDS
    assert gateway.metric("sluice_config_reloads") == 0
    after = gateway.metric("sluice_receiver_certificate_expiry_seconds")
    assert after - before == pytest.approx(2 * ROUNDS * 86400, abs=120)
    # A torn pair, the key that was late, and the one that was none: each once, however often it was looked at.
    assert gateway.log().count("files have changed and cannot be used") == 3 * ROUNDS
    assert "BEGIN" not in gateway.log()


def test_other_authorities_of_clients_hold_for_new_connections(start, tmp_path):
    old, new = Authority(tmp_path, "old"), Authority(tmp_path, "new")
    server = old.issue("server")
    authorities = tmp_path / "clients.pem"
    shutil.copy(old.path, authorities)
    tls = {"cert_file": str(server / "cert"), "key_file": str(server / "key"), "client_ca_file": str(authorities),
           "client_ca_file_reload": True, "reload_interval": "24h"}
    gateway = start({"nop": {}}, {"receivers": {"otlp": {"protocols": {"http": {"tls": tls}}}}})

    def status(context) -> int:
        connection = http.client.HTTPSConnection("127.0.0.1", gateway.http_port, timeout=10, context=context)
        try:
            connection.request("POST", "/v1/logs", request_of("x", 0), {"Content-Type": "application/json"})
            return connection.getresponse().status
        except (ssl.SSLError, ConnectionError):
            return 0
        finally:
            connection.close()

    of_old, of_new = trust(old, pair=old.issue("a")), trust(old, pair=new.issue("b"))
    kept = Sender(gateway.http_port, "kept", of_old, keeps=True)
    kept.start()
    assert (status(of_old), status(of_new), status(trust(old))) == (200, 0, 0)
    replace(authorities, new.text())
    wait_until(lambda: status(of_new) == 200, 10, "the new authority")
    assert (status(of_old), status(trust(old))) == (0, 0)
    replace(authorities, "broken")
    wait_until(lambda: failing(gateway) > 0, 10, "a broken file is counted")
    assert (status(of_new), status(of_old)) == (200, 0)
    kept.stop()
    assert kept.failed == [] and len(kept.own_ports) == 1 and kept.sent > 20
    assert gateway.metric("sluice_receiver_cut_off", reason="tls_bad_client_certificate") >= 3


@pytest.mark.parametrize("version", ["TLSv1_2", "TLSv1_3"])
def test_a_client_that_does_not_trust_the_certificate_is_told_apart(start, tmp_path, version):
    server, other = Authority(tmp_path, "one").issue("server"), Authority(tmp_path, "two")
    tls = {"cert_file": str(server / "cert"), "key_file": str(server / "key")}
    gateway = start({"nop": {}}, {"receivers": {"otlp": {"protocols": {"http": {"tls": tls}}}}})
    context = trust(other)
    context.minimum_version = context.maximum_version = ssl.TLSVersion[version]
    connection = http.client.HTTPSConnection("127.0.0.1", gateway.http_port, timeout=10, context=context)
    with pytest.raises(ssl.SSLCertVerificationError):
        connection.request("GET", "/")
    connection.close()
    refused = {"reason": "tls_refused_by_client"}
    wait_until(lambda: gateway.metric("sluice_receiver_cut_off", **refused) == 1, 10, "it is counted")


@pytest.mark.parametrize("kind", ["otlp", "otlphttp"])
def test_both_ends_move_to_another_authority_and_nothing_is_lost(start, tmp_path, kind):
    """One gateway sends to another, each of which shows a certificate to the other."""
    old, new = Authority(tmp_path, "old"), Authority(tmp_path, "new")
    pairs = {name: (old.issue(f"{name}-old", 3), new.issue(f"{name}-new", 5)) for name in ("server", "client")}
    links = {name: tmp_path / name for name in pairs}
    for name, (first, _) in pairs.items():
        links[name].symlink_to(first)
    trusted = {name: tmp_path / f"{name}.ca" for name in pairs}
    for path in trusted.values():
        shutil.copy(old.path, path)

    def pair(name) -> dict:
        return {"cert_file": str(links[name] / "cert"), "key_file": str(links[name] / "key")}

    # Connections are made anew all the time, so that each step meets some.
    age = {"server_parameters": {"max_connection_age": "300ms"}}
    tls = {**pair("server"), "client_ca_file": str(trusted["server"])}
    receiver = {"protocols": {"grpc": {"tls": tls, "keepalive": age}, "http": {"tls": tls}},
                "limits": {"connections": {"max_connection_age": "300ms"}}}
    sink = start({"file": {"path": "out.ndjson"}}, {"receivers": {"otlp": receiver}})
    scheme, port = ("", sink.grpc_port) if kind == "otlp" else ("https://", sink.http_port)
    exporter = quick(endpoint=f"{scheme}localhost:{port}",
                     tls={**pair("client"), "ca_file": str(trusted["client"])})
    gateway = start({kind: exporter})
    sender = Sender(gateway.http_port, "flow")
    sender.start()

    def taken() -> float:
        return sink.metric("otelcol_receiver_accepted_log_records")

    def goes_on(what: str):
        """Records go on to arrive, over connections that were made since."""
        opened = sink.metric("sluice_receiver_connections")
        wait_until(lambda: sink.metric("sluice_receiver_connections") > opened + 1, 10, f"connections after {what}")
        count = taken()
        wait_until(lambda: taken() > count + 5, 10, f"records after {what}")

    goes_on("the start")
    expiry = gateway.metric("sluice_exporter_certificate_expiry_seconds")
    for name in trusted:
        replace(trusted[name], old.text() + new.text())
    for used in (gateway, sink):
        wait_until(lambda: used.metric("sluice_watched_files_reloads") >= 1, 10, "both authorities")
    link(links["server"], pairs["server"][1])
    wait_for_expiry = pairs["server"][1]
    wait_until(lambda: sink.metric("sluice_watched_files_reloads", option="protocols.http.tls") == 2, 10, "the pair")
    goes_on(f"the certificate of {wait_for_expiry.name}")
    link(links["client"], pairs["client"][1])
    wait_until(lambda: gateway.metric("sluice_watched_files_reloads") == 2, 10, "the client's pair")
    goes_on("the client's certificate")
    assert gateway.metric("sluice_exporter_certificate_expiry_seconds") - expiry == pytest.approx(172800, abs=120)
    for name in trusted:
        replace(trusted[name], new.text())
    wait_until(lambda: gateway.metric("sluice_watched_files_reloads") == 3, 10, "the new authority")
    goes_on("the old authority has gone")
    replace(trusted["client"], "broken")
    wait_until(lambda: failing(gateway) > 0, 10, "a broken file is counted")
    goes_on("a broken file")
    sender.stop()
    assert sender.failed == []
    assert gateway.metric("sluice_exporter_failing_since_seconds") == 0
    gateway.stop()
    sink.stop()
    lines = [json.loads(line) for line in (sink.folder / "out.ndjson").read_text().splitlines()]
    bodies = [record["body"]["stringValue"] for line in lines for group in line["resourceLogs"]
              for scope in group["scopeLogs"] for record in scope["logRecords"]]
    assert set(bodies) == {f"flow {number}" for number in range(sender.sent)}


def test_a_reload_goes_on_with_what_the_files_hold(start, tmp_path):
    authority = Authority(tmp_path, "authority")
    pairs = [authority.issue(name) for name in ("one", "two", "three")]
    data = tmp_path / "data"
    data.symlink_to(pairs[0])
    tls = {"cert_file": str(data / "cert"), "key_file": str(data / "key")}
    gateway = start({"nop": {}}, {"receivers": {"otlp": {"protocols": {"http": {"tls": tls}}}}})

    def reload(count: int):
        os.kill(gateway.process.pid, signal.SIGHUP)
        wait_until(lambda: gateway.metric("sluice_config_reloads") == count, 10, "a reload")

    link(data, pairs[1])
    reload(1)
    assert shown(gateway.http_port) == (pairs[1] / "cert").read_text()
    link(data, pairs[2])
    wait_for_certificate(gateway.http_port, pairs[2])
    # What was replaced is looked at no more: a file that breaks is told of once, by the receiver that there is.
    reload(2)
    replace(pairs[2] / "key", "broken")
    wait_until(lambda: failing(gateway) > 0, 10, "a broken file is counted")
    time.sleep(2.2)
    assert gateway.log().count("files have changed and cannot be used") == 1
    os.kill(gateway.process.pid, signal.SIGHUP)
    wait_until(lambda: gateway.metric("sluice_config_reloads", outcome="refused") == 1, 10, "a refusal")
    assert shown(gateway.http_port) == (pairs[2] / "cert").read_text()


# What openssl says of a port, and of a destination that it plays.


def client(port: int, *arguments) -> str:
    command = ["openssl", "s_client", "-connect", f"127.0.0.1:{port}", *map(str, arguments)]
    done = subprocess.run(command, input=b"", capture_output=True, timeout=20)
    return (done.stdout + done.stderr).decode(errors="replace")


def served(port: int, *arguments) -> bool:
    text = client(port, *arguments)
    return "Cipher is (NONE)" not in text and "alert number" not in text and "Server certificate" in text


@pytest.fixture
def authority(tmp_path):
    return Authority(tmp_path, "authority")


def port_with(start, authority, **more) -> int:
    pair = authority.folder / "server"
    if not pair.exists():
        authority.issue("server")
    tls = {"cert_pem": (pair / "cert").read_text(), "key_pem": (pair / "key").read_text(), **more}
    return start({"nop": {}}, {"receivers": {"otlp": {"protocols": {"http": {"tls": tls}}}}}).http_port


def test_versions_suites_and_curves_of_a_port(start, authority):
    port = port_with(start, authority, max_version="1.2", cipher_suites=["TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"],
                     curve_preferences=["P384"])
    # The certificate's own key is of P-256.
    text = client(port, "-tls1_2", "-groups", "P-256:P-384")
    assert "ECDHE-ECDSA-AES256-GCM-SHA384" in text and "Temp Key: ECDH, secp384r1" in text
    assert not served(port, "-tls1_3")
    assert not served(port, "-tls1_2", "-groups", "P-256")
    assert not served(port, "-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-GCM-SHA256")
    newest = port_with(start, authority, min_version="1.3", curve_preferences=["X25519", "P256"])
    assert served(newest, "-tls1_3") and not served(newest, "-tls1_2")
    assert served(newest, "-groups", "P-256") and not served(newest, "-groups", "P-384")


def test_certificates_of_clients_may_be_left_to_them(start, authority, tmp_path):
    port = port_with(start, authority, client_ca_pem=authority.text(), client_auth="verify_if_given")
    other = Authority(tmp_path, "other")
    mine, theirs = authority.issue("mine"), other.issue("theirs")

    def status(pair=None) -> int:
        connection = http.client.HTTPSConnection(
            "127.0.0.1", port, timeout=10, context=trust(authority, pair=pair))
        try:
            connection.request("POST", "/v1/logs", request_of("x", 0), {"Content-Type": "application/json"})
            return connection.getresponse().status
        except (ssl.SSLError, ConnectionError):
            return 0
        finally:
            connection.close()

    assert (status(), status(mine), status(theirs)) == (200, 200, 0)


def test_a_session_does_not_outlive_the_authority_it_was_made_under(start, authority, tmp_path):
    authorities = tmp_path / "clients.pem"
    shutil.copy(authority.path, authorities)
    mine, session = authority.issue("mine"), tmp_path / "session"
    port = port_with(start, authority, client_ca_file=str(authorities), max_version="1.2")
    own = ["-cert", mine / "cert", "-key", mine / "key"]
    assert served(port, *own, "-sess_out", session)
    assert "Reused" in client(port, *own, "-sess_in", session)
    replace(authorities, Authority(tmp_path, "other").text())
    wait_until(lambda: not served(port, *own), 10, "the other authority")
    text = client(port, *own, "-sess_in", session)
    assert "Reused" not in text and "alert number" in text


class Destination:
    """`openssl s_server` in the place of a destination; it says which handshakes it has finished."""

    def __init__(self, pair, *arguments):
        self.port = free_port()
        command = ["openssl", "s_server", "-accept", f"127.0.0.1:{self.port}", "-cert", pair / "cert", "-key",
                   pair / "key", *arguments]
        self._log = open(pair.parent / f"s_server-{self.port}", "wb+")
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=self._log, stderr=self._log)

    def text(self) -> str:
        self._log.seek(0)
        return self._log.read().decode(errors="replace")

    def __enter__(self):
        wait_until(lambda: "ACCEPT" in self.text(), 10, "s_server")
        return self

    def __exit__(self, *_):
        self._process.kill()
        self._process.wait(10)
        self._log.close()


@pytest.mark.parametrize("arguments, good, bad", [
    (["-tls1_2"], {"max_version": "1.2"}, {"min_version": "1.3"}),
    (["-tls1_3", "-groups", "P-384"], {"curve_preferences": ["P384"]}, {"curve_preferences": ["X25519"]}),
    (["-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-GCM-SHA256"],
     {"cipher_suites": ["TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"]},
     {"cipher_suites": ["TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"]}),
    ([], {}, {"ca_pem": None}),
    ([], {"ca_pem": None, "insecure_skip_verify": True}, {"server_name_override": "other.test"}),
    ([], {"server_name_override": "localhost", "include_system_ca_certs_pool": True}, {"ca_pem": "other"}),
], ids=["version", "curve", "suite", "system", "skip", "name"])
def test_versions_suites_and_curves_towards_a_destination(start, authority, tmp_path, arguments, good, bad):
    pair = authority.issue("server", addresses="DNS:localhost")
    other = Authority(tmp_path, "other")

    def tls(more: dict) -> dict:
        options = {"ca_pem": authority.text(), **more}
        if options["ca_pem"] == "other":
            options["ca_pem"] = other.text()
        return {key: value for key, value in options.items() if value is not None}

    with Destination(pair, *arguments) as taken, Destination(pair, *arguments) as refused:
        gateway = start({
            "otlphttp/good": quick(endpoint=f"https://localhost:{taken.port}", tls=tls(good), timeout="5s"),
            "otlphttp/bad": quick(endpoint=f"https://localhost:{refused.port}", tls=tls(bad), timeout="5s"),
        }, {"service": {"shutdown_timeout": "1s"}})
        sender = Sender(gateway.http_port, "x", keeps=True)
        sender.start()
        wait_until(lambda: "POST /v1/logs" in taken.text(), 20, "a request")
        wait_until(lambda: gateway.metric("sluice_exporter_failing_since_seconds", exporter="otlphttp/bad") > 0, 20,
                   "a failure")
        sender.stop()
        gateway.kill()
        assert "CIPHER is" in taken.text() and "POST /v1/logs" not in refused.text()
