"""The client that every OpenID provider knows alike: public, with PKCE. What it asks for, and what it must be told."""

import base64
import hashlib
import json
from typing import Any
from urllib.parse import urlencode

CLIENT_ID = "shop"
"""Where a provider lets its operator choose; Signet makes its own."""
REDIRECT_URI = "https://shop.example/cb"
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
"""Of RFC 7636, appendix B: one for all codes, since comparing it costs the same."""
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
NONCE = "n-0S6_WzA2Mj"
SIGN_IN_SCOPE = "openid offline_access"
USERINFO_SCOPE = "openid email"


def address(number: int) -> str:
    """The e-mail address of one of the people, whose numbers are the same at every provider."""
    return f"person{number}@example.org"


def exchange(client_id: str, code: str) -> str:
    """The form that asks for tokens (RFC 6749 §4.1.3)."""
    return urlencode(
        {
            "grant_type": "authorization_code",
            "client_id": client_id,
            "code": code,
            "redirect_uri": REDIRECT_URI,
            "code_verifier": VERIFIER,
        }
    )


def require_claims(body: bytes, expected: str) -> None:
    """Those of `USERINFO_SCOPE`, of the person with this address. Anything else ends the run."""
    told = json.loads(body)
    if set(told) != {"sub", "email", "email_verified"} or told["email"] != expected:
        raise SystemExit(f"not the claims of {expected}: {body[:300]!r}")


def require_tokens(body: bytes, client_id: str) -> None:
    """A bearer token, a refresh token, and an ID token of this sign-in, signed with RS256. Anything else ends the run."""
    given = json.loads(body)
    header, claims = map(_opened, given["id_token"].split(".")[:2])
    audience = claims["aud"] if isinstance(claims["aud"], list) else [claims["aud"]]
    is_sound = (header["alg"], audience, claims["nonce"]) == ("RS256", [client_id], NONCE)
    if not is_sound or given["token_type"].lower() != "bearer" or not (given["access_token"] and given["refresh_token"]):
        raise SystemExit(f"not the tokens of a sign-in: {body[:600]!r}")


def _opened(part: str) -> dict[str, Any]:
    return dict(json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))))
