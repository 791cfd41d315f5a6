"""Files that the `file` exporter writes."""

import json
import pathlib


def numbers_of_flat(path: pathlib.Path) -> list:
    """The attribute `n` of each line of `format: flat`, in order."""
    with open(path) as lines:
        return [json.loads(line)["n"] for line in lines]
