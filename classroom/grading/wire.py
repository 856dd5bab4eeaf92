"""Bytes after their number: how the two sides of the fence send them."""

import socket
import struct

HEADER = struct.Struct(">I")


def send(end: socket.socket, data: bytes) -> None:
    """Send bytes after their number."""
    end.sendall(HEADER.pack(len(data)) + data)


def receive(end: socket.socket) -> bytes:
    """Return the bytes that `send` sent.

    Raises:
        EOFError: the other end is closed.
    """
    (length,) = HEADER.unpack(_exactly(end, HEADER.size))
    return _exactly(end, length)


def _exactly(end: socket.socket, count: int) -> bytes:
    parts = bytearray()
    while len(parts) < count:
        part = end.recv(min(1 << 20, count - len(parts)))
        if not part:
            raise EOFError("The fence is closed.")
        parts += part
    return bytes(parts)
