"""A small keep-alive HTTP client that keeps one core of a server busy: one thread, one request in flight a connection."""

import json
import selectors
import socket
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from time import perf_counter, thread_time

from .answer import BODY
from .relying_party import address, require_claims

Next = Callable[[bytes], bytes]


@dataclass
class Connection:
    """`following(body)` makes the next request from the answer to the one before."""

    sock: socket.socket
    following: Next
    received: bytes = b""


@dataclass(frozen=True)
class Outcome:
    """Answers within the window and with those that came after it; its length and the load's processor time, in seconds."""

    answers: int
    all_answers: int
    seconds: float
    own_seconds: float

    @property
    def per_second(self) -> float:
        """Answers a second."""
        return self.answers / self.seconds


@dataclass
class Load:
    """What every connection asks next. Connections last a turn: servers close those that are idle between turns."""

    port: int
    next_requests: list[bytes]
    followings: list[Next]
    total: int = 0

    def turn(self, seconds: float) -> Outcome:
        """Drive every connection for `seconds` and then let each finish the answer it is waiting for."""
        with ExitStack() as stack:
            selector = stack.enter_context(selectors.DefaultSelector())
            connections = [connect(stack, self.port, following) for following in self.followings]
            for connection, request in zip(connections, self.next_requests, strict=True):
                selector.register(connection.sock, selectors.EVENT_READ, connection)
                connection.sock.sendall(request)
            started, own = perf_counter(), thread_time()
            answers = _drive(selector, started + seconds)
            spent, own = perf_counter() - started, thread_time() - own
            self.next_requests = _finish(selector, connections)
        everything = answers + len(connections)
        self.total += everything
        return Outcome(answers, everything, spent, own)


def connect(stack: ExitStack, port: int, following: Next) -> Connection:
    """A connection that ends with the stack."""
    sock = stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=30))
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return Connection(sock, following)


def _drive(selector: selectors.BaseSelector, until: float) -> int:
    answers = 0
    while perf_counter() < until:
        for key, _ in selector.select(1):
            connection: Connection = key.data
            body = receive(connection)
            if body is not None:
                connection.sock.sendall(connection.following(body))
                answers += 1
    return answers


def _finish(selector: selectors.BaseSelector, connections: list[Connection]) -> list[bytes]:
    requests: dict[int, bytes] = {}
    while len(requests) < len(connections):
        for key, _ in selector.select(30):
            body = receive(key.data)
            if body is not None:
                requests[id(key.data)] = key.data.following(body)
                selector.unregister(key.fileobj)
    return [requests[id(connection)] for connection in connections]


def receive(connection: Connection) -> bytes | None:
    """The body of the answer once it is whole, else None. Anything but 200 ends the run."""
    piece = connection.sock.recv(65536)
    data = connection.received + piece
    head, end, body = data.partition(b"\r\n\r\n")
    if end and len(body) == _length(head):
        connection.received = b""
        if head.startswith(b"HTTP/1.1 200"):
            return body
        raise SystemExit(f"refused under load: {data[:600]!r}")
    if not piece:
        raise SystemExit(f"the server closed the connection: {data[:600]!r}")
    connection.received = data
    return None


def _length(head: bytes) -> int:
    return int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])


def guarded(port: int, path: str, credentials: Iterable[str], connections: int) -> Load:
    """Callers take turns asking for the guarded answer, which must be the common one each time."""
    callers = _cycle([_get(port, path, credential) for credential in credentials])

    def following(body: bytes) -> bytes:
        if body != BODY:
            raise SystemExit(f"another answer than everybody's: {body[:300]!r}")
        return next(callers)

    return Load(port, [next(callers) for _ in range(connections)], [following] * connections)


def userinfo(port: int, path: str, credentials: Iterable[str], connections: int) -> Load:
    """Holders take turns asking who they are; each must be told so."""
    asked = {_get(port, path, credential): address(number) for number, credential in enumerate(credentials)}
    holders = _cycle(list(asked))
    firsts = [next(holders) for _ in range(connections)]

    def following_from(request: bytes) -> Next:
        def following(body: bytes) -> bytes:
            nonlocal request
            require_claims(body, asked[request])
            request = next(holders)
            return request

        return following

    return Load(port, firsts, [following_from(request) for request in firsts])


def _get(port: int, path: str, credential: str) -> bytes:
    head = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAccept: application/json\r\nUser-Agent: benchmark\r\n"
    return f"{head}Authorization: {credential}\r\n\r\n".encode()


def refreshing(port: int, path: str, tokens: Iterable[str]) -> Load:
    """Every device refreshes its own token, each time with the one that the last answer brought."""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAccept: application/json\r\nUser-Agent: benchmark\r\n"
        "Content-Type: application/json\r\nContent-Length: "
    )

    def request(token: str) -> bytes:
        body = json.dumps({"refresh": token})
        return f"{head}{len(body)}\r\n\r\n{body}".encode()

    def following(body: bytes) -> bytes:
        return request(json.loads(body)["refresh"])

    firsts = [request(token) for token in tokens]
    return Load(port, firsts, [following] * len(firsts))


def _cycle(requests: list[bytes]) -> Iterator[bytes]:
    while True:
        yield from requests
