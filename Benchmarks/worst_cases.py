"""Whether time is linear whatever a sender writes: instructions a byte of steps over inputs made to be expensive.

callgrind counts each case of `sluice-micro worst-cases` at two small sizes; those of each step that grow the most and
cost the most are counted at large ones too. Small inputs cost more a byte, since a request has costs of its own; what
may not happen is that large ones do, or that any costs more than `MOST`.

usage: worst_cases.py [--all]      exits with 1 if a case does; --all counts every case at 256 KiB
"""

import argparse
import pathlib
import re
import subprocess
import sys
import tempfile

import payloads
from harness import ROOT, build

SMALL = (1 << 10, 1 << 13)
LARGE = (1 << 18, 1 << 22)
# Steps whose worst case is counted at the largest size too.
KINDS = {"redaction", "pattern", "decode-json", "decode-protobuf", "usage"}
# The most that a byte of a larger input may cost, times that of a smaller one, and instructions for rounding.
GROWTH, SLACK = 1.3, 4
# The most instructions that a byte of an input of the second size or a larger one may cost: 2000, and a tenth since other
# compilers give other numbers.
MOST = 2200


def counts(micro, folder, size, chosen=()):
    """Instructions by index of case."""
    with tempfile.TemporaryDirectory() as out:
        command = ["valgrind", "--tool=callgrind", "--dump-before=*markWorstCase*", "--dump-line=no",
                   f"--callgrind-out-file={out}/out", micro, folder, "worst-cases", size, *chosen]
        done = subprocess.run([str(part) for part in command], capture_output=True, text=True)
        if done.returncode:
            raise SystemExit(f"callgrind failed: {done.stderr[-1000:]}")
        parts = {}
        for path in pathlib.Path(out).iterdir():
            text = path.read_text()
            total = re.search(r"^(?:totals|summary): (\d+)", text, re.M)
            part = re.search(r"^part: (\d+)", text, re.M)
            if total and part:
                parts[int(part.group(1))] = int(total.group(1))
    # The first part is the start of the process, and the last its end.
    found = [parts[part] for part in sorted(parts)][1:-1]
    return dict(zip(chosen or range(len(found)), found))


def measure(everything):
    """Names and instructions a byte by case and size."""
    build("sluice-micro")
    with tempfile.TemporaryDirectory() as folder:
        payloads.write(folder, [100])
        micro = pathlib.Path(folder) / "sluice-micro"
        # The cases are told apart by a symbol, which stripping of debugging information leaves.
        subprocess.run(["strip", "--strip-debug", "-o", micro, ROOT / ".build/release/sluice-micro"], check=True)
        listed = subprocess.run([micro, folder, "list-worst-cases"], capture_output=True, text=True, check=True)
        names = listed.stdout.splitlines()
        costs = {index: {} for index in range(len(names))}
        sizes = [*SMALL, LARGE[0]] if everything else SMALL
        for size in sizes:
            for index, count in counts(micro, folder, size).items():
                costs[index][size] = count / size
        for size, chosen in zip(LARGE, (worst(names, costs, 2), worst(names, costs, 1, KINDS))):
            for index, count in counts(micro, folder, size, chosen).items():
                costs[index][size] = count / size
    return names, costs


def worst(names, costs, most, kinds=None):
    """The cases of each kind that cost the most, and that grow the most."""
    groups = {}
    for index, name in enumerate(names):
        groups.setdefault(name.split()[0], []).append(index)
    first, last = SMALL
    chosen = set()
    for kind, group in groups.items():
        if kinds is None or kind in kinds:
            chosen.update(sorted(group, key=lambda index: -costs[index][last])[:most])
            chosen.update(sorted(group, key=lambda index: costs[index][first] - costs[index][last])[:most - 1])
    return sorted(chosen)


def grows(costs):
    """Whether a byte of a larger input costs more than one of a smaller input."""
    sizes = sorted(costs)
    return any(costs[large] > GROWTH * costs[small] + SLACK for small in sizes for large in sizes if large > small)


def is_dear(costs):
    """Whether a byte costs more than it may."""
    return any(cost > MOST for size, cost in costs.items() if size > SMALL[0])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--all", action="store_true")
    names, costs = measure(parser.parse_args().all)
    shown = [index for index in costs if len(costs[index]) > 2 or grows(costs[index]) or is_dear(costs[index])]
    sizes = [*SMALL, *LARGE]
    print("| case | " + " | ".join(f"{size >> 10} KiB" for size in sizes) + " |\n|---|" + "---:|" * len(sizes))
    for index in sorted(shown, key=lambda index: -costs[index][SMALL[1]])[:60]:
        cells = [f"{costs[index][size]:.0f}" if size in costs[index] else "" for size in sizes]
        print(f"| {names[index]} | " + " | ".join(cells) + " |")
    growing = [names[index] for index in costs if grows(costs[index])]
    dear = [names[index] for index in costs if is_dear(costs[index])]
    print(f"\n{len(costs)} cases, instructions a byte; {len(growing)} grow by more than {GROWTH}")
    print("\n".join(growing))
    print(f"{len(dear)} cost more than {MOST} a byte from {SMALL[1] >> 10} KiB on")
    print("\n".join(dear))
    return 1 if growing or dear else 0


if __name__ == "__main__":
    sys.exit(main())
