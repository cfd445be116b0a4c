"""An authorization request (RFC 6749 §4.1.1, OpenID Connect Core §3.1.2.1), read and judged before anybody is asked anything.

First whom an answer may go to; until that is known, nothing leaves this server (SECURITY O-02). Then the rest, whose refusals do.
"""

import json
import re
from dataclasses import dataclass

from django.utils.translation import gettext_noop as _

from accounts.core.errors import TokenInvalid
from accounts.core.proofs import Acr
from accounts.tokens import issued

from . import claims_asked, clients, scopes, uris
from .claims_asked import ClaimsAsked
from .errors import (
    InvalidRequest,
    InvalidScope,
    InvalidTarget,
    OAuthProblem,
    RequestNotSupported,
    RequestUriNotSupported,
    UnauthorizedClient,
    UnsupportedResponseType,
)
from .models import Client
from .parameters import Parameters, require_one_resource, required

RESPONSE_MODES = ("query", "form_post")
PROMPTS = ("none", "login", "consent", "select_account")
_KNOWN = {
    *("response_type", "client_id", "redirect_uri", "scope", "state", "response_mode", "nonce", "claims", "resource"),
    *("prompt", "max_age", "acr_values", "id_token_hint", "login_hint", "ui_locales"),
    *("code_challenge", "code_challenge_method", "dpop_jkt", "request", "request_uri"),
}
_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)
"""A SHA-256 in base64url."""
_LONGEST_TOGETHER = 8192
"""Bytes of all that is kept of a request: anybody may make it wait (SECURITY S-03)."""
_SECONDS = re.compile(r"\d{1,9}", re.ASCII)


class UnknownAddressee(OAuthProblem):
    """The client or its redirect URI is not right: the person is told, and the browser stays here."""

    code = "unknown_addressee"
    detail = _("The application that sent you here is not known, or asks for the answer at an address that is not its own.")


@dataclass(frozen=True, slots=True)
class Addressee:
    """Where the answer goes. `state` is given back as it came."""

    client: Client
    redirect_uri: str
    response_mode: str
    state: str


@dataclass(frozen=True, slots=True)
class Authorization:
    """What is asked for. `max_age` in seconds; `expected_sub` is who alone will do. Empty: not said."""

    addressee: Addressee
    scopes: tuple[str, ...]
    nonce: str
    code_challenge: str
    prompts: frozenset[str]
    max_age: int | None
    acr_values: tuple[str, ...]
    expected_sub: str
    claims: ClaimsAsked
    dpop_jkt: str

    @property
    def client(self) -> Client:
        return self.addressee.client


def addressee(parameters: Parameters) -> Addressee:
    """Raises `UnknownAddressee`."""
    client = clients.find(parameters.get("client_id", ""))
    if client is None:
        raise UnknownAddressee("client")
    redirect_uri = parameters.get("redirect_uri", "")
    if not uris.matching(redirect_uri, client.redirect_uris):
        raise UnknownAddressee("redirect_uri")
    mode = parameters.get("response_mode", "query")
    return Addressee(client, redirect_uri, mode if mode in RESPONSE_MODES else "query", parameters.get("state", ""))


def read(to: Addressee, parameters: Parameters) -> Authorization:
    """Raises an `OAuthProblem` that may be sent to the client."""
    _refuse_other_forms(parameters)
    if len(json.dumps(known(parameters))) > _LONGEST_TOGETHER:
        raise InvalidRequest("too much")
    if Client.Grant.AUTHORIZATION_CODE not in to.client.grants:
        raise UnauthorizedClient("authorization_code")
    claims = claims_asked.read(parameters.get("claims", ""), to.client)
    return Authorization(
        addressee=to,
        scopes=scopes_asked(to.client, parameters),
        nonce=parameters.get("nonce", ""),
        code_challenge=_code_challenge(to.client, parameters),
        prompts=_prompts(parameters),
        max_age=_max_age(parameters),
        acr_values=(*(word for word in parameters.get("acr_values", "").split() if word in set(Acr)), *claims.acr_wished),
        expected_sub=_expected_sub(to.client, claims, parameters),
        claims=claims,
        dpop_jkt=_dpop_jkt(parameters),
    )


def known(parameters: Parameters) -> dict[str, str]:
    """Those that mean something here. The others are passed over (RFC 6749 §3.1), and not kept either."""
    return {name: value for name, value in parameters.items() if name in _KNOWN}


def _refuse_other_forms(parameters: Parameters) -> None:
    if "request" in parameters:
        raise RequestNotSupported("request")
    if "request_uri" in parameters:
        raise RequestUriNotSupported("request_uri")
    if required(parameters, "response_type") != "code":
        raise UnsupportedResponseType("response_type")
    if parameters.get("response_mode", "query") not in RESPONSE_MODES:
        raise InvalidRequest("response_mode")


def scopes_asked(client: Client, parameters: Parameters) -> tuple[str, ...]:
    """Each of them the client's, and of services those of one alone: that is the audience (RFC 9068 §3).

    Raises `InvalidScope` and `InvalidTarget`."""
    require_one_resource(parameters)
    asked = tuple(dict.fromkeys(parameters.get("scope", "").split()))
    if not asked or not set(asked) <= set(client.scopes) & scopes.known():
        raise InvalidScope("scope")
    audiences = scopes.audiences_of(asked)
    wanted = parameters.get("resource", "")
    if len(audiences) > 1 or (wanted and wanted not in (audiences or {scopes.userinfo()})):
        raise InvalidTarget("resource")
    return asked


def _code_challenge(client: Client, parameters: Parameters) -> str:
    """S256 or nothing (RFC 7636 §4.3, SECURITY O-05). A client that goes without says a nonce instead."""
    challenge, method = parameters.get("code_challenge", ""), parameters.get("code_challenge_method", "")
    if method not in {"", "S256"} or (challenge and not method):
        raise InvalidRequest("code_challenge_method")
    if challenge and _CHALLENGE.fullmatch(challenge) is None:
        raise InvalidRequest("code_challenge")
    if method and not challenge:
        raise InvalidRequest("no code_challenge")
    if not challenge and client.requires_pkce:
        raise InvalidRequest("no PKCE")
    if not challenge and "nonce" not in parameters:
        raise InvalidRequest("no nonce")
    return challenge


def _prompts(parameters: Parameters) -> frozenset[str]:
    prompts = frozenset(parameters.get("prompt", "").split())
    if not prompts <= set(PROMPTS) or ("none" in prompts and len(prompts) > 1):
        raise InvalidRequest("prompt")
    return prompts


def _max_age(parameters: Parameters) -> int | None:
    if "max_age" not in parameters:
        return None
    if _SECONDS.fullmatch(parameters["max_age"]) is None:
        raise InvalidRequest("max_age")
    return int(parameters["max_age"])


def _dpop_jkt(parameters: Parameters) -> str:
    """The thumbprint of the key that the code is to be bound to (RFC 9449 §10)."""
    jkt = parameters.get("dpop_jkt", "")
    if jkt and _CHALLENGE.fullmatch(jkt) is None:
        raise InvalidRequest("dpop_jkt")
    return jkt


def _expected_sub(client: Client, claims: ClaimsAsked, parameters: Parameters) -> str:
    """By `id_token_hint` or by the `sub` that is claimed. What we did not sign for this client is no hint (SECURITY O-17)."""
    if "id_token_hint" not in parameters:
        return claims.sub
    try:
        hint = issued.id_token(parameters["id_token_hint"], client_id=client.id)
    except TokenInvalid as error:
        raise InvalidRequest("id_token_hint") from error
    if claims.sub not in {"", hint.text("sub")}:
        raise InvalidRequest("two people")
    return hint.text("sub")
