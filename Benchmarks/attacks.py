"""What a good sender notices while another does its worst: p50 and p99 of small requests under each attack.

    python Benchmarks/attacks.py [--binary .build/release/sluice] [--only spaces] [--exporter elasticsearch]

Bounded in count and time. Everything runs on this machine; attackers, which would be elsewhere, run at a low priority so
that they take its cores only by what they have the gateway do.
"""

import argparse
import gzip
import multiprocessing
import os
import pathlib
import re
import signal
import socket
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
MIB = 1 << 20
EXPORTERS = {"nop": "nop: {}", "elasticsearch": "elasticsearch: {endpoints: [http://127.0.0.1:9]}"}


def varint(number: int) -> bytes:
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    return bytes(out + bytes([number]))


def field(number: int, content: bytes) -> bytes:
    return varint(number << 3 | 2) + varint(len(content)) + content


def request(record: bytes) -> bytes:
    return field(1, field(2, field(2, record)))


def post(body: bytes, kind: str, coding: str = "") -> bytes:
    head = f"POST /v1/logs HTTP/1.1\r\nHost: x\r\nContent-Type: application/{kind}\r\nContent-Length: {len(body)}\r\n"
    return (head + (f"Content-Encoding: {coding}\r\n" if coding else "") + "\r\n").encode() + body


def small() -> bytes:
    return post(request(field(5, field(1, b"order placed"))), "x-protobuf")


def spaces() -> bytes:
    """63 MiB of white space in 64 KiB."""
    return post(gzip.compress(b" " * (63 * MIB) + b"{}", 9), "json", "gzip")


def attributes() -> bytes:
    """4.1 million attributes of nothing, in 8 MiB."""
    return post(request(b"\x32\x00" * 4_100_000), "x-protobuf")


def short_attributes() -> bytes:
    """The same in 12 KiB."""
    return post(gzip.compress(request(b"\x32\x00" * 4_100_000), 9), "x-protobuf", "gzip")


def json() -> bytes:
    """62 MiB of a million records."""
    record = b'{"body":{"stringValue":"' + b"x" * 37 + b'"}}'
    records = b",".join([record] * 1_000_000)
    return post(b'{"resourceLogs":[{"scopeLogs":[{"logRecords":[' + records + b"]}]}]}", "json")


ATTACKS = {"spaces": (spaces, 200), "attributes": (attributes, 60), "short_attributes": (short_attributes, 200)}
ATTACKS |= {"json": (json, 40)}


def frame(kind: int, flags: int, stream: int, payload: bytes) -> bytes:
    return len(payload).to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big") + payload


def headers_from_the_table(port: int, until: float, pace: float = 0.02) -> None:
    """HTTP/2 requests of 16,000 references to an entry of 4,000 bytes, 0.8 MB/s."""
    os.nice(10)
    pseudo = bytes([0x83, 0x86, 0x84]) + b"\x01\x01x"
    entry = b"\x40\x01a\x7f\xa1\x1e" + b"a" * 4000
    while time.monotonic() < until:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=5) as to:
                to.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(4, 0, 0, b"") + frame(1, 5, 1, pseudo + entry))
                for stream in range(3, 100_000, 2):
                    to.sendall(frame(1, 5, stream, pseudo + b"\xbe" * 16_000))
                    time.sleep(pace)
                    if time.monotonic() > until:
                        break
        except OSError:
            time.sleep(pace)


def read_answer(connection: socket.socket) -> bytes:
    answer = b""
    while b"\r\n\r\n" not in answer:
        piece = connection.recv(65536)
        if not piece:
            raise ConnectionResetError
        answer += piece
    head, _, body = answer.partition(b"\r\n\r\n")
    length = int((re.search(rb"content-length: (\d+)", head.lower()) or [0, 0])[1])
    while len(body) < length:
        body += connection.recv(65536)
    return head[9:12]


def attack(port: int, body: bytes, count: int, until: float, results) -> None:
    """Sends on one connection after the other, without waiting longer than `until`."""
    os.nice(10)
    statuses: dict[str, int] = {}
    for _ in range(count):
        if time.monotonic() > until:
            break
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=max(until - time.monotonic(), 0.1)) as to:
                to.sendall(body)
                status = read_answer(to).decode()
        except OSError:
            status = "broken"
        statuses[status] = statuses.get(status, 0) + 1
    results.put(statuses)


def good(port: int, until: float, results) -> None:
    """A request each 10 ms; the time from the first byte sent to the answer."""
    times, body, connection, broken = [], small(), None, 0
    while time.monotonic() < until:
        began = time.monotonic()
        try:
            connection = connection or socket.create_connection(("127.0.0.1", port), timeout=30)
            connection.sendall(body)
            read_answer(connection)
            times.append(time.monotonic() - began)
        except OSError:
            connection, broken = None, broken + 1
        time.sleep(max(0.0, 0.01 - (time.monotonic() - began)))
    results.put((sorted(times), broken))


def run(binary: str, exporter: str, name: str, seconds: float) -> str:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    config = f"""
receivers: {{otlp: {{protocols: {{http: {{endpoint: "127.0.0.1:{port}"}}}}}}}}
exporters: {{{EXPORTERS[exporter]}}}
service:
  telemetry: {{metrics: {{level: none}}}}
  pipelines: {{logs: {{receivers: [otlp], exporters: [{exporter}]}}}}
"""
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
        file.write(config)
        file.flush()
        gateway = subprocess.Popen([binary, "--config", file.name], stderr=subprocess.PIPE, text=True)
        for line in gateway.stderr:
            if "gateway is ready" in line:
                break
    drain = multiprocessing.Process(target=lambda: [None for _ in gateway.stderr], daemon=True)
    drain.start()
    try:
        results, sent = multiprocessing.Queue(), multiprocessing.Queue()
        until = time.monotonic() + seconds
        attackers = []
        if name in ATTACKS:
            make, count = ATTACKS[name]
            body = make()
            until = time.monotonic() + seconds
            for _ in range(16):
                work = (port, body, count // 16 + 1, until, sent)
                attackers.append(multiprocessing.Process(target=attack, args=work))
        elif name == "headers":
            attackers.append(multiprocessing.Process(target=headers_from_the_table, args=(port, until)))
        sender = multiprocessing.Process(target=good, args=(port, until, results))
        for process in [*attackers, sender]:
            process.start()
        times, broken = results.get()
        statuses: dict[str, int] = {}
        for _ in range(len(attackers) if name in ATTACKS else 0):
            for status, count in sent.get().items():
                statuses[status] = statuses.get(status, 0) + count
        for process in [*attackers, sender]:
            process.join()
        ticks = pathlib.Path(f"/proc/{gateway.pid}/stat").read_text().rpartition(")")[2].split()[11:13]
        cpu = sum(int(tick) for tick in ticks) / os.sysconf("SC_CLK_TCK")
    finally:
        gateway.send_signal(signal.SIGKILL)
        gateway.wait()
        drain.terminate()
    p50, p99 = (1000 * times[min(int(len(times) * part), len(times) - 1)] for part in (0.5, 0.99))
    answers = ", ".join(f"{count} x {status}" for status, count in sorted(statuses.items()))
    return (
        f"{name:18} {p50:8.1f} ms {p99:8.1f} ms {1000 * times[-1]:8.1f} ms {cpu:6.1f} s"
        f"  {len(times)} requests, {broken} broken; attack: {answers}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--binary", default=str(ROOT / ".build/release/sluice"))
    parser.add_argument("--exporter", choices=EXPORTERS, default="elasticsearch")
    parser.add_argument("--seconds", type=float, default=15)
    parser.add_argument("--only", choices=["none", *ATTACKS, "headers"])
    arguments = parser.parse_args()
    print(f"{'attack':18} {'p50':>11} {'p99':>11} {'most':>11} {'CPU':>8}")
    for name in [arguments.only] if arguments.only else ["none", *ATTACKS, "headers"]:
        print(run(arguments.binary, arguments.exporter, name, arguments.seconds), flush=True)


if __name__ == "__main__":
    multiprocessing.set_start_method("fork")
    main()
