"""A stand-in for a DNS server: names with addresses of IPv4, over UDP (RFC 1035)."""

import socket
import struct
import threading


class NameServer:
    """Answers for the names it has; any other does not exist. `asked` are the names in the order of their questions."""

    def __init__(self, names: dict):
        self.names = names
        self.asked: list[str] = []
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)

    def start(self, address: str = "127.0.0.1", port: int = 53):
        self._socket.bind((address, port))
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def stop(self):
        # Closing it would leave the thread in its call.
        self._socket.sendto(b"", self._socket.getsockname())

    def _serve(self):
        with self._socket:
            while True:
                question, peer = self._socket.recvfrom(4096)
                if not question:
                    return
                self._socket.sendto(self.answer(question), peer)

    def answer(self, message: bytes) -> bytes:
        labels, at = [], 12
        while message[at]:
            labels.append(message[at + 1 : at + 1 + message[at]].decode())
            at += 1 + message[at]
        question = message[12 : at + 5]
        (kind,) = struct.unpack(">H", question[-4:-2])
        name = ".".join(labels)
        self.asked.append(name)
        address = self.names.get(name)
        has_answer = address is not None and kind == 1
        # A response with recursion available; 3: no such name.
        head = message[:2] + struct.pack(">HHHHH", 0x8180 | (0 if address else 3), 1, has_answer, 0, 0)
        record = struct.pack(">HHHIH", 0xC00C, 1, 1, 60, 4) + socket.inet_aton(address) if has_answer else b""
        return head + question + record
