"""The issuer of one set of vectors: its keys are made for it and forgotten with it, and its clock stands still.

Tokens are put together by hand: no library would make most of them. Nothing here knows a key, a name or a secret of this
installation (SECURITY V-07).
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from accounts.keys import material
from accounts.keys.material import PrivateKey
from accounts.tokens import access, compact, jose
from accounts.tokens.claims import encode_claims

ISSUER, AUDIENCE = "https://issuer.example", "https://notes.example"
NOW = 1_798_761_600
"""2027-01-01 00:00:00 UTC, for ever."""
LONGEST = 600
"""Seconds: no token of this issuer lives longer."""
PERSON, DEVICE = "01990000-0000-7000-8000-000000000001", "01990000-0000-7000-8000-0000000000a1"
ABSENT = object()
Sign = Callable[[bytes], bytes]


class Verdict(StrEnum):
    """What a verifier must say."""

    ACCEPT = "accept"
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True)
class Vector:
    """`name` stays; `reason` is for whoever wonders why theirs says otherwise."""

    name: str
    token: str
    verdict: Verdict
    reason: str


@dataclass(frozen=True, slots=True)
class Key:
    """`jwk` as it is published."""

    algorithm: str
    private: PrivateKey
    jwk: dict[str, str]

    @property
    def kid(self) -> str:
        return self.jwk["kid"]

    def sign(self, message: bytes) -> bytes:
        return jose.signature(message, self.private, self.algorithm)


def new_key(algorithm: str) -> Key:
    private = material.generate(algorithm)
    jwk = material.public_jwk(private.public_key())
    return Key(algorithm, private, {**jwk, "kid": material.thumbprint(jwk), "use": "sig", "alg": algorithm})


@dataclass(frozen=True, slots=True)
class Issuer:
    """Keys in use and one that will be, one that was pulled and that a cached set may still hold, and one of somebody else's."""

    es256: Key = field(default_factory=lambda: new_key("ES256"))
    rs256: Key = field(default_factory=lambda: new_key("RS256"))
    ed25519: Key = field(default_factory=lambda: new_key("Ed25519"))
    successor: Key = field(default_factory=lambda: new_key("ES256"))
    pulled: Key = field(default_factory=lambda: new_key("ES256"))
    strangers: Key = field(default_factory=lambda: new_key("ES256"))

    def jwks(self) -> dict[str, list[dict[str, str]]]:
        return {"keys": [key.jwk for key in (self.es256, self.rs256, self.ed25519, self.successor, self.pulled)]}

    def header(self, key: Key | None = None, /, **changes: Any) -> dict[str, Any]:
        key = key or self.es256
        return _changed({"alg": key.algorithm, "kid": key.kid, "typ": access.TYP}, changes)

    def claims(self, **changes: Any) -> dict[str, Any]:
        """Of a token for somebody who signed in an hour ago; nine minutes are left of it."""
        return _changed(
            {
                "iss": ISSUER,
                "sub": PERSON,
                "aud": [AUDIENCE],
                "exp": NOW + 540,
                "iat": NOW - 60,
                "jti": "vector",
                "epoch": 7,
                "client_id": "notes-app",
                "scope": "notes:read notes:write",
                "sid": DEVICE,
                "auth_time": NOW - 3600,
                "acr": "aal1",
                "amr": ["pwd"],
                "roles": ["Editors"],
            },
            changes,
        )

    def token(
        self,
        header: Mapping[str, Any] | bytes | None = None,
        claims: Mapping[str, Any] | bytes | None = None,
        sign: Sign | None = None,
    ) -> str:
        """By default the plain good one. Bytes go in as they are."""
        parts = (self.header() if header is None else header, self.claims() if claims is None else claims)
        message = ".".join(compact.encode(part if isinstance(part, bytes) else encode_claims(part)) for part in parts)
        return f"{message}.{compact.encode((sign or self.es256.sign)(message.encode()))}"


def doubled(members: Mapping[str, Any], name: str, first: Any) -> bytes:
    """The same object with one member twice, `first` being the one that comes first."""
    return b"{" + json.dumps({name: first}, separators=(",", ":")).encode()[1:-1] + b"," + encode_claims(members)[1:]


def accepted(name: str, token: str, reason: str) -> Vector:
    return Vector(name, token, Verdict.ACCEPT, reason)


def refused(name: str, token: str, reason: str) -> Vector:
    return Vector(name, token, Verdict.REFUSE, reason)


def _changed(members: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in {**members, **changes}.items() if value is not ABSENT}
