"""Disks that fail: by a library that is put before the C library, or a file system that really is full."""

import errno
import mmap
import pathlib
import shutil
import struct
import subprocess

SOURCE = pathlib.Path(__file__).with_name("disk_faults.c")
WRITES, ALLOCATES, SYNCS, OPENS, REMOVES, TRUNCATES, READS, READ_OPENS = (1 << bit for bit in range(8))
SEGMENTS, CURSORS, DIRECTORIES = (1 << bit for bit in range(3))
CALLS = {
    errno.ENOSPC: WRITES | ALLOCATES,
    errno.EIO: WRITES | SYNCS,
    errno.EROFS: WRITES | ALLOCATES | SYNCS | OPENS | REMOVES | TRUNCATES,
}


def build_library(folder: pathlib.Path, source: pathlib.Path = SOURCE) -> pathlib.Path:
    """The library of a C file, by whichever C compiler there is."""
    compiler = shutil.which("clang") or shutil.which("cc") or shutil.which("gcc")
    assert compiler, "no C compiler: clang, cc or gcc"
    library = folder / source.with_suffix(".so").name
    command = [compiler, "-O1", "-Wall", "-Werror", "-shared", "-fPIC", "-o", library, source, "-ldl"]
    subprocess.run(command, check=True)
    return library


class FaultyDisk:
    """Fails what gateways started with `environment` do to paths that start with `path`, once told to."""

    def __init__(self, library: pathlib.Path, control: pathlib.Path, path: pathlib.Path):
        control.write_bytes(bytes(24))
        self.environment = {
            "LD_PRELOAD": str(library),
            "DISK_FAULTS_PATH": str(path),
            "DISK_FAULTS_CONTROL": str(control),
        }
        with open(control, "r+b") as file:
            self._control = mmap.mmap(file.fileno(), 24)

    def fail(self, number: int, calls: int = 0):
        """Every call of these kinds fails with this error number from now on."""
        self._control[4:8] = struct.pack("=i", calls or CALLS[number])
        self._control[0:4] = struct.pack("=i", number)

    def mend(self):
        self._control[0:4] = bytes(4)

    def hang(self, calls: int, kinds: int = 0):
        """No call of these kinds returns on these kinds of files, from now on."""
        self._control[12:20] = struct.pack("=ii", calls, kinds)

    def release(self):
        self._control[12:16] = bytes(4)

    @property
    def held(self) -> int:
        """Calls that were held up."""
        return struct.unpack("=i", self._control[20:24])[0]

    @property
    def failed(self) -> int:
        """Calls that have failed."""
        return struct.unpack("=i", self._control[8:12])[0]


class SmallDisk:
    """A file system of its own in memory, in a mount namespace of its own: `prefix` runs a command in there."""

    def __init__(self, folder: pathlib.Path, mib: int):
        folder.mkdir(parents=True, exist_ok=True)
        script = 'mount -t tmpfs -o size="$1"m none "$0" && echo mounted && exec sleep 3600'
        self._holder = subprocess.Popen(
            ["unshare", "-rm", "sh", "-c", script, str(folder.resolve()), str(mib)],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        self.reason = "" if self._holder.stdout.readline() else self._holder.stderr.read().strip()
        self.prefix = ["nsenter", "-t", str(self._holder.pid), "-U", "-m", "--preserve-credentials"]
        self.folder = folder.resolve()

    def run(self, script: str) -> str:
        """What a shell script prints in there, with `$0` the folder."""
        command = [*self.prefix, "sh", "-c", script, str(self.folder)]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout

    def end(self):
        self._holder.kill()
        self._holder.wait()
