"""Authorization codes: made for one client, one redirect URI and one verifier, good for a minute and for one use."""

import base64
import hashlib
import hmac
import re

from accounts.core.clock import now
from accounts.core.sweep import delete as sweep_rows
from accounts.devices.models import Device
from accounts.tokens.dpop import DpopProof

from .authorization import Authorization
from .errors import InvalidGrant
from .models import AuthorizationCode, Client, new_handle

LIFETIME = 60
"""Seconds (SECURITY O-06)."""
_KEPT = 86_400
_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}", re.ASCII)


def issue(asked: Authorization, browser: Device) -> str:
    """256 random bits, told to the client alone and kept as their hash."""
    code = new_handle()
    AuthorizationCode.objects.create(
        digest=_digest(code),
        client=asked.client,
        user_id=browser.user_id,
        browser=browser,
        redirect_uri=asked.addressee.redirect_uri,
        code_challenge=asked.code_challenge,
        dpop_jkt=asked.dpop_jkt,
        nonce=asked.nonce,
        scope=" ".join(asked.scopes),
        claims=asked.claims.kept(),
        expires_at=now() + LIFETIME,
    )
    return code


def take(client: Client, code: str) -> AuthorizationCode | None:
    """For its first use by its own client, and by a compare-and-swap: of 32 at once one gets it (SECURITY O-03)."""
    ours = AuthorizationCode.objects.filter(digest=_digest(code), client=client)
    if ours.filter(used_at=None).update(used_at=now()) != 1:
        return None
    return ours.get()


def require_fit(kept: AuthorizationCode, *, redirect_uri: str, verifier: str) -> None:
    """Raises `InvalidGrant`; the code is used up all the same (SECURITY O-04, O-05)."""
    if kept.expires_at <= now():
        raise InvalidGrant("run out")
    if redirect_uri != kept.redirect_uri:
        raise InvalidGrant("redirect_uri")
    if bool(verifier) != bool(kept.code_challenge):
        raise InvalidGrant("code_verifier")
    if verifier and not _answers(verifier, kept.code_challenge):
        raise InvalidGrant("code_verifier")


def require_key(kept: AuthorizationCode, proof: DpopProof | None) -> None:
    """Where the request named a key, the exchange proves it (RFC 9449 §10, SECURITY D-09). Raises `InvalidGrant`."""
    if kept.dpop_jkt and (proof is None or proof.jkt != kept.dpop_jkt):
        raise InvalidGrant("another key than was asked for")


def given_by(client: Client, code: str) -> Device | None:
    """The device that a used code of this client gave."""
    kept = AuthorizationCode.objects.select_related("device").filter(digest=_digest(code), client=client).first()
    return kept.device if kept else None


def sweep() -> int:
    """Those of the day before; answers how many went."""
    return sweep_rows(AuthorizationCode.objects.filter(expires_at__lt=now() - _KEPT))


def _answers(verifier: str, challenge: str) -> bool:
    """RFC 7636 §4.6, in constant time (SECURITY O-41)."""
    hashed = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    return _VERIFIER.fullmatch(verifier) is not None and hmac.compare_digest(hashed, challenge)


def _digest(code: str) -> str:
    return hashlib.sha256(code.encode("utf-8", "surrogatepass")).hexdigest()
