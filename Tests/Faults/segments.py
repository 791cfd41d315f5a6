"""An independent reader of queue segments, by docs/QUEUE_FORMAT.md."""

import json
import pathlib
import struct
from typing import NamedTuple

PAGE = 4096
FRAME_HEADER = struct.Struct("<4sIQIIII")


def crc32c(data: bytes, crc: int = 0) -> int:
    """CRC-32C (Castagnoli), bit by bit."""
    crc ^= 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ (0x82F63B78 & -(crc & 1))
    return crc ^ 0xFFFFFFFF


class Frame(NamedTuple):
    """One frame: where its payload starts in the file, and what it holds."""

    offset: int
    number: int
    records: int
    payload: bytes

    @property
    def numbers(self) -> list:
        """The attribute `n` of each document, in order."""
        lines = self.payload.split(b"\n")[1::2]
        return [json.loads(line)["attributes"]["n"] for line in lines]


def segments(queue: pathlib.Path) -> list:
    """The segment files of a queue directory that hold frames, oldest first."""
    return sorted(path for path in queue.glob("*.frames") if path.stat().st_size > PAGE)


def frames(path: pathlib.Path) -> list:
    """The frames of an undamaged segment, up to its footer or end."""
    data, offset, found = path.read_bytes(), PAGE, []
    assert data[:8] == b"SLUICEFQ" and crc32c(data[:60]) == struct.unpack("<I", data[60:64])[0]
    while data[offset : offset + 4] == b"SLFR":
        _, size, number, records, _, checksum, _ = FRAME_HEADER.unpack_from(data, offset)
        start = offset + FRAME_HEADER.size
        payload = data[start : start + size]
        if len(payload) < size:
            break
        if len(found) < 3:  # bit by bit is slow
            assert crc32c(payload) == checksum
        found.append(Frame(start, number, records, payload))
        offset = start + size
    return found


def flip(path: pathlib.Path, offset: int, bit: int = 0):
    """Turns one bit over."""
    with open(path, "r+b") as file:
        file.seek(offset)
        byte = file.read(1)[0]
        file.seek(offset)
        file.write(bytes([byte ^ 1 << bit]))


def set_version(path: pathlib.Path, version: int):
    """Makes a segment one of another format version, with checksums that hold."""
    with open(path, "r+b") as file:
        for at in (0, 2048):
            file.seek(at)
            head = bytearray(file.read(64))
            head[8:12] = struct.pack("<I", version)
            head[60:64] = struct.pack("<I", crc32c(head[:60]))
            file.seek(at)
            file.write(head)
