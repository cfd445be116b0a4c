"""The issuers that people may sign in with: exactly those that `FEDERATED_PROVIDERS` names (SECURITY F-14)."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from accounts.core.errors import NotFound
from accounts.tokens.foreign import ALGORITHMS

APPLE, RISC = "apple", "risc"
_PRESETS: dict[str, dict[str, Any]] = {
    "google": {
        "issuer": "https://accounts.google.com",
        "jwks_uri": "https://www.googleapis.com/oauth2/v3/certs",
        "label": "Google",
        "algorithms": ["RS256"],
        "notices": RISC,
        "authorization_endpoint": "https://accounts.google.com/o/oauth2/v2/auth",
        "token_endpoint": "https://oauth2.googleapis.com/token",
    },
    "apple": {
        "issuer": "https://appleid.apple.com",
        "jwks_uri": "https://appleid.apple.com/auth/keys",
        "label": "Apple",
        "algorithms": ["RS256"],
        "notices": APPLE,
    },
}
_NAME = re.compile(r"[a-z][a-z0-9-]{0,49}")
_ENDPOINTS = ("jwks_uri", "authorization_endpoint", "token_endpoint")
_MEMBERS = {"issuer", "client_ids", *_ENDPOINTS, "algorithms", "label", "nonce", "notices", "client_id", "client_secret"}
# One issuer for everybody's directory: whoever owns any tenant could say who somebody is.
_SHARED_TENANTS = {"common", "organizations", "consumers"}


@dataclass(frozen=True, slots=True)
class Provider:
    """`client_ids`: every id under which an app of ours is known there. `notices`: the dialect of its notices, if any."""

    name: str
    label: str
    issuer: str
    client_ids: tuple[str, ...]
    jwks_uri: str
    algorithms: tuple[str, ...]
    nonce_is_required: bool
    notices: str
    authorization_endpoint: str
    token_endpoint: str
    client_id: str
    """Of our own pages; empty when they do not offer this provider."""
    client_secret: str = field(repr=False)

    @property
    def says_verified_as_text(self) -> bool:
        """Apple's `email_verified` may be the string "true"; nobody else's (SECURITY F-09)."""
        return self.name == APPLE


def get(name: str) -> Provider:
    """Raises `NotFound`."""
    provider: Provider | None = settings.FEDERATED_PROVIDERS.get(name)
    if provider is None:
        raise NotFound("provider")
    return provider


def label_of(name: str) -> str:
    """For people; also of a provider that is no longer in the setting."""
    provider: Provider | None = settings.FEDERATED_PROVIDERS.get(name)
    return provider.label if provider else name.capitalize()


def parse(raw: str, *, allow_http: bool = False) -> dict[str, Provider]:
    """The setting, as JSON: name → what is known of it. Raises `ValueError` that says what is wrong, and where."""
    value = json.loads(raw)
    if not isinstance(value, dict):
        raise ValueError("expected a JSON object: a name, and what is known of it")
    found = {}
    for name, members in value.items():
        try:
            found[name] = _provider(name, members, allow_http)
        except ValueError as error:
            raise ValueError(f"{name}: {error}") from None
    return found


def _provider(name: str, members: Any, allow_http: bool) -> Provider:
    if _NAME.fullmatch(name) is None:
        raise ValueError("a name is made of a-z, 0-9 and hyphens")
    if not isinstance(members, dict) or (unknown := sorted(members.keys() - _MEMBERS)):
        raise ValueError(f"unknown members: {', '.join(unknown)}" if isinstance(members, dict) else "expected an object")
    preset = _PRESETS.get(name, {})
    # The endpoints of the preset are those of its own issuer.
    known: Mapping[str, Any] = {**preset, **(dict.fromkeys(_ENDPOINTS, "") if "issuer" in members else {}), **members}
    issuer = _address("issuer", known.get("issuer"), allow_http)
    _refuse_templates(issuer)
    return Provider(
        name=name,
        label=_text("label", known.get("label", name.capitalize())),
        issuer=issuer,
        client_ids=_words("client_ids", known.get("client_ids")),
        **{name: _address(name, known[name], allow_http) if known.get(name) else "" for name in _ENDPOINTS},
        **_of_our_pages(known),
        algorithms=_among("algorithms", _words("algorithms", known.get("algorithms", ["RS256", "ES256"])), ALGORITHMS),
        nonce_is_required=_among("nonce", (known.get("nonce", "required"),), ("required", "optional")) == ("required",),
        notices=_among("notices", (known.get("notices", ""),), ("", APPLE, RISC))[0],
    )


def _of_our_pages(known: Mapping[str, Any]) -> dict[str, str]:
    """The client that our own pages are. Apple answers them by a POST from its own site, which no Lax cookie follows."""
    client_id, secret = known.get("client_id", ""), known.get("client_secret", "")
    if client_id and (client_id not in known["client_ids"] or known.get("notices") == APPLE):
        raise ValueError("client_id must be one of client_ids, and not of Apple")
    return {"client_id": client_id, "client_secret": _text("client_secret", secret) if secret else ""}


def _address(member: str, value: Any, allow_http: bool) -> str:
    """https, or http to a network of `FETCH_ALLOWED_NETWORKS`; which network it is, is asked when it is fetched."""
    text = _text(member, value)
    parts = urlsplit(text)
    if parts.scheme != "https" and not (allow_http and parts.scheme == "http"):
        raise ValueError(f"{member} must begin with https://")
    if not parts.hostname or "@" in parts.netloc or parts.query or parts.fragment or not text.isascii():
        raise ValueError(f"{member} is not an address")
    return text


def _refuse_templates(issuer: str) -> None:
    parts = urlsplit(issuer)
    if set(issuer) & set("{}*<>") or _SHARED_TENANTS & set(parts.path.lower().split("/")):
        raise ValueError("issuer must be one tenant, not a template for all of them")


def _text(member: str, value: Any) -> str:
    if not isinstance(value, str) or not value or not value.isprintable() or len(value) > 255:
        raise ValueError(f"{member} is missing or not a text")
    return value


def _words(member: str, value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not value:
        raise ValueError(f"{member} must be a list with something in it")
    return tuple(_text(member, word) for word in value)


def _among(member: str, values: tuple[Any, ...], allowed: tuple[str, ...]) -> tuple[str, ...]:
    if any(value not in allowed for value in values):
        raise ValueError(f"{member} must be of {', '.join(word or 'none' for word in allowed)}")
    return values
