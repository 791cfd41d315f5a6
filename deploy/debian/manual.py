"""The manual pages: the commands and options that the binary tells, put into the pages beside this file."""

import json
import re
import subprocess
import textwrap
import time
from pathlib import Path
from typing import Iterator, NamedTuple

HERE = Path(__file__).resolve().parent


def pages(binary: Path, version: str, epoch: int) -> dict[str, str]:
    """The text of each page by its name."""
    head = {"DATE": time.strftime("%Y-%m-%d", time.gmtime(epoch)), "VERSION": escaped(version)}
    root = json.loads(told(binary, "--experimental-dump-help"))["command"]
    reference = told(binary, "print-config", "--reference")
    return {
        "sluice.1": filled("sluice.1", head | commands(root)),
        "sluice.yaml.5": filled("sluice.yaml.5", head | {"OPTIONS": "\n".join(file_options(reference))}),
    }


def told(*command) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=30).stdout


def filled(page: str, parts: dict[str, str]) -> str:
    return re.sub("@([A-Z]+)@", lambda found: parts[found[1]], (HERE / page).read_text())


def escaped(text: str) -> str:
    """Text as it stands on a line of roff."""
    text = text.replace("\\", "\\e").replace("-", "\\-").replace("'", "\\(aq").replace("…", "\\&...")
    return re.sub(r"^([.'])", r"\\&\1", text)


def prose(text: str) -> str:
    """Text as roff wants it: on lines of no more than 80 bytes, each of which may begin with any sign."""
    lines = textwrap.wrap(text, 72, break_long_words=False, break_on_hyphens=False)
    return "\n".join(escaped(line) for line in lines)


def breakable(line: str) -> str:
    """A line that may be broken after the commas of long words, and before the points of a long one at its beginning,
    without a hyphen."""
    first, space, rest = line.partition(" ")
    if len(first) > 60:
        first = re.sub(r"(?<=\S)\.(?=\w)", r"\\:.", first)
    return re.sub(r",(?=\S)", r",\\:", first + space + rest)


def bold(text: str) -> str:
    return f"\\fB{escaped(text)}\\fR"


def italic(text: str) -> str:
    return f"\\fI{escaped(text)}\\fR"


# Of sluice(1)


def commands(root: dict) -> dict[str, str]:
    """The parts of the page that tell of commands."""
    all_commands = list(commands_of(root))
    shared = shared_options([command for _, command in all_commands])
    synopsis = [" ".join([bold(path), *map(usage, options_of(command))]) for path, command in all_commands]
    sections = [section(path, command, shared) for path, command in all_commands]
    return {
        "SYNOPSIS": "\n.br\n".join(synopsis),
        "COMMANDS": "\n".join(sections),
        "OPTIONS": "\n".join(entry(option) for option in shared + options_of(root)),
    }


def commands_of(command: dict, above: str = "") -> Iterator[tuple[str, dict]]:
    """Each command that does something, with what one writes to call it."""
    path = f"{above} {command['commandName']}".strip()
    below = [command for command in command.get("subcommands", []) if command["commandName"] != "help"]
    if not below:
        yield path, command
    for command in below:
        yield from commands_of(command, path)


def options_of(command: dict) -> list[dict]:
    """What a command takes, but for `--help`, which each does."""
    return [option for option in command["arguments"] if option["shouldDisplay"] and option["valueName"] != "help"]


def shared_options(all_commands: list[dict]) -> list[dict]:
    """What more than two commands take; it is told once."""
    options = [option for command in all_commands for option in options_of(command)]
    return [option for at, option in enumerate(options) if options.index(option) == at and options.count(option) > 2]


def section(path: str, command: dict, shared: list[dict]) -> str:
    texts = [prose(text) for text in (command["abstract"], command.get("discussion", "")) if text]
    entries = [entry(option) for option in options_of(command) if option not in shared]
    return "\n".join([f".SS {escaped(path)}", *texts, *entries])


def usage(option: dict) -> str:
    """An option as a synopsis has it."""
    value = italic(option["valueName"])
    if option["kind"] == "positional":
        text = value
    else:
        text = bold(dashed(option["names"][0]))
        if option["kind"] == "option":
            text += f" {value}"
    if option["isOptional"]:
        text = f"[{text}]"
    return text + ("\\&..." if option["isRepeating"] else "")


def entry(option: dict) -> str:
    """An option with what it does."""
    if option["kind"] == "positional":
        head = italic(option["valueName"])
    else:
        head = ", ".join(bold(dashed(name)) for name in option["names"])
        if option["kind"] == "option":
            head += f" {italic(option['valueName'])}"
    default = f" The default is {option['defaultValue']}." if "defaultValue" in option else ""
    return f".TP\n{head}\n{prose(option.get('abstract', '') + default)}"


def dashed(name: dict) -> str:
    return ("-" if name["kind"] == "short" else "--") + name["name"]


# Of sluice.yaml(5)


class FileOption(NamedTuple):
    keys: list[str]
    value: str
    doc: str


def file_options(reference: str) -> Iterator[str]:
    """The reference as lines of roff: a section for each kind of component, a subsection for each component."""
    for option in options_in(reference):
        keys, doc = option.keys, prose(option.doc)
        if len(keys) == 1:
            yield f".SH {escaped(keys[0].upper())}\n{doc}"
        elif len(keys) == 2 and keys[0] != "service":
            yield f".SS {escaped(keys[1])}\n{doc}"
        else:
            own = keys[1:] if keys[0] == "service" else keys[2:]
            default = f" = {escaped(option.value)}" if option.value else ""
            yield f".TP\n{breakable(bold('.'.join(own)) + default)}\n{doc}"


def options_in(reference: str) -> Iterator[FileOption]:
    """Each key of the reference with those above it, its default and the comment before it."""
    above: list[tuple[int, str]] = []
    doc = ""
    for line in reference.splitlines():
        column, text = shown(line)
        if text.startswith("# "):
            doc = text[2:]
            continue
        if text == "-":
            # What follows is of each entry of the list whose key came last.
            at, key = above[-1]
            above[-1] = (at, f"{key}[]")
            continue
        key, value = text.split(":", 1)
        while above and above[-1][0] >= column:
            above.pop()
        above.append((column, key))
        yield FileOption([key for _, key in above], value.strip(), doc)
        doc = ""


def shown(line: str) -> tuple[int, str]:
    """The column and the text of a line, without the signs that make a comment of an option that is not given."""
    while True:
        text = line.lstrip(" ")
        column = len(line) - len(text)
        rest = text.removeprefix("# ")
        if rest == text or not re.match(r" |# |-$|[a-z0-9_/.]+:( |$)", rest):
            return column, text
        line = " " * column + rest
