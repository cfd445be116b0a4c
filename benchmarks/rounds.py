"""The three measurements: every contender takes its turn in every round (A B C, A B C, …)."""

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import TypeVar

from . import load
from .children import InProcess, Server
from .contender import Contender
from .database import count_rows
from .sizes import CONNECTIONS, Pace

T = TypeVar("T")
Turns = dict[str, list[T]]


def _interleave(rounds: int, turns: dict[str, Callable[[], T]]) -> Turns[T]:
    """Take all turns once unrecorded, to warm up, and then `rounds` times."""
    for turn in turns.values():
        turn()
    measured: Turns[T] = {name: [] for name in turns}
    for _ in range(rounds):
        for name, turn in turns.items():
            measured[name].append(turn())
    return measured


def in_process(contenders: list[Contender], pace: Pace) -> Turns[dict[str, float]]:
    """Seconds per call of a bare and of a guarded view in each contender's own process."""
    with ExitStack() as stack:
        children = [InProcess(contender) for contender in contenders]
        for child in children:
            stack.callback(child.stop)
        _same_database_settings(children)
        return _interleave(
            pace.rounds, {child.contender.name: lambda child=child: child.turn(pace.in_process) for child in children}
        )


def _same_database_settings(children: list[InProcess]) -> None:
    first = children[0]
    for child in children[1:]:
        if child.database != first.database:
            raise SystemExit(
                f"unfair: {first.contender.label} has {first.database}, {child.contender.label} has {child.database}"
            )


def requests(contenders: list[Contender], pace: Pace, folder: Path) -> Turns[dict[str, float]]:
    """Requests a second of each contender's server, and how busy server and load generator were (1.0: a whole core)."""
    with ExitStack() as stack:
        turns = {}
        for contender in contenders:
            server = _serve(contender, folder, stack)
            driver = load.guarded(server.port, contender.guarded_path, contender.credentials, CONNECTIONS)
            stack.callback(driver.close)
            turns[contender.name] = lambda server=server, driver=driver: _requests_turn(server, driver, pace.requests)
        return _interleave(pace.rounds, turns)


def _requests_turn(server: Server, driver: load.Load, seconds: float) -> dict[str, float]:
    before = server.busy_seconds()
    outcome = driver.turn(seconds)
    busy = server.busy_seconds() - before
    return {
        "per_second": outcome.per_second,
        "per_core_second": outcome.answers / busy,
        "server_busy": busy / outcome.seconds,
        "load_busy": outcome.own_seconds / outcome.seconds,
    }


def refreshes(contenders: list[Contender], pace: Pace, folder: Path) -> tuple[Turns[float], dict[str, float]]:
    """Refreshes a second, and the rows that a thousand refreshes left in the whole database."""
    with ExitStack() as stack:
        drivers, before = {}, {}
        for contender in contenders:
            server = _serve(contender, folder, stack)
            drivers[contender.name] = load.refreshing(server.port, contender.refresh_path, contender.refresh_tokens)
            stack.callback(drivers[contender.name].close)
            before[contender.name] = count_rows(contender)
        measured = _interleave(
            pace.rounds,
            {name: lambda driver=driver: driver.turn(pace.refreshes).per_second for name, driver in drivers.items()},
        )
        left = {
            contender.name: 1000 * (count_rows(contender) - before[contender.name]) / drivers[contender.name].total
            for contender in contenders
        }
        return measured, left


def _serve(contender: Contender, folder: Path, stack: ExitStack) -> Server:
    server = Server(contender, folder / f"{contender.name}.log")
    stack.callback(server.stop)
    return server
