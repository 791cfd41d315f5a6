"""What a record costs in instructions and a request in allocations, held against the numbers in `costs.json`.

callgrind counts the instructions and dhat the allocations of `sluice-micro`, each step run 20 and 40 times and the
difference taken, so that start-up is not counted. Both are the same on every run of the same binary, whatever else the
machine does; other compilers and processors give other numbers, so the limits leave a tenth.

usage: costs.py [--update]      exits with 1 if a step costs more than its limit
"""

import argparse
import concurrent.futures
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import payloads
from harness import ROOT, build

LIMITS = pathlib.Path(__file__).resolve().parent / "costs.json"
RECORDS = 100
FEW, MANY = 20, 40


def run(micro, folder, name, repeats, tool, pattern):
    command = ["valgrind", f"--tool={tool}", f"--{tool}-out-file=/dev/null", micro, folder, name, repeats]
    output = subprocess.run([str(part) for part in command], capture_output=True, text=True).stderr
    found = re.search(pattern, output)
    if not found:
        raise SystemExit(f"{tool} of {name} failed: {output[-1000:]}")
    return int(found.group(1).replace(",", ""))


def costs(micro, folder, name):
    """Instructions a record and allocations a request of one step."""
    def each(tool, pattern):
        return (run(micro, folder, name, MANY, tool, pattern) - run(micro, folder, name, FEW, tool, pattern)) / (MANY - FEW)

    return round(each("callgrind", r"Collected : (\d+)") / RECORDS), each("dhat", r"Total:\s+[\d,]+ bytes in ([\d,]+) blocks")


def all_costs():
    """Costs by step, of every step that sluice-micro has."""
    build("sluice-micro")
    with tempfile.TemporaryDirectory() as folder:
        payloads.write(folder, [RECORDS])
        micro = pathlib.Path(folder) / "sluice-micro"
        # Valgrind does not read every compiler's debugging information, and needs none.
        subprocess.run(["strip", "-o", micro, ROOT / ".build/release/sluice-micro"], check=True)
        # What a library alone costs is a measure to read, not one to hold.
        names = subprocess.run([micro, folder, "list"], capture_output=True, text=True, check=True).stdout.split()
        names = [name for name in names if not name.endswith("-alone")]
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            results = dict(zip(names, pool.map(lambda name: costs(micro, folder, name), names)))
    # What a processor edits is copied before each run of it, which is not its cost.
    copying = results.pop("process-nothing")
    for name in results:
        if name.startswith("process-"):
            results[name] = (results[name][0] - copying[0], results[name][1] - copying[1])
    return results


def over(results, limits):
    """What costs more than it may, or is not known; one line each."""
    for name, (instructions, allocations) in results.items():
        limit = limits.get(name)
        if not limit:
            yield f"{name} has no limit in {LIMITS.name}: run costs.py --update"
            continue
        if instructions > limit["instructions_per_record"] * 1.1 + 5:
            yield f"{name} takes {instructions} instructions a record, a tenth over {limit['instructions_per_record']}"
        if allocations > limit["allocations_per_request"] + 0.5:
            yield f"{name} makes {allocations:g} allocations a request, {limit['allocations_per_request']:g} are allowed"
    for name in limits.keys() - results.keys():
        yield f"{name} is in {LIMITS.name} and is not measured any more"


def show(results=None):
    print("| step | instructions a record | allocations a request of 100 |\n|---|---:|---:|")
    for name, (instructions, allocations) in (results or all_costs()).items():
        print(f"| {name} | {instructions} | {allocations:g} |")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--update", action="store_true")
    arguments = parser.parse_args()
    if not shutil.which("valgrind"):
        raise SystemExit("valgrind is not installed")
    results = all_costs()
    show(results)
    if arguments.update:
        limits = {
            name: {"instructions_per_record": instructions, "allocations_per_request": max(round(allocations, 1), 0)}
            for name, (instructions, allocations) in results.items()}
        LIMITS.write_text(json.dumps(limits, indent=2) + "\n")
        return 0
    problems = list(over(results, json.loads(LIMITS.read_text())))
    print("\n".join(["", *problems]) if problems else "\nevery step is within its limit")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
