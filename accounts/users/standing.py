"""Where an account stands, in one word."""

from enum import StrEnum

from .models import User


class Standing(StrEnum):
    ACTIVE = "active"
    UNVERIFIED = "unverified"
    DISABLED = "disabled"
    LEAVING = "leaving"


def standing(user: User) -> Standing:
    """Disabled and leaving outweigh unverified: such an account must not learn what else it lacks.

    A guest has no address that could be verified.
    """
    if not user.is_active:
        return Standing.DISABLED
    if user.deletion_due_at is not None:
        return Standing.LEAVING
    return Standing.UNVERIFIED if user.email and user.email_verified_at is None else Standing.ACTIVE


def is_leaving(user: User) -> bool:
    """Closed by its owner or by staff, and not erased yet: a link by mail brings it back."""
    return standing(user) is Standing.LEAVING


def is_open(user: User) -> bool:
    """Neither disabled nor leaving: its owner may act, and links sent to it work."""
    return standing(user) not in {Standing.DISABLED, Standing.LEAVING}
