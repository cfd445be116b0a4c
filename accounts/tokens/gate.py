"""The one question before any token: may this account have tokens now?

Asked when the tokens are made, not when the flow began: a code, a link or a refresh token may be older than a ban
(SECURITY X-01). The mint takes an `Admission`, and only `admit` makes one.
"""

from dataclasses import dataclass

from django.conf import settings

from accounts.core.errors import AccountUnavailable, EmailUnverified, InsufficientUserAuthentication
from accounts.core.proofs import at_least
from accounts.users.demands import demanded
from accounts.users.models import User
from accounts.users.standing import Standing, standing


@dataclass(frozen=True, slots=True)
class Admission:
    """Proof that the gate was asked about this user."""

    user: User


def admit(user: User) -> Admission:
    """`user` must have been read from the database for this request. Raises `AccountUnavailable` or `EmailUnverified`."""
    match standing(user):
        case Standing.ACTIVE:
            return Admission(user)
        case Standing.UNVERIFIED:
            raise EmailUnverified
        case _:
            raise AccountUnavailable


def admit_again(user: User, *, acr: str) -> Admission:
    """For a device that is signed in already, with the strength it was signed in with.

    Raises also `InsufficientUserAuthentication`: the account's role asks for more since then (SECURITY P-09). Sign in again.
    """
    admission = admit(user)
    if not at_least(acr, wanted := demanded(user)):
        raise InsufficientUserAuthentication(max_age=int(settings.FRESHNESS_WINDOW.total_seconds()), acr_values=wanted.value)
    return admission
