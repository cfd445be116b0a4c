"""What died or went stale within the life of an access token, signed, for services that ask nobody about a token.

Made of the feed in this process's memory, at most once for each look at the table. It says what is so now or is not given
at all: whoever reads it has a budget of their own for an outage, and two budgets would add up (SECURITY V-02).
"""

import hashlib
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings

from accounts.core.clock import now
from accounts.core.errors import Unavailable
from accounts.keys import ring
from accounts.keys.models import SigningKey
from accounts.revocations import feed
from accounts.revocations.models import Revocation

from . import jose
from .claims import encode_claims

TYP = "revocations+jwt"
LIFETIME = 60
"""Seconds for which a copy may be believed, if nothing else comes."""
_RENEWAL = 30
_LARGEST_AGE = 2.0
_PURPOSE = SigningKey.Purpose.ACCESS.value


@dataclass(frozen=True, slots=True)
class Document:
    """`tag` is a weak ETag, the same in every process that knows the same: signatures differ, what is said does not."""

    signed: bytes = b""
    tag: str = ""


@dataclass(slots=True)
class _Held:
    document: Document = field(default_factory=Document)
    reading: float = -1.0
    lock: threading.Lock = field(default_factory=threading.Lock)


_held = _Held()


def current() -> Document:
    """The newest that can be had. Raises `Unavailable` when the feed is behind, or nothing can be signed."""
    feed.bring_up_to_date()
    if feed.age() > _LARGEST_AGE:
        raise Unavailable("revocation feed is behind")
    with _held.lock:
        if _held.reading != (reading := feed.reading()):
            _held.document, _held.reading = _made(_held.document), reading
        return _held.document


def claims(issuer: str, marks: Mapping[str, Mapping[str, int]], *, issued_at: int) -> dict[str, Any]:
    """`revoked` has for each kind what it names, and the mark that a token must reach (docs/verifying-tokens.md)."""
    revoked = {kind: dict(sorted(named.items())) for kind, named in marks.items() if kind != Revocation.Kind.KEYS}
    return {"iss": issuer, "iat": issued_at, "exp": issued_at + LIFETIME, "revoked": revoked}


def _made(before: Document) -> Document:
    """`before`, while it says the same and has long to go: what is signed anew is sent anew."""
    issued_at, algorithm = now(), settings.ACCESS_TOKEN_ALGORITHM
    said = claims(settings.PUBLIC_URL, feed.marks(), issued_at=issued_at)
    which = (said["revoked"], issued_at // _RENEWAL, ring.signer(_PURPOSE, algorithm).kid)
    tag = f'W/"{hashlib.sha256(encode_claims({"which": which})).hexdigest()[:32]}"'
    if tag == before.tag:
        return before
    return Document(jose.sign(said, typ=TYP, purpose=_PURPOSE, algorithm=algorithm).encode(), tag)
