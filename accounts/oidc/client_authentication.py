"""How a client proves that it is the one (RFC 6749 §2.3, OpenID Connect Core §9): exactly one way, the one it is registered for.

SECURITY O-09, O-11, O-39.
"""

import base64
import re
from contextlib import suppress
from functools import partial
from urllib.parse import unquote_plus

from django.conf import settings

from accounts.core import gates
from accounts.core.clock import now
from accounts.core.errors import TokenInvalid
from accounts.tokens import compact, foreign
from accounts.tokens.claims import SKEW, Claims

from . import clients
from .errors import InvalidClient, InvalidRequest
from .models import Client
from .parameters import Parameters

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
LONGEST_ASSERTION = 300
"""Seconds that an assertion may be good for."""
_TYPES = ("client-authentication+jwt", "jwt", "")
_BASIC = re.compile(r"Basic ([A-Za-z0-9+/]+={0,2})", re.IGNORECASE | re.ASCII)
Method = Client.Authentication


def authenticate(authorization: str, parameters: Parameters) -> Client:
    """`authorization` is the header, empty without one. Raises `InvalidClient`; `InvalidRequest` for two ways at once, or two
    clients."""
    shown = [
        *([Method.BASIC] if authorization else []),
        *([Method.POST] if "client_secret" in parameters else []),
        *([Method.PRIVATE_KEY] if {"client_assertion", "client_assertion_type"} & parameters.keys() else []),
    ]
    if len(shown) > 1:
        raise InvalidRequest("two ways at once")
    method = shown[0] if shown else Method.NONE
    client_id, secret = _named(method, authorization, parameters)
    if client_id is None:
        raise InvalidClient("no client")
    if parameters.get("client_id", client_id) != client_id:
        raise InvalidRequest("two clients")
    client = clients.find(client_id)
    if client is None or client.authentication != method:
        raise InvalidClient("unknown, or another way")
    if client.has_secret and not clients.has_secret(client, secret):
        raise InvalidClient("secret")
    if method == Method.PRIVATE_KEY:
        _check_assertion(client, secret)
    return client


def claimed(authorization: str, parameters: Parameters) -> str:
    """Whom a request that was refused says to be of; empty where that cannot be read. Nothing of it is believed."""
    with suppress(InvalidClient):
        if by_header := _halves(authorization)[0]:
            return by_header
    with suppress(InvalidClient):
        return parameters.get("client_id") or _subject(parameters.get("client_assertion", ""))
    return ""


def _named(method: str, authorization: str, parameters: Parameters) -> tuple[str | None, str]:
    """Whom the request speaks for, and what it shows."""
    match method:
        case Method.BASIC:
            return _basic(authorization)
        case Method.POST:
            return parameters.get("client_id"), parameters["client_secret"]
        case Method.PRIVATE_KEY:
            if parameters.get("client_assertion_type") != ASSERTION_TYPE or "client_assertion" not in parameters:
                raise InvalidClient("type of assertion")
            return _subject(parameters["client_assertion"]), parameters["client_assertion"]
    return parameters.get("client_id"), ""


def _basic(header: str) -> tuple[str, str]:
    """Raises `InvalidClient`."""
    client_id, secret = _halves(header)
    if not client_id or not secret:
        raise InvalidClient("not id and secret")
    return client_id, secret


def _halves(header: str) -> tuple[str, str]:
    """Both are form-encoded first (RFC 6749 §2.3.1); empty where there is none. Raises `InvalidClient`."""
    found = _BASIC.fullmatch(header)
    try:
        decoded = base64.b64decode(found[1], validate=True).decode() if found else ""
    except ValueError as error:
        raise InvalidClient("encoding") from error
    if "\0" in decoded:
        raise InvalidClient("encoding")
    client_id, _, secret = decoded.partition(":")
    return unquote_plus(client_id), unquote_plus(secret)


def _subject(assertion: str) -> str:
    """Whom an assertion claims to be of, before anything of it is believed."""
    try:
        return Claims(compact.take_apart(assertion)[1], kid="").text("sub")
    except TokenInvalid as error:
        raise InvalidClient(f"assertion: {error.reason}") from error


def _claimed(client: Client, claims: Claims) -> tuple[str, int]:
    """`jti` and `exp`, with all that is said beside them. Raises `InvalidClient`."""
    try:
        jti, expires_at, audience = claims.text("jti"), claims.integer("exp"), claims.text("aud")
        issued_at = claims.integer("iat") if "iat" in claims else 0
        named = (claims.text("iss"), claims.text("sub"))
    except TokenInvalid as error:
        raise InvalidClient(f"claim: {error.reason}") from error
    if named != (client.id, client.id):
        raise InvalidClient("iss or sub")
    if audience != settings.PUBLIC_URL:
        raise InvalidClient("aud")
    if expires_at <= now():
        raise InvalidClient("run out")
    if expires_at > now() + LONGEST_ASSERTION + SKEW:
        raise InvalidClient("exp")
    if issued_at > now() + SKEW:
        raise InvalidClient("iat")
    return jti, expires_at


def _check_assertion(client: Client, assertion: str) -> None:
    """RFC 7523 §3, and of its revision: `aud` is this issuer and nothing else. Raises `InvalidClient`."""
    try:
        keys = foreign.keys_of(client.jwks)
        claims = foreign.verify(
            assertion,
            find=keys.get,
            algorithms=foreign.ALGORITHMS,
            types=_TYPES,
            find_without_kid=partial(foreign.only_one_for, keys),
        )
    except TokenInvalid as error:
        raise InvalidClient(f"assertion: {error.reason}") from error
    jti, expires_at = _claimed(client, claims)
    if not gates.consume("client-assertion", f"{client.id}/{jti}", expires_at=expires_at):
        raise InvalidClient("used before")
