"""`sluice validate` and `sluice run` on every kind of wrong path: the same words, the same place, the same code."""

import json
import os
import pathlib
import subprocess

import pytest

from EndToEnd.gateway import binary

NOBODY = 65534
EXPORTER = "nop"


def queue(path) -> dict:
    return {"sending_queue": {"directory": str(path)}}


def letters(path) -> dict:
    return {"dead_letter": {"path": str(path)}}


def storage(path, **options) -> tuple:
    return {"nop": {"sending_queue": {"storage": "file_storage"}}}, {"file_storage": {"directory": str(path), **options}}


# What is wrong: the exporters (and extensions) in a folder, and what is said of it.
WRONG = {
    "queue: a file": (lambda at: {"nop": queue(at / "file")}, 'file" is not a folder'),
    "queue: below a file": (lambda at: {"nop": queue(at / "file/a/b")}, 'file" is not a folder'),
    "queue: a link to nothing": (lambda at: {"nop": queue(at / "dangling")}, "is a link to nothing"),
    "queue: not permitted": (lambda at: {"nop": queue(at / "roots")}, "Permission denied"),
    "queue: not permitted to make": (lambda at: {"nop": queue(at / "roots/a/b")}, "Permission denied"),
    "queue: in a read-only folder": (lambda at: {"nop": queue(at / "locked/a")}, "Permission denied"),
    "queue: holds what is not permitted": (lambda at: {"nop": queue(at / "mixed")}, "Permission denied"),
    "queue in short: a file": (lambda at: {"nop": {"queue": {"directory": str(at / "file")}}}, "is not a folder"),
    "two queues in one": (lambda at: {"nop": queue(at / "q"), "nop/b": queue(at / "q")}, "is the same folder"),
    "two queues, slash": (lambda at: {"nop": queue(at / "q"), "nop/b": queue(f"{at}/q/")}, "is the same folder"),
    "two queues, link": (lambda at: {"nop": queue(at / "q"), "nop/b": queue(at / "link/q")}, "is the same folder"),
    "two queues, one in the other": (
        lambda at: {"nop": queue(at / "q"), "nop/b": queue(at / "link/q/b")},
        "lies in the folder of",
    ),
    "queue: in a file system of the kernel": (lambda at: {"nop": queue("/proc/nope")}, '"/proc" is of proc'),
    "dead letters: in a queue": (
        lambda at: {"nop": {**queue(at / "link"), **letters(at / "link/letters")}},
        "lies in the folder of",
    ),
    "storage: a file": (lambda at: storage(at / "file"), "is not a folder"),
    "storage: below a file": (lambda at: storage(at / "file/a", create_directory=True), "is not a folder"),
    "storage: to be there": (lambda at: storage(at / "a/b", create_directory=False), "create_directory: true makes it"),
    "storage: not permitted": (lambda at: storage(at / "roots"), "Permission denied"),
    "dead letters: a folder": (lambda at: {"nop": letters(at / "link")}, "is a folder"),
    "dead letters: no folder": (lambda at: {"nop": letters(at / "a/letters")}, "is missing"),
    "dead letters: not permitted": (lambda at: {"nop": letters(at / "roots/letters")}, "Permission denied"),
    "dead letters: not writable": (lambda at: {"nop": letters(at / "rootfile")}, "Permission denied"),
    "dead letters: no rotation": (lambda at: {"nop": letters(at / "locked/mine")}, "Permission denied"),
    "dead letters: the output": (
        lambda at: {"file": {"path": str(at / "out"), **letters(at / "link/out")}},
        "exporters.file.path is the same file",
    ),
    "file: a folder": (lambda at: {"file": {"path": str(at)}}, "is a folder"),
    "file: named as a folder": (lambda at: {"file": {"path": f"{at}/new/"}}, "is the name of a folder"),
    "file: no folder": (lambda at: {"file": {"path": str(at / "a/out")}}, "create_directory: true makes it"),
    "file: below a file": (
        lambda at: {"file": {"path": str(at / "file/a/out"), "create_directory": True}},
        "is not a folder",
    ),
    "file: not writable": (lambda at: {"file": {"path": str(at / "rootfile")}}, "Permission denied"),
    "file: no rotation": (lambda at: {"file": {"path": str(at / "locked/mine"), "rotation": {}}}, "Permission denied"),
    "file: two in one": (
        lambda at: {"file": {"path": str(at / "out")}, "file/b": {"path": str(at / "link/out")}},
        "is the same file",
    ),
}


@pytest.fixture
def place(tmp_path_factory):
    """A folder of `nobody`, with what others own in it."""
    if os.geteuid() != 0:
        pytest.skip("to run as another user takes root")
    at = tmp_path_factory.mktemp("paths")
    for folder in (at, *at.parents):
        if folder.is_relative_to(pathlib.Path("/tmp")) and folder != pathlib.Path("/tmp"):
            folder.chmod(0o755)
    os.chown(at, NOBODY, NOBODY)
    (at / "file").touch()
    (at / "rootfile").touch(0o600)
    (at / "roots").mkdir(0o700)
    (at / "dangling").symlink_to(at / "nowhere/at/all")
    (at / "link").symlink_to(at)
    (at / "locked").mkdir(0o755)
    (at / "locked/mine").touch()
    os.chown(at / "locked/mine", NOBODY, NOBODY)
    (at / "mixed").mkdir()
    os.chown(at / "mixed", NOBODY, NOBODY)
    (at / "mixed/cursor").touch(0o600)
    return at


def configuration(at: pathlib.Path, exporters: dict, extensions: dict) -> pathlib.Path:
    pipeline = {"receivers": ["otlp"], "exporters": list(exporters)}
    service = {"telemetry": {"metrics": {"level": "none"}}, "pipelines": {"logs": pipeline}}
    if extensions:
        service["extensions"] = list(extensions)
    config = {
        "receivers": {"otlp": {"protocols": {"http": {"endpoint": "127.0.0.1:0"}}}},
        "exporters": exporters,
        "extensions": extensions,
        "service": service,
    }
    path = at / "gateway.yaml"
    path.write_text(json.dumps(config, indent=1))
    return path


def outcome(command: str, path: pathlib.Path, seconds: float = 20) -> tuple:
    """The code and the errors of a command, run as `nobody`."""
    done = subprocess.run(
        [str(binary()), command, "--config", str(path)],
        capture_output=True, text=True, timeout=seconds, cwd=path.parent, user=NOBODY, group=NOBODY, extra_groups=[],
    )  # fmt: skip
    return done.returncode, done.stderr.splitlines()


@pytest.mark.parametrize("name", WRONG)
def test_validate_finds_what_run_refuses(place, name):
    make, said = WRONG[name]
    made = make(place)
    exporters, extensions = made if isinstance(made, tuple) else (made, {})
    path = configuration(place, exporters, extensions)
    before = sorted(place.rglob("*"))
    validated = outcome("validate", path)
    code, errors = validated
    assert code == 78 and len(errors) == 1, errors
    assert errors[0].startswith(f"{path}:") and said in errors[0], errors
    assert outcome("run", path) == validated
    assert sorted(place.rglob("*")) == before, "something was made"


def test_missing_folders_of_queues_are_made_for_the_owner_alone(place):
    exporters = {"nop": queue(place / "a/b/c"), "nop/b": {"sending_queue": {"storage": "file_storage"}}}
    path = configuration(place, exporters, {"file_storage": {"directory": str(place / "d/e")}})
    assert outcome("validate", path) == (0, [])
    assert not (place / "a").exists() and not (place / "d").exists()
    with pytest.raises(subprocess.TimeoutExpired):
        outcome("run", path, 2)
    for folder in ("a", "a/b", "a/b/c", "d", "d/e", "d/e/nop_b"):
        assert (place / folder).stat().st_mode & 0o777 == 0o700, folder
    assert (place / "a/b/c/LOCK").exists() and (place / "d/e/nop_b/LOCK").exists()
