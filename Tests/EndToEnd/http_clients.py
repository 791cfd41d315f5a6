"""Small clients that show what is on the wire: one-shot HTTP/1.1, HTTP/2 by hyper-h2, and gRPC framing."""

import base64
import http.client
import json
import socket
import ssl
import struct
from dataclasses import dataclass, field
from typing import NamedTuple, Optional

import grpc
import h2.config
import h2.connection
import h2.events
from google.protobuf.json_format import ParseDict
from google.rpc import error_details_pb2, status_pb2  # error details must be known to be parsed
from opentelemetry.proto.collector.logs.v1 import logs_service_pb2_grpc

EXPORT = "/opentelemetry.proto.collector.logs.v1.LogsService/Export"
PROTOBUF = "application/x-protobuf"


class Response(NamedTuple):
    status: int
    headers: http.client.HTTPMessage
    body: bytes


def send(
    port: int,
    body: Optional[bytes] = None,
    content_type: Optional[str] = PROTOBUF,
    method: str = "POST",
    path: str = "/v1/logs",
    timeout: float = 30,
    **headers,
) -> Response:
    """One request on a connection of its own; header names are written with underscores."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    try:
        return send_on(connection, body, content_type, method, path, **headers)
    finally:
        connection.close()


def send_on(
    connection,
    body: Optional[bytes] = None,
    content_type: Optional[str] = PROTOBUF,
    method: str = "POST",
    path: str = "/v1/logs",
    **headers,
) -> Response:
    """One request on an open connection. A refusal that comes while the body is still being sent is read too."""
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    if content_type is not None:
        given["Content-Type"] = content_type
    try:
        connection.request(method, path, body, given)
    except (BrokenPipeError, ConnectionResetError):
        if connection.sock is None:  # It was never open.
            raise
    response = connection.getresponse()
    return Response(response.status, response.headers, response.read())


def status_of(response: Response) -> status_pb2.Status:
    """The `google.rpc.Status` in an answer's body, in whichever encoding its Content-Type names."""
    content_type = (response.headers.get("Content-Type") or "").split(";")[0].strip()
    if content_type == "application/json":
        return ParseDict(json.loads(response.body), status_pb2.Status())
    assert content_type == PROTOBUF, f"an error's Content-Type is {content_type!r}"
    return status_pb2.Status.FromString(response.body)


def details_of(status: status_pb2.Status, kind):
    """The detail of that message type, or None."""
    for detail in status.details:
        message = kind()
        if detail.Unpack(message):
            return message
    return None


def stub(channel) -> logs_service_pb2_grpc.LogsServiceStub:
    return logs_service_pb2_grpc.LogsServiceStub(channel)


def channel(port: int, **options) -> grpc.Channel:
    given = [("grpc." + name, value) for name, value in options.items()]
    given += [("grpc.max_send_message_length", -1), ("grpc.use_local_subchannel_pool", 1)]
    return grpc.insecure_channel(f"127.0.0.1:{port}", options=given)


def grpc_status(error: grpc.RpcError) -> status_pb2.Status:
    """The Status in `grpc-status-details-bin`, or one of code and message alone."""
    for name, value in error.trailing_metadata() or ():
        if name == "grpc-status-details-bin":
            return status_pb2.Status.FromString(value)
    return status_pb2.Status(code=error.code().value[0], message=error.details() or "")


def grpc_frame(message: bytes, compressed: bool = False) -> bytes:
    return struct.pack(">BI", compressed, len(message)) + message


@dataclass
class Stream:
    """What has arrived on one HTTP/2 stream."""

    headers: dict = field(default_factory=dict)
    trailers: dict = field(default_factory=dict)
    header_blocks: int = 0
    body: bytes = b""
    ended: bool = False
    reset: Optional[int] = None

    @property
    def status(self) -> int:
        return int(self.headers[":status"])

    @property
    def is_over(self) -> bool:
        return self.ended or self.reset is not None

    def grpc_field(self, name: str) -> Optional[str]:
        return self.trailers.get(name, self.headers.get(name))

    def grpc_details(self) -> status_pb2.Status:
        text = self.grpc_field("grpc-status-details-bin") or ""
        return status_pb2.Status.FromString(base64.b64decode(text + "=" * (-len(text) % 4)))


class Goaway(NamedTuple):
    """What the server said when it asked the client to go (RFC 9113, 6.8)."""

    last_stream: int
    error_code: int
    debug: bytes


class HTTP2:
    """One HTTP/2 connection with prior knowledge, or over TLS with ALPN."""

    def __init__(self, port: int, tls: Optional[ssl.SSLContext] = None, timeout: float = 10):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if tls is not None:
            self.socket = tls.wrap_socket(self.socket, server_hostname="localhost")
        self.h2 = h2.connection.H2Connection(h2.config.H2Configuration(client_side=True, header_encoding="utf-8"))
        self.streams: dict[int, Stream] = {}
        self.goaway: Optional[Goaway] = None
        self._unread = b""
        self.max_streams: Optional[int] = None
        self.is_closed = False
        self.h2.initiate_connection()
        self.h2.increment_flow_control_window(1 << 24)
        self.flush()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def flush(self):
        data = self.h2.data_to_send()
        if data:
            self.socket.sendall(data)

    def open(self, headers: dict, method: str = "POST", path: str = "/v1/logs", end: bool = False) -> int:
        """Sends a request's head and returns its stream."""
        id = self.h2.get_next_available_stream_id()
        pseudo = [(":method", method), (":scheme", "http"), (":authority", "localhost"), (":path", path)]
        self.h2.send_headers(id, pseudo + list(headers.items()), end_stream=end)
        self.streams[id] = Stream()
        self.flush()
        return id

    def open_grpc(self, path: str = EXPORT, end: bool = False, **headers) -> int:
        given = {"content-type": "application/grpc", "te": "trailers"}
        given.update((name.replace("_", "-"), value) for name, value in headers.items())
        return self.open(given, path=path, end=end)

    def write(self, id: int, body: bytes, end: bool = True):
        """Sends a body within the windows the server grants; stops if the server ends the stream first."""
        view = memoryview(body)
        while len(view) and not self.streams[id].is_over:
            room = min(self.h2.local_flow_control_window(id), self.h2.max_outbound_frame_size, len(view))
            if room == 0:
                self.receive()
                continue
            self.h2.send_data(id, bytes(view[:room]))
            self.flush()
            view = view[room:]
        if end and not self.streams[id].is_over:
            self.h2.end_stream(id)
            self.flush()

    def result(self, id: int) -> Stream:
        """Waits for the end of the stream."""
        while not self.streams[id].is_over:
            assert self.receive(), f"the connection was closed before stream {id} was answered"
        return self.streams[id]

    def request(self, body: bytes, headers: dict, path: str = "/v1/logs") -> Stream:
        id = self.open(headers, path=path)
        self.write(id, body)
        return self.result(id)

    def receive(self) -> bool:
        """Takes what has arrived; False once the server has closed the connection."""
        try:
            data = self.socket.recv(1 << 16)
        except ConnectionResetError:
            data = b""
        if not data:
            self.is_closed = True
            return False
        for frame in self._frames(data):
            for event in self.h2.receive_data(frame):
                self._take(event)
        try:
            self.flush()
        except OSError:
            pass  # closed by the server; what it said before is still to be read
        return True

    def _frames(self, data: bytes):
        """Whole frames, without GOAWAY: hyper-h2 would take it for the end of the streams that are still open."""
        self._unread += data
        while len(self._unread) >= 9:
            end = 9 + int.from_bytes(self._unread[:3], "big")
            if len(self._unread) < end:
                break
            frame, self._unread = self._unread[:end], self._unread[end:]
            if frame[3] == 7:
                self.goaway = Goaway(*struct.unpack(">II", frame[9:17]), frame[17:])
            else:
                yield frame

    def _take(self, event):
        stream = self.streams.get(getattr(event, "stream_id", None) or 0)
        if isinstance(event, h2.events.RemoteSettingsChanged):
            changed = event.changed_settings.get(h2.settings.SettingCodes.MAX_CONCURRENT_STREAMS)
            self.max_streams = changed.new_value if changed else self.max_streams
        elif stream is None:
            return
        elif isinstance(event, h2.events.ResponseReceived):
            stream.headers, stream.header_blocks = dict(event.headers), stream.header_blocks + 1
        elif isinstance(event, h2.events.TrailersReceived):
            stream.trailers, stream.header_blocks = dict(event.headers), stream.header_blocks + 1
        elif isinstance(event, h2.events.DataReceived):
            stream.body += event.data
            self.h2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
        elif isinstance(event, h2.events.StreamEnded):
            stream.ended = True
        elif isinstance(event, h2.events.StreamReset):
            stream.reset = int(event.error_code)
