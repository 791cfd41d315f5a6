"""The Debian package: what is in it, and its life on a Debian with systemd and on one without."""

import contextlib
import io
import json
import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
import tarfile
import time
from pathlib import Path

import pytest

from Deploy.machine import Machine
from EndToEnd.gateway import ROOT, binary

sys.path.append(str(ROOT / "deploy/debian"))
import package  # noqa: E402

pytestmark = [
    pytest.mark.skipif(os.geteuid() != 0, reason="a package is installed by root"),
    pytest.mark.skipif(not shutil.which("dpkg-deb"), reason="this is no Debian"),
]
REQUEST = json.dumps({"resourceLogs": [{"scopeLogs": [{"logRecords": [{"body": {"stringValue": "order placed"}}]}]}]})
SEND = (
    "curl -sS --fail-with-body http://localhost:4318/v1/logs -H 'Content-Type: application/json' "
    f"-d {shlex.quote(REQUEST)}")
LOGS = "/var/log/sluice/logs.ndjson"
SECURITY = 1.5  # what systemd-analyze makes of the unit at most, of 10


@pytest.fixture(scope="session")
def deb(tmp_path_factory):
    return package.build(binary(), tmp_path_factory.mktemp("deb"), compression="none")


@pytest.fixture(scope="session")
def next_deb(deb, tmp_path_factory):
    """The next version, with another pipeline file."""
    root = tmp_path_factory.mktemp("next")
    subprocess.run(["dpkg-deb", "-R", deb, root / "root"], check=True)
    control = root / "root/DEBIAN/control"
    control.write_text(re.sub("(?m)^Version: .*", "Version: 1:99.0-1", control.read_text()))
    pipeline = root / "root/etc/sluice/sluice.yaml"
    pipeline.write_text(pipeline.read_text() + "# New in 99.0.\n")
    target = root / "sluice_99.0-1_amd64.deb"
    subprocess.run(["dpkg-deb", "--root-owner-group", "-Znone", "--build", root / "root", target], check=True)
    return target


@pytest.fixture(scope="session")
def content(deb, tmp_path_factory):
    folder = tmp_path_factory.mktemp("content")
    subprocess.run(["dpkg-deb", "-x", deb, folder], check=True)
    return folder


# What is in it


def test_the_same_input_gives_the_same_bytes(deb, tmp_path):
    time.sleep(1.1 - time.time() % 1)
    assert package.build(binary(), tmp_path, compression="none").read_bytes() == deb.read_bytes()


def test_everything_is_root_s_and_secrets_are_for_root_alone(deb):
    listing = subprocess.run(["dpkg-deb", "--fsys-tarfile", deb], check=True, capture_output=True).stdout
    with tarfile.open(fileobj=io.BytesIO(listing)) as archive:
        members = {member.name.removeprefix("."): member for member in archive}
    assert {(member.uname, member.gname, member.uid, member.gid) for member in members.values()} == {
        ("root", "root", 0, 0)}
    modes = {name: member.mode for name, member in members.items() if not member.isdir()}
    assert modes.pop("/usr/bin/sluice") == 0o755
    assert [modes.pop(name) for name in ("/etc/sluice/sluice.yaml", "/etc/default/sluice")] == [0o640, 0o640]
    assert set(modes.values()) == {0o644}
    assert {member.mode for member in members.values() if member.isdir()} == {0o755}
    conffiles = subprocess.run(["dpkg-deb", "--info", deb, "conffiles"], check=True, capture_output=True, text=True)
    assert conffiles.stdout.split() == ["/etc/default/sluice", "/etc/sluice/sluice.yaml"]


def test_it_depends_on_the_packages_of_its_libraries(deb, content):
    fields = subprocess.run(["dpkg-deb", "--field", deb], check=True, capture_output=True, text=True).stdout
    depends = re.search("(?m)^Depends: (.*)", fields)[1]
    assert "libc6 (>= " in depends and "adduser" in depends
    linked = subprocess.run(["ldd", content / "usr/bin/sluice"], check=True, capture_output=True, text=True).stdout
    assert "not found" not in linked
    # libnghttp2 is one or the other, and without the fault of 2026.
    assert ("libnghttp2-14 (>= 1.52.0-1+deb12u3)" in depends) != ("nghttp2 (= " in fields)
    assert ("libnghttp2" in linked) == ("libnghttp2" in depends)


def test_it_is_newer_than_the_other_program_of_its_name_in_debian(deb):
    version = subprocess.run(
        ["dpkg-deb", "--field", deb, "Version"], check=True, capture_output=True, text=True).stdout.strip()
    for other in ("0.02.15-1", "1.0-1"):
        subprocess.run(["dpkg", "--compare-versions", version, "gt", other], check=True)


def test_a_library_of_no_package_is_found(tmp_path):
    (tmp_path / "made.c").write_text("int made;")
    (tmp_path / "program.c").write_text("extern int made; int main(void) { return made; }")
    subprocess.run(["cc", "-shared", "-o", "libmade.so", "made.c"], check=True, cwd=tmp_path)
    program = tmp_path / "program"
    subprocess.run(
        ["cc", "-o", program, "program.c", "libmade.so", f"-Wl,-rpath,{tmp_path}"], check=True, cwd=tmp_path)
    with pytest.raises(SystemExit, match="libmade.so is of no package"):
        package.dependencies(program)


def test_pages_name_what_is_installed(content):
    folder = content / "usr/share/doc/sluice"
    pages = {page.name: page.read_text() for page in folder.rglob("*") if page.suffix in (".md", ".yaml")}
    assert pages.keys() >= {"OPERATING.md", "THREAT_MODEL.md", "reference.yaml"}
    links = {link for text in pages.values() for link in re.findall(r"\]\(([^)#\s]+)", text)}
    assert "DELIVERY.md" in links
    assert [link for link in links if "://" not in link and not (folder / link).exists()] == []
    named = {name for text in pages.values() for name in re.findall(r"\b(?:config|examples)/[a-z/]+\.yaml", text)}
    assert {"examples/reference.yaml", "examples/cases/redaction.yaml"} <= named
    assert [name for name in named if not (folder / name).exists()] == []
    assert "([manifests]" not in pages["THREAT_MODEL.md"] and "(manifests)" in pages["THREAT_MODEL.md"]


def test_a_package_is_made_whole_or_not_at_all(tmp_path, monkeypatch):
    target = tmp_path / "sluice.deb"
    with pytest.raises(SystemExit, match="dpkg-deb ended with 2"):
        package.pack(str(tmp_path / "nothing"), target, "none")
    # One that has written a part, and has a process of its own, when it is interrupted.
    (tmp_path / "dpkg-deb").write_text(f"""#!/bin/sh
for last; do :; done
sleep 60 & echo $! > {tmp_path}/child; echo part > "$last"; kill -INT $PPID; wait""")
    (tmp_path / "dpkg-deb").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    with pytest.raises(KeyboardInterrupt):
        package.pack(str(tmp_path), target, "none")
    child = int((tmp_path / "child").read_text())
    state = Path(f"/proc/{child}/stat")
    deadline = time.monotonic() + 10
    while state.exists() and state.read_text().split()[2] != "Z":
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["child", "dpkg-deb"]


@pytest.mark.parametrize("page", ["man1/sluice.1", "man5/sluice.yaml.5"])
def test_manual_pages_are_clean(content, page, tmp_path):
    packed = content / f"usr/share/man/{page}.gz"
    done = subprocess.run(
        ["man", "--warnings", "-E", "UTF-8", "-l", packed], capture_output=True, text=True, timeout=60,
        env={**os.environ, "MANROFFSEQ": "", "MANWIDTH": "80", "LC_ALL": "C.UTF-8"})
    assert done.returncode == 0 and done.stderr == ""
    assert "@" not in done.stdout
    if shutil.which("mandoc"):
        lint = subprocess.run(["mandoc", "-T", "lint", "-W", "warning", packed], capture_output=True, text=True)
        assert lint.stdout == ""


def test_manual_pages_have_every_command_and_option(content):
    def text(page):
        return subprocess.run(
            ["man", "-l", content / f"usr/share/man/{page}.gz"], capture_output=True, text=True, check=True,
            env={**os.environ, "MANWIDTH": "500", "LC_ALL": "C.UTF-8"}).stdout

    commands = text("man1/sluice.1")
    for words in ("sluice validate", "sluice dead-letter replay", "sluice queue drain", "--give-up-after seconds",
                  "-c, --config file", "-v, --version", "The default is 60."):
        assert words in commands, words
    # Keys of the reference that are not a comment's, by their number.
    reference = (ROOT / "config/reference.yaml").read_text()
    keys = re.findall(r"(?m)^ *(?:# +)*[a-z_0-9./]+:(?: |$)", reference)
    options = text("man5/sluice.yaml.5")
    assert len(list(package.manual.options_in(reference))) == len(keys) > 500
    assert 'protocols.grpc.endpoint = "localhost:4317"' in options
    assert re.search(r"(?m)^ +actions\[\]\.key\n +The attribute that is acted upon", options)


def test_completions_know_commands(content):
    script = f"""
        . {content}/usr/share/bash-completion/completions/sluice
        COMP_WORDS=(sluice dead-letter re) COMP_CWORD=2 COMP_LINE='sluice dead-letter re' COMP_POINT=21
        _sluice sluice re dead-letter; echo "${{COMPREPLY[@]}}" """
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["replay"], done.stderr
    assert (content / "usr/share/zsh/vendor-completions/_sluice").read_text().startswith("#compdef sluice")
    assert "complete -c 'sluice'" in (content / "usr/share/fish/vendor_completions.d/sluice.fish").read_text()


def test_the_page_of_copyrights_names_every_part(content):
    page = (content / "usr/share/doc/sluice/copyright").read_text()
    paragraphs = [dict(re.findall(r"(?m)^([A-Z]\S*):(.*(?:\n .*)*)", text)) for text in page.split("\n\n")]
    assert "Format" in paragraphs[0]
    named = {field["Files"].strip() for field in paragraphs if "Files" in field}
    checkouts = {path.name for path in (ROOT / ".build/checkouts").iterdir()}
    assert checkouts and named >= checkouts | {"*", "swift-runtime"}
    licences = {field["License"].split("\n")[0].strip() for field in paragraphs if "Files" in field}
    texts = {field["License"].split("\n")[0].strip() for field in paragraphs if "\n" in field.get("License", "")}
    assert licences <= texts
    assert "Apache-2.0 with Swift-exception" in licences


# The unit


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="no systemd here")
def test_the_unit_is_sound_and_gives_little_away(content):
    def analyze(*arguments):
        return subprocess.run(["systemd-analyze", *arguments], capture_output=True, text=True, timeout=60)

    unit = content / "usr/lib/systemd/system/sluice.service"
    # The program is looked for where the package puts it.
    local = content / "sluice.service"
    local.write_text(unit.read_text().replace("/usr/bin/sluice", str(content / "usr/bin/sluice")))
    verified = analyze("verify", "--man=no", "--recursive-errors=no", local)
    assert (verified.returncode, verified.stdout + verified.stderr) == (0, "")
    security = analyze("security", "--offline=yes", f"--threshold={int(SECURITY * 10)}", local)
    score = float(re.search(r"exposure level for sluice.service: ([\d.]+)", security.stdout)[1])
    print(f"systemd-analyze security: {score}")
    assert score <= SECURITY, security.stdout


# A Debian with systemd


@pytest.fixture(scope="module")
def booted(tmp_path_factory, deb, next_deb):
    """It is there for all of the tests, the package newly installed."""
    if not Path("/lib/systemd/systemd").exists():
        pytest.skip("no systemd here")
    with contextlib.closing(Machine(tmp_path_factory.mktemp("debian"), systemd=True)) as machine:
        bring(machine, deb, next_deb)
        machine.run("dpkg", "-i", "/root/sluice.deb")
        yield machine


@pytest.fixture
def debian(booted):
    """With the service as it was installed, whatever a test makes of its configuration."""
    path = booted.path("/etc/sluice/sluice.yaml")
    text = path.read_text()
    yield booted
    path.write_text(text)
    shutil.rmtree(booted.path("/etc/systemd/system/sluice.service.d"), ignore_errors=True)
    booted.sh("systemctl daemon-reload; systemctl reset-failed sluice || true; systemctl restart sluice")


def bring(machine, deb, next_deb):
    shutil.copy(deb, machine.path("/root/sluice.deb"))
    shutil.copy(next_deb, machine.path("/root/next.deb"))


def state(machine, *names) -> list[str]:
    return [machine.run("systemctl", "show", "--value", "-p", name, "sluice").strip() for name in names]


def drop_in(machine, text: str):
    folder = machine.path("/etc/systemd/system/sluice.service.d")
    folder.mkdir()
    (folder / "test.conf").write_text(f"[Service]\n{text}\n")
    machine.run("systemctl", "daemon-reload")


def configure(machine, old: str, new: str):
    path = machine.path("/etc/sluice/sluice.yaml")
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def test_once_installed_it_takes_logs(debian):
    assert state(debian, "ActiveState", "UnitFileState", "User") == ["active", "enabled", "sluice"]
    assert state(debian, "StatusText") == ["takes logs on 127.0.0.1:4317, [::1]:4317, 127.0.0.1:4318, [::1]:4318"]
    debian.sh(SEND)
    debian.wait(f"grep -q 'order placed' {LOGS}")
    owners = "/etc/sluice/sluice.yaml /etc/default/sluice /var/lib/sluice /var/log/sluice " + LOGS
    assert debian.sh(f"stat -c '%U:%G %a' {owners}").splitlines() == [
        "root:sluice 640", "root:root 640", "sluice:sluice 750", "sluice:sluice 750", "sluice:sluice 600"]
    debian.sh("setpriv --reuid sluice --regid sluice --clear-groups sluice validate --config /etc/sluice/sluice.yaml")
    # Nobody else reaches it before somebody says so.
    listening = re.findall(r"(\S+):(?:4317|4318|8888)\s", debian.run("ss", "-Htln"))
    assert set(listening) == {"127.0.0.1", "[::1]"}
    debian.run("systemctl", "stop", "sluice")
    assert state(debian, "Result", "ExecMainStatus") == ["success", "0"]
    debian.wait("journalctl -u sluice | grep -q 'gateway has stopped'")


def test_a_reload_says_what_is_wrong_and_else_takes_effect(debian):
    (process,) = state(debian, "MainPID")
    configure(debian, "  file:\n", "  file:\n    pth: typo\n")
    debian.run("systemctl", "reload", "sluice", code=1)
    debian.wait("journalctl -u sluice | grep -q pth")
    debian.sh(SEND)
    configure(debian, "    pth: typo\n", "")
    configure(debian, LOGS, "/var/log/sluice/other.ndjson")
    debian.run("systemctl", "reload", "sluice")
    debian.wait("journalctl -u sluice | grep -q 'a new configuration is in force'")
    debian.sh(SEND)
    debian.wait("grep -q 'order placed' /var/log/sluice/other.ndjson")
    # Nor does the runtime say in the journal what the unit does not let it do.
    assert "thread priority" not in debian.run("journalctl", "-u", "sluice")
    assert state(debian, "MainPID", "ActiveState") == [process, "active"]


def test_a_configuration_that_is_wrong_at_the_start_is_not_tried_again(debian):
    configure(debian, "  file:\n", "  file:\n    pth: typo\n")
    debian.run("systemctl", "restart", "sluice", code=1)
    time.sleep(1)
    assert state(debian, "ActiveState", "ExecMainStatus", "NRestarts") == ["failed", "78", "0"]


def test_one_that_hangs_is_started_again(debian):
    drop_in(debian, "WatchdogSec=1\nRestartSec=100ms")
    debian.run("systemctl", "restart", "sluice")
    time.sleep(2.5)
    assert state(debian, "NRestarts", "ActiveState") == ["0", "active"]
    debian.run("systemctl", "kill", "--signal=STOP", "sluice")
    debian.wait("systemctl show -p NRestarts --value sluice | grep -qx 1")
    debian.wait("systemctl is-active sluice")
    debian.sh(SEND)


def test_it_may_take_as_long_to_end_as_the_pipeline_file_says(debian):
    drop_in(debian, "TimeoutStopSec=1")
    configure(debian, "service:\n", "service:\n  shutdown_timeout: 4s\n")
    configure(debian, "  file:\n", "  otlphttp: {endpoint: 'http://localhost:9'}\n  file:\n")
    configure(debian, "exporters: [file]", "exporters: [otlphttp]")
    debian.run("systemctl", "restart", "sluice")
    debian.sh(SEND)
    debian.run("systemctl", "stop", "sluice")
    # Not killed: it has said that a record is lost.
    assert state(debian, "Result", "ExecMainStatus") == ["exit-code", "1"]
    debian.wait("journalctl -u sluice | grep -q 'records were not delivered before the deadline'")


def test_an_upgrade_keeps_what_is_changed_here_and_purging_leaves_nothing(booted):
    debian = booted
    configure(debian, "max_backups: 5", "max_backups: 7")
    debian.sh(SEND)
    debian.wait(f"grep -q 'order placed' {LOGS}")
    (process,) = state(debian, "MainPID")
    debian.run("dpkg", "-i", "--force-confold", "/root/next.deb")
    assert debian.run("dpkg-query", "-W", "-f", "${Version}", "sluice") == "1:99.0-1"
    assert "max_backups: 7" in debian.path("/etc/sluice/sluice.yaml").read_text()
    assert "New in 99.0." in debian.path("/etc/sluice/sluice.yaml.dpkg-dist").read_text()
    assert debian.sh("stat -c '%U:%G %a' /etc/sluice/sluice.yaml") == "root:sluice 640\n"
    assert state(debian, "ActiveState") == ["active"] and state(debian, "MainPID") != [process]
    debian.sh(SEND)

    debian.run("systemctl", "disable", "--now", "sluice")
    debian.run("dpkg", "-i", "--force-confold", "/root/next.deb")
    assert debian.run("systemctl", "is-enabled", "sluice", code=1) == "disabled\n"

    debian.run("systemctl", "start", "sluice")
    debian.run("dpkg", "--remove", "sluice")
    assert debian.run("systemctl", "is-active", "sluice", code=3) == "inactive\n"
    assert debian.path(LOGS).exists() and debian.path("/etc/sluice/sluice.yaml").exists()
    debian.run("dpkg", "--purge", "sluice")
    assert debian.sh("find /etc /usr /var -path '*sluice*'") == ""
    # What is left, the user, is in nobody's way.
    debian.run("dpkg", "-i", "/root/sluice.deb")
    assert state(debian, "ActiveState") == ["active"]


# A Debian without


def test_a_life_without_systemd(tmp_path, deb, next_deb):
    with contextlib.closing(Machine(tmp_path, systemd=False)) as machine:
        bring(machine, deb, next_deb)
        machine.run("dpkg", "-i", "/root/sluice.deb")
        unit = machine.path("/usr/lib/systemd/system/sluice.service").read_text()
        (start,) = re.findall("(?m)^ExecStart=(.*)", unit)
        (user,) = re.findall("(?m)^User=(.*)", unit)
        with contextlib.closing(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)) as manager:
            manager.bind(str(machine.path("/tmp/notify")))
            machine.path("/tmp/notify").chmod(0o666)
            manager.settimeout(20)
            command = [word for word in shlex.split(start) if not word.startswith("$")]
            gateway = machine.popen(
                "setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups", "--no-new-privs",
                "env", "--chdir=/var/lib/sluice", "NOTIFY_SOCKET=/tmp/notify", *command,
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            try:
                assert manager.recv(4096).startswith(b"READY=1\n")
                machine.sh(SEND)
                machine.wait(f"grep -q 'order placed' {LOGS}")
                machine.run("pkill", "-HUP", "-x", "sluice")
                assert manager.recv(4096).startswith(b"RELOADING=1\nMONOTONIC_USEC=")
                assert manager.recv(4096).startswith(b"READY=1\n")
                machine.run("pkill", "-TERM", "-x", "sluice")
                assert manager.recv(4096).startswith(b"STOPPING=1\n")
                log, _ = gateway.communicate(timeout=20)
            finally:
                gateway.kill()
        assert gateway.returncode == 0, log
        machine.run("dpkg", "-i", "/root/next.deb")
        assert "New in 99.0." in machine.path("/etc/sluice/sluice.yaml").read_text()
        machine.run("dpkg", "--remove", "sluice")
        assert machine.path(LOGS).exists()
        machine.run("dpkg", "--purge", "sluice")
        assert not machine.path("/var/log/sluice").exists() and not machine.path("/etc/sluice").exists()
