"""Clients that never finish: `python -m tests.deploy.slow_clients '{"port": …}'`, in a process of its own.

Says `{"held": n}` once all have begun, drips a byte each second, and when its input is closed says how many were never
answered or cut off (`open`), and with which statuses the others were refused.
"""

import asyncio
import json
import ssl
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.deploy.wire import HOST, Address

# Not from the support of servers, which knows Django: this runs in a process without it.
ROOT = Path(__file__).resolve().parents[2]
_AT_ONCE = 50
_PATIENCE_SECONDS = 120.0
_DRIP_SECONDS = 1.0


@dataclass
class Crowd:
    port: int
    host: str
    certificate: str = ""
    bodies: int = 0
    heads: int = 0
    addresses: int = 100
    held: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    turnstile: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(_AT_ONCE))

    async def run(self) -> None:
        clients = [self._client(number, self._body()) for number in range(self.bodies)]
        clients += [self._client(number, self._head()) for number in range(self.heads)]
        tasks = [asyncio.create_task(client) for client in clients]
        while self.held + sum(self.refused.values()) < len(tasks):
            await asyncio.sleep(0.1)
        _say({"held": self.held, "refused": dict(self.refused)})
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
        _say({"open": self.held, "refused": dict(self.refused)})
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _client(self, number: int, begin: bytes) -> None:
        source = f"127.1.{number % self.addresses // 250}.{number % self.addresses % 250 + 1}"
        try:
            async with self.turnstile:
                name = self.host if self.certificate else None
                reader, writer = await asyncio.open_connection(
                    "127.0.0.1", self.port, local_addr=(source, 0), ssl=self._tls(), server_hostname=name
                )
                writer.write(begin)
                await writer.drain()
            self.held += 1
            verdict = await self._drip(reader, writer)
            self.held -= 1
        except OSError as error:
            verdict = type(error).__name__
        self.refused[verdict] += 1

    async def _drip(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> str:
        """Until somebody answers; says what."""
        answer = asyncio.create_task(reader.readline())
        while not answer.done():
            writer.write(b"x")
            await asyncio.wait([answer], timeout=_DRIP_SECONDS)
        writer.close()
        return answer.result().decode("latin-1")[9:12] or "closed"

    def _body(self) -> bytes:
        head = (
            f"POST /auth/token/ HTTP/1.1\r\nHost: {self.host}\r\nContent-Type: application/json\r\nContent-Length: 60000\r\n\r\n"
        )
        return head.encode() + b'{"'

    def _head(self) -> bytes:
        return f"GET /.well-known/jwks.json HTTP/1.1\r\nHost: {self.host}\r\nX-Slow: ".encode()

    def _tls(self) -> ssl.SSLContext | None:
        return ssl.create_default_context(cafile=self.certificate) if self.certificate else None


@contextmanager
def slow_clients(at: Address, **crowd: int) -> Iterator[dict[str, Any]]:
    """While they are connected. The answer is filled in: `held` and `refused` at the beginning, `open` at the end."""
    asked = {"port": at.port, "host": HOST, "certificate": str(at.certificate or ""), **crowd}
    command = [sys.executable, "-m", "tests.deploy.slow_clients", json.dumps(asked)]
    child = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert child.stdin is not None
    assert child.stdout is not None
    try:
        told = dict(json.loads(child.stdout.readline()))
        yield told
        child.stdin.close()
        told.update(json.loads(child.stdout.readline()))
        child.wait(_PATIENCE_SECONDS)
    finally:
        child.kill()
        child.wait()
        child.stdout.close()


def _say(what: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(Crowd(**json.loads(sys.argv[1])).run())
