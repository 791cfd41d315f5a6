"""Puts results into docs/PERFORMANCE.md, between its markers, and draws docs/performance.svg.

`bench.py --out`, `memory.py --out` and `ack.py --out` write the results; costs.json holds what a step costs.

usage: report.py bench.json [--memory memory.json] [--ack ack.json]
"""

import argparse
import json
import pathlib
import re
import sys

import bench
from costs import LIMITS
from harness import ROOT

PAGE, PLOT = ROOT / "docs/PERFORMANCE.md", ROOT / "docs/performance.svg"
PLOTTED = {
    "grpc/100/nop": "gRPC, discarded", "http/100/nop": "HTTP, discarded", "json/100/nop": "JSON, discarded",
    "grpc/100/elasticsearch": "gRPC to Elasticsearch", "json/100/elasticsearch": "JSON to Elasticsearch",
    "grpc/100/otlphttp": "gRPC to OTLP/HTTP", "grpc/100/otlphttp-gzip": "gRPC to OTLP/HTTP, gzip",
}
COLOURS = {"sluice": "#0b6e4f", "rotel": "#8d99ae", "fluent-bit": "#c8963e", "fluent-bit, body alone": "#e3c78b",
           "otelcol": "#6a7fc1"}


def between_markers(page, name, text):
    """The page with what stands between `<!-- NAME -->` and `<!-- /NAME -->` replaced."""
    pattern = re.compile(rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)", re.S)
    if not pattern.search(page):
        raise SystemExit(f"{PAGE.name} has no place for {name}")
    return pattern.sub(lambda found: found[1] + text.rstrip("\n") + "\n" + found[2], page)


def plot(lines, header):
    import matplotlib

    matplotlib.use("svg")
    matplotlib.rcParams.update({"svg.hashsalt": "sluice", "font.size": 9})
    from matplotlib import pyplot

    rows = [row for row in PLOTTED if any(line["row"] == row for line in lines)]
    figure, axes = pyplot.subplots(figsize=(9, 0.95 * len(rows) + 1.2), layout="constrained")
    ticks, labelled = [], set()
    place = 0.0
    for row in rows:
        here = [line for line in lines if line["row"] == row]
        ticks.append(place + (len(here) - 1) / 2)
        for line in here:
            name, rate = line["gateway"], line["delivered"] / 1000
            label = None if name in labelled else name
            labelled.add(name)
            axes.barh(place, rate, color=COLOURS[name], label=label,
                      xerr=[[rate - line["least"] / 1000], [line["most"] / 1000 - rate]], ecolor="#444", capsize=2)
            axes.text(line["most"] / 1000 * 1.01 + 8, place, f"{rate:.0f} k", va="center", fontsize=8)
            place += 1
        place += 0.7
    axes.set_yticks(ticks, [PLOTTED[row] for row in rows])
    axes.invert_yaxis()
    axes.set_xlabel("records per second on one core, median with least and most; longer is better")
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(loc="lower right", frameon=False)
    axes.set_title(header, fontsize=8, loc="left", color="#555")
    figure.savefig(PLOT, metadata={"Date": None})


def costs_table():
    limits = json.loads(LIMITS.read_text())
    yield "| step | instructions a record | allocations a request of 100 |\n|---|---:|---:|"
    for name, limit in limits.items():
        yield f"| {name} | {limit['instructions_per_record']} | {limit['allocations_per_request']:g} |"


def memory_table(results):
    yield "| | peak MB | afterwards MB |\n|---|---:|---:|"
    for line in results:
        yield f"| {line['what']} | {line['peak_mb']:.0f} | {line['after_mb']:.0f} |"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bench", type=pathlib.Path)
    parser.add_argument("--memory", type=pathlib.Path)
    parser.add_argument("--ack", type=pathlib.Path)
    arguments = parser.parse_args()
    page, report = PAGE.read_text(), json.loads(arguments.bench.read_text())
    page = between_markers(page, "header", report["header"] + ".")
    for name, lines in report["groups"].items():
        page = between_markers(page, name, "\n".join(bench.table(lines)))
    page = between_markers(page, "costs", "\n".join(costs_table()))
    if arguments.memory:
        page = between_markers(page, "memory", "\n".join(memory_table(json.loads(arguments.memory.read_text()))))
    if arguments.ack:
        page = between_markers(page, "ack", arguments.ack.read_text())
    PAGE.write_text(page)
    plot([line for line in report["groups"].get("peers", [])], report["header"])


if __name__ == "__main__":
    sys.exit(main())
