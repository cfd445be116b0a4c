"""What an issuer says about itself (OpenID Connect Discovery 1.0 §4): asked once, believed only about its own keys."""

import threading
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from accounts.core import fetch
from accounts.core.errors import Unavailable
from accounts.core.strict_json import StrictJsonError, loads

from . import waiting
from .providers import Provider
from .waiting import RETRY_AFTER

_MAX_DEPTH = 16


@dataclass
class _Asked:
    """`failed_at` is monotonic; minus infinity for never."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    metadata: dict[str, Any] | None = None
    failed_at: float = float("-inf")


_asked: dict[Provider, _Asked] = {}


def endpoint(provider: Provider, name: str) -> str:
    """`jwks_uri`, `authorization_endpoint` or `token_endpoint`: pinned, or of the issuer's metadata. Raises `Unavailable`.

    The metadata must name this very issuer (§4.3) and an address on its own host: a document that was tampered with
    cannot send us or a person elsewhere (SECURITY F-03). What an issuer has elsewhere needs to be named in the setting.
    """
    pinned = str(getattr(provider, name))
    if pinned:
        return pinned
    found = _metadata(provider).get(name)
    if not isinstance(found, str) or _origin(found) != _origin(provider.issuer):
        raise Unavailable(f"discovery: {name} on another host")
    return found


def forget() -> None:
    """Like a process that has just started."""
    _asked.clear()
    waiting.forget()


def _metadata(provider: Provider) -> dict[str, Any]:
    """Asked by one thread while a few others wait, and not again for some seconds when it failed."""
    asked = _asked.setdefault(provider, _Asked())
    if asked.metadata is not None:
        return asked.metadata
    with waiting.place(provider), asked.lock:
        if asked.metadata is None:
            if time.monotonic() - asked.failed_at < RETRY_AFTER:
                raise Unavailable("discovery failed a moment ago", retry_after=RETRY_AFTER)
            try:
                asked.metadata = _genuine(provider)
            except Unavailable:
                asked.failed_at = time.monotonic()
                raise
        return asked.metadata


def _genuine(provider: Provider) -> dict[str, Any]:
    metadata = document(f"{provider.issuer.rstrip('/')}/.well-known/openid-configuration")
    if metadata.get("issuer") != provider.issuer:
        raise Unavailable("discovery: another issuer")
    return metadata


def document(url: str) -> dict[str, Any]:
    """A JSON object from this address. Raises `Unavailable`."""
    return json_object(fetch.get(url))


def json_object(raw: bytes) -> dict[str, Any]:
    """Raises `Unavailable`: an issuer that does not speak JSON is out of order."""
    try:
        value = loads(raw, max_depth=_MAX_DEPTH)
    except StrictJsonError as error:
        raise Unavailable(f"discovery: {error}") from error
    if not isinstance(value, dict):
        raise Unavailable("discovery: not a JSON object")
    return value


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc.lower()
