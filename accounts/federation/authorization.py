"""Sign in by redirect, for our own pages: authorization code with PKCE, state and nonce (OpenID Connect Core 1.0 §3.1).

What ties the answer to the browser that asked is noted in a sealed cookie: good for ten minutes, and for one question to the
issuer, whatever comes of it (SECURITY F-06).
"""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import quote, urlencode

from django.conf import settings

from accounts.core import fetch, gates
from accounts.core.errors import InvalidIdToken, NotFound, TokenInvalid, Unavailable
from accounts.tokens.compact import encode

from . import discovery, id_token, nonces, waiting
from .id_token import Identity
from .providers import Provider

SCOPE = "openid email profile"
"""Who somebody is, and nothing that they have there (SECURITY F-11)."""


@dataclass(frozen=True, slots=True)
class Begun:
    """Where to send the browser, and what it must bring back, sealed."""

    url: str
    noted: dict[str, str]


def begin(provider: Provider, *, go_to: str, max_age: int | None = None) -> Begun:
    """`go_to`: the local path to end at. `max_age`: how many seconds ago the person may have signed in there (§3.1.2.1); an older
    sign-in is asked for anew. Raises `NotFound` when our pages do not offer this provider, or `Unavailable`."""
    if not provider.client_id:
        raise NotFound("not offered on pages")
    state, verifier, nonce = secrets.token_urlsafe(32), secrets.token_urlsafe(48), nonces.make(provider)
    asked = {
        "response_type": "code",
        "client_id": provider.client_id,
        "redirect_uri": redirect_uri(provider),
        "scope": SCOPE,
        "state": state,
        "nonce": nonce,
        "code_challenge": encode(hashlib.sha256(verifier.encode()).digest()),
        "code_challenge_method": "S256",
        **({"max_age": str(max_age)} if max_age is not None else {}),
    }
    noted = {"provider": provider.name, "state": state, "code_verifier": verifier, "nonce": nonce, "go_to": go_to}
    url = discovery.endpoint(provider, "authorization_endpoint")
    return Begun(f"{url}{'&' if '?' in url else '?'}{urlencode(asked)}", noted)


def finish(provider: Provider, noted: Mapping[str, str], answer: Mapping[str, str]) -> tuple[Identity, str]:
    """Who it is, and where to go. `noted`: as `begin` made it, from this browser; empty when it brought nothing.

    Raises `InvalidIdToken` for an answer that this browser did not ask for, or `Unavailable`.
    """
    code = _checked(provider, noted, answer)
    _use_up(provider, noted)
    found = discovery.json_object(_exchanged(provider, code, noted["code_verifier"])).get("id_token")
    if not isinstance(found, str):
        raise InvalidIdToken("no ID token")
    return id_token.verify(provider, found, nonce=noted["nonce"]), noted["go_to"]


def redirect_uri(provider: Provider) -> str:
    """One for each provider: an answer cannot be taken for another's (SECURITY F-07)."""
    return f"{settings.PUBLIC_URL}/account/federated/{provider.name}/callback/"


def _checked(provider: Provider, noted: Mapping[str, str], answer: Mapping[str, str]) -> str:
    """The code. `iss` is checked where the issuer sends it (RFC 9207 §2.4)."""
    if noted.get("provider") != provider.name or answer.get("iss", provider.issuer) != provider.issuer:
        raise InvalidIdToken("not asked for")
    if not hmac.compare_digest(noted["state"].encode(), answer.get("state", "").encode()):
        raise InvalidIdToken("state")
    code = answer.get("code", "")
    if "error" in answer or not 0 < len(code) <= 2048:
        raise InvalidIdToken("no code")
    return code


def _use_up(provider: Provider, noted: Mapping[str, str]) -> None:
    """Before anything is sent: what is used up afterwards could be sent again and again meanwhile."""
    try:
        nonce = nonces.read(provider, noted["nonce"])
    except TokenInvalid as error:
        raise InvalidIdToken(error.reason) from error
    if not gates.consume("federation-state", noted["state"], expires_at=nonce.expires_at):
        raise InvalidIdToken("answered before")


def _exchanged(provider: Provider, code: str, verifier: str) -> bytes:
    """RFC 6749 §4.1.3; with a secret by HTTP Basic (§2.3.1), without one the verifier alone proves us (RFC 7636).

    A code that the issuer refuses (§5.2) is no outage.
    """
    fields = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri(provider), "code_verifier": verifier}
    headers = {}
    if provider.client_secret:
        pair = f"{quote(provider.client_id, safe='')}:{quote(provider.client_secret, safe='')}"
        headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
    else:
        fields["client_id"] = provider.client_id
    url = discovery.endpoint(provider, "token_endpoint")
    try:
        with waiting.place(provider):
            return fetch.post_form(url, fields, headers)
    except Unavailable as trouble:
        if trouble.upstream_status == HTTPStatus.BAD_REQUEST:
            raise InvalidIdToken("code refused") from trouble
        raise
