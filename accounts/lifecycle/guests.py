"""Accounts with no proof yet: an app can let somebody begin at once, and be joined by any way to sign in later, under the same
`sub`."""

from django.conf import settings

from accounts.audit.events import Event
from accounts.audit.record import record
from accounts.core import limits
from accounts.core.clock import now
from accounts.core.errors import MethodDisabled
from accounts.core.limits import Limit
from accounts.core.proofs import Acr, Proof
from accounts.core.requests import Source
from accounts.users.languages import spoken
from accounts.users.models import User

_NETWORK = Limit("guests/network", free=30, first_wait=60, longest_wait=3600, memory=3600)


def create(*, language: str = "", source: Source) -> Proof:
    """Raises `MethodDisabled`, or `TooManyAttempts` for a network that makes too many."""
    if not settings.GUEST_SIGN_UP:
        raise MethodDisabled
    limits.take(_NETWORK, source.network or "unknown")
    user = User(joined_by=User.JoinedBy.GUEST, language=spoken(language))
    user.set_unusable_password()
    user.save(force_insert=True)
    record(Event.GUEST_CREATED, subject=user.id, actor=user.id, source=source)
    return Proof(user.id, user.epoch, (), Acr.GUEST, now(), joins=True)
