"""One run: a server, a network, phones and thieves; leaves a history file."""

import threading
from dataclasses import dataclass
from pathlib import Path
from random import Random

from tests.support.server import Server, running_server

from . import people
from .apps import KINDS, PASSWORD, App
from .history import History
from .network import Network
from .thieves import RIDER, STRATEGIES, Thief

RACE_WINDOW, RESCUE_WINDOW = 2, 8
"""In units; with the defaults of the product 10 and 120 seconds."""


@dataclass(frozen=True, slots=True)
class Size:
    """`unit` in seconds scales every time of the run; the windows must come out as whole seconds.
    `sabotage` overrides the server's environment behind the checker's back, to show that it notices."""

    phones: int
    rounds: int
    thieves: int
    riders: int
    unit: float = 1.0
    strict: bool = False
    sabotage: tuple[tuple[str, str], ...] = ()


FULL = Size(phones=200, rounds=102, thieves=42, riders=4)
STRICT = Size(phones=30, rounds=20, thieves=8, riders=4, strict=True)
SHORT = Size(phones=20, rounds=6, thieves=4, riders=1, unit=0.5)


def run(size: Size, folder: Path, *, seed: int) -> Path:
    """Answers the path of the history."""
    race, rescue = int(RACE_WINDOW * size.unit), int(RESCUE_WINDOW * size.unit)
    history = History(folder / "history.jsonl")
    history.write("run", seed=seed, strict=size.strict, race=race, rescue=rescue)
    env = {
        "TRUSTED_PROXIES": "127.0.0.1/32",
        "REFRESH_RACE_WINDOW": f"{race}s",
        "REFRESH_RESCUE_WINDOW": f"{rescue}s",
        "REFRESH_STRICT": str(size.strict).lower(),
        "LOG_LEVEL": "WARNING",
        **dict(size.sabotage),
    }
    with running_server(folder, workers=2, env=env) as server:
        people.make(server, size.phones, PASSWORD)
        server.spawn("worker")
        network = Network(server.port, history)
        _play(size, network, history, seed)
        network.close()
        _collect_mail(server, history)
    history.close()
    return history.path


def _play(size: Size, network: Network, history: History, seed: int) -> None:
    random = Random(seed)
    # In a strict deployment an app that changes keys is a thief, so only careful apps live there.
    kinds = [kind for kind in KINDS if not size.strict or (kind.sends_key and kind.shares_key)]
    apps = [App(index, kinds[index % len(kinds)], network, history, unit=size.unit, seed=seed) for index in range(size.phones)]
    victims = random.sample(apps, size.thieves + size.riders)
    strategies = [STRATEGIES[index % len(STRATEGIES)] for index in range(size.thieves)] + [RIDER] * size.riders
    moments = [random.randint(1, max(1, size.rounds // 2)) for _ in victims]
    thieves = [
        Thief(app, strategy, network, history, begins_after=moment, seed=seed)
        for app, strategy, moment in zip(victims, strategies, moments, strict=True)
    ]
    threads = [threading.Thread(target=app.run, args=(size.rounds,), name=app.person) for app in apps]
    threads += [threading.Thread(target=thief.run, name="thief") for thief in thieves]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _collect_mail(server: Server, history: History) -> None:
    for _ in range(3):
        server.manage("worker", "--once")
    for address in people.mailed(server.mail):
        history.write("mail", to=address)
