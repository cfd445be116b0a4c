"""Many at once: everybody waits at a barrier, then all go."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from django.db import connection, connections

T = TypeVar("T")
_SECONDS = 60.0


def together(calls: Sequence[Callable[[], T]]) -> "list[Future[T]]":
    """Each call in a thread of its own, with a database connection of its own, closed at its end. All are done on return."""
    barrier = threading.Barrier(len(calls))

    def go(call: Callable[[], T]) -> T:
        barrier.wait(_SECONDS)
        return closing_connections(call)

    with ThreadPoolExecutor(len(calls)) as crowd:
        return [crowd.submit(go, call) for call in calls]


def closing_connections(call: Callable[[], T]) -> T:
    """For a thread: the database connections that it opened are closed when it is done."""
    try:
        return call()
    finally:
        connections.close_all()


def results(futures: "Sequence[Future[T]]", *, tolerated: type[Exception] | tuple[type[Exception], ...] = ()) -> list[T]:
    """What succeeded; a failure that is not `tolerated` is raised."""
    unexpected = [error for future in futures if (error := future.exception()) and not isinstance(error, tolerated or ())]
    if unexpected:
        raise unexpected[0]
    return [future.result() for future in futures if future.exception() is None]


def of_this_run() -> str:
    """The URL of the database that the tests' own process uses."""
    chosen = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{chosen['NAME']}"
    return f"postgres://{chosen['USER']}:{chosen['PASSWORD']}@{chosen['HOST']}:{chosen['PORT']}/{chosen['NAME']}"
