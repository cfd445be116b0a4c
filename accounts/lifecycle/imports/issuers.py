"""The issuers behind the names that other systems give to their social connections."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.conf import settings

_GOOGLE, _APPLE = "https://accounts.google.com", "https://appleid.apple.com"
_NAMES = {
    "google": _GOOGLE,
    "google.com": _GOOGLE,
    "google-oauth2": _GOOGLE,
    "apple": _APPLE,
    "apple.com": _APPLE,
    "signinwithapple": _APPLE,
}
_LONGEST_SHOWN = 50


class UnknownIssuer(ValueError):
    """Nobody could sign in with an identity there."""


@dataclass(frozen=True, slots=True)
class Issuer:
    """`provider` is its name in `FEDERATED_PROVIDERS`."""

    provider: str
    issuer: str


def known(named: Mapping[str, str]) -> dict[str, Issuer]:
    """By the source's name for it, casefolded: Google and Apple under their usual names, the others as the operator says.

    A name alone does not show that two systems mean the same issuer, and what is somebody's subject at one may be somebody
    else's at the other. Raises `UnknownIssuer`.
    """
    return {name.casefold(): by_address(issuer) for name, issuer in {**_NAMES, **named}.items()}


def by_address(issuer: str) -> Issuer:
    """Google, Apple, or one of `FEDERATED_PROVIDERS`. Raises `UnknownIssuer`."""
    ours = {_GOOGLE: "google", _APPLE: "apple"}
    ours |= {provider.issuer: name for name, provider in settings.FEDERATED_PROVIDERS.items()}
    if issuer not in ours:
        raise UnknownIssuer("this issuer is in FEDERATED_PROVIDERS under no name, spelled exactly like this")
    return Issuer(ours[issuer], issuer)


def shown(name: str) -> str:
    """For a report: an export may call something by a name that a terminal would obey."""
    return name if name.isprintable() and 0 < len(name) <= _LONGEST_SHOWN else "something unprintable"
