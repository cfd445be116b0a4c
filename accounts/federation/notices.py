"""What an issuer tells us later: consent withdrawn, account gone, account taken over (SECURITY F-12).

Apple's server-to-server notifications, and security event tokens (RFC 8417) of the kind that Google sends (OpenID RISC).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

from django.db import transaction

from accounts.core import gates
from accounts.core.clock import now
from accounts.core.errors import InvalidNotice, TokenInvalid
from accounts.core.requests import Source
from accounts.core.strict_json import StrictJsonError, loads
from accounts.devices import registry
from accounts.devices.models import Device
from accounts.tokens import foreign
from accounts.tokens.claims import SKEW, Claims

from . import identities, jwks
from .id_token import audiences, subject_of
from .models import FederatedIdentity
from .providers import APPLE, Provider

WINDOW = 86_400
"""Seconds after `iat` that a notice is accepted; issuers repeat what was not answered."""

_TYPES = {"", "jwt", "secevent+jwt"}
_RISC = "https://schemas.openid.net/secevent/risc/event-type/"
_OAUTH = "https://schemas.openid.net/secevent/oauth/event-type/"


class Effect(Enum):
    UNLINK = auto()
    """The identity opens the account no more, and every device ends."""
    SIGN_OUT = auto()
    """Every device ends."""


_EFFECTS = {
    "consent-revoked": Effect.UNLINK,
    "account-delete": Effect.UNLINK,
    "account-deleted": Effect.UNLINK,
    f"{_RISC}account-purged": Effect.UNLINK,
    f"{_RISC}account-disabled": Effect.UNLINK,
    f"{_OAUTH}tokens-revoked": Effect.UNLINK,
    f"{_RISC}sessions-revoked": Effect.SIGN_OUT,
}


@dataclass(frozen=True, slots=True)
class Happening:
    """One event of a notice that concerns us."""

    effect: Effect
    subject: str


def receive(provider: Provider, token: str, *, source: Source) -> None:
    """Do what a genuine notice asks, once; events that we do not know are ignored. Raises `InvalidNotice`, `Unavailable`."""
    try:
        claims = foreign.verify(token, find=lambda kid: jwks.find(provider, kid), algorithms=provider.algorithms, types=_TYPES)
    except TokenInvalid as error:
        raise InvalidNotice(error.reason, err="authentication_failed") from error
    try:
        jti = _check(provider, claims)
        happenings = list(_of_apple(claims) if provider.notices == APPLE else _of_risc(provider, claims))
    except TokenInvalid as error:
        raise InvalidNotice(error.reason) from error
    with transaction.atomic():
        expires_at = claims.integer("iat") + WINDOW + SKEW
        if gates.consume("federation-notice", f"{provider.issuer} {jti}", expires_at=expires_at):
            for happening in happenings:
                _act(provider, happening, source)


def _check(provider: Provider, claims: Claims) -> str:
    """Answers the `jti`. An ID token is no notice: it has no `events`, and what has a `nonce` was made for a sign-in.

    Beside us a notice may be for others: it tells something, and opens nothing (RFC 8417 §2.2).
    """
    # Google writes a slash behind the issuer of its notices.
    if claims.text("iss") not in {provider.issuer, f"{provider.issuer}/"}:
        raise InvalidNotice("iss", err="invalid_issuer")
    if not set(audiences(claims)) & set(provider.client_ids):
        raise InvalidNotice("aud", err="invalid_audience")
    if "nonce" in claims:
        raise TokenInvalid("nonce")
    issued, current = claims.integer("iat"), now()
    if not current - WINDOW <= issued <= current + SKEW or ("exp" in claims and claims.integer("exp") <= current):
        raise TokenInvalid("times")
    return claims.text("jti")


def _of_apple(claims: Claims) -> Iterator[Happening]:
    """`events` is JSON inside a string, with one event."""
    try:
        event = loads(claims.text("events").encode(), max_depth=2)
    except StrictJsonError as error:
        raise TokenInvalid("events") from error
    if not isinstance(event, dict) or not isinstance(event.get("type"), str):
        raise TokenInvalid("events")
    if (effect := _EFFECTS.get(event["type"])) is not None:
        yield Happening(effect, subject_of(event.get("sub")))


def _of_risc(provider: Provider, claims: Claims) -> Iterator[Happening]:
    """`events` maps a type to its event; the subject is (iss, sub), in the event or beside it (RFC 9493 §3.2.3)."""
    events = claims.get("events")
    if not isinstance(events, dict) or not events:
        raise TokenInvalid("events")
    for kind, event in events.items():
        if (effect := _EFFECTS.get(kind)) is None:
            continue
        subject: Any = (event.get("subject") if isinstance(event, dict) else None) or claims.get("sub_id")
        if not isinstance(subject, dict) or subject.get("iss") not in {provider.issuer, f"{provider.issuer}/"}:
            raise TokenInvalid("subject")
        yield Happening(effect, subject_of(subject.get("sub")))


def _act(provider: Provider, happening: Happening, source: Source) -> None:
    """Somebody unknown is no error: the account may be gone."""
    linked = FederatedIdentity.objects.filter(issuer=provider.issuer, subject=happening.subject).first()
    if linked is None:
        return
    if happening.effect is Effect.UNLINK:
        identities.unlink(linked.user_id, linked.id, source, by_issuer=True)
    registry.revoke_all(linked.user_id, Device.Ended.UPSTREAM_REVOKED, actor=None, source=source)
