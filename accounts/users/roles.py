"""Roles (Django groups) and permissions as tokens carry them.

Every rule that changes them bumps the user's epoch in the same transaction, so what was read for (user, epoch) stays
true for as long as that epoch is current: a small cache needs no invalidation.
"""

import uuid
from dataclasses import dataclass
from functools import lru_cache

from django.contrib.auth.models import Group, Permission
from django.db.models import Q


@dataclass(frozen=True, slots=True)
class Authority:
    """What somebody may do; for a superuser the lists stay empty."""

    roles: tuple[str, ...] = ()
    permissions: frozenset[str] = frozenset()
    superuser: bool = False


def authority(user_id: uuid.UUID, epoch: int, *, superuser: bool) -> Authority:
    """Two queries the first time a process sees this (user, epoch), none afterwards."""
    return _authority(user_id, epoch, superuser)


def forget() -> None:
    """For tests, which reset the database and meet the same ids again."""
    _authority.cache_clear()


@lru_cache(maxsize=10_000)
def _authority(user_id: uuid.UUID, epoch: int, superuser: bool) -> Authority:
    roles = tuple(Group.objects.filter(user=user_id).order_by("name").values_list("name", flat=True))
    if superuser:
        return Authority(roles, superuser=True)
    granted = Permission.objects.filter(Q(user=user_id) | Q(group__user=user_id)).order_by()
    names = granted.values_list("content_type__app_label", "codename").distinct()
    return Authority(roles, frozenset(f"{app}.{codename}" for app, codename in names))
