"""What a gateway and its commands do with the files of a queue that a later version has written: nothing, and say so."""

import struct
import subprocess

import pytest

from EndToEnd.gateway import binary, wait_until
from EndToEnd.http_clients import send
from EndToEnd.test_queues import RECORDS, body, on_disk, server, stored  # noqa: F401 (a fixture)
from Faults.segments import crc32c, segments, set_version


def contents(folder) -> dict:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.name != "LOCK"}


def later_segment(folder):
    path = segments(folder)[0]
    set_version(path, 7)
    return path


def later_cursor(folder):
    path = folder / "cursor"
    data = bytearray(path.read_bytes())
    slots = [start for start in (0, 4096) if data[start:].startswith(b"SLUICECU")]
    assert slots
    for start in slots:
        data[start + 8 : start + 12] = struct.pack("<I", 7)
        data[start + 4092 : start + 4096] = struct.pack("<I", crc32c(data[start : start + 4092]))
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("make_later, known", [(later_segment, 1), (later_cursor, 2)])
def test_files_of_a_later_version_are_refused_and_not_changed(start, server, tmp_path, make_later, known):
    server.stop()
    gateway = start(on_disk(tmp_path, server))
    assert send(gateway.http_port, body()).status == 200
    gateway.stop()
    folder, config = tmp_path / "queue", ["--config", gateway.folder / "gateway.yaml"]
    earlier = contents(folder)
    path = make_later(folder)
    later = contents(folder)
    assert later != earlier

    commands = [
        (78, config), (78, ["validate", *config]), (1, ["queue", "drain", "--directory", folder, *config]),
        (1, ["queue", "show", "--directory", folder])]
    for code, arguments in commands:
        done = subprocess.run([binary(), *arguments], capture_output=True, text=True, timeout=30)
        told = done.stdout + done.stderr
        assert done.returncode == code, (arguments, done.returncode, told)
        assert f"{path}: it has format version 7, this program knows up to {known}" in told, (arguments, told)
        assert contents(folder) == later, arguments

    # The version that has written them goes on.
    for name, data in earlier.items():
        (folder / name).write_bytes(data)
    server.start()
    gateway.start()
    wait_until(lambda: stored(server) == list(range(RECORDS)), 10, "delivery")
