"""An Elasticsearch that remembers of each record only its number, and how many it answered for to each process."""

import threading
from collections import Counter

from StandIns.elasticsearch import Elasticsearch
from StandIns.http_backend import Fault, Request

PROCESS_HEADER = "X-Process"


class RememberingElasticsearch(Elasticsearch):
    """Records carry their number in the attribute `n`; gateways name their process in a header."""

    def __init__(self):
        super().__init__()
        self.keeps_requests = False
        self.stored: Counter = Counter()
        self.taken: Counter = Counter()  # items that the answer said are stored, by process
        self._here = threading.local()

    def commit(self, index: str, id: str, document: dict):
        self.stored[document["attributes"]["n"]] += 1

    def _items(self, request: Request, fault: Fault) -> list:
        items = super()._items(request, fault)
        statuses = [item["status"] for wrapped in items for item in wrapped.values()]
        self._here.taken = sum(status < 300 or status == 409 for status in statuses)
        return items

    def answered(self, request: Request):
        taken, self._here.taken = getattr(self._here, "taken", 0), 0
        with self.lock:
            self.taken[request.headers.get(PROCESS_HEADER)] += taken

    def numbers(self) -> Counter:
        with self.lock:
            return Counter(self.stored)
