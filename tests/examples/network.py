"""A network that answers from a script, so that each test says exactly what gets lost."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from examples.mobile_client.client import Client
from examples.mobile_client.storage import MemoryStorage, Tokens
from examples.mobile_client.wire import Answer, Body, NoAnswer

REFRESH = "/auth/token/refresh/"
LOST = NoAnswer("lost")
Step = Answer | NoAnswer


@dataclass
class Call:
    method: str
    path: str
    body: Body
    headers: dict[str, str]


@dataclass
class Script:
    """`calls` are the requests it saw."""

    steps: Iterator[Step]
    calls: list[Call] = field(default_factory=list)

    def __call__(self, method: str, path: str, body: Body, headers: dict[str, str]) -> Answer:
        self.calls.append(Call(method, path, body, headers))
        step = next(self.steps)
        if isinstance(step, NoAnswer):
            raise step
        return step


@dataclass
class Phone:
    """A signed-in app on a scripted network; `pauses` are the seconds it would have slept."""

    script: Script
    storage: MemoryStorage
    client: Client
    pauses: list[float]

    @property
    def stored(self) -> Tokens:
        tokens = self.storage.load()
        assert tokens is not None
        return tokens


def phone(*steps: Step, tries: int = 4) -> Phone:
    script, storage, pauses = Script(iter(steps)), MemoryStorage(), list[float]()
    storage.replace(None, Tokens("access 0", "refresh 0", "device"))
    return Phone(script, storage, Client(script, storage, tries=tries, sleep=pauses.append), pauses)


def pair(generation: int) -> Answer:
    return Answer(200, {"access": f"access {generation}", "refresh": f"refresh {generation}", "device": "device"})


def refusal(status: int, code: str, **headers: str) -> Answer:
    return Answer(status, {"code": code}, {name.replace("_", "-"): value for name, value in headers.items()})
