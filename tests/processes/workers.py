"""Which process of a server holds the other end of a connection."""

import time
from contextlib import suppress

import psutil

from tests.support.server import Server

from .phone import Phone

_SECONDS = 60.0


def by_worker(server: Server, phones: list[Phone]) -> dict[int, list[Phone]]:
    """Phones that are connected, by the process that took their connection."""
    assert server.process is not None
    by_port = {phone.connection.sock.getsockname()[1]: phone for phone in phones}
    found: dict[int, list[Phone]] = {}
    for worker in psutil.Process(server.process.pid).children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            ports = [end.raddr.port for end in worker.net_connections("tcp4") if end.raddr and end.laddr.port == server.port]
            if mine := [by_port[port] for port in ports if port in by_port]:
                found[worker.pid] = mine
    return found


def first_at_each(server: Server) -> list[Phone]:
    """One phone for each worker of a server that was only just launched: connected, and nothing was asked yet."""
    phones: list[Phone] = []
    deadline = time.monotonic() + _SECONDS
    while len(found := by_worker(server, phones)) < server.workers:
        assert time.monotonic() < deadline, f"the workers do not listen:\n{server.log()[-4000:]}"
        with suppress(ConnectionRefusedError):
            phone = Phone(server.url)
            phone.connection.connect()
            phones.append(phone)
        time.sleep(0.02)
    first = [mine[0] for mine in found.values()]
    for phone in phones:
        if not any(phone is one for one in first):
            phone.close()
    return first
