"""The key ring of this process: keys by kid, the one that signs, and the JWK Set as bytes.

Loaded once; loaded again when the revocation feed says so, or when an unknown kid appears (at most once a second, so
that made-up kids cannot make us read the database: SECURITY K-13). While it cannot be read, the older picture goes on to
verify and to be published, but does not sign.
"""

import hashlib
import json
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from django.db import DatabaseError

from accounts.core.errors import Unavailable
from accounts.revocations import feed

from .material import PrivateKey, PublicKey, UnusableKey, decrypted, prove_pair, public_half
from .models import SigningKey

logger = logging.getLogger("signet.keys")
_RELOAD_INTERVAL = 1.0
_PUBLISHED = ("kty", "crv", "n", "e", "x", "y", "kid", "use", "alg")


@dataclass(frozen=True, slots=True)
class VerifyingKey:
    """The public half, and the one algorithm it is for."""

    kid: str
    purpose: str
    algorithm: str
    public: PublicKey


@dataclass(frozen=True, slots=True)
class Signer:
    """The active private half of one purpose and algorithm."""

    kid: str
    algorithm: str
    private: PrivateKey


@dataclass(frozen=True, slots=True)
class Ring:
    """One consistent picture of the key table."""

    verifying: dict[str, VerifyingKey] = field(default_factory=dict)
    signers: dict[tuple[str, str], Signer] = field(default_factory=dict)
    published: list[dict[str, str]] = field(default_factory=list)
    jwks: bytes = b'{"keys":[]}'
    etag: str = ""


class _Holder:
    def __init__(self) -> None:
        self.ring: Ring | None = None
        self.etag = ""
        self.news = 0
        self.as_of = 0
        self.loaded_at = 0.0
        self.failed = False
        self.lock = threading.Lock()
        self.listeners: list[Callable[[], None]] = []


_holder = _Holder()


def current() -> Ring:
    """The key table as it is, as far as this process has heard. Raises `Unavailable` when it cannot be read."""
    return _holder.ring if _holder.ring is not None and _holder.as_of == _holder.news else reload()


def published() -> tuple[bytes, str]:
    """The JWK Set and its tag. Raises `Unavailable` in a process that never read the keys.

    A pulled key is in no set of ours, although an older picture still holds it (SECURITY K-07).
    """
    ring = _picture()
    if not any(feed.is_pulled(kid) for kid in ring.verifying):
        return ring.jwks, ring.etag
    return _jwk_set([jwk for jwk in ring.published if not feed.is_pulled(jwk["kid"])])


def _picture() -> Ring:
    """The newest that can be had: an older one while the database is away, which is asked for news once a second.

    For what shows or checks public halves: a token of a pulled key is refused by the feed, whatever the ring says.
    """
    older = _holder.ring
    if older is None:
        return current()
    if _holder.failed and time.monotonic() - _holder.loaded_at < _RELOAD_INTERVAL:
        return older
    try:
        return current()
    except Unavailable:
        return older


def find(kid: str) -> VerifyingKey | None:
    """The key of this name, if it may verify. A name never seen is looked up, at most once a second.

    Raises `Unavailable` when it cannot be looked up: an unknown key during an outage proves nothing against the token.
    """
    key = _picture().verifying.get(kid)
    if key is None and time.monotonic() - _holder.loaded_at >= _RELOAD_INTERVAL:
        key = reload().verifying.get(kid)
    if key is None and _holder.failed:
        raise Unavailable("key ring")
    return key


def signer(purpose: str, algorithm: str) -> Signer:
    """The active key: of this algorithm, or of the one that signs until this one's first key is ripe (SECURITY K-06).

    Raises `Unavailable` when there is none (`manage.py prepare` makes it). Asks the feed first: a process that only signs
    people in must hear of a pulled key too (SECURITY K-07).
    """
    feed.bring_up_to_date()
    found = _active(current(), purpose, algorithm) or _active(reload(), purpose, algorithm)
    if found is None:
        raise Unavailable("no active key")
    return found


def _active(ring: Ring, purpose: str, algorithm: str) -> Signer | None:
    wanted = ring.signers.get((purpose, algorithm))
    return wanted or next((signer for (use, _), signer in ring.signers.items() if use == purpose), None)


def reload() -> Ring:
    """Read the table again, once for all who ask at the same time. Raises `Unavailable` when the database is away."""
    asked_at = time.monotonic()
    with _holder.lock:
        if _holder.loaded_at > asked_at:
            if _holder.failed:
                raise Unavailable("key ring")
            if _holder.ring is not None and _holder.as_of == _holder.news:
                return _holder.ring
        ring = _read()
    if ring.etag != _holder.etag:
        _holder.etag = ring.etag
        for listener in _holder.listeners:
            listener()
    return ring


def _read() -> Ring:
    """Once more if the table changed meanwhile: an old picture must not outlive the news."""
    while True:
        _holder.loaded_at, news = time.monotonic(), _holder.news
        try:
            rows = list(SigningKey.objects.exclude(state=SigningKey.State.GONE).order_by("published_at", "kid"))
        except DatabaseError as error:
            _holder.failed = True
            raise Unavailable("key ring") from error
        _holder.failed = False
        _holder.ring = ring = _build(rows)
        _holder.as_of = news
        if _holder.news == news:
            return ring


def on_reload(listener: Callable[[], None]) -> None:
    """Call `listener` whenever a reading found other keys (the token cache empties itself)."""
    _holder.listeners.append(listener)


def outdate() -> None:
    """The table has changed: read it at the next use."""
    _holder.news += 1


def forget() -> None:
    """As a new process: know nothing, read at the next use."""
    outdate()
    _holder.ring = None


def _build(rows: list[SigningKey]) -> Ring:
    ring = Ring()
    for row in rows:
        # One bad row must not blind us to the others, nor a private half that does not open to what it signed (SECURITY K-12).
        try:
            public = public_half(row)
            ring.verifying[row.kid] = VerifyingKey(row.kid, row.purpose, row.algorithm, public)
            if row.is_published:
                ring.published.append({name: row.public_jwk[name] for name in _PUBLISHED if name in row.public_jwk})
            if row.state == SigningKey.State.ACTIVE:
                private = decrypted(row)
                prove_pair(private, public)
                ring.signers[(row.purpose, row.algorithm)] = Signer(row.kid, row.algorithm, private)
        except UnusableKey:
            logger.exception("signing_key.unusable", extra={"kid": row.kid})
    jwks, etag = _jwk_set(ring.published)
    return replace(ring, jwks=jwks, etag=etag)


def _jwk_set(keys: list[dict[str, str]]) -> tuple[bytes, str]:
    jwks = json.dumps({"keys": keys}, separators=(",", ":")).encode()
    return jwks, f'"{hashlib.sha256(jwks).hexdigest()[:32]}"'


feed.on_keys_changed(outdate)
