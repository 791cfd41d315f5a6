"""Senders of numbered records, as programs: `senders.py KIND NUMBER FILE ADDRESS PORT [CONNECTIONS REQUESTS RECORDS]`.

`sdk-grpc` and `sdk-http` are the OpenTelemetry SDK as an application has it. `grpc` and `http` are many connections
that each send REQUESTS a second; they send a request again only as the SDK does: after a retryable refusal or a broken
connection, with pauses of 1, 2 and 4 s, for 10 s in all. Each writes a line for each attempt of a request (the
SDK's for each export): when it began, how long it took, its outcome, the first number and how many. SIGTERM ends them
once what is under way is answered.
"""

import asyncio
import logging
import random
import signal
import sys
import time
from typing import NamedTuple, Optional

import grpc

from EndToEnd.http_clients import EXPORT, PROTOBUF
from EndToEnd.otlp_requests import record, request

NUMBERS = 10**10  # of one sender, at most
DEADLINE_SECONDS = 10
OK = "ok"
RETRYABLE = {
    grpc.StatusCode.CANCELLED, grpc.StatusCode.DEADLINE_EXCEEDED, grpc.StatusCode.ABORTED,
    grpc.StatusCode.OUT_OF_RANGE, grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DATA_LOSS}


class Attempt(NamedTuple):
    """One line of a sender's file."""

    began: float
    seconds: float
    outcome: str  # "ok", or what went wrong; "given up: …" if it is not tried again
    first: int
    count: int

    @property
    def is_ok(self) -> bool:
        return self.outcome == OK

    @property
    def ended(self) -> float:
        return self.began + self.seconds

    @property
    def numbers(self) -> range:
        return range(self.first, self.first + self.count)

    def __str__(self) -> str:
        return f"{self.began:.6f}\t{self.seconds:.6f}\t{self.outcome}\t{self.first}\t{self.count}\n"

    @classmethod
    def of(cls, line: str) -> "Attempt":
        began, seconds, outcome, first, count = line.rstrip("\n").split("\t")
        return cls(float(began), float(seconds), outcome, int(first), int(count))


class Failure(NamedTuple):
    """Why a request was not taken."""

    text: str
    is_retryable: bool
    after: Optional[float] = None  # seconds, if the answer said so


class HTTPConnection:
    """HTTP/1.1 with connections kept as long as the server wants it."""

    def __init__(self, address: str, port: int):
        self.address, self.port, self.reader, self.writer = address, port, None, None

    async def send(self, body: bytes) -> Optional[Failure]:
        try:
            return await asyncio.wait_for(self._send(body), DEADLINE_SECONDS)
        except (OSError, asyncio.IncompleteReadError, asyncio.TimeoutError) as error:
            self._close()
            return Failure(type(error).__name__, True)

    async def _send(self, body: bytes) -> Optional[Failure]:
        if self.writer is not None and self.reader.at_eof():  # closed meanwhile, as clients look before they send
            self._close()
        if self.writer is None:
            self.reader, self.writer = await asyncio.open_connection(self.address, self.port)
        head = f"POST /v1/logs HTTP/1.1\r\nHost: {self.address}\r\nContent-Type: {PROTOBUF}\r\n"
        self.writer.write(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        await self.writer.drain()
        answer = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        status = int(answer[0].split()[1])
        fields = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in answer[1:])}
        await self.reader.readexactly(int(fields.get("content-length", "0")))
        if fields.get("connection", "").lower() == "close":
            self._close()
        if status == 200:
            return None
        after = fields.get("retry-after")
        return Failure(str(status), status in (429, 502, 503, 504), float(after) if after else None)

    def _close(self):
        if self.writer is not None:
            self.writer.close()
        self.writer = None

    async def close(self):
        self._close()


class GRPCConnection:
    """A channel of its own, as each application has one."""

    def __init__(self, address: str, port: int):
        options = [("grpc.use_local_subchannel_pool", 1)]
        self.channel = grpc.aio.insecure_channel(f"{address}:{port}", options=options)
        self.export = self.channel.unary_unary(EXPORT)

    async def send(self, body: bytes) -> Optional[Failure]:
        try:
            await self.export(body, timeout=DEADLINE_SECONDS)
            return None
        except grpc.RpcError as error:
            return Failure(f"{error.code().name}: {error.details()}"[:80], error.code() in RETRYABLE)

    async def close(self):
        await self.channel.close()


class Load:
    """Many connections of one protocol, and the file of what became of their requests."""

    def __init__(self, connection, number: int, file, per_second: float, records: int):
        self.connection, self.file = connection, file
        self.next_number, self.pause, self.records = number * NUMBERS, 1 / per_second, records
        self.over = asyncio.Event()

    async def run(self, address: str, port: int, connections: int):
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGTERM, self.over.set)
        await asyncio.gather(*(self._one(self.connection(address, port)) for _ in range(connections)))

    async def _one(self, connection):
        await self._wait(random.uniform(0, self.pause))
        while not self.over.is_set():
            first, self.next_number = self.next_number, self.next_number + self.records
            numbers = range(first, first + self.records)
            await self._deliver(connection, numbers)
            await self._wait(random.uniform(0.5, 1.5) * self.pause)
        await connection.close()

    async def _wait(self, seconds: float):
        try:
            await asyncio.wait_for(self.over.wait(), seconds)
        except asyncio.TimeoutError:
            pass

    async def _deliver(self, connection, numbers: range):
        body = request(*(record(f"log line {n}", {"n": n}) for n in numbers)).SerializeToString()
        deadline, pause = time.monotonic() + DEADLINE_SECONDS, 1.0
        while True:
            began = time.monotonic()
            failure = await connection.send(body)
            outcome = OK
            if failure:
                wait = failure.after or pause * random.uniform(0.8, 1.2)
                is_last = not failure.is_retryable or time.monotonic() + wait > deadline
                outcome = f"given up: {failure.text}" if is_last else failure.text
            self.file.write(str(Attempt(began, time.monotonic() - began, outcome, numbers[0], len(numbers))))
            if not failure or is_last:
                return
            await asyncio.sleep(wait)
            pause *= 2


def sdk_exporter(kind: str, address: str, port: int):
    if kind == "sdk-grpc":
        from opentelemetry.exporter.otlp.proto.grpc._log_exporter import OTLPLogExporter

        return OTLPLogExporter(endpoint=f"{address}:{port}", insecure=True)
    from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter

    return OTLPLogExporter(endpoint=f"http://{address}:{port}/v1/logs")


def run_sdk(kind: str, number: int, file, address: str, port: int):
    """An application that logs 20 records a second through a batch processor."""
    from opentelemetry._logs import LogRecord
    from opentelemetry.sdk._logs import LoggerProvider
    from opentelemetry.sdk._logs.export import BatchLogRecordProcessor, LogRecordExporter, LogRecordExportResult

    class Noting(LogRecordExporter):
        """The SDK's exporter, with a line for each export."""

        def __init__(self, exporter):
            self.exporter = exporter

        def export(self, batch):
            began, numbers = time.monotonic(), [item.log_record.attributes["n"] for item in batch]
            assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
            result = self.exporter.export(batch)
            outcome = OK if result == LogRecordExportResult.SUCCESS else "given up: by the SDK"
            file.write(str(Attempt(began, time.monotonic() - began, outcome, numbers[0], len(numbers))))
            return result

        def shutdown(self):
            self.exporter.shutdown()

        def force_flush(self, timeout_millis=10_000):
            return True

    class Retries(logging.Handler):
        """What the SDK says of attempts that it makes again."""

        def emit(self, entry):
            if "retrying" in entry.getMessage():
                text = f"{entry.getMessage()[:80]}".replace("\t", " ").replace("\n", " ")
                file.write(str(Attempt(time.monotonic(), 0, text, number * NUMBERS, 0)))

    logging.getLogger("opentelemetry").addHandler(Retries())
    provider = LoggerProvider()
    processor = BatchLogRecordProcessor(Noting(sdk_exporter(kind, address, port)), schedule_delay_millis=200)
    provider.add_log_record_processor(processor)
    logger, serial = provider.get_logger("scale"), number * NUMBERS
    while signal.sigtimedwait({signal.SIGTERM}, 0.05) is None:
        logger.emit(LogRecord(body=f"log line {serial}", attributes={"n": serial}, timestamp=time.time_ns()))
        serial += 1
    provider.shutdown()


def main(kind: str, number: str, path: str, address: str, port: str, *rest: str):
    with open(path, "w", buffering=1) as file:
        if kind.startswith("sdk"):
            signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
            return run_sdk(kind, int(number), file, address, int(port))
        connections, per_second, records = int(rest[0]), float(rest[1]), int(rest[2])
        load = Load({"grpc": GRPCConnection, "http": HTTPConnection}[kind], int(number), file, per_second, records)
        asyncio.run(load.run(address, int(port), connections))


if __name__ == "__main__":
    main(*sys.argv[1:])
