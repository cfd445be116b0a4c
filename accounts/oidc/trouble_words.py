"""Refusals as sentences that a client's developer can act on."""

import re
from collections.abc import Callable, Iterable

from accounts.core.errors import Problem

from . import reasons
from .errors import InvalidGrant
from .models import Client
from .parameters import Parameters

_LONGEST = 200
GOT = "got "
"""Before an address that is quoted. No other sentence holds it."""
_PORT = re.compile(r"(?<=//)(\[[^\]]*\]|[^/:?#\[]*):\d*(?=[/?#]|$)")
_DIFFERENCES: dict[str, Callable[[str], str]] = {
    "a space before or after it": str.strip,
    "the trailing slash": lambda uri: uri.rstrip("/"),
    "upper and lower case": str.lower,
    "the scheme": lambda uri: uri.partition(":")[2],
    "the query": lambda uri: uri.partition("?")[0],
    "the port": lambda uri: _PORT.sub(r"\1", uri),
}


def told(refusal: Problem, client: Client, parameters: Parameters) -> str:
    """One line. What was sent is quoted for addresses alone: the rest may be a secret."""
    if not client.is_active:
        return "the client is stopped"
    if refusal.reason == "redirect_uri" and isinstance(refusal, InvalidGrant):
        return f"redirect_uri is not the one that the code was asked for with: {_got(parameters['redirect_uri'])}"
    for name, registered in (
        ("redirect_uri", client.redirect_uris),
        ("post_logout_redirect_uri", client.post_logout_redirect_uris),
    ):
        if refusal.reason == name:
            return difference(name, parameters.get(name, ""), registered)
    return reasons.sentence(refusal.code, refusal.reason) or refusal.detail


def difference(name: str, asked: str, registered: Iterable[str]) -> str:
    """How an address that does not match misses the nearest that is registered."""
    if not asked:
        return f"{name} is missing"
    for what, without in _DIFFERENCES.items():
        for known in registered:
            # What leaves nothing of either compares nothing: a word without a scheme has no rest.
            if without(asked) and without(asked) == without(known):
                return f"{name} differs in {what}: registered {known}, {_got(asked)}"
    return f"{name} is not registered: {_got(asked)}"


def _got(address: str) -> str:
    """By whoever came: without what would break the line or turn its letters around."""
    return GOT + "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in address[:_LONGEST])
