"""A logout token, by which Signet says that a sign-in is over (OpenID Connect Back-Channel Logout 1.0 §2.6)."""

from typing import Any

from joserfc import jwt
from joserfc.errors import InvalidClaimError
from joserfc.jwk import KeySet

_SIGNED_OUT = "http://schemas.openid.net/event/backchannel-logout"
_SKEW = 60
"""Seconds by which clocks may differ."""


def sid_of(token: str, keys: KeySet, *, issuer: str, client_id: str) -> str:
    """Whose sign-in it is. Raises `JoseError`, `ValueError`; `InvalidKeyIdError` where the key is not among these."""
    opened = jwt.decode(token, keys, algorithms=["RS256"])
    claims = opened.claims
    if opened.header.get("typ") != "logout+jwt":
        # An ID token, say, which has the same signature.
        raise InvalidClaimError("typ")
    wanted: dict[str, Any] = {"iss": {"value": issuer}, "aud": {"value": client_id}, "iat": {}, "exp": {}, "sid": {}}
    rules = {name: {"essential": True, **rule} for name, rule in wanted.items()}
    jwt.JWTClaimsRegistry(leeway=_SKEW, **rules).validate(claims)
    sid, events = claims["sid"], claims.get("events")
    if not isinstance(sid, str) or not isinstance(events, dict) or _SIGNED_OUT not in events or "nonce" in claims:
        raise InvalidClaimError("events")
    return sid
