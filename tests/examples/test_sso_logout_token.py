"""The shop of examples/sso believes what Signet signed as a logout token for it, and nothing else."""

import time
from typing import Any

import pytest
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, RSAKey

from examples.sso.shop.logout_token import sid_of

ISSUER, SHOP = "https://id.example.com", "c_shop"
EVENT = "http://schemas.openid.net/event/backchannel-logout"
KEY = RSAKey.generate_key(2048, {"kid": "known", "use": "sig", "alg": "RS256"})
OTHER = RSAKey.generate_key(2048, {"kid": "known", "use": "sig", "alg": "RS256"})


def logout_token(*, key: RSAKey = KEY, typ: str = "logout+jwt", **changed: Any) -> str:
    """None leaves a claim out."""
    now = int(time.time())
    about = {"sub": "s", "sid": "a sign-in", "events": {EVENT: {}}}
    usual = {"iss": ISSUER, "aud": SHOP, "iat": now, "exp": now + 120, "jti": "j", **about}
    claims = {name: value for name, value in {**usual, **changed}.items() if value is not None}
    return jwt.encode({"alg": "RS256", "kid": "known", "typ": typ}, claims, key)


def heard(token: str) -> str:
    return sid_of(token, KeySet([KEY]), issuer=ISSUER, client_id=SHOP)


def test_logout_token_names_its_sign_in() -> None:
    assert heard(logout_token()) == "a sign-in"


@pytest.mark.parametrize(
    "changed",
    [
        {"key": OTHER},
        {"typ": "JWT"},
        {"iss": "https://evil.example"},
        {"aud": "c_blog"},
        {"exp": 1_000_000_000},
        {"iat": 4_000_000_000},
        {"exp": None},
        {"sid": None},
        {"sid": {"not": "text"}},
        {"events": None},
        {"events": {"another": {}}},
        {"events": 7},
        {"nonce": "of an ID token"},
    ],
    ids="".join,
)
def test_anything_else_is_refused(changed: dict[str, Any]) -> None:
    with pytest.raises((JoseError, ValueError)):
        heard(logout_token(**changed))


@pytest.mark.parametrize("token", ["", "a.b.c", "eyJhbGciOiJub25lIn0.e30."])
def test_what_is_no_token_is_refused(token: str) -> None:
    with pytest.raises((JoseError, ValueError)):
        heard(token)
