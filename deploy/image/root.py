"""Makes the root file system of the container image: the gateway, what it loads, and what that needs of a system.

    python3 deploy/image/root.py .build/release/sluice .build/image-root

What is Debian's, in files or inside the gateway, comes with its copyright notice and its entry in
/var/lib/dpkg/status.d, where scanners look for packages. The gateway's symbols stay beside it, in
.build/release/sluice.debug.
"""

import pathlib
import re
import shutil
import subprocess
import sys

PROJECT = pathlib.Path(__file__).resolve().parents[2]
CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt"
ZONES = pathlib.Path("/usr/share/zoneinfo")
# Places to mount over, and the working directory.
FOLDERS = ["dev", "etc/sluice", "proc", "sys", "tmp", "var/lib/sluice"]
FILES = {
    "etc/passwd": "root:x:0:0:root:/:/none\nnonroot:x:65532:65532:nonroot:/var/lib/sluice:/none\n",
    "etc/group": "root:x:0:\nnonroot:x:65532:\n",
    # What glibc can look up by itself, without a library for each word.
    "etc/nsswitch.conf": "passwd: files\ngroup: files\nhosts: files dns\n",
}


def output(*command) -> str:
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


def install(source, target: pathlib.Path, mode: int = 0o644):
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)
    target.chmod(mode)


def write(target: pathlib.Path, text: str):
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text)
    target.chmod(0o644)


def libraries(program: pathlib.Path) -> list:
    """The paths at which a program's shared libraries and its loader are looked for."""
    found = re.findall(r"(?:=>|^)\s+(/\S+) \(0x", output("ldd", program), re.M)
    if not found:
        raise SystemExit(f"{program} loads nothing: this makes a root for one that loads the system's C library")
    return sorted(found)


def packages(files) -> list:
    """The Debian packages that files are of. dpkg may know a file by its name from before /lib became /usr/lib."""
    names = set()
    for file in map(str, files):
        for name in (file, file.removeprefix("/usr"), str(pathlib.Path(file).resolve())):
            done = subprocess.run(["dpkg-query", "-S", name], capture_output=True, text=True)
            if done.returncode == 0:
                names.add(done.stdout.split(":")[0])
                break
        else:
            raise SystemExit(f"{file} is of no package: its licence is not known")
    return sorted(names)


def install_program(program: pathlib.Path, root: pathlib.Path):
    """The program without its symbols, and these beside it, where a debugger that is told so finds them."""
    symbols, stripped = program.with_suffix(".debug"), root / "usr/bin" / program.name
    stripped.parent.mkdir(parents=True)
    subprocess.run(["objcopy", "--only-keep-debug", program, symbols], check=True)
    symbols.chmod(0o644)
    subprocess.run(["strip", "--strip-all", "-o", stripped, program], check=True)
    subprocess.run(["objcopy", f"--add-gnu-debuglink={symbols}", stripped], check=True)
    stripped.chmod(0o755)


def install_notices(names, root: pathlib.Path):
    """Licences and notices of Debian's packages, of Swift and its packages, and of the gateway."""
    documents = root / "usr/share/doc"
    for name in names:
        install(f"/usr/share/doc/{name}/copyright", documents / name / "copyright")
        write(root / "var/lib/dpkg/status.d" / name, output("dpkg-query", "-s", name))
    toolchain = pathlib.Path(shutil.which("swift")).resolve().parents[1]
    install(toolchain / "share/swift/LICENSE.txt", documents / "swift/LICENSE.txt")
    for checkout in sorted((PROJECT / ".build/checkouts").iterdir()):
        # Of what a package has taken over from others, too.
        notices = [file for folder in ("", "Sources/**/") for word in ("LICENSE*", "NOTICE*")
                   for file in checkout.glob(folder + word)]
        if not notices:
            raise SystemExit(f"{checkout.name} has no licence")
        for file in notices:
            install(file, documents / checkout.name / file.relative_to(checkout))
    install(PROJECT / "LICENSE", documents / "sluice/LICENSE")


def install_zones(root: pathlib.Path):
    """The time zones that OTTL can name; links become files, as the image has no links."""
    for file in sorted(ZONES.rglob("*")):
        name = file.relative_to(ZONES)
        if name.parts[0] in ("localtime", "posix", "posixrules", "right") or not file.is_file():
            continue
        if file.read_bytes()[:4] == b"TZif":
            install(file, root / "usr/share/zoneinfo" / name)


def main(program: pathlib.Path, root: pathlib.Path):
    shutil.rmtree(root, ignore_errors=True)
    for folder in FOLDERS:
        (root / folder).mkdir(parents=True)
    (root / "tmp").chmod(0o1777)
    install_program(program, root)
    shared = libraries(program)
    for file in shared:
        install(file, root / file.lstrip("/"), 0o755)
    install(CERTIFICATES, root / CERTIFICATES.lstrip("/"))
    install_zones(root)
    install("/etc/os-release", root / "etc/os-release")
    for name, text in FILES.items():
        write(root / name, text)
    archives = (PROJECT / ".build/static").iterdir()
    install_notices(sorted({*packages([*shared, *archives]), "ca-certificates", "tzdata"}), root)


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]))
