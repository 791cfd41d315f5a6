"""A stand-in for an HTTP proxy that opens tunnels (CONNECT), and knows the names of hosts that nobody else does."""

import base64
import socket
import threading
from typing import Optional


class ConnectProxy:
    """Opens a tunnel to `127.0.0.1` and the port that `hosts` has for a target, such as `es.test:9200`."""

    def __init__(self, hosts: dict, credentials: Optional[str] = None):
        self.hosts = hosts
        self.credentials = credentials  # user:password
        self.heads: list[str] = []
        self.port = 0
        self._listener = None

    @property
    def targets(self) -> list:
        return [head.split()[1] for head in self.heads]

    def start(self):
        self._listener = socket.create_server(("127.0.0.1", self.port))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()
        return self

    def stop(self):
        self._listener.close()

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()

    def _accept(self, listener):
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        with connection:
            head = b""
            while b"\r\n\r\n" not in head:
                piece = connection.recv(4096)
                if not piece:
                    return
                head += piece
            head, _, rest = head.partition(b"\r\n\r\n")
            text = head.decode()
            self.heads.append(text)
            method, target, _ = text.splitlines()[0].split()
            if not self._knows(text):
                return connection.sendall(b"HTTP/1.1 407 Who are you\r\nContent-Length: 0\r\n\r\n")
            if method != "CONNECT" or target not in self.hosts:
                return connection.sendall(b"HTTP/1.1 502 No such host\r\nContent-Length: 0\r\n\r\n")
            with socket.create_connection(("127.0.0.1", self.hosts[target])) as server:
                connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
                server.sendall(rest)
                back = threading.Thread(target=_pump, args=(server, connection), daemon=True)
                back.start()
                _pump(connection, server)
                back.join(5)

    def _knows(self, head: str) -> bool:
        if self.credentials is None:
            return True
        expected = "proxy-authorization: basic " + base64.b64encode(self.credentials.encode()).decode()
        return any(line.lower() == expected.lower() for line in head.splitlines())


def _pump(source, target):
    try:
        while piece := source.recv(65536):
            target.sendall(piece)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        pass
