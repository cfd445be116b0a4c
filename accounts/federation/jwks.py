"""The public keys of upstream issuers, kept by each process.

Fetched by one thread while a few others wait, and those who have keys use them; asked again for a key never seen at most once a
minute; kept for a day when the issuer is away (SECURITY F-13).
"""

import threading
import time
from dataclasses import dataclass, field

from accounts.core.errors import TokenInvalid, Unavailable
from accounts.tokens import foreign
from accounts.tokens.foreign import ForeignKey

from . import discovery, waiting
from .providers import Provider
from .waiting import RETRY_AFTER

FRESH_FOR = 3600
STALE_FOR = 24 * 3600
UNKNOWN_KEY_INTERVAL = 60
"""Seconds, all of them."""


@dataclass
class _Known:
    """Times are monotonic; minus infinity for never."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    keys: dict[str, ForeignKey] = field(default_factory=dict)
    fetched_at: float = float("-inf")
    tried_at: float = float("-inf")
    failed_at: float = float("-inf")


_known: dict[Provider, _Known] = {}


def find(provider: Provider, kid: str) -> ForeignKey | None:
    """The issuer's key of this name. Raises `Unavailable` when its keys cannot be had: that proves nothing against a token."""
    known = _known.setdefault(provider, _Known())
    if _age(known.fetched_at) >= FRESH_FOR:
        try:
            _refresh(provider, known)
        except Unavailable:
            if not _is_usable(known):
                raise
    key = known.keys.get(kid)
    if key is None and _age(known.tried_at) >= UNKNOWN_KEY_INTERVAL:
        _refresh(provider, known)
        key = known.keys.get(kid)
    if key is None and known.failed_at > known.fetched_at:
        raise Unavailable("keys of the issuer", retry_after=RETRY_AFTER)
    return key


def forget() -> None:
    """Like a process that has just started."""
    _known.clear()
    discovery.forget()


def _refresh(provider: Provider, known: _Known) -> None:
    """Single flight: whoever has usable keys does not wait for the fetch of another, the rest share its outcome."""
    asked_at = time.monotonic()
    url = discovery.endpoint(provider, "jwks_uri")
    with waiting.place(provider):
        _fetch_once(url, known, asked_at)
    if not _is_usable(known):
        raise Unavailable("keys of the issuer", retry_after=RETRY_AFTER)


def _fetch_once(url: str, known: _Known, asked_at: float) -> None:
    if not known.lock.acquire(blocking=not _is_usable(known)):
        return
    try:
        if known.tried_at < asked_at and _age(known.failed_at) >= RETRY_AFTER:
            _fetch(url, known)
    finally:
        known.lock.release()


def _fetch(url: str, known: _Known) -> None:
    try:
        known.keys = foreign.keys_of(discovery.document(url))
        known.fetched_at = time.monotonic()
    except (Unavailable, TokenInvalid):
        known.failed_at = time.monotonic()
    known.tried_at = time.monotonic()


def _is_usable(known: _Known) -> bool:
    return bool(known.keys) and _age(known.fetched_at) < STALE_FOR


def _age(moment: float) -> float:
    return time.monotonic() - moment
