"""One core for what is measured, the other for who measures."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

_usable = sorted(os.sched_getaffinity(0))
LOAD_CORE = _usable[0]
SERVER_CORE = _usable[-1]


def stay_on(core: int) -> None:
    """Pin this process, and everything that it starts from now on, to one core."""
    os.sched_setaffinity(0, {core})


@contextmanager
def children_on(core: int) -> Iterator[None]:
    """Pin the processes started inside the block; they inherit the core before their first instruction."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)
