"""Two requests whose statements interleave in one way: what a race does once in a thousand tries, each time."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection


@contextmanager
def meanwhile(act: Callable[[], object], *, before: str) -> Iterator[None]:
    """`act` comes right before the first SQL statement that begins with `before`; one has to come."""
    seen: list[str] = []

    def interrupt(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.lstrip().startswith(before) and not seen:
            seen.append(sql)
            act()
        return execute(sql, params, many, context)

    with connection.execute_wrapper(interrupt):
        yield
    assert seen, f"no statement begins with {before}"
