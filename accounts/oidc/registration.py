"""What may be registered for a client: deny by default, and nothing that would open a door (SECURITY O-01, O-08, O-14, O-29)."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from accounts.core.errors import InvalidInput, TokenInvalid
from accounts.core.shapes import is_one_line
from accounts.lifecycle import powers
from accounts.tokens import foreign

from . import scopes, uris
from .models import Client

Authentication, Grant = Client.Authentication, Client.Grant
_MOST = 30
_LONGEST_JWKS = 20


@dataclass(frozen=True, slots=True)
class Registration:
    """Everything about a client that its operator decides; its id and its secrets are ours."""

    name: str
    authentication: str = Authentication.BASIC
    redirect_uris: tuple[str, ...] = ()
    post_logout_redirect_uris: tuple[str, ...] = ()
    backchannel_logout_uri: str = ""
    grants: tuple[str, ...] = (Grant.AUTHORIZATION_CODE,)
    scopes: tuple[str, ...] = (scopes.Scope.OPENID,)
    jwks: Any = None
    id_token_algorithm: str = Client.Algorithm.RS256
    requires_pkce: bool = True
    requires_par: bool = False
    dpop_bound_access_tokens: bool = False
    asks_consent: bool = True

    @classmethod
    def of(cls, client: Client) -> "Registration":
        """As it stands."""
        kept = {name: getattr(client, name) for name in cls.__dataclass_fields__}
        named: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in kept.items()}
        return cls(**named)

    def columns(self) -> dict[str, Any]:
        """As the row keeps them."""
        names = tuple(self.__dataclass_fields__)
        return {name: list(value) if isinstance(value := getattr(self, name), tuple) else value for name in names}


Problems = Iterator[tuple[str, str]]


def problems(asked: Registration) -> Problems:
    """Fields and what is wrong with them; nothing when it may be registered."""
    if not asked.name.strip() or len(asked.name) > 100 or not is_one_line(asked.name):
        yield "name", "Give it a name on one line, as people know it."
    yield from _unknown(asked)
    yield from _wrong_uris(asked)
    yield from _wrong_grants(asked)
    yield from _too_weak(asked)
    if (asked.authentication == Authentication.PRIVATE_KEY) != (asked.jwks is not None):
        yield "jwks", "A client that signs needs its public keys, and no other has any."
    elif asked.jwks is not None:
        yield from _wrong_keys(asked.jwks)


def require_sound(asked: Registration) -> None:
    """Raises `InvalidInput` with all that is wrong."""
    if found := [*problems(asked)]:
        raise InvalidInput.several(found)


def require_registrar(actor: uuid.UUID | None) -> None:
    """A superuser by the row of now (SECURITY B-10), or nobody: the command line. In the transaction of the act, before anything
    else is locked. Raises `Forbidden`."""
    if actor is not None:
        powers.actor(actor).require_superuser("clients and services are registered by superusers only")


def _unknown(asked: Registration) -> Problems:
    if asked.authentication not in Authentication.values:
        yield "authentication", "There is no such way to authenticate."
    if asked.id_token_algorithm not in Client.Algorithm.values:
        yield "id_token_algorithm", "There is no such algorithm."
    if unknown := sorted(set(asked.grants) - set(Grant.values)):
        yield "grants", f"Not known: {', '.join(unknown)}."
    if unknown := sorted(set(asked.scopes) - scopes.known()):
        yield "scopes", f"Not known: {', '.join(unknown)}."


def _wrong_uris(asked: Registration) -> Problems:
    for field in ("redirect_uris", "post_logout_redirect_uris"):
        listed: tuple[str, ...] = getattr(asked, field)
        if len(listed) > _MOST or len(set(listed)) != len(listed):
            yield field, f"At most {_MOST}, each once."
        for uri in listed:
            if problem := uris.problem_with(uri):
                yield field, f"{uri[:100]}: {problem}"
    if asked.backchannel_logout_uri and (problem := uris.problem_with_endpoint(asked.backchannel_logout_uri)):
        yield "backchannel_logout_uri", problem


def _wrong_grants(asked: Registration) -> Problems:
    by_code = Grant.AUTHORIZATION_CODE in asked.grants
    signs_in = by_code or Grant.DEVICE_CODE in asked.grants
    if by_code != bool(asked.redirect_uris):
        yield "redirect_uris", "A client that people are sent back to needs one, and no other has any."
    if Grant.REFRESH_TOKEN in asked.grants and not signs_in:
        yield "grants", "Only a client that signs people in can keep them signed in."
    if (Grant.REFRESH_TOKEN in asked.grants) != (scopes.Scope.OFFLINE_ACCESS in asked.scopes):
        yield "scopes", "refresh_token and offline_access go together."
    if signs_in and scopes.Scope.OPENID not in asked.scopes:
        yield "scopes", "A client that signs people in needs openid."
    if {Grant.CLIENT_CREDENTIALS, Grant.TOKEN_EXCHANGE} & set(asked.grants) and asked.authentication == Authentication.NONE:
        yield "grants", "A public client cannot act as itself: nothing proves that it is the one."


def _too_weak(asked: Registration) -> Problems:
    is_public = asked.authentication == Authentication.NONE
    if is_public and not asked.requires_pkce:
        yield "requires_pkce", "A public client always uses PKCE."
    is_for_anybody = any(uris.is_for_anybody(uri, is_public=is_public) for uri in asked.redirect_uris)
    if not asked.asks_consent and (is_public or is_for_anybody):
        yield "asks_consent", "Anybody could pretend to be a client that proves nothing: people are asked."


def _wrong_keys(jwks: Any) -> Problems:
    members = jwks.get("keys") if isinstance(jwks, dict) else None
    if isinstance(members, list) and any(isinstance(key, dict) and {"d", "k"} & key.keys() for key in members):
        yield "jwks", "It holds a private key. Make a new pair, and register the public half alone."
        return
    try:
        if len(foreign.keys_of(jwks)) > _LONGEST_JWKS:
            yield "jwks", f"At most {_LONGEST_JWKS} keys."
    except TokenInvalid:
        yield "jwks", "There is no usable key: RSA of 2048 bit or more, or P-256, each with a kid of its own."
