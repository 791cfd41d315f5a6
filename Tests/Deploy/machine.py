"""A Debian of its own: this machine's root file system under a layer in memory, in namespaces of its own."""

import os
import subprocess
import time
from pathlib import Path

# Prepares the root file system in a folder, and runs what follows the group's name as its first process.
START = """
set -e
folder=$1 group=$2
mount -t tmpfs tmpfs $folder
cd $folder
mkdir upper work groups root
mount -t cgroup2 cgroup2 groups
mkdir groups/$group
echo 0 >groups/$group/cgroup.procs
mount -t overlay -o lowerdir=/,upperdir=$folder/upper,workdir=$folder/work overlay root
cd root
mount -t proc proc proc
mount --bind proc/sys proc/sys
mount -o remount,ro,bind proc/sys
mount -t sysfs -o ro sysfs sys
for name in run tmp dev; do mount -t tmpfs tmpfs $name; done
mkdir dev/shm dev/pts
mount -t devpts -o newinstance,ptmxmode=0666 devpts dev/pts
ln -s pts/ptmx dev/ptmx
mount -t tmpfs tmpfs dev/shm
mknod -m 666 dev/null c 1 3
mknod -m 666 dev/zero c 1 5
mknod -m 666 dev/full c 1 7
mknod -m 666 dev/random c 1 8
mknod -m 666 dev/urandom c 1 9
touch dev/console
# What this machine starts is not what is to be looked at.
rm -rf etc/systemd/system/*.wants etc/systemd/system/*.requires
ln -s /dev/null etc/systemd/system/systemd-modules-load.service
rm -f usr/sbin/policy-rc.d
ln -sf /lib/systemd/system/basic.target etc/systemd/system/default.target
ip link set lo up
shift 2
exec unshare --cgroup sh -c '
  mount -t cgroup2 cgroup2 sys/fs/cgroup
  exec env -i container=test PATH=/usr/sbin:/usr/bin:/sbin:/bin chroot . "$@"' sh "$@"
"""
# Removes the group, which is empty by then.
END = """
mount -t cgroup2 cgroup2 "$1"
find "$1/$2" -depth -type d -exec rmdir {} +
"""
NAMESPACES = ["--mount", "--pid", "--uts", "--ipc", "--net"]


class Machine:
    """Runs until it is closed; then nothing of it is left."""

    def __init__(self, folder: Path, systemd: bool):
        first = ["/lib/systemd/systemd", "--show-status=no", "--log-target=journal"] if systemd else ["sleep", "infinity"]
        self._folder = folder / "root"
        self._folder.mkdir()
        self._group = f"sluice-test-{os.getpid()}-{folder.name}"
        self._log = open(folder / "machine.log", "wb")
        self._unshare = subprocess.Popen(
            ["unshare", *NAMESPACES, "--fork", "--kill-child=SIGKILL", "sh", "-c", START, "sh", self._folder,
             self._group, *first],
            stdin=subprocess.DEVNULL, stdout=self._log, stderr=self._log, cwd="/")
        self._first = None
        try:
            self._first = self._first_process()
            self.wait("[ -S /run/systemd/private ]" if systemd else "true")
        except BaseException:
            self.close()
            raise

    def _first_process(self) -> int:
        children = Path(f"/proc/{self._unshare.pid}/task/{self._unshare.pid}/children")
        end = time.monotonic() + 20
        while time.monotonic() < end:
            found = children.read_text().split() if self._unshare.poll() is None else []
            # Before it has changed its root, its first process is a shell.
            if found and Path(f"/proc/{found[0]}/comm").read_text().strip() in ("systemd", "sleep"):
                return int(found[0])
            time.sleep(0.02)
        raise AssertionError(f"no machine: {Path(self._log.name).read_text()}")

    def popen(self, *command, **options) -> subprocess.Popen:
        inside = ["nsenter", "--target", str(self._first), *NAMESPACES, "--cgroup", "--root", "--wdns=/"]
        return subprocess.Popen([*inside, *command], stdin=subprocess.DEVNULL, **options)

    def run(self, *command, code: int = 0) -> str:
        """What a command in it writes; it ends with `code`."""
        process = self.popen(*command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        try:
            text, _ = process.communicate(timeout=60)
        finally:
            process.kill()
        assert process.returncode == code, f"{command} ended with {process.returncode}: {text}"
        return text

    def sh(self, script: str, code: int = 0) -> str:
        return self.run("sh", "-c", script, code=code)

    def wait(self, condition: str, seconds: float = 20):
        """Until a condition of the shell holds."""
        end = time.monotonic() + seconds
        while self.popen("sh", "-c", condition, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).wait(20):
            assert time.monotonic() < end, f"{condition} does not hold"
            time.sleep(0.05)

    def path(self, inside: str) -> Path:
        """A file in it, as this side sees it."""
        return Path(f"/proc/{self._first}/root/{inside.lstrip('/')}")

    def close(self):
        self._unshare.kill()
        self._unshare.wait(20)
        self._log.close()
        while self._first and Path(f"/proc/{self._first}").exists():
            time.sleep(0.02)
        subprocess.run(
            ["unshare", "--mount", "sh", "-c", END, "sh", self._folder, self._group], timeout=20, check=True)
