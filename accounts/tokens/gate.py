"""The one question before any token: may this account have tokens now?

Asked when the tokens are made, not when the flow began: a code, a link or a refresh token may be older than a ban
(SECURITY X-01). The mint takes an `Admission`, and only `admit` makes one.
"""

from dataclasses import dataclass

from accounts.core.errors import AccountUnavailable, EmailUnverified
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
