"""A real VictoriaLogs, when there is one: named by `VICTORIALOGS`, or `victoria-logs-prod` on PATH."""

import http.client
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import time
from typing import Optional
from urllib.parse import urlencode

READY_SECONDS = 20


def binary() -> Optional[str]:
    """The server's executable; None without one."""
    named = os.environ.get("VICTORIALOGS")
    return named if named and os.access(named, os.X_OK) else shutil.which("victoria-logs-prod")


class VictoriaLogsServer:
    """One server on loopback with a folder of its own; `flags` are added to its command line."""

    def __init__(self, folder: pathlib.Path, *flags: str):
        self.folder = folder
        self.flags = flags
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.process: Optional[subprocess.Popen] = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self):
        self.folder.mkdir(parents=True, exist_ok=True)
        command = [
            binary(),
            f"-httpListenAddr=127.0.0.1:{self.port}",
            f"-storageDataPath={self.folder / 'data'}",
            "-memory.allowedBytes=512MiB",
            *self.flags,
        ]
        with open(self.folder / "server.log", "ab") as log:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        end = time.monotonic() + READY_SECONDS
        while True:
            try:
                if self.get("/health")[0] == 200:
                    return self
            except OSError:
                pass
            assert self.process.poll() is None, f"the server left at once:\n{self.log()[-2000:]}"
            assert time.monotonic() < end, f"no answer within {READY_SECONDS} s:\n{self.log()[-2000:]}"
            time.sleep(0.05)

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(5)

    def log(self) -> str:
        return (self.folder / "server.log").read_text(errors="replace")

    def get(self, path: str, **arguments) -> tuple:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request("GET", path + ("?" + urlencode(arguments) if arguments else ""))
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()

    def post(self, path: str, body: bytes, **headers) -> tuple:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request("POST", path, body, {name.replace("_", "-"): text for name, text in headers.items()})
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()

    def rows(self, query: str = "*", **arguments) -> list:
        """What the server has, as it answers: one map of texts a row. Rows that just came are made visible first."""
        status, text = self.get("/internal/force_flush")
        assert status == 200, text
        status, text = self.get("/select/logsql/query", query=query, **arguments)
        assert status == 200, text
        return [json.loads(line) for line in text.decode().split("\n") if line]

    def count(self, query: str = "*") -> int:
        return int(self.rows(f"{query} | stats count() n")[0]["n"])

    def metric(self, name: str) -> float:
        """The sum over all samples of that name."""
        text = self.get("/metrics")[1].decode()
        return sum(float(found) for found in re.findall(rf"^{re.escape(name)}(?:\{{.*\}})? (\S+)$", text, re.M))

    def dropped(self) -> dict:
        """Rows the server has dropped, by reason; lines that were too long under `too_long_line`."""
        text = self.get("/metrics")[1].decode()
        found = dict(re.findall(r'^vl_rows_dropped_total\{reason="(\w+)"\} (\S+)$', text, re.M))
        counts = {reason: int(count) for reason, count in found.items() if int(count)}
        long_lines = int(self.metric("vl_too_long_lines_skipped_total"))
        return {**counts, "too_long_line": long_lines} if long_lines else counts

    def stored_bytes(self) -> int:
        """What the records take on disk."""
        return sum(path.stat().st_size for path in (self.folder / "data").rglob("*") if path.is_file())
