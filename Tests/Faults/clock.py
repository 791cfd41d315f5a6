"""A clock of the day that is set while gateways run, and a disk that hangs: by a library before the C library."""

import mmap
import pathlib
import struct

CLOCK_SOURCE = pathlib.Path(__file__).with_name("clock_and_stalls.c")


class FaultyClock:
    """Steps the clock of gateways started with `environment`, and has what they do to paths that start with `path`
    hang, once told to."""

    def __init__(self, library: pathlib.Path, control: pathlib.Path, path: pathlib.Path):
        control.write_bytes(bytes(16))
        self.environment = {
            "LD_PRELOAD": str(library),
            "CLOCK_AND_STALLS_CONTROL": str(control),
            "CLOCK_AND_STALLS_PATH": str(path),
        }
        self.seconds = 0
        with open(control, "r+b") as file:
            self._control = mmap.mmap(file.fileno(), 16)

    def step(self, seconds: int):
        """Sets the clock on, or back."""
        self.seconds += seconds
        self._control[0:8] = struct.pack("=q", self.seconds)

    def stall(self, stalls: bool = True):
        """From now on, calls on the disk do not return until it is told otherwise."""
        self._control[8:16] = struct.pack("=q", stalls)
