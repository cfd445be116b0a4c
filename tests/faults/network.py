"""The fault injector: HTTP proxies on loopback, a port for each app, between it and the server.

A line loses requests before, and answers after, the server has committed; it delays, doubles and reorders both. Only
refreshes suffer. Everything that reaches the server is written into the history, with the answer that it truly gave.
"""

import asyncio
import json
import threading
import time
from dataclasses import dataclass, field
from typing import Any

from .history import History, fingerprint
from .weather import Weather

REFRESH = "/auth/token/refresh/"
SIGN_IN = "/auth/token/"


@dataclass(slots=True)
class Request:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    arrival: int = 0

    def encoded(self) -> bytes:
        lines = [f"{self.method} {self.path} HTTP/1.1", *(f"{name}: {value}" for name, value in self.headers.items())]
        return "\r\n".join([*lines, "Connection: close", "", ""]).encode("latin-1") + self.body


@dataclass(slots=True)
class Order:
    """Counts overtaking among all requests of one person."""

    arrived: int = 0
    forwarded: int = 0
    delivered: int = 0


@dataclass
class Line:
    """`quiet` waits until nothing of this line is on its way any more."""

    person: str
    who: str
    address: str
    weather: Weather
    order: Order
    strips_key: bool = False
    url: str = ""
    on_its_way: int = 0
    tasks: set["asyncio.Task[Any]"] = field(default_factory=set)

    def quiet(self) -> None:
        while self.on_its_way:
            time.sleep(0.01)


class Network:
    """All lines, served by one event loop in a thread."""

    def __init__(self, server_port: int, history: History) -> None:
        self._port, self._history = server_port, history
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="network", daemon=True)
        self._servers: list[asyncio.Server] = []
        self._latency = 0.0
        self._thread.start()

    @property
    def slowness(self) -> float:
        """1 when the server answers within a tenth of a second, then in proportion. Phones slow down with it, as they would
        have minutes to spare: what is tested is the network, not a machine without a free processor."""
        return min(10.0, max(1.0, self._latency / 0.1))

    def open(self, line: Line) -> Line:
        """Give the line a port of its own."""
        asyncio.run_coroutine_threadsafe(self._open(line), self._loop).result()
        return line

    def close(self) -> None:
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _open(self, line: Line) -> None:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            # Held by us: asyncio lets go of a handler whose client has hung up, and its request would vanish unrecorded.
            task = asyncio.create_task(self._serve(line, reader, writer))
            line.tasks.add(task)
            task.add_done_callback(line.tasks.discard)

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        self._servers.append(server)
        line.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"

    async def _close(self) -> None:
        for server in self._servers:
            server.close()
            await server.wait_closed()

    async def _serve(self, line: Line, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line.on_its_way += 1
        try:
            request = await _read_request(reader)
            line.order.arrived += 1
            request.arrival = line.order.arrived
            request.headers["Forwarded"] = f"for={line.address}"
            if line.strips_key:
                request.headers.pop("idempotency-key", None)
            answer = await self._carry(line, request)
            if answer:
                writer.write(answer)
                await writer.drain()
        except (OSError, asyncio.IncompleteReadError):
            pass  # The app has hung up.
        finally:
            line.on_its_way -= 1
            writer.close()

    async def _carry(self, line: Line, request: Request) -> bytes | None:
        if request.path != REFRESH:
            return await self._forward(line, request)
        fault = line.weather.next()
        self._history.write("fault", name=fault.name, person=line.person, line=line.who)
        if fault.drops_request:
            return None
        copy = self._send_copy(line, request, fault.copy_after) if fault.copy_after is not None else None
        await asyncio.sleep(fault.request_delay)
        answer = await self._forward(line, request)
        if copy is not None and fault.answers_with_copy:
            answer = await copy
        await asyncio.sleep(fault.answer_delay)
        if fault.drops_answer:
            return None
        line.order.delivered = self._passed(line, request, line.order.delivered)
        return answer

    def _send_copy(self, line: Line, request: Request, after: float) -> "asyncio.Task[bytes | None]":
        async def send() -> bytes | None:
            try:
                await asyncio.sleep(after)
                return await self._forward(line, request, is_copy=True)
            finally:
                line.on_its_way -= 1

        line.on_its_way += 1
        task = asyncio.create_task(send())
        line.tasks.add(task)
        task.add_done_callback(line.tasks.discard)
        return task

    async def _forward(self, line: Line, request: Request, *, is_copy: bool = False) -> bytes | None:
        if not is_copy:
            line.order.forwarded = self._passed(line, request, line.order.forwarded)
        sent = self._history.now()
        try:
            answer = await _exchange(self._port, request.encoded())
        except OSError:
            answer = b""
        self._latency += (self._history.now() - sent - self._latency) / 50
        if request.path in {REFRESH, SIGN_IN}:
            facts = _facts(request, answer)
            self._history.write("wire", person=line.person, who=line.who, sent=sent, answered=self._history.now(), **facts)
        return answer or None

    def _passed(self, line: Line, request: Request, furthest: int) -> int:
        """Later requests of this person came through first: reordered."""
        if request.arrival < furthest:
            self._history.write("fault", name="reordered", person=line.person, line=line.who)
        return max(furthest, request.arrival)


async def _read_request(reader: asyncio.StreamReader) -> Request:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    method, path, _ = head[0].split(" ")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:] if line)}
    headers.pop("connection", None)
    return Request(method, path, headers, await reader.readexactly(int(headers.get("content-length", "0"))))


async def _exchange(port: int, request: bytes) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(request)
        return await reader.read()
    finally:
        writer.close()


def _facts(request: Request, answer: bytes) -> dict[str, Any]:
    """What the checker may know of an exchange: fingerprints, status, code, and what `X-Refresh` said."""
    head, _, content = answer.partition(b"\r\n\r\n")
    lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
    body = json.loads(content) if content else {}
    asked = json.loads(request.body or b"{}")
    return {
        "path": request.path,
        "presented": fingerprint(asked.get("refresh", "")),
        "key": fingerprint(request.headers.get("idempotency-key", "")),
        "status": int(lines[0].split(" ")[1]) if answer else 0,
        "code": body.get("code", ""),
        "outcome": headers.get("x-refresh", ""),
        "given": fingerprint(body.get("refresh", "")),
        "device": body.get("device", ""),
    }
