"""Where an account stands, in one word."""

from enum import StrEnum

from .models import User


class Standing(StrEnum):
    ACTIVE = "active"
    UNVERIFIED = "unverified"
    DISABLED = "disabled"


def standing(user: User) -> Standing:
    """Disabled outweighs unverified: a disabled account must not learn what else it lacks."""
    if not user.is_active:
        return Standing.DISABLED
    return Standing.ACTIVE if user.email_verified_at else Standing.UNVERIFIED
