"""HTTP/1.1 by hand: bytes out, answers in, from any address of 127.0.0.0/8."""

import json
import socket
import ssl
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HOST = "id.example.test"


@dataclass(frozen=True, slots=True)
class Address:
    """Where to connect; `certificate` is set where TLS is spoken."""

    port: int
    certificate: Path | None = None
    ip: str = "127.0.0.1"

    def connect(self, source: str = "", timeout: float = 15.0) -> socket.socket:
        plain = socket.create_connection((self.ip, self.port), timeout, (source, 0) if source else None)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self.certificate is None:
            return plain
        return _context(self.certificate).wrap_socket(plain, server_hostname=HOST)


@dataclass(frozen=True, slots=True)
class Answer:
    """One response as it came over the wire; header names in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


def ask(
    at: Address,
    method: str = "GET",
    path: str = "/",
    *,
    headers: tuple[str, ...] = (),
    body: bytes | None = None,
    host: str = HOST,
    source: str = "",
) -> Answer:
    """One request on a connection of its own."""
    lines = [f"{method} {path} HTTP/1.1", f"Host: {host}", "Connection: close", *headers]
    if body is not None and not any(line.lower().startswith("transfer-encoding") for line in headers):
        lines.append(f"Content-Length: {len(body)}")
    raw = "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + (body or b"")
    answers = exchange(at, raw, source=source)
    assert answers, "the connection was closed without an answer"
    return answers[0]


def exchange(at: Address, raw: bytes, *, source: str = "", timeout: float = 15.0) -> list[Answer]:
    """Send the bytes and read until the other side closes, or says nothing for a moment. Everything it said, in order."""
    with at.connect(source, timeout) as wire:
        # Refused before we had said everything, perhaps; the refusal may still be readable.
        with suppress(BrokenPipeError, ConnectionResetError, ssl.SSLError):
            wire.sendall(raw)
        return parsed(_received(wire))


def chunked(body: bytes, size: int = 8000) -> bytes:
    pieces = [body[start : start + size] for start in range(0, len(body), size)]
    return b"".join(f"{len(piece):x}\r\n".encode() + piece + b"\r\n" for piece in pieces) + b"0\r\n\r\n"


def parsed(stream: bytes) -> list[Answer]:
    """The responses in a byte stream."""
    answers = []
    while b"\r\n\r\n" in stream:
        head, _, stream = stream.partition(b"\r\n\r\n")
        first, *rest = head.decode("latin-1").split("\r\n")
        headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in rest)}
        if headers.get("transfer-encoding") == "chunked":
            body, stream = _dechunked(stream)
        else:
            length = int(headers.get("content-length", len(stream)))
            body, stream = stream[:length], stream[length:]
        answers.append(Answer(int(first.split()[1]), headers, body))
    return answers


def _dechunked(stream: bytes) -> tuple[bytes, bytes]:
    body = b""
    while True:
        line, _, stream = stream.partition(b"\r\n")
        size = int(line or b"0", 16)
        body, stream = body + stream[:size], stream[size + 2 :]
        if size == 0:
            return body, stream


def _received(wire: socket.socket) -> bytes:
    stream = b""
    while True:
        try:
            piece = wire.recv(65536)
        except (TimeoutError, ConnectionResetError, ssl.SSLError):
            return stream
        if not piece:
            return stream
        stream += piece
        wire.settimeout(3.0)


def _context(certificate: Path) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=str(certificate))
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context
