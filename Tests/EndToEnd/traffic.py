"""A sender beside which something changes or is flooded."""

import threading
import time

from EndToEnd.http_clients import send
from EndToEnd.otlp_requests import record, request, unique


class Traffic:
    """A sender with good credentials that goes on until it is stopped, and what became of its requests."""

    def __init__(self, port: int, credential: str):
        self.port, self.credential = port, credential
        self.statuses: dict = {}
        self.slowest = 0.0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._send)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._over.set()
        self._thread.join()

    def _send(self):
        body = request(record(unique("traffic"))).SerializeToString()
        while not self._over.is_set():
            begin = time.monotonic()
            status = send(self.port, body, authorization=self.credential).status
            self.slowest = max(self.slowest, time.monotonic() - begin)
            self.statuses[status] = self.statuses.get(status, 0) + 1
            time.sleep(0.002)
