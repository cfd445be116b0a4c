"""DPoP (RFC 9449): a token that is bound to a key is worth nothing without a proof made with that key.

A proof is made for one request, and opens it once: (key, `jti`) goes through a gate in the database, which every process asks.
That is the one row that a bound request costs; a bearer token costs none (docs/decisions/0020).
"""

import hashlib
from dataclasses import dataclass
from urllib.parse import quote, unquote, urlsplit

from django.conf import settings
from django.http import HttpRequest

from accounts.core import gates
from accounts.core.clock import now
from accounts.core.errors import InvalidDpopProof, TokenInvalid, UseDpopNonce
from accounts.core.group_commit import GroupCommit

from . import dpop_nonce, foreign
from .claims import SKEW, Claims
from .compact import encode

ALGORITHMS = foreign.PROOF_ALGORITHMS
TYP = "dpop+jwt"
_GATE = "dpop-proof"
_LONGEST_JTI = 128
_DEFAULT_PORTS = {"http": 80, "https": 443}
_writes = GroupCommit()


@dataclass(frozen=True, slots=True)
class Shown:
    """The `DPoP` header of a request, unread, and the request that it must have been made for. `proof` is None without one."""

    proof: str | None
    method: str
    url: str


NOTHING = Shown(None, "", "")


@dataclass(frozen=True, slots=True)
class DpopProof:
    """A proof that holds. `jkt` is the thumbprint of its key (RFC 7638), what tokens and devices are bound to."""

    jkt: str
    jti: str

    def spend(self) -> None:
        """Use it up. Raises `InvalidDpopProof` for everybody but the first, in whatever process (SECURITY D-04, D-16)."""
        # Kept until no host accepts its nonce any more.
        expires_at = now() + dpop_nonce.LIFETIME + 2 * SKEW
        if not _writes.run(lambda: int(gates.consume(_GATE, f"{self.jkt}/{self.jti}", expires_at=expires_at))):
            raise InvalidDpopProof("used before")


def shown(request: HttpRequest) -> Shown:
    """The address is that of the path under our configured origin, whatever host was asked for (SECURITY D-03)."""
    return Shown(request.META.get("HTTP_DPOP"), request.method or "", settings.PUBLIC_URL + quote(request.path))


def verify(given: Shown, *, access_token: str | None = None) -> DpopProof:
    """The checks of RFC 9449 §4.3; with `access_token` the proof must have been made for it (`ath`). Nothing is used up.

    Raises `InvalidDpopProof`, or `UseDpopNonce` when a good nonce is all that is missing.
    """
    if given.proof is None:
        raise InvalidDpopProof("no proof")
    try:
        claims = foreign.verify_by_own_key(given.proof, types={TYP})
        _refuse_other_request(claims, given)
        if access_token is not None and claims.text("ath") != _hash(access_token):
            raise TokenInvalid("ath")
        jti = _jti(claims)
    except TokenInvalid as error:
        raise InvalidDpopProof(error.reason) from error
    if not dpop_nonce.is_good(claims.get("nonce")):
        raise UseDpopNonce
    return DpopProof(claims.kid, jti)


def verify_of(jkt: str, given: Shown, *, access_token: str | None = None) -> DpopProof:
    """A proof by this very key, not used up. Raises `InvalidDpopProof` or `UseDpopNonce`."""
    proof = verify(given, access_token=access_token)
    if proof.jkt != jkt:
        raise InvalidDpopProof("another key")
    return proof


def require(jkt: str, given: Shown, *, access_token: str | None = None) -> None:
    """The same, used up."""
    verify_of(jkt, given, access_token=access_token).spend()


def canonical(uri: str) -> tuple[str, str, int | None, str]:
    """Scheme, host, port and decoded path: what RFC 3986 §6.2.2 and §6.2.3 take for the same. Query and fragment do not count.

    Dot segments stay as they are and match no path of ours. Raises `TokenInvalid` for what is no absolute address.
    """
    if not uri.isascii() or not uri.isprintable() or " " in uri:
        raise TokenInvalid("htu")
    try:
        parts = urlsplit(uri)
        port = parts.port
    except ValueError as error:
        raise TokenInvalid("htu") from error
    if not parts.hostname or "@" in parts.netloc:
        raise TokenInvalid("htu")
    return parts.scheme, parts.hostname, port or _DEFAULT_PORTS.get(parts.scheme), unquote(parts.path) or "/"


def challenge(error: str, description: str) -> str:
    """`WWW-Authenticate` of a refusal (RFC 9449 §7.1)."""
    return f'DPoP realm="api", error="{error}", error_description="{description}", {offer()}'


def offer() -> str:
    """What an algorithm may be chosen from."""
    return f'algs="{" ".join(ALGORITHMS)}"'


def _refuse_other_request(claims: Claims, given: Shown) -> None:
    if claims.text("htm") != given.method:
        raise TokenInvalid("htm")
    if canonical(claims.text("htu")) != canonical(given.url):
        raise TokenInvalid("htu")
    # Required, and not believed: the nonce says when (§4.3, point 11).
    claims.integer("iat")


def _jti(claims: Claims) -> str:
    jti = claims.text("jti")
    if len(jti) > _LONGEST_JTI:
        raise TokenInvalid("jti")
    return jti


def _hash(access_token: str) -> str:
    return encode(hashlib.sha256(access_token.encode()).digest())
