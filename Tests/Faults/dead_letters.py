"""Dead letter files, and the command that looks after them."""

import json
import pathlib
import subprocess

from EndToEnd.gateway import binary


def numbers_in(path: pathlib.Path) -> list:
    """The attribute `n` of every letter's document, in order; a file that is missing holds none."""
    if not path.exists():
        return []
    with open(path) as lines:
        return [json.loads(line)["record"]["document"]["attributes"]["n"] for line in lines]


def run_command(*arguments) -> dict:
    """The one line of JSON that a command prints."""
    command = [str(binary()), *map(str, arguments)]
    result = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)
