"""What it costs to know who sends, and what good senders notice of 10,000 wrong credentials a second.

The gateway is on core 0; what sends is on core 1. Costs are the gateway's processor time of a request of one record
with the credentials of each kind, less that of the same request on a port that asks for none; rounds are interleaved.
What a signed token costs when it comes for the first time is told by tokens that each come once, beside the same number
of requests with one of them.
Then one good sender of each request is timed before, during and after a flood of wrong passwords: the same one again
and again, or another each time, which no memory of wrong ones helps against.

usage: auth.py [--seconds 5] [--rounds 5] [--tokens 1000] [--flood 10000] [--rate 1000] [--out table.md]
"""

import argparse
import base64
import crypt
import itertools
import json
import pathlib
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

import payloads
from attacks import frame
from harness import CONNECTIONS, GATEWAY_CORE, LOAD_CORE, ROOT, Running, build, free_port, load_command, machine
from harness import percentile, read_load

sys.path.insert(0, str(ROOT / "Tests"))
from StandIns.issuer import SigningKey  # noqa: E402

USER, PASSWORD, TOKEN = "edge", "right-p4ssword", "right-t0ken"
SIGNED = "signed token, remembered"
KINDS = ("none", "bearer token", "password, bcrypt", "password, plain", "both kinds, token last", SIGNED)


def basic(password, user=USER):
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


CREDENTIALS = {
    "none": None, "bearer token": f"Bearer {TOKEN}", "password, bcrypt": basic(PASSWORD),
    "password, plain": basic(PASSWORD), "both kinds, token last": f"Bearer {TOKEN}"}
AUTHENTICATORS = {
    "none": [], "bearer token": ["bearertokenauth"], "password, bcrypt": ["basicauth"],
    "password, plain": ["basicauth/plain"], "both kinds, token last": ["basicauth", "bearertokenauth"], SIGNED: ["oidc"]}
ALGORITHMS = ("RS256", "ES256")


class Tokens:
    """Keys of an issuer, and tokens that they sign."""

    def __init__(self, folder):
        self.keys = {algorithm: SigningKey(folder, algorithm, algorithm.lower()) for algorithm in ALGORITHMS}
        self.file = folder / "keys.json"
        self.file.write_text(json.dumps({"keys": [key.jwk() for key in self.keys.values()]}))

    def token(self, algorithm, number):
        claims = {"iss": "bench", "aud": "logs", "sub": f"edge-{number}", "exp": int(time.time()) + 86_400}
        return self.keys[algorithm].token(claims)


class Gateway:
    """A gateway with a port for each kind of credentials; what it takes goes nowhere."""

    def __init__(self, folder, keys):
        self.ports = {kind: (free_port(), free_port()) for kind in KINDS}
        self.admin = free_port()
        hashed = crypt.crypt(PASSWORD, crypt.mksalt(crypt.METHOD_BLOWFISH, rounds=1 << 10))
        config = {
            "extensions": {
                "bearertokenauth": {"token": TOKEN},
                "basicauth": {"htpasswd": {"inline": f"{USER}:{hashed}"}},
                "basicauth/plain": {"htpasswd": {"inline": f"{USER}:{PASSWORD}"}},
                "oidc": {"providers": [{"issuer_url": "bench", "audience": "logs", "public_keys_file": str(keys)}]}},
            "receivers": {f"otlp/{index}": self.receiver(kind) for index, kind in enumerate(KINDS)},
            "exporters": {"nop": {}},
            "service": {
                "extensions": ["bearertokenauth", "basicauth", "basicauth/plain", "oidc"],
                "telemetry": {"metrics": {"address": f"127.0.0.1:{self.admin}"}},
                "pipelines": {"logs": {
                    "receivers": [f"otlp/{index}" for index in range(len(KINDS))], "exporters": ["nop"]}}}}
        path = folder / "gateway.yaml"
        path.write_text(json.dumps(config))
        self.running = Running(GATEWAY_CORE, [ROOT / ".build/release/sluice", "--config", path], self.admin)

    def receiver(self, kind):
        auth = {"auth": {"authenticators": AUTHENTICATORS[kind]}} if AUTHENTICATORS[kind] else {}
        grpc, http = self.ports[kind]
        return {"protocols": {
            "grpc": {"endpoint": f"127.0.0.1:{grpc}"} | auth, "http": {"endpoint": f"127.0.0.1:{http}"} | auth}}

    def outcomes(self):
        """How many requests were judged how."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.admin}/metrics", timeout=10) as answer:
            text = answer.read().decode()
        found = {}
        pattern = r'^sluice_receiver_authentications(?:_total)?{.*outcome="(\w+)".*} (\S+)$'
        for outcome, count in re.findall(pattern, text, re.M):
            found[outcome] = found.get(outcome, 0) + float(count)
        return found


def begin(gateway, kind, folder, seconds, rate=None, credentials=None, log=None):
    grpc, http = gateway.ports[kind]
    command = load_command("grpc", 1, grpc, http, folder, seconds, 4, CONNECTIONS)
    credentials = credentials or CREDENTIALS[kind]
    if credentials:
        command += ["-H", f"authorization: {credentials}"]
    if rate:
        command += ["--rps", f"{rate / CONNECTIONS:.3f}"]
    if log:
        log.unlink(missing_ok=True)
        command += ["--log-file", log]
    command = ["taskset", "-c", LOAD_CORE, *command]
    return subprocess.Popen([str(word) for word in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def costs(gateway, folder, arguments):
    """Microseconds of the gateway's processor a request, by kind, a list of rounds."""
    found = {kind: [] for kind in KINDS}
    for kind in KINDS:  # so that a right password is remembered
        begin(gateway, kind, folder, 1).communicate()
    for _ in range(arguments.rounds):
        for kind in KINDS:
            spent = gateway.running.cpu_seconds()
            done = read_load(begin(gateway, kind, folder, arguments.seconds).communicate()[0], None)
            if done.bad or not done.good:
                raise SystemExit(f"{done.bad} requests of {kind} were refused, {done.good} taken")
            found[kind].append(1e6 * (gateway.running.cpu_seconds() - spent) / done.good)
    return found


def timed(gateway, folder, arguments, seconds):
    """Requests with the right password at a rate: good ones, bad ones, and milliseconds of each."""
    log = folder / "good.log"
    output = begin(gateway, "password, bcrypt", folder, seconds, arguments.rate, log=log).communicate()[0]
    done = read_load(output, log)
    done.latencies_ms.sort()
    return done


def flood(gateway, folder, arguments, is_another_each_time, seconds):
    """Sends wrong passwords meanwhile; returns the sender's process."""
    port = gateway.ports["password, bcrypt"][1]
    if not is_another_each_time:
        wrong = basic("wr0ng-all-the-time")
        return begin(gateway, "password, bcrypt", folder, seconds, arguments.flood, wrong)
    command = ["taskset", "-c", LOAD_CORE, sys.executable, "-W", "ignore", __file__, "--sender", port, arguments.flood, seconds]
    return subprocess.Popen([str(word) for word in command], stdout=subprocess.PIPE, text=True)


def floods(gateway, folder, arguments):
    lines = ["| flood | wrong ones a second | right ones refused | p50 ms before | during | p99 ms before | during | after |",
             "|---|---:|---:|---:|---:|---:|---:|---:|"]
    seconds = max(arguments.seconds, 3)
    for name, is_another in (("the same wrong password", False), ("another each time", True)):
        before = timed(gateway, folder, arguments, seconds)
        judged = gateway.outcomes()
        sender = flood(gateway, folder, arguments, is_another, seconds + 2)
        time.sleep(1)
        during = timed(gateway, folder, arguments, seconds)
        sender.communicate()
        outcomes = gateway.outcomes()
        wrong = sum(outcomes.get(key, 0) - judged.get(key, 0) for key in ("denied", "unavailable"))
        after = timed(gateway, folder, arguments, seconds)
        p50 = [percentile(each.latencies_ms, 0.5) for each in (before, during)]
        p99 = [percentile(each.latencies_ms, 0.99) for each in (before, during, after)]
        lines.append(f"| {name} | {wrong / (seconds + 2):.0f} | {during.bad} of {during.good + during.bad} | {p50[0]:.2f} "
                     f"| {p50[1]:.2f} | {p99[0]:.2f} | {p99[1]:.2f} | {p99[2]:.2f} |")
    return lines


def firsts(gateway, tokens, count):
    """A table of what a token costs that comes for the first time, and again."""
    lines = ["| signed token | µs of processor, first time | again | signature and claims |", "|---|---:|---:|---:|"]
    for algorithm in ALGORITHMS:
        signed = [tokens.token(algorithm, number) for number in range(count)]
        spent = [spent_on(gateway, each) for each in (signed, [signed[0]] * count)]
        lines.append(f"| {algorithm} | {spent[0]:.1f} | {spent[1]:.1f} | {spent[0] - spent[1]:.1f} |")
    return lines


def spent_on(gateway, tokens):
    """Microseconds of the gateway's processor for each of some requests, all of which have to be let in."""
    judged, spent = gateway.outcomes(), gateway.running.cpu_seconds()
    left = iter(tokens)
    connections = [OverOne(gateway.ports[SIGNED][1], lambda: f"Bearer {next(left)}") for _ in range(2)]
    sent = 0
    while sent < len(tokens):
        sent += sum(connection.send() for connection in connections if sent < len(tokens))
        time.sleep(0.0002)
    for connection in connections:
        connection.settle()
    spent = gateway.running.cpu_seconds() - spent
    let_in = gateway.outcomes().get("identified", 0) - judged.get("identified", 0)
    if let_in != len(tokens):
        raise SystemExit(f"{let_in:.0f} of {len(tokens)} tokens were taken")
    return 1e6 * spent / len(tokens)


class OverOne:
    """Requests over one HTTP/2 connection, each with credentials of its own, of which some are under way at a time."""

    MOST = 60  # under way
    END_STREAM_AND_HEADERS = 5

    def __init__(self, port, credentials):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=10)
        self.credentials, self.next, self.is_over = credentials, 1, False
        self.free = threading.Semaphore(self.MOST)
        self.socket.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(4, 0, 0, b"")
                            + frame(8, 0, 0, (2**31 - 1 - 65535).to_bytes(4, "big")))
        threading.Thread(target=self.read, daemon=True).start()

    def send(self):
        """Begins one more if it may; says whether it did."""
        if self.is_over or not self.free.acquire(blocking=False):
            return False
        fields = [("authorization", self.credentials()), (":authority", "t"),
                  ("content-type", "application/x-protobuf"), (":path", "/v1/logs")]
        fields.sort(key=lambda field: not field[0].startswith(":"))
        block = b"\x83\x86" + b"".join(  # POST, http, then literals that no table keeps (RFC 7541 section 6.2.2)
            b"\x00" + text_of(name) + text_of(value) for name, value in fields)
        try:
            self.socket.sendall(frame(1, self.END_STREAM_AND_HEADERS, self.next, block))
        except OSError:
            self.is_over = True
            return False
        self.next += 2
        return True

    def settle(self):
        """Waits for the answers to all."""
        for _ in range(self.MOST):
            if not self.free.acquire(timeout=30):
                raise SystemExit("requests are not answered")

    def read(self):
        """Takes the answers; each says that one more may be begun."""
        rest = b""
        try:
            while piece := self.socket.recv(1 << 16):
                rest += piece
                while len(rest) >= 9 and len(rest) >= 9 + (length := int.from_bytes(rest[:3], "big")):
                    kind, flags = rest[3], rest[4]
                    if kind == 4 and not flags & 1:
                        self.socket.sendall(frame(4, 1, 0, b""))
                    if kind in (0, 1) and flags & 1 or kind == 3:
                        self.free.release()
                    rest = rest[9 + length:]
        except OSError:
            pass
        self.is_over = True


def text_of(text):
    """A string as HPACK has it (RFC 7541 section 5.2), without Huffman's code."""
    if len(text) < 127:
        return bytes([len(text)]) + text.encode()
    left, count = len(text) - 127, b"\x7f"
    while left >= 128:
        count += bytes([left % 128 + 128])
        left //= 128
    return count + bytes([left]) + text.encode()


def wrong_ones():
    """Wrong passwords, another each time."""
    numbers = itertools.count()
    return lambda: basic(f"wr0ng-{next(numbers)}")


def send_wrong_ones(port, each_second, seconds):
    """Says how many were begun."""
    began, sent = time.monotonic(), 0
    credentials = wrong_ones()
    connections = [OverOne(port, credentials) for _ in range(8)]
    while time.monotonic() < began + seconds:
        for place, connection in enumerate(connections):
            for _ in range(25):
                sent += connection.send()
            if connection.is_over:
                connections[place] = OverOne(port, credentials)
        time.sleep(max(began + sent / each_second - time.monotonic(), 0.001))
    print(sent)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--flood", type=int, default=10_000, help="wrong credentials a second")
    parser.add_argument("--tokens", type=int, default=1_000, help="signed tokens of each algorithm that come once")
    parser.add_argument("--rate", type=int, default=1_000, help="good requests a second beside the flood")
    parser.add_argument("--out", type=pathlib.Path)
    parser.add_argument("--sender", nargs=3, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.sender:
        port, rate, seconds = arguments.sender
        return send_wrong_ones(int(port), int(rate), float(seconds))
    build()
    lines = [f"{machine()}\n"]
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        payloads.write(folder, ["1"])
        tokens = Tokens(folder)
        CREDENTIALS[SIGNED] = f"Bearer {tokens.token('RS256', 0)}"
        gateway = Gateway(folder, tokens.file)
        try:
            found = costs(gateway, folder, arguments)
            lines += ["| credentials | µs of processor a request | more than without |", "|---|---:|---:|"]
            for kind, rounds in found.items():
                more = statistics.median(one - bare for one, bare in zip(rounds, found["none"]))
                lines.append(f"| {kind} | {statistics.median(rounds):.2f} | {more:.2f} |")
            lines += ["", *firsts(gateway, tokens, arguments.tokens)]
            lines += ["", *floods(gateway, folder, arguments)]
        finally:
            gateway.running.stop()
    print("\n".join(lines))
    if arguments.out:
        arguments.out.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
