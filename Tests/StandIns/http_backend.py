"""A threaded loopback HTTP server whose answers can be bent by a script: the ground under the HTTP stand-ins."""

import gzip
import http.server
import socket
import struct
import threading
import time
import zlib
from collections import deque
from dataclasses import dataclass, field
from typing import Callable, NamedTuple, Optional, Sequence, Union
from urllib.parse import parse_qs, urlsplit

import zstandard

MAX_BODY_BYTES = 256 << 20


class Answer(NamedTuple):
    status: int
    body: bytes = b""
    headers: dict = {}


class Request(NamedTuple):
    method: str
    path: str
    query: dict
    headers: object  # email.message.Message: case-insensitive
    body: bytes  # after Content-Encoding
    wire_bytes: int
    at: float

    def arg(self, name: str) -> Optional[str]:
        return self.query.get(name, [None])[-1]


@dataclass
class Fault:
    """What happens to one POST. The default is an honest answer.

    `reset` closes the connection with RST at "before-body", "within-body", "after-body" (nothing is stored) or
    "after-commit" (everything is stored, the answer is lost).
    `items` bends single items of a bulk request: a list of statuses used in turn, or a function of the document;
    None leaves an item alone. A function may also give (status, error type, reason).
    `failure_store` says of a document whether a failure store takes it as faulty ("used") or could not ("failed").
    `poison` is a text that makes the server answer 200 with an empty body and store nothing, wherever it stands.
    """

    status: Optional[int] = None
    body: bytes = b""
    headers: dict = field(default_factory=dict)
    max_body_bytes: Optional[int] = None
    items: Union[Sequence[Optional[int]], Callable[[dict], Union[int, tuple, None]], None] = None
    failure_store: Optional[Callable[[dict], Optional[str]]] = None
    poison: Optional[bytes] = None
    reset: Optional[str] = None
    delay_seconds: float = 0
    truncate_answer: bool = False
    answer_body: Optional[bytes] = None  # sent with 200 after everything was stored
    swallow: bool = False  # 200 with an empty body, nothing stored

    def item_status(self, position: int, document: dict) -> Union[int, tuple, None]:
        if self.items is None:
            return None
        if callable(self.items):
            return self.items(document)
        return self.items[position % len(self.items)]


HONEST = Fault()


class Script:
    """The faults to come: `once` are used up one a request, then `standing` applies until it is changed."""

    def __init__(self):
        self._lock = threading.Lock()
        self._once = deque()
        self._standing = HONEST

    def once(self, *faults: Fault):
        with self._lock:
            self._once.extend(faults)

    def standing(self, fault: Fault = HONEST):
        with self._lock:
            self._standing = fault

    def take(self) -> Fault:
        with self._lock:
            return self._once.popleft() if self._once else self._standing

    def is_used_up(self) -> bool:
        with self._lock:
            return not self._once


class BodyError(Exception):
    pass


class HTTPBackend:
    """Base of the stand-ins: `answer` is what an honest server does with a request."""

    def __init__(self):
        self.faults = Script()
        self.violations: list[str] = []
        self.requests: list[Request] = []
        self.keeps_requests = True
        self.statuses: list[int] = []
        self.arrivals: list[float] = []  # of every POST, by the monotonic clock
        self.lock = threading.RLock()
        self.host, self.port = "127.0.0.1", 0
        self._server = None
        self._connections = set()

    def answer(self, request: Request, fault: Fault) -> Answer:
        raise NotImplementedError

    def answered(self, request: Request):
        """Called once an honest answer has been written, on the thread that made it."""

    def violation(self, text: str):
        with self.lock:
            self.violations.append(text)

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}"

    def start(self, port: int = 0):
        """Listens on `port`, or on one of its own choice, and keeps it over stop and start."""
        backend = self

        class Handler(_Handler):
            pass

        Handler.backend = backend
        self._server = _Server((self.host, port or self.port), Handler)
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def stop(self):
        """Closes the listener and cuts every connection, as a server that goes away does."""
        if self._server is None:
            return
        self._server.shutdown()
        self._server.server_close()
        self._server = None
        with self.lock:
            connections, self._connections = self._connections, set()
        for connection in connections:
            _reset(connection)

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request, client_address):
        pass  # a peer that goes away is no news


def _reset(connection: socket.socket):
    """Closes with RST: what was not read yet is lost on both sides."""
    try:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.shutdown(socket.SHUT_RD)
    except OSError:
        pass
    try:
        connection.close()
    except OSError:
        pass


def decode_body(wire: bytes, encoding: str) -> bytes:
    """The body without its Content-Encoding; `BodyError` if it is not what it says or too large."""
    encoding = encoding.lower().strip()
    try:
        if encoding in ("", "identity"):
            body = wire
        elif encoding in ("gzip", "x-gzip"):
            body = gzip.decompress(wire)
        elif encoding == "deflate":
            body = zlib.decompress(wire)
        elif encoding == "zstd":
            body = zstandard.ZstdDecompressor().stream_reader(wire, read_across_frames=True).read(MAX_BODY_BYTES + 1)
        else:
            raise BodyError(f"unknown Content-Encoding {encoding!r}")
    except (OSError, EOFError, zlib.error, zstandard.ZstdError) as error:
        raise BodyError(f"cannot decode {len(wire)} bytes of {encoding}: {error}") from None
    if len(body) > MAX_BODY_BYTES:
        raise BodyError(f"{len(body)} bytes over the stand-in's {MAX_BODY_BYTES}")
    return body


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = 120
    backend: HTTPBackend

    def log_message(self, *_):
        pass

    def setup(self):
        super().setup()
        with self.backend.lock:
            self.backend._connections.add(self.connection)

    def finish(self):
        with self.backend.lock:
            self.backend._connections.discard(self.connection)
        try:
            super().finish()
        except (OSError, ValueError):
            pass

    def do_GET(self):
        self._serve(HONEST)

    do_HEAD = do_PUT = do_GET

    def do_POST(self):
        with self.backend.lock:
            self.backend.arrivals.append(time.monotonic())
        self._serve(self.backend.faults.take())

    def _serve(self, fault: Fault):
        if fault.reset == "before-body":
            return self._reset()
        if fault.reset == "within-body":
            self.rfile.read(1)
            return self._reset()
        try:
            wire = self._read_wire()
        except BodyError as error:
            return self._refuse(error)
        if fault.delay_seconds:
            time.sleep(fault.delay_seconds)
        if fault.reset == "after-body":
            return self._reset()
        if fault.status is not None:
            return self._send(Answer(fault.status, fault.body, fault.headers))
        if fault.max_body_bytes is not None and len(wire) > fault.max_body_bytes:
            return self._send(Answer(413, b'{"error":"too large"}', {"Content-Type": "application/json"}))
        if fault.swallow:
            return self._send(Answer(200))
        try:
            body = decode_body(wire, self.headers.get("Content-Encoding", ""))
        except BodyError as error:
            return self._refuse(error)
        if fault.poison is not None and fault.poison in body:
            return self._send(Answer(200))
        self._answer(fault, wire, body)

    def _answer(self, fault: Fault, wire: bytes, body: bytes):
        url = urlsplit(self.path)
        query = parse_qs(url.query, keep_blank_values=True)
        request = Request(self.command, url.path, query, self.headers, body, len(wire), time.monotonic())
        with self.backend.lock:
            if self.backend.keeps_requests:
                self.backend.requests.append(request)
        answer = self.backend.answer(request, fault)
        if fault.reset == "after-commit":
            return self._reset()
        if fault.answer_body is not None:
            answer = Answer(200, fault.answer_body, answer.headers)
        self._send(answer, truncate=fault.truncate_answer)
        if fault.answer_body is None and not fault.truncate_answer:
            self.backend.answered(request)

    def _refuse(self, error: BodyError):
        self.backend.violation(f"{self.command} {self.path}: {error}")
        self._send(Answer(400, str(error).encode()))

    def _read_wire(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
            return self._read_chunks()
        length = int(self.headers.get("Content-Length", "0"))
        if length > MAX_BODY_BYTES:
            raise BodyError(f"Content-Length {length}")
        body = self.rfile.read(length)
        if len(body) != length:
            self.close_connection = True
            raise BodyError(f"{len(body)} bytes of {length} arrived")
        return body

    def _read_chunks(self) -> bytes:
        body = bytearray()
        while True:
            size = int(self.rfile.readline(64).split(b";")[0], 16)
            if size == 0:
                break
            body += self.rfile.read(size)
            self.rfile.readline(64)
            if len(body) > MAX_BODY_BYTES:
                raise BodyError("chunked body too large")
        while self.rfile.readline(8192).strip():
            pass
        return bytes(body)

    def _reset(self):
        self.close_connection = True
        _reset(self.connection)

    def _send(self, answer: Answer, truncate: bool = False):
        with self.backend.lock:
            self.backend.statuses.append(answer.status)
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        if self.command == "HEAD":
            return
        if truncate:
            self.wfile.write(answer.body[: len(answer.body) // 2])
            self.wfile.flush()
            return self._reset()
        self.wfile.write(answer.body)
