"""The measurements: every contender takes its turn in every round (A B C, A B C, …)."""

from collections.abc import Callable, Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from operator import itemgetter
from pathlib import Path
from time import perf_counter
from typing import TypeVar

from . import load
from .children import InProcess, Server
from .contender import Contender
from .database import commit_probe, count_rows
from .exchanging import Exchanges
from .pipe import Pipe
from .sizes import CONNECTIONS, Pace

T = TypeVar("T")
Drive = Callable[[int, str, Iterable[str], int], load.Load]
Turns = dict[str, list[T]]
# Share of its core that a saturated server has when nothing else runs there, less what measuring itself costs.
DISTURBED = 0.95
DISK = "disk"


def _interleave(rounds: int, turns: dict[str, Callable[[], T]]) -> Turns[T]:
    """Take all turns once unrecorded, to warm up, and then `rounds` times."""
    for turn in turns.values():
        turn()
    measured: Turns[T] = {name: [] for name in turns}
    for _ in range(rounds):
        for name, turn in turns.items():
            measured[name].append(turn())
    return measured


def in_process(contenders: list[Contender], pace: Pace, folder: Path) -> Turns[dict[str, float]]:
    """Seconds per call of a bare and of a guarded view in each contender's own process."""
    with ExitStack() as stack:
        children = [InProcess(contender, folder / f"{contender.name}.in_process.log") for contender in contenders]
        for child in children:
            stack.callback(child.stop)
        _same_database_settings(children)
        return _interleave(pace.rounds, {child.contender.name: partial(child.turn, pace.in_process) for child in children})


def _same_database_settings(children: list[InProcess]) -> None:
    first = children[0]
    for child in children[1:]:
        if child.database != first.database:
            raise SystemExit(
                f"unfair: {first.contender.label} has {first.database}, {child.contender.label} has {child.database}"
            )


def requests(
    contenders: list[Contender], pace: Pace, folder: Path, drive: Drive = load.guarded
) -> tuple[Turns[dict[str, float]], int]:
    """Rates of each contender's server and how busy it and the load were (1.0: a whole core); how many turns were retaken."""
    with ExitStack() as stack:
        patience = Patience(pace.patience)
        turns: dict[str, Callable[[], dict[str, float]]] = {}
        for contender in contenders:
            server = _serve(contender, folder, stack)
            driver = drive(server.port, contender.guarded_path, contender.credentials, CONNECTIONS)
            turns[contender.name] = partial(_undisturbed, partial(_requests_turn, server, driver, pace.requests), patience)
        return _interleave(pace.rounds, turns), patience.retaken


@dataclass
class Patience:
    """Seconds that may still go into taking turns again."""

    seconds: float
    retaken: int = 0


def _undisturbed(turn: Callable[[], dict[str, float]], patience: Patience) -> dict[str, float]:
    """A turn in which other programs used the server's core is taken again; the least disturbed try counts."""
    started = perf_counter()
    best = turn()
    while best["server_busy"] < DISTURBED and patience.seconds > 0:
        best = max(best, turn(), key=itemgetter("server_busy"))
        patience.seconds -= perf_counter() - started
        patience.retaken += 1
        started = perf_counter()
    return best


def _requests_turn(server: Server, driver: load.Load, seconds: float) -> dict[str, float]:
    before = server.busy_seconds()
    outcome = driver.turn(seconds)
    busy = server.busy_seconds() - before
    return {
        "per_second": outcome.per_second,
        "per_core_second": outcome.all_answers / busy,
        "server_busy": busy / outcome.seconds,
        "load_busy": outcome.own_seconds / outcome.seconds,
    }


def refreshes(contenders: list[Contender], pace: Pace, folder: Path) -> tuple[Turns[float], dict[str, float]]:
    """Refreshes a second (and, as `DISK`, the seconds of a bare commit); the rows that a thousand of them left."""
    with ExitStack() as stack:
        drivers, before = {}, {}
        for contender in contenders:
            server = _serve(contender, folder, stack)
            drivers[contender.name] = load.refreshing(server.port, contender.refresh_path, contender.refresh_tokens)
            before[contender.name] = count_rows(contender)
        turns: dict[str, Callable[[], float]] = {
            name: partial(_refreshes_turn, driver, pace.refreshes) for name, driver in drivers.items()
        }
        turns[DISK] = commit_probe(folder / "probe.sqlite3")
        measured = _interleave(pace.rounds, turns)
        left = {
            contender.name: 1000 * (count_rows(contender) - before[contender.name]) / drivers[contender.name].total
            for contender in contenders
        }
        return measured, left


def _refreshes_turn(driver: load.Load, seconds: float) -> float:
    # By the clock: waiting for the disk is what a durable write costs.
    return driver.turn(seconds).per_second


def exchanges(contenders: list[Contender], pace: Pace, folder: Path) -> Turns[float]:
    """Authorization codes exchanged a second."""
    with ExitStack() as stack:
        servers = [_serve(contender, folder, stack) for contender in contenders]
        turns: dict[str, Callable[[], float]] = {
            server.contender.name: partial(Exchanges(server).turn, pace.exchanges) for server in servers
        }
        return _interleave(pace.rounds, turns)


def verification(commands: dict[str, list[str]], given: str, pace: Pace, folder: Path) -> Turns[float]:
    """Processor seconds that each of these verifiers takes for the token that is `given` with what it needs."""
    with ExitStack() as stack:
        turns: dict[str, Callable[[], float]] = {}
        for name, command in commands.items():
            child = Pipe(name, command, {}, folder / f"{name}.verification.log")
            stack.callback(child.stop)
            child.ask(given)
            turns[name] = partial(child.ask, str(pace.verification))
        return _interleave(pace.rounds, turns)


def _serve(contender: Contender, folder: Path, stack: ExitStack) -> Server:
    server = Server(contender, folder / f"{contender.name}.log")
    stack.callback(server.stop)
    return server
