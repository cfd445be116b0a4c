"""A real SMTP server that keeps what it was given, and may do something when it hears of a message."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.support.ports import free_port


@dataclass
class Sink:
    """`accepted` holds recipients in order; the hooks get the number of messages announced, accepted so far."""

    port: int
    announced: int = 0
    accepted: list[str] = field(default_factory=list)
    on_announced: Callable[[int], object] = lambda number: None
    on_accepted: Callable[[int], object] = lambda number: None

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]) -> str:
        self.announced += 1
        self.on_announced(self.announced)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """What was accepted is delivered, whether or not the sender lives to hear of it."""
        self.accepted += envelope.rcpt_tos
        self.on_accepted(len(self.accepted))
        return "250 OK"


@contextmanager
def smtp_sink() -> Iterator[Sink]:
    sink = Sink(free_port())
    controller = Controller(sink, hostname="127.0.0.1", port=sink.port)
    controller.start()
    try:
        yield sink
    finally:
        controller.stop()
