"""The page of copyrights: what stands beside this file, then a paragraph for each part of the program by others."""

import json
import re
import subprocess
from pathlib import Path
from typing import Iterator, NamedTuple

HERE = Path(__file__).resolve().parent
CHECKOUTS = HERE.parents[1] / ".build/checkouts"
# C and C++ libraries that may be in the program instead of beside it.
LIBRARIES = ["nghttp2", "protobuf-c", "deflate", "zstd", "yaml", "re2", "crypto", "z", "stdc++"]
APACHE = "The text is in /usr/share/common-licenses/Apache-2.0."
EXCEPTION = re.compile(r"Runtime Library Exception.*?\n+(.*)", re.S)


class Archive(NamedTuple):
    """A library that is in the program, with the package and the source that it came from."""

    package: str
    source: str
    licence: str


def archives(binary: Path) -> Iterator[Archive]:
    """The libraries that are in the program."""
    needed = output("objdump", "-p", binary)
    for name in LIBRARIES:
        if re.search(rf"NEEDED +lib{re.escape(name)}[-.\d]*\.so", needed):
            continue
        files = [*Path("/usr/lib").glob(f"*/lib{name}.a"), *Path("/usr/lib/gcc").glob(f"*/*/lib{name}.a")]
        if not files:
            raise SystemExit(f"lib{name}.a is not on this machine, so that what is in the program cannot be told")
        package = output("dpkg", "-S", files[0]).split(":")[0]
        source = output("dpkg-query", "-W", "-f", "${source:Package} (= ${source:Version})", package)
        yield Archive(package, source, Path(f"/usr/share/doc/{package}/copyright").read_text())


def page(parts: list[Archive]) -> str:
    packages = {folder.name: folder for folder in sorted(CHECKOUTS.iterdir())}
    packages["swift-runtime"] = toolchain() / "share/swift"
    texts = {name: next(folder.glob("LICENSE*")).read_text() for name, folder in packages.items()}
    paragraphs = [(HERE / "copyright").read_text().strip()]
    for name, folder in packages.items():
        notice = next((path.read_text() for path in folder.glob("NOTICE*")), "")
        paragraphs.append(swift_paragraph(name, texts[name], notice))
    for part in parts:
        paragraphs.append(
            f"Files: {part.package}\nCopyright: as its own page says\n{field('License', part.package, part.licence)}")
    paragraphs.append(field("License", "Apache-2.0", APACHE))
    exception = next(found[1] for text in texts.values() if (found := EXCEPTION.search(text)))
    paragraphs.append(field("License", "Apache-2.0 with Swift-exception", f"{APACHE}\n{exception}"))
    return "\n\n".join(paragraphs) + "\n"


def toolchain() -> Path:
    """The folder that the compiler stands in."""
    paths = json.loads(output("swift", "-print-target-info"))["paths"]
    return Path(paths["runtimeResourcePath"]).parents[1]


def swift_paragraph(name: str, licence: str, notice: str) -> str:
    if not re.match(r"\s*Apache License\s+Version 2\.0", licence):
        return f"Files: {name}\nCopyright: as the licence says\n{field('License', name, licence)}"
    holder = re.search(r"^Copyright (.*)$", notice, re.M)
    lines = [
        f"Files: {name}",
        f"Copyright: {holder[1] if holder else f'The authors of {name}'}",
        "License: Apache-2.0" + (" with Swift-exception" if EXCEPTION.search(licence) else ""),
    ]
    return "\n".join(lines + ([field("Comment", "", notice)] if notice else []))


def field(name: str, first: str, text: str) -> str:
    """A field of several lines."""
    lines = [f" {line.rstrip()}" if line.strip() else " ." for line in text.strip().splitlines()]
    return "\n".join([f"{name}: {first}".rstrip(), *lines])


def output(*command) -> str:
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, timeout=60).stdout
