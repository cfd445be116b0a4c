"""Sign in with an identity of an upstream issuer: what is counted before the issuer is asked, and what its word is worth here."""

from collections.abc import Mapping
from dataclasses import replace

from django.conf import settings

from accounts.core import limits
from accounts.core.clock import now
from accounts.core.errors import Unavailable
from accounts.core.limits import Limit
from accounts.core.proofs import Proof
from accounts.core.requests import Source
from accounts.federation import authorization, sign_in
from accounts.federation.id_token import Identity
from accounts.federation.providers import Provider
from accounts.users.models import User

from . import steps
from .known_device import KnownDevice

NETWORK = Limit("federated/network", free=60, first_wait=5, longest_wait=600, memory=3600)
KNOWN_DEVICE = Limit("federated/known-device", free=10, first_wait=30, longest_wait=900)
_NOTHING_ELSE = {"identity", "email"}


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


def fresh_for() -> int:
    """Seconds that a proof is good for every act: what an issuer is asked for."""
    return int(min(settings.FACTOR_FRESHNESS_WINDOW, settings.FRESHNESS_WINDOW).total_seconds())


def prove(identity: Identity, *, name: str = "", language: str, source: Source) -> Proof:
    """Raises what `sign_in.resolve` raises.

    An issuer that does not say when somebody signed in there has shown that they are signed in, and no more. That is no fresh
    proof where the account has another to ask for; an account that has none must do with it (SECURITY F-10).
    """
    proof = sign_in.resolve(identity, name=name, language=language, source=source)
    owner = User.objects.filter(id=proof.user_id).first()
    if proof.auth_time == sign_in.AGES_AGO and owner and steps.ways_in(owner) <= _NOTHING_ELSE:
        return replace(proof, auth_time=now())
    return proof


def address_of(proof: Proof) -> str:
    """Where a code goes, when it is not verified."""
    return User.objects.values_list("email", flat=True).get(id=proof.user_id) or ""
