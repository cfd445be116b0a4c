"""What the role of an account demands of every proof."""

from django.conf import settings

from accounts.core.proofs import Acr

from .models import User
from .roles import authority


def demanded(user: User) -> Acr:
    """`AAL2` for staff (`REQUIRE_MFA_FOR_STAFF`) and for the roles in `MFA_REQUIRED_ROLES`; nothing more than a proof else."""
    if settings.REQUIRE_MFA_FOR_STAFF and (user.is_staff or user.is_superuser):
        return Acr.AAL2
    required = set(settings.MFA_REQUIRED_ROLES)
    if required and required & set(authority(user.id, user.epoch, superuser=user.is_superuser).roles):
        return Acr.AAL2
    return Acr.GUEST
