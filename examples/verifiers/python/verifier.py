"""Check access tokens of Signet in a service of your own. One file to copy; it needs joserfc and nothing else.

    verifier = Verifier("https://id.example.com", audience="https://notes.example.com")
    claims = verifier.verify(token)  # raises Refused (answer 401) or Unavailable (answer 503)

No token is looked up. The issuer's public keys and the list of what ended are kept in memory; the list is asked for again
on the way of a request, at most once a second. `tests/examples/test_python_verifier.py` holds it to the token vectors.
"""

import base64
import http.client
import json
import re
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey, RSAKey

REFRESH = 1.0
"""Seconds between two questions for the list of what ended."""
BUDGET = 10.0
"""Seconds for which the last list is believed when no newer one can be had. Then nothing is accepted."""
KEYS_MAX_AGE = 300.0
TIMEOUT = 1.0
SKEW = 30
"""Seconds by which clocks may differ."""
LARGEST_TOKEN, LARGEST_ANSWER = 8 * 1024, 16 * 1024 * 1024

_FORM = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+", re.ASCII)
_KINDS: dict[str, tuple[type[ECKey | RSAKey | OKPKey], dict[str, str]]] = {
    "ES256": (ECKey, {"kty": "EC", "crv": "P-256"}),
    "RS256": (RSAKey, {"kty": "RSA"}),
    "Ed25519": (OKPKey, {"kty": "OKP", "crv": "Ed25519"}),
}
Keys = dict[str, tuple[str, ECKey | RSAKey | OKPKey]]
Fetch = Callable[[str, str], tuple[bytes, str] | None]
"""From an address and the ETag that one has: body and ETag, or None when nothing changed. Raises `OSError`."""


class Refused(Exception):
    """The token is not good here: 401, with `WWW-Authenticate: Bearer error="invalid_token"`."""


class Unavailable(Exception):
    """Nobody can say whether the token is good: 503, with `Retry-After`. Not 401, or apps would throw their tokens away."""


class Verifier:
    """One for each process. `longest` is the issuer's `ACCESS_TOKEN_LIFETIME` in seconds, or more."""

    def __init__(
        self,
        issuer: str,
        audience: str,
        *,
        longest: int = 600,
        fetch: Fetch | None = None,
        clock: Callable[[], float] = time.time,
        ticks: Callable[[], float] = time.monotonic,
    ) -> None:
        if not issuer.startswith("https://") and urlsplit(issuer).hostname not in {"127.0.0.1", "localhost"}:
            raise ValueError("the issuer's keys must come by HTTPS")
        self._issuer, self._audience, self._longest, self._clock = issuer, audience, longest, clock
        fetch = fetch or over_http
        self._keys = _Kept(f"{issuer}/.well-known/jwks.json", _read_keys, fetch, ticks)
        self._ended = _Kept(f"{issuer}/.well-known/revocations", self.read_document, fetch, ticks)

    def verify(self, token: str) -> dict[str, Any]:
        """The claims of a live token for this service. What they allow is yours to ask: `scope`, `roles`, `acr`."""
        kid, claims = self._opened(token, typ="at+jwt", largest=LARGEST_TOKEN)
        issued, expires, now = _integer(claims, "iat"), _integer(claims, "exp"), self._clock()
        if not issued < expires <= issued + self._longest or issued > now + SKEW:
            raise Refused("iat or exp")
        if "nbf" in claims and _integer(claims, "nbf") > now + SKEW:
            raise Refused("nbf")
        if expires <= now:
            raise Refused("expired")
        if claims.get("iss") != self._issuer:
            raise Refused("iss")
        if not isinstance(claims.get("aud"), list) or self._audience not in claims["aud"]:
            raise Refused("aud")
        if "cnf" in claims:
            raise Refused("bound to a key: no bearer token")
        _text(claims, "jti")
        self._refuse_ended(kid, claims)
        return claims

    def read_document(self, body: bytes) -> dict[str, Any]:
        """The list of what ended; raises `Refused` for anything else."""
        kid, document = self._opened(body.decode("ascii", "replace"), typ="revocations+jwt", largest=LARGEST_ANSWER)
        revoked = document.get("revoked")
        if document.get("iss") != self._issuer or _integer(document, "exp") <= self._clock():
            raise Refused("another issuer's list, or an old one")
        if not isinstance(revoked, dict) or not all(isinstance(named, dict) for named in revoked.values()):
            raise Refused("not a list of what ended")
        if not {"kid", "sid", "sid-stale", "sub"} <= set(revoked) or kid in revoked["kid"]:
            raise Refused("not a list of what ended")
        return document

    def _refuse_ended(self, kid: str, claims: dict[str, Any]) -> None:
        """A token is about a person on a device, or about a client that acts as itself."""
        document = self._ended.get(REFRESH)
        if document is None or self._ended.age() > BUDGET or document["exp"] <= self._clock():
            raise Unavailable("the list of what ended cannot be had")
        revoked, client = document["revoked"], _text(claims, "client_id")
        if kid in revoked["kid"]:
            raise Refused("the key was pulled")
        issued, stopped = _integer(claims, "iat"), revoked.get("client", {})
        if any(issued <= stopped.get(name, -1) for name in (client, *_actors(claims))):
            raise Refused("the client was stopped, or a service that acts for it")
        sub = _text(claims, "sub")
        if "sid" not in claims and sub == client:
            return
        sid = _text(claims, "sid")
        if sid in revoked["sid"]:
            raise Refused("the device was signed out")
        if _integer(claims, "auth_time") < revoked["sid-stale"].get(sid, 0):
            raise Refused("stale: the device proved anew who uses it")
        if _integer(claims, "epoch") < revoked["sub"].get(sub, 0):
            raise Refused("stale: the person's rights changed")

    def _opened(self, token: str, *, typ: str, largest: int) -> tuple[str, dict[str, Any]]:
        """The kid and the claims of what the issuer signed as this kind of token."""
        if len(token) > largest or _FORM.fullmatch(token) is None:
            raise Refused("not a token")
        header_part, claims_part, signature = token.split(".")
        header = _object(_decoded(header_part))
        if set(header) != {"alg", "kid", "typ"} or not all(isinstance(value, str) for value in header.values()):
            raise Refused("header")
        if header["typ"] != typ:
            raise Refused("typ")
        algorithm, key = self._key(header["kid"])
        # The algorithm is that of the key. A token that says otherwise is refused, not believed.
        if header["alg"] != algorithm:
            raise Refused("alg")
        _decoded(signature)
        try:
            jws.deserialize_compact(token.encode(), key, registry=_Registry(algorithms=[algorithm]))
        except (JoseError, ValueError) as error:
            raise Refused("signature") from error
        return header["kid"], _object(_decoded(claims_part))

    def _key(self, kid: str) -> tuple[str, ECKey | RSAKey | OKPKey]:
        """A name never seen may be that of a new key: then the set is asked for, at most once a second."""
        for max_age in (KEYS_MAX_AGE, REFRESH):
            keys: Keys = self._keys.get(max_age) or {}
            if kid in keys:
                return keys[kid]
        if self._keys.failing:
            raise Unavailable("the public keys cannot be had")
        raise Refused("kid")


class _Registry(jws.JWSRegistry):
    """joserfc's own limit is 128,000 bytes; on a busy day the list of what ended is longer."""

    max_payload_length = LARGEST_ANSWER


class _Kept:
    """What the issuer published last. Whoever finds it too old asks; who comes meanwhile waits for that answer."""

    def __init__(self, url: str, read: Callable[[bytes], Any], fetch: Fetch, ticks: Callable[[], float]) -> None:
        self._url, self._read, self._fetch, self._ticks = url, read, fetch, ticks
        self._value: Any = None
        self._etag = ""
        self._asked_at = self._fresh_at = float("-inf")
        self._lock = threading.Lock()
        self.failing = False

    def age(self) -> float:
        return self._ticks() - self._fresh_at

    def get(self, max_age: float) -> Any:
        """None if there never was one."""
        if self.age() >= max_age and self._lock.acquire(timeout=0 if self.failing else TIMEOUT):
            try:
                self._ask(max_age)
            finally:
                self._lock.release()
        return self._value

    def _ask(self, max_age: float) -> None:
        started = self._ticks()
        if started - self._asked_at < REFRESH or self.age() < max_age:
            return
        self._asked_at = started
        try:
            if (answer := self._fetch(self._url, self._etag)) is not None:
                self._value, self._etag = self._read(answer[0]), answer[1]
            self._fresh_at, self.failing = started, False
        except (OSError, http.client.HTTPException, Refused, Unavailable):
            self.failing = True


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args: Any, **options: Any) -> None:
        return None


_opener = urllib.request.build_opener(_NoRedirect)


def over_http(url: str, etag: str) -> tuple[bytes, str] | None:
    asked = urllib.request.Request(url, headers={"If-None-Match": etag} if etag else {})
    try:
        with _opener.open(asked, timeout=TIMEOUT) as answer:
            body = answer.read(LARGEST_ANSWER + 1)
            if len(body) > LARGEST_ANSWER:
                raise OSError("the answer is too large")
            return body, answer.headers.get("ETag", "")
    except urllib.error.HTTPError as error:
        if error.code == 304:
            return None
        raise


def _read_keys(body: bytes) -> Keys:
    """Those keys of a JWK Set that this file can use; each for the one algorithm that it names."""
    members = _object(body).get("keys")
    if not isinstance(members, list):
        raise Refused("not a JWK Set")
    keys: Keys = {}
    for jwk in filter(lambda member: isinstance(member, dict), members):
        kind, form = _KINDS.get(jwk.get("alg"), (None, {}))
        if kind is not None and jwk.get("use") == "sig" and form.items() <= jwk.items():
            try:
                keys[jwk["kid"]] = (jwk["alg"], kind.import_key(jwk))
            except (JoseError, ValueError, KeyError) as error:
                raise Refused("not a JWK") from error
    return keys


def _decoded(part: str) -> bytes:
    """Base64url as it is written in one way only: no padding, no stray bits (RFC 7515 §2)."""
    try:
        raw = base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
    except ValueError as error:
        raise Refused("base64url") from error
    if base64.urlsafe_b64encode(raw).rstrip(b"=").decode() != part:
        raise Refused("base64url")
    return raw


def _object(raw: bytes) -> dict[str, Any]:
    """A JSON object in UTF-8 in which no member appears twice, at any depth."""
    try:
        value = json.loads(raw.decode("utf-8"), object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        raise Refused("JSON") from error
    if not isinstance(value, dict):
        raise Refused("JSON")
    return value


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a member appears twice")
    return members


def _actors(claims: dict[str, Any]) -> Iterator[str]:
    """The services through which the token came (RFC 8693 section 4.1)."""
    actor = claims.get("act")
    while isinstance(actor, dict):
        yield _text(actor, "sub")
        actor = actor.get("act")


def _text(claims: dict[str, Any], name: str) -> str:
    value = claims.get(name)
    if not isinstance(value, str) or not value:
        raise Refused(name)
    return value


def _integer(claims: dict[str, Any], name: str) -> int:
    """`True` is no number, and neither is "7"."""
    value = claims.get(name)
    if type(value) is not int:
        raise Refused(name)
    return value
