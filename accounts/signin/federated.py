"""Sign in with an identity of an upstream issuer: what is counted before the issuer is asked, and what its word is worth here."""

from collections.abc import Mapping

from accounts.core import limits
from accounts.core.errors import Unavailable
from accounts.core.limits import Limit
from accounts.core.requests import Source
from accounts.federation import authorization
from accounts.federation.id_token import Identity
from accounts.federation.providers import Provider

from .known_device import KnownDevice

NETWORK = Limit("federated/network", free=60, first_wait=5, longest_wait=600, memory=3600)
KNOWN_DEVICE = Limit("federated/known-device", free=10, first_wait=30, longest_wait=900)


def by_answer(
    provider: Provider, noted: Mapping[str, str], answer: Mapping[str, str], *, evidence: KnownDevice | None, source: Source
) -> tuple[Identity, str]:
    """What a browser came back with from the issuer: who it is, and where to go. Raises `TooManyAttempts` too: each answer may
    cost a question to the issuer, with our secret (SECURITY F-06)."""
    counted = (KNOWN_DEVICE, str(evidence.device_id)) if evidence else (NETWORK, source.network or "unknown")
    limits.take(*counted)
    try:
        found = authorization.finish(provider, noted, answer)
    except Unavailable:
        limits.give_back([counted])  # Nobody looked at it.
        raise
    limits.give_back([counted])
    return found
