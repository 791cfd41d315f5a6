"""A configuration that is watched (`--watch`): what is put in its place, whatever it is, costs nothing that runs."""

import http.client
import json
import os
import pathlib
import shutil
import ssl
import threading
import time

import pytest

from EndToEnd.gateway import merged, quick, wait_until
from EndToEnd.otlp_requests import records_of
from EndToEnd.reloading import Sender, acknowledged, attributes, bodies, certificate, in_force, request_of
from StandIns.otlp import OTLPServerHTTP


@pytest.fixture
def watched(start):
    """Starts a gateway again with `--watch`."""
    def again(*arguments):
        gateway = start(*arguments)
        gateway.stop()
        gateway.prefix = ["sh", "-c", 'exec "$0" "$@" --watch']
        return gateway.start()

    return again


def test_a_watched_file_is_read_again(start):
    gateway = start()
    gateway.stop()
    gateway.prefix = ["sh", "-c", 'exec "$0" "$@" --watch']
    gateway.start()
    gateway.replace(merged(gateway.config, attributes("watched")))
    wait_until(lambda: gateway.metric("sluice_config_reloads", outcome="in_force") == 1, 10, "a reload")
    gateway.replace({"receivers": {}})
    wait_until(lambda: gateway.metric("sluice_config_refused") == 1, 10, "a refusal")


def test_a_change_that_size_and_time_do_not_tell_is_read(watched, tmp_path):
    """Also of a file that is put in."""
    value = tmp_path / "value"
    value.write_text("one")
    with OTLPServerHTTP() as sink:
        gateway = watched({"otlphttp": quick(endpoint=sink.url)}, attributes("${file:%s}" % value))
        status = value.stat()
        value.write_text("two")
        os.utime(value, ns=(status.st_atime_ns, status.st_mtime_ns))
        in_force(gateway, 1)
        acknowledged(gateway, "late", 1)
        wait_until(lambda: bodies(sink), 10, "delivery")
        with sink.lock:
            assert all("two" in str(record) for record in records_of(*sink.requests_taken))
        # One that holds the same is no other, whichever it is.
        (tmp_path / "new").write_text("two")
        os.replace(tmp_path / "new", value)
        time.sleep(3)
        assert gateway.metric("sluice_config_reloads", outcome="in_force") == 1


def test_a_file_that_is_missing_is_waited_for(watched, tmp_path):
    value = tmp_path / "value"
    gateway = watched()
    gateway.replace(merged(gateway.config, attributes("${file:%s}" % value)))
    wait_until(lambda: gateway.metric("sluice_config_refused") == 1, 10, "a refusal")
    value.write_text("here")
    in_force(gateway, 1)
    assert gateway.metric("sluice_config_refused") == 0


def test_a_certificate_behind_a_link_is_exchanged_without_a_reload(watched, tmp_path):
    """As a Secret of Kubernetes is, first by one whose key is another's. Connections stay."""
    for name in ("one", "two"):
        certificate(tmp_path / name)
    (tmp_path / "bad").mkdir()
    shutil.copy(tmp_path / "two" / "cert", tmp_path / "bad" / "cert")
    shutil.copy(tmp_path / "one" / "key", tmp_path / "bad" / "key")
    (tmp_path / "data").symlink_to("one")
    tls = {"cert_file": str(tmp_path / "data" / "cert"), "key_file": str(tmp_path / "data" / "key")}
    gateway = watched({"nop": {}}, {"receivers": {"otlp": {"protocols": {"http": {"tls": tls}}}}})

    def shown():
        return ssl.get_server_certificate(("127.0.0.1", gateway.http_port))

    def exchange(name):
        (tmp_path / "next").symlink_to(name)
        os.replace(tmp_path / "next", tmp_path / "data")

    context = ssl.create_default_context(cafile=tmp_path / "one" / "cert")
    connection = http.client.HTTPSConnection("127.0.0.1", gateway.http_port, timeout=10, context=context)

    def send():
        connection.request("POST", "/v1/logs", request_of("tls", 0), {"Content-Type": "application/json"})
        answer = connection.getresponse()
        answer.read()
        return answer.status, connection.sock.getsockname()

    before = send()
    assert before[0] == 200 and shown() == (tmp_path / "one" / "cert").read_text()
    exchange("bad")
    wait_until(lambda: gateway.metric("sluice_watched_files_failures") == 1, 10, "a refusal")
    assert shown() == (tmp_path / "one" / "cert").read_text()
    exchange("two")
    wait_until(lambda: shown() == (tmp_path / "two" / "cert").read_text(), 10, "the other certificate")
    assert send() == before
    time.sleep(2)
    assert gateway.metric("sluice_config_reloads") == 0


def odd_files(path):
    """What may stand in the place of a file, by name: how it is put there."""
    return {
        "a folder": path.mkdir, "a link to nowhere": lambda: path.symlink_to("nowhere"),
        "nothing": lambda: None, "an empty file": lambda: path.write_bytes(b""),
        "64 MiB": lambda: path.write_bytes(b"#" * (64 << 20)), "bytes": lambda: path.write_bytes(bytes(range(256))),
        "a device": lambda: path.symlink_to("/dev/zero")}


@pytest.mark.parametrize("odd", [
    "a folder", "a link to nowhere", "nothing", "an empty file", "64 MiB", "bytes", "a device"])
def test_an_odd_file_in_place_of_the_configuration_changes_nothing(watched, odd):
    gateway = watched()
    path = gateway.folder / "gateway.yaml"
    before = gateway.rss_bytes()
    path.unlink()
    odd_files(path)[odd]()
    wait_until(lambda: gateway.metric("sluice_config_refused") == 1, 15, "a refusal")
    acknowledged(gateway, "goes on")
    time.sleep(2.5)
    # It is said once.
    assert gateway.metric("sluice_config_reloads", outcome="refused") == 1
    assert gateway.rss_bytes() - before < 32 << 20
    if path.is_dir():
        path.rmdir()
    gateway.replace(gateway.config)
    in_force(gateway, 1)
    assert gateway.metric("sluice_config_refused") == 0


def test_a_pipe_in_place_of_a_watched_file_is_not_opened_before_it_is_read(watched):
    """Whoever writes to it finds no reader that goes away; requests are taken while the reload waits for a writer."""
    gateway = watched()
    path = gateway.folder / "gateway.yaml"
    text = json.dumps(merged(gateway.config, attributes("piped")))
    path.unlink()
    os.mkfifo(path)
    written = []
    threading.Thread(target=lambda: written.append(path.write_text(text)), daemon=True).start()
    in_force(gateway, 1)
    assert written == [len(text)]
    acknowledged(gateway, "goes on")
    time.sleep(3)
    assert gateway.metric("sluice_config_reloads", outcome="in_force") == 1


def test_a_file_that_may_not_be_read_for_a_while(start, tmp_path):
    """By a process that is not root."""
    gateway = start()
    gateway.stop()
    for folder in [gateway.folder, *gateway.folder.parents]:
        if folder == pathlib.Path("/tmp"):
            break
        os.chmod(folder, 0o777)
    gateway.prefix = [
        "setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "sh", "-c", 'exec "$0" "$@" --watch']
    gateway.start()
    path = gateway.folder / "gateway.yaml"
    os.chmod(path, 0o600)
    wait_until(lambda: gateway.metric("sluice_config_refused") == 1, 15, "a refusal")
    assert "Permission denied" in json.loads(gateway.admin("/readyz")[1])["refused_configuration"]["error"]
    acknowledged(gateway, "goes on")
    os.chmod(path, 0o644)
    in_force(gateway, 1)
    assert gateway.metric("sluice_config_refused") == 0


def test_a_file_that_never_rests_is_read_once_it_does(watched):
    with OTLPServerHTTP() as sink:
        gateway = watched({"otlphttp": quick(endpoint=sink.url)})
        sender = Sender(gateway.http_port, "busy")
        sender.start()
        end, round = time.monotonic() + 10, 0
        while time.monotonic() < end:
            round += 1
            gateway.replace(merged(gateway.config, attributes(f"round {round}")))
            time.sleep(0.1)
        # What it held in between may have been read, at most once in two seconds.
        assert gateway.metric("sluice_config_reloads", outcome="in_force") <= 5
        wait_until(lambda: f"round {round}" in str(last_of(sink)), 10, "the last configuration")
        sender.stop()
        assert sender.failed == [] and gateway.metric("sluice_config_reloads", outcome="refused") == 0
        wait_until(lambda: len(bodies(sink)) >= sender.sent, 10, "delivery")
        assert sorted(bodies(sink)) == sorted(f"busy {number}" for number in range(sender.sent))


def last_of(sink):
    with sink.lock:
        return records_of(*sink.requests_taken[-1:])
