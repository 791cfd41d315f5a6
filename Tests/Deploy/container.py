"""What a container runtime does to an image, by the kernel alone: a network of its own, a read-only root, PID 1."""

import ctypes
import os
import pathlib
import shutil
import signal
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
IMAGE_ROOT = ROOT / ".build/image-root"
USER = 65532
CLONE_NEWNET = 0x40000000

# The root is mounted read-only; besides it there is /proc, and a folder of the container's own to write to.
RUN = """
set -e
mount --bind "$1" "$1"
mount -o remount,ro,bind "$1"
mount -t proc proc "$1/proc"
mount -t tmpfs -o mode=700,uid=$2,gid=$2 tmpfs "$1/var/lib/sluice"
exec unshare --root "$1" --wd /var/lib/sluice --setgid $2 --setuid $2 "${@:3}"
"""


class PrivateNetwork:
    """A network with nothing but a loopback, for this thread and whatever it starts until the end of `with`; it goes
    with the last of them."""

    def __enter__(self):
        self._outside = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
        self._call("unshare", CLONE_NEWNET)
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
        return self

    def __exit__(self, *_):
        self._call("setns", self._outside, CLONE_NEWNET)
        os.close(self._outside)

    @staticmethod
    def _call(name: str, *arguments):
        if getattr(ctypes.CDLL(None, use_errno=True), name)(*arguments) != 0:
            raise OSError(ctypes.get_errno(), f"{name}: {os.strerror(ctypes.get_errno())}")


class Container:
    """A copy of the image's root, with the files that a runtime and a deployment put there, and what runs in it."""

    def __init__(self, folder: pathlib.Path, files: dict):
        self.root = folder / "root"
        shutil.copytree(IMAGE_ROOT, self.root)
        for name, text in files.items():
            path = self.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
            path.chmod(0o644)
        self.log_path = folder / "log"
        self.process = None

    def start(self, *arguments):
        with open(self.log_path, "wb") as log:
            self.process = subprocess.Popen(self._command(arguments), stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def run(self, *arguments) -> subprocess.CompletedProcess:
        return subprocess.run(self._command(arguments), capture_output=True, text=True, timeout=30)

    def _command(self, arguments) -> list:
        namespaces = ["unshare", "--mount", "--pid", "--fork", "--kill-child"]
        return [*namespaces, "bash", "-c", RUN, "bash", str(self.root), str(USER), *arguments]

    @property
    def pid(self) -> int:
        """The process that is PID 1 inside, as it is known outside."""
        parent = self.process.pid
        (child,) = pathlib.Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
        return int(child)

    def log(self) -> str:
        return self.log_path.read_text(errors="replace")

    def end(self):
        if self.process is not None and self.process.poll() is None:
            # What has become another user no longer ends with its parent.
            os.kill(self.pid, signal.SIGKILL)
            self.process.kill()
            self.process.wait(10)
