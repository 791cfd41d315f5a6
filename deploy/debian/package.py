"""Makes the Debian package of a release build that is there: `make deb`.

The same binary, sources and SOURCE_DATE_EPOCH give the same bytes.
"""

import argparse
import gzip
import os
import re
import signal
import subprocess
import sys
import tempfile
from email.utils import formatdate
from pathlib import Path

import licences
import manual

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
MAINTAINER = "The authors of Sluice <sluice@sluice.invalid>"
# The first of Debian 12 in which CVE-2026-27135 is mended.
NGHTTP2 = "1.52.0-1+deb12u3"
# Debian has another program of this name, in version 0.02.15-1: without an epoch `apt upgrade` takes that for newer.
EPOCH = "1"
DESCRIPTION = """\
Description: OpenTelemetry (OTLP) logs gateway
 Sluice takes logs over OTLP, by gRPC and by HTTP, edits and redacts them, and
 delivers them to Elasticsearch, VictoriaLogs, another OTLP endpoint or a file.
 What it has accepted waits in bounded queues, in memory or on disk, until its
 destination has taken it.
 .
 It is configured by one file, written as for the OpenTelemetry Collector.
"""


def output(*command, **options) -> str:
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, timeout=300, **options).stdout


def pack(root: str, target: Path, compression: str):
    """Has dpkg-deb make the package, however long that takes. It is there whole or not at all, and nothing of dpkg-deb
    goes on if this is interrupted."""
    made = target.with_name(f".{target.name}.part")
    # Level 1 of xz takes a sixth of the time of level 6, its default, and the package is an eighth larger. With one
    # thread, so that the bytes do not depend on how many there are.
    level = [] if compression == "none" else ["-z1"]
    command = ["dpkg-deb", "--root-owner-group", f"-Z{compression}", *level, "--threads-max=1", "--build", root, made]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, start_new_session=True)
    try:
        if process.wait():
            raise SystemExit(f"dpkg-deb ended with {process.returncode}")
        made.replace(target)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        made.unlink(missing_ok=True)


def linked(text: str) -> str:
    """A page of docs/ as it is installed: links to what is not installed are their text, examples are in a folder of
    that name."""
    def link(found: re.Match) -> str:
        words, address = found[1], found[2]
        if re.match(r"#|https?:", address):
            return found[0]
        path = (ROOT / "docs" / address.split("#")[0]).resolve()
        if path.parent == ROOT / "docs" and path.suffix == ".md":
            return found[0]
        return words

    text = re.sub(r"!?\[([^]]*)\]\(([^)\s]*)\)", link, text)
    return installed(text)


def installed(text: str) -> str:
    """A text with the examples where they are installed."""
    return re.sub(r"\bconfig/([a-z]+\.yaml|cases)\b", r"examples/\1", text)


class Package:
    """The files of the package in a folder, `root`, and what is said of them."""

    def __init__(self, binary: Path, version: str, epoch: int, root: Path):
        self.binary, self.version, self.epoch, self.root = binary, version, epoch, root
        self.architecture = output("dpkg", "--print-architecture").strip()
        self.archives = list(licences.archives(binary))
        for part in self.archives:
            if part.source.startswith("nghttp2 ") and older(part.source, NGHTTP2):
                raise SystemExit(f"{part.source} is in the program; {NGHTTP2} is the first without CVE-2026-27135")

    def stage(self):
        """Everything but what dpkg itself wants to know."""
        (self.root / "usr/bin").mkdir(parents=True)
        output("strip", "--strip-unneeded", "-o", self.root / "usr/bin/sluice", self.binary)
        self.copy(HERE / "sluice.service", "usr/lib/systemd/system/sluice.service")
        # They may hold secrets; whom they belong to is up to postinst.
        self.copy(HERE / "sluice.yaml", "etc/sluice/sluice.yaml", 0o640)
        self.copy(HERE / "default", "etc/default/sluice", 0o640)
        for page, text in manual.pages(self.binary, self.version, self.epoch).items():
            self.write(f"usr/share/man/man{page[-1]}/{page}.gz", zipped(text))
        self.stage_completions()
        self.stage_documents()

    def stage_completions(self):
        for shell, path in {
            "bash": "bash-completion/completions/sluice", "zsh": "zsh/vendor-completions/_sluice",
            "fish": "fish/vendor_completions.d/sluice.fish",
        }.items():
            script = output(self.binary, "--generate-completion-script", shell)
            self.write(f"usr/share/{path}", script.removeprefix("#!/bin/bash\n"))

    def stage_documents(self):
        folder = "usr/share/doc/sluice"
        self.write(f"{folder}/copyright", licences.page(self.archives))
        self.copy(HERE / "lintian-overrides", "usr/share/lintian/overrides/sluice")
        self.write(f"{folder}/changelog.gz", zipped((ROOT / "CHANGELOG.md").read_text()))
        self.write(f"{folder}/changelog.Debian.gz", zipped(self.changelog()))
        for page in sorted((ROOT / "docs").glob("*.md")):
            self.write(f"{folder}/{page.name}", linked(page.read_text()))
        for example in sorted((ROOT / "config").rglob("*.yaml")):
            self.write(f"{folder}/examples/{example.relative_to(ROOT / 'config')}", installed(example.read_text()))

    def changelog(self) -> str:
        return (
            f"sluice ({EPOCH}:{self.version}) unstable; urgency=medium\n\n"
            "  * Made from the sources of Sluice; changelog.gz says what is new.\n\n"
            f" -- {MAINTAINER}  {formatdate(self.epoch)}\n")

    def describe(self):
        """The files that dpkg reads, beside the others."""
        files = sorted(path for path in self.root.rglob("*") if path.is_file())
        names = [str(path.relative_to(self.root)) for path in files]
        sums = output("md5sum", *names, cwd=self.root)
        size = sum(-(-path.stat().st_size // 1024) for path in files) + sum(1 for _ in self.root.rglob("*/"))
        self.write("DEBIAN/conffiles", "".join(f"/{name}\n" for name in names if name.startswith("etc/")))
        self.write("DEBIAN/md5sums", "".join(line for line in sums.splitlines(True) if "  etc/" not in line))
        for script in ("postinst", "prerm", "postrm"):
            self.copy(HERE / script, f"DEBIAN/{script}", 0o755)
        self.write("DEBIAN/control", self.control(size))

    def control(self, size: int) -> str:
        fields = {
            "Package": "sluice",
            "Version": f"{EPOCH}:{self.version}",
            "Architecture": self.architecture,
            "Maintainer": MAINTAINER,
            "Installed-Size": str(size),
            "Depends": f"adduser, {dependencies(self.root / 'usr/bin/sluice')}",
            "Recommends": "ca-certificates, tzdata",
            "Static-Built-Using": ", ".join(sorted({part.source for part in self.archives})),
            "Section": "net",
            "Priority": "optional",
        }
        return "".join(f"{name}: {value}\n" for name, value in fields.items() if value) + DESCRIPTION

    def copy(self, source: Path, path: str, mode: int = 0o644):
        self.write(path, source.read_bytes(), mode)

    def write(self, path: str, content: str | bytes, mode: int = 0o644):
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content.encode() if isinstance(content, str) else content)
        target.chmod(mode)


def zipped(text: str) -> bytes:
    return gzip.compress(text.encode(), mtime=0)


def dependencies(binary: Path) -> str:
    """The packages of the libraries that the program is linked against, with the versions that it needs."""
    for path in unpackaged(re.findall(r"=> (/\S+)", output("ldd", binary))):
        raise SystemExit(f"{path} is of no package: build the program with --static-swift-stdlib")
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "debian").mkdir()
        (Path(folder) / "debian/control").write_text("Source: sluice\n\nPackage: sluice\nArchitecture: any\n")
        found = output("dpkg-shlibdeps", "--warnings=0", "-O", f"-e{binary}", cwd=folder)
    needed = re.search(r"^shlibs:Depends=(.*)$", found, re.M)[1]
    return re.sub(r"(libnghttp2-\d+) \([^)]*\)", rf"\1 (>= {NGHTTP2})", needed)


def unpackaged(libraries: list[str]) -> list[str]:
    """Those that no package has. One may say to have in /lib what is in /usr/lib."""
    real = {path: str(Path(path).resolve()) for path in libraries}
    names = {path: {path, real[path], real[path].removeprefix("/usr")} for path in libraries}
    # It fails if it does not know one of them, and says what it knows.
    found = subprocess.run(
        ["dpkg", "-S", *set().union(*names.values())], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        timeout=60).stdout
    known = set(re.findall(r"(?m)^\S+: (/.*)$", found))
    return [path for path in libraries if not names[path] & known]


def older(source: str, version: str) -> bool:
    """Whether a source, as `name (= version)`, is older than a version."""
    found = re.search(r"= (.*)\)", source)[1]
    return subprocess.run(["dpkg", "--compare-versions", found, "lt", version], timeout=60).returncode == 0


def upstream_version(binary: Path) -> str:
    return output(binary, "--version").split()[1]


def source_date() -> int:
    """When the sources were last changed, which is what every file of the package is dated."""
    told = os.environ.get("SOURCE_DATE_EPOCH") or output("git", "log", "-1", "--format=%ct", cwd=ROOT)
    return int(told)


def build(binary: Path, folder: Path, version: str = "", compression: str = "xz") -> Path:
    """The package of a binary, made in a folder."""
    version = version or f"{upstream_version(binary)}-1"
    os.environ["SOURCE_DATE_EPOCH"] = str(source_date())
    with tempfile.TemporaryDirectory() as root:
        os.umask(0o022)
        Path(root).chmod(0o755)
        package = Package(binary, version, source_date(), Path(root))
        package.stage()
        package.describe()
        target = folder / f"sluice_{version}_{package.architecture}.deb"
        pack(root, target, compression)
    return target


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--binary", type=Path, default=ROOT / ".build/release/sluice")
    parser.add_argument("--version", default="", help="instead of that of the binary with -1")
    parser.add_argument("--folder", type=Path, default=ROOT / ".build")
    arguments = parser.parse_args()
    # Ended in order, so that nothing that it has started goes on.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    print(build(arguments.binary.resolve(), arguments.folder, arguments.version))


if __name__ == "__main__":
    main()
