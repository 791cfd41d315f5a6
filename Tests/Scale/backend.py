"""An Elasticsearch that remembers of each record only its number, fast enough for several gateways.

As a program it serves until SIGTERM: `GET /numbers` says how often each number was stored.
"""

import re
import signal
import sys
from collections import Counter

from StandIns.http_backend import Answer, Fault, HTTPBackend, Request

NUMBER = re.compile(rb'"n":(\d+)')
HEADERS = {"Content-Type": "application/json", "X-Elastic-Product": "Elasticsearch"}
ITEM = b'{"create":{"status":201}}'


class CountingElasticsearch(HTTPBackend):
    """Records carry their number in the attribute `n`, and nothing else that looks like it."""

    def __init__(self):
        super().__init__()
        self.keeps_requests = False
        self.stored: Counter = Counter()

    def answer(self, request: Request, fault: Fault) -> Answer:
        if request.method == "GET" and request.path == "/numbers":
            with self.lock:
                text = "\n".join(f"{number} {count}" for number, count in self.stored.items())
            return Answer(200, text.encode())
        numbers = [int(number) for number in NUMBER.findall(request.body)]
        if not request.path.endswith("_bulk") or request.body.count(b"\n") != 2 * len(numbers):
            self.violation(f"{request.method} {request.path} of {len(request.body)} bytes, {len(numbers)} numbers")
            return Answer(400)
        with self.lock:
            self.stored.update(numbers)
        items = b",".join([ITEM] * len(numbers))
        return Answer(200, b'{"took":1,"errors":false,"items":[%b]}' % items, HEADERS)


def main(host: str, port: str):
    backend = CountingElasticsearch()
    backend.host = host
    backend.start(int(port))
    signal.sigwait({signal.SIGTERM})
    backend.stop()
    if backend.violations:
        sys.exit("\n".join(backend.violations[:3]))


if __name__ == "__main__":
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    main(*sys.argv[1:])
