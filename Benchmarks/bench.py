"""Records per second on one pinned core, processor time and peak memory; other gateways beside it.

The gateway runs on core 0; the load (h2load) and a sink that takes everything run on core 1. The rows of all gateways
are measured interleaved, several rounds, and medians are shown with their spread. Machines differ and are noisy:
compare only inside one run. Where a gateway left its core idle (`core busy` well under 100 %), the load was the limit,
and records per second of processor time are the fairer figure.

usage: bench.py [--seconds 5] [--rounds 3] [--rows 'grpc/100/nop,json/100/elasticsearch'] [--groups peers,sizes]
                [--out results.json] [--instructions]
"""

import argparse
import datetime
import json
import pathlib
import statistics
import sys
import tempfile
import time

import costs
import payloads
from gateways import gateways, start_sluice
from harness import CONNECTIONS, GATEWAY_CORE, LOAD_CORE, STREAMS, Sink, build, load, machine

# protocol/payload/way; peers are measured where they know the way.
GROUPS = {
    "peers": [
        "grpc/100/nop", "http/100/nop", "json/100/nop", "grpc/1000/nop",
        "grpc/100/elasticsearch", "http/100/elasticsearch", "json/100/elasticsearch",
        "grpc/100/otlphttp", "http/100/otlphttp", "grpc/100/otlphttp-gzip", "http/100/otlphttp-gzip",
        "grpc/1/nop", "http/1/nop",
    ],
    "processors": [
        "grpc/100/elasticsearch", "grpc/100/elasticsearch+attributes", "grpc/100/elasticsearch+redaction",
        "grpc/100/elasticsearch+filter", "grpc/100/elasticsearch+filter-ottl", "grpc/100/elasticsearch+transform",
        "grpc/100-json-body/elasticsearch", "grpc/100-json-body/elasticsearch+parse-json",
    ],
    "sizes": [f"grpc/{count}/{way}" for way in ("nop", "elasticsearch") for count in (1, 10, 100, 1000, 4000)],
    "shapes": [
        f"grpc/100{kind}/elasticsearch" for kind in ("", *(f"-{kind}" for kind in payloads.KINDS if kind))
    ] + ["grpc+gzip/100/elasticsearch", "json+gzip/100/elasticsearch"],
    "ways-out": [
        f"grpc/100/{way}" for way in (
            "elasticsearch", "elasticsearch-gzip", "elasticsearch-zstd", "victorialogs", "victorialogs-gzip",
            "otlphttp", "otlphttp-gzip", "otlphttp-zstd")
    ],
    # Compressed both ways, so that the load needs little of the core that it shares with the gateway on two.
    "cores": ["grpc+gzip/100/otlphttp-gzip", "grpc+gzip/100/otlphttp-gzip+redaction"],
}


def records_of(row):
    return int(row.split("/")[1].partition("-")[0])


def run_once(row, start, sink, folder, seconds):
    """One gateway at one row, from its start to its last record delivered; None where it has no such way."""
    protocol, payload, way = row.split("/")
    before = sink.counts()
    gateway = start(way, sink.port)
    if not gateway:
        return None
    try:
        idle_mb, spent = gateway.running.rss_mb(), gateway.running.cpu_seconds()
        began = time.monotonic()
        done = load(protocol, payload, gateway.grpc, gateway.http, folder, seconds)
        busy = (gateway.running.cpu_seconds() - spent) / done.seconds
        after = before if way.startswith("nop") else sink.settle(quiet=1.5 if gateway.admin else 5)
        spent = gateway.running.cpu_seconds() - spent
        accepted = done.good * records_of(row)
        note = "" if done.bad == 0 else f"{done.bad} requests refused"
        if gateway.admin:
            accepted = gateway.metric("otelcol_receiver_accepted_log_records")
            refused = gateway.metric("otelcol_receiver_refused_log_records")
            note = f"{100 * refused / (accepted + refused):.1f} % refused" if refused else note
        delivered = accepted / max(done.seconds, after["last_nano"] / 1e9 - began)
        documents = (after["lines"] - before["lines"]) // 2
        if way.startswith("elasticsearch") and "-" not in way and abs(documents - accepted) > accepted // 100:
            note = f"{note}; {100 * documents / max(accepted, 1):.1f} % of what was accepted came".lstrip("; ")
            delivered *= documents / max(accepted, 1)
        return {
            "accepted": accepted / done.seconds, "delivered": delivered, "per_cpu_second": accepted / max(spent, 0.01),
            "busy": busy, "peak_mb": gateway.running.peak_mb(), "idle_mb": idle_mb, "note": note,
        }
    finally:
        gateway.running.stop()


def measured(group):
    """The gateways of a group by name, and what starts them."""
    if group == "cores":
        both = f"{GATEWAY_CORE},{LOAD_CORE}"
        return {"sluice": lambda *way: start_sluice(*way, core=both), "sluice, one core": start_sluice}
    return gateways() if group in ("peers", "rows") else {"sluice": start_sluice}


def measure(rows, known, arguments, folder):
    """Results by row and gateway, one for each round."""
    results = {}
    for _ in range(arguments.rounds):
        for row in rows:
            for name, start in known.items():
                sink = Sink()
                try:
                    once = run_once(row, start, sink, folder, arguments.seconds)
                finally:
                    sink.stop()
                if once:
                    results.setdefault((row, name), []).append(once)
    return results


def summarise(results):
    """One line for each row and gateway: medians, and the extremes of what was delivered."""
    lines = []
    for (row, name), rounds in results.items():
        line = {key: statistics.median(each[key] for each in rounds) for key in rounds[0] if key != "note"}
        line |= {"row": row, "gateway": name, "peak_mb": max(each["peak_mb"] for each in rounds)}
        line |= {"least": min(each["delivered"] for each in rounds), "most": max(each["delivered"] for each in rounds)}
        line["note"] = "; ".join(sorted({each["note"] for each in rounds} - {""}))
        lines.append(line)
    return sorted(lines, key=lambda line: list(dict.fromkeys(row for row, _ in results)).index(line["row"]))


def table(lines):
    """A Markdown table; ratios are ours to the gateway of that line."""
    own = {line["row"]: line for line in lines if line["gateway"] == "sluice"}
    yield "| protocol/payload/way | gateway | records/s (min–max) | ours to it | per second of processor | ours to it " \
        "| core busy | peak RSS MB | note |"
    yield "|---|---|---:|---:|---:|---:|---:|---:|---|"
    for line in lines:
        ours = own.get(line["row"])
        ratios = ["", ""]
        if ours and ours is not line:
            ratios = [f"{ours[key] / max(line[key], 1):.1f} ×" for key in ("delivered", "per_cpu_second")]
        yield (
            f"| {line['row']} | {line['gateway']} | {line['delivered'] / 1000:.0f} k "
            f"({line['least'] / 1000:.0f}–{line['most'] / 1000:.0f}) | {ratios[0]} | "
            f"{line['per_cpu_second'] / 1000:.0f} k | {ratios[1]} | {100 * line['busy']:.0f} % | "
            f"{line['peak_mb']:.0f} | {line['note']} |")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--rows", default="")
    parser.add_argument("--groups", default=",".join(GROUPS))
    parser.add_argument("--out", type=pathlib.Path)
    parser.add_argument("--instructions", action="store_true")
    arguments = parser.parse_args()
    build("sluice-sink", *(["sluice-micro"] if arguments.instructions else []))
    groups = {"rows": arguments.rows.split(",")} if arguments.rows else {
        name: GROUPS[name] for name in arguments.groups.split(",")}
    header = (f"{machine()}; {datetime.date.today()}; {arguments.rounds} rounds of {arguments.seconds} s, "
              f"{CONNECTIONS} connections, {STREAMS} streams each on HTTP/2")
    print(header, flush=True)
    names = sorted({row.split("/")[1] for rows in groups.values() for row in rows})
    report = {"header": header, "groups": {}}
    with tempfile.TemporaryDirectory() as folder:
        payloads.write(folder, names)
        for name, rows in groups.items():
            lines = summarise(measure(rows, measured(name), arguments, folder))
            report["groups"][name] = lines
            print(f"\n### {name}\n\n" + "\n".join(table(lines)), flush=True)
            if arguments.out:
                arguments.out.write_text(json.dumps(report, indent=1))
    if arguments.instructions:
        print()
        costs.show()


if __name__ == "__main__":
    sys.exit(main())
