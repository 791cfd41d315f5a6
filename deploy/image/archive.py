"""Packs a root file system into the archive of an image, which needs no container engine.

    SOURCE_DATE_EPOCH=… python3 deploy/image/archive.py .build/image-root .build/sluice-image.tar

The archive is an OCI image layout, and has the manifest that `docker load` reads too. The last stage of the Dockerfile
says how the image is run; the program itself says which version it is. The same root and the same SOURCE_DATE_EPOCH
give the same bytes.
"""

import datetime
import gzip
import hashlib
import io
import json
import os
import pathlib
import platform
import re
import shlex
import subprocess
import sys
import tarfile

DOCKERFILE = pathlib.Path(__file__).resolve().parents[2] / "Dockerfile"
ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}
# Where the gateway may write, if the container's own layer is writable.
WRITABLE, OWNER = "var/lib/sluice", 65532


def last_stage(dockerfile: str) -> list:
    """The instructions after the last FROM, each as its word and the rest."""
    lines = re.sub(r"\\\n\s*", "", dockerfile).splitlines()
    instructions = [line.split(maxsplit=1) for line in lines if line and not line.startswith("#")]
    last = max(index for index, (word, _) in enumerate(instructions) if word == "FROM")
    return [(word, rest) for word, rest in instructions[last + 1 :]]


def image_config(instructions: list) -> dict:
    """How the image is run, as its configuration has it."""
    config = {"Labels": {}, "ExposedPorts": {}}
    for word, rest in instructions:
        if word == "USER":
            config["User"] = rest
        elif word == "WORKDIR":
            config["WorkingDir"] = rest
        elif word == "EXPOSE":
            config["ExposedPorts"].update((f"{port}/tcp", {}) for port in rest.split())
        elif word == "ENTRYPOINT":
            config["Entrypoint"] = json.loads(rest)
        elif word == "LABEL":
            config["Labels"].update(pair.split("=", 1) for pair in shlex.split(rest))
        elif word == "HEALTHCHECK":
            options, command = rest.split("CMD")
            seconds = {name: int(value) for name, value in re.findall(r"--(\w+)=(\d+)s", options)}
            config["Healthcheck"] = {"Test": ["CMD", *json.loads(command)]}
            config["Healthcheck"].update((name.capitalize(), value * 10**9) for name, value in seconds.items())
        elif word != "COPY":
            raise SystemExit(f"{word} of the Dockerfile is not known here")
    return config


class Archive:
    """A tar with one time for all, which is put together in the order of its calls."""

    def __init__(self, file, time: int):
        self._tar = tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT)
        self._time = time

    def add(self, path: str, content: bytes = b"", **attributes):
        entry = tarfile.TarInfo(path)
        entry.size, entry.mtime, entry.mode = len(content), self._time, 0o644
        for name, value in attributes.items():
            setattr(entry, name, value)
        self._tar.addfile(entry, io.BytesIO(content))

    def close(self):
        self._tar.close()


def layer(root: pathlib.Path, time: int) -> bytes:
    """The root as a tar. What is in it is root's, but for the one folder that the gateway may write."""
    file = io.BytesIO()
    archive = Archive(file, time)
    for path in sorted(root.rglob("*")):
        name, mode = str(path.relative_to(root)), path.stat().st_mode & 0o7777
        owner = OWNER if name == WRITABLE else 0
        if path.is_dir():
            archive.add(name, type=tarfile.DIRTYPE, mode=mode, uid=owner, gid=owner)
        else:
            archive.add(name, path.read_bytes(), mode=mode)
    archive.close()
    return file.getvalue()


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def main(root: pathlib.Path, target: pathlib.Path):
    time = int(os.environ.get("SOURCE_DATE_EPOCH", 0))
    config = image_config(last_stage(DOCKERFILE.read_text()))
    told = subprocess.run([root / "usr/bin/sluice", "--version"], check=True, stdout=subprocess.PIPE, text=True).stdout
    version, commit = re.match(r"sluice (\S+) \(commit (\S+)\)", told).groups()
    created = datetime.datetime.fromtimestamp(time, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    config["Labels"] |= {"org.opencontainers.image." + name: value for name, value in
                         {"version": version, "revision": commit, "created": created}.items()}
    tar = layer(root, time)
    blobs = {}

    def blob(content: bytes, kind: str) -> dict:
        blobs[digest(content)] = content
        return {"mediaType": f"application/vnd.oci.image.{kind}", "digest": f"sha256:{digest(content)}",
                "size": len(content)}

    def document(value, kind: str) -> dict:
        return blob(json.dumps(value, sort_keys=True).encode(), kind)

    layers = [blob(gzip.compress(tar, 9, mtime=0), "layer.v1.tar+gzip")]
    architecture = ARCHITECTURES[platform.machine()]
    settings = document({
        "architecture": architecture, "os": "linux", "created": created, "config": config,
        "rootfs": {"type": "layers", "diff_ids": [f"sha256:{digest(tar)}"]},
        "history": [{"created": created, "created_by": "deploy/image/archive.py"}],
    }, "config.v1+json")
    manifest = document({
        "schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json", "config": settings,
        "layers": layers,
    }, "manifest.v1+json")
    manifest |= {"platform": {"architecture": architecture, "os": "linux"},
                 "annotations": {"org.opencontainers.image.ref.name": version,
                                 "io.containerd.image.name": f"docker.io/library/sluice:{version}"}}

    def path(descriptor: dict) -> str:
        return "blobs/" + descriptor["digest"].replace(":", "/")

    index = {"schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json", "manifests": [manifest]}
    docker = [{"Config": path(settings), "RepoTags": [f"sluice:{version}"], "Layers": [path(item) for item in layers]}]
    files = {f"blobs/sha256/{name}": content for name, content in blobs.items()}
    files |= {"oci-layout": b'{"imageLayoutVersion":"1.0.0"}', "index.json": json.dumps(index).encode(),
              "manifest.json": json.dumps(docker).encode()}
    with open(target, "wb") as file:
        archive = Archive(file, time)
        for name in sorted(files):
            archive.add(name, files[name])
        archive.close()
    sizes = f"{layers[0]['size'] / 1e6:.1f} MB compressed, {len(tar) / 1e6:.1f} MB unpacked"
    print(f"sluice:{version} in {target}: {sizes}")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]))
