"""Batches of authorization codes, exchanged over a few connections; every answer is looked into."""

import http.client
import json
import selectors
from contextlib import ExitStack
from itertools import islice
from time import perf_counter

from .children import Server
from .load import connect, receive
from .relying_party import exchange, require_tokens
from .sizes import DEVICES


class Exchanges:
    """At one server, of the codes that were made beforehand; where it cannot keep so many, of fresh ones for each batch."""

    def __init__(self, server: Server) -> None:
        self._port = server.port
        self._contender = server.contender
        self._codes = iter(server.contender.codes)

    def turn(self, size: int) -> float:
        """Exchanges a second. By the clock: waiting for the disk is what a durable write costs."""
        requests = iter([self._request(code) for code in self._batch(size)])

        def following(body: bytes) -> bytes:
            require_tokens(body, self._contender.client_id)
            return next(requests, b"")

        with ExitStack() as stack:
            selector = stack.enter_context(selectors.DefaultSelector())
            started = perf_counter()
            for _ in range(DEVICES):
                connection = connect(stack, self._port, following)
                selector.register(connection.sock, selectors.EVENT_READ, connection)
                connection.sock.sendall(next(requests))
            _drive(selector, size)
            return size / (perf_counter() - started)

    def _batch(self, size: int) -> list[str]:
        if not self._contender.codes_path:
            return list(islice(self._codes, size))
        client = http.client.HTTPConnection("127.0.0.1", self._port, timeout=30)
        client.request("GET", f"{self._contender.codes_path}/{size}")
        return list(json.loads(client.getresponse().read()))

    def _request(self, code: str) -> bytes:
        body = exchange(self._contender.client_id, code)
        head = (
            f"POST {self._contender.token_path} HTTP/1.1\r\nHost: 127.0.0.1:{self._port}\r\nAccept: application/json\r\n"
            "User-Agent: benchmark\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        )
        return f"{head}Content-Length: {len(body)}\r\n\r\n{body}".encode()


def _drive(selector: selectors.BaseSelector, answers: int) -> None:
    while answers:
        for key, _ in selector.select(30):
            body = receive(key.data)
            if body is not None:
                key.data.sock.sendall(key.data.following(body))
                answers -= 1
