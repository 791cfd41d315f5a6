"""Dead letter files, and the command that looks after them."""

import json
import pathlib
import subprocess

from EndToEnd.gateway import binary


def numbers_in(path: pathlib.Path) -> list:
    """The attribute `n` of every letter's document, in order; a file that is missing holds none.

    A line that a kill has cut short is no letter: its record is still in the queue, and rejected again.
    """
    if not path.exists():
        return []
    letters = []
    for line in path.read_text().split("\n"):
        try:
            letters.append(json.loads(line))
        except json.JSONDecodeError:
            continue
    return [letter["record"]["document"]["attributes"]["n"] for letter in letters]


def run_command(*arguments) -> dict:
    """The one line of JSON that a command prints."""
    command = [str(binary()), *map(str, arguments)]
    result = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)
