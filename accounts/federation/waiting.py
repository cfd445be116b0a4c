"""How many threads of a process may wait for an issuer at a time: whoever comes next is told at once (SECURITY F-13).

A silent issuer takes three seconds to give up. Without a bound everybody who asks for it would hold a place at the doors for
so long, and nobody would be left to sign in in another way.
"""

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from django.conf import settings

from accounts.core.errors import Unavailable

from .providers import Provider

RETRY_AFTER = 5
"""Seconds."""

_places: dict[Provider | None, threading.BoundedSemaphore] = {}
"""Of each issuer, and under None of all of them together: the way out may be closed for every one."""


@contextmanager
def place(provider: Provider) -> Iterator[None]:
    """Around whatever may last as long as a fetch. Raises `Unavailable`."""
    with ExitStack() as held:
        for of, share in ((provider, 3), (None, 2)):
            places = _places.setdefault(of, threading.BoundedSemaphore(max(1, settings.SIGN_IN_CONCURRENCY // share)))
            if not places.acquire(blocking=False):
                raise Unavailable("others wait for the issuer already", retry_after=RETRY_AFTER)
            held.callback(places.release)
        yield


def forget() -> None:
    """Like a process that has just started."""
    _places.clear()
