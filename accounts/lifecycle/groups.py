"""Make, change and delete roles (Django groups). Whoever is concerned gets new tokens within a second.

Permissions that one does not hold can be neither given nor taken. A role's name travels in tokens to other services,
which trust it: only a superuser renames one.
"""

import uuid
from collections.abc import Collection
from typing import Any

from django.contrib.auth.models import Group, Permission
from django.db import IntegrityError, transaction

from accounts.audit.events import Event
from accounts.audit.record import record
from accounts.core.errors import InvalidInput, NotFound
from accounts.core.requests import Source
from accounts.revocations import publish
from accounts.users.models import User

from . import powers
from .powers import Actor


def create(name: str, permissions: Collection[str], *, actor_id: uuid.UUID, source: Source) -> Group:
    """Raises `InvalidInput` for a taken name or an unknown permission, `Forbidden` for a permission not held."""
    with transaction.atomic():
        actor = powers.actor(actor_id)
        actor.require_permissions(permissions)
        group = Group(name=name)
        _save(group)
        group.permissions.set(_named(permissions))
        record(Event.GROUP_CREATED, actor=actor.id, source=source, group=name, permissions=sorted(permissions))
    return group


def update(
    name: str, *, new_name: str | None = None, permissions: Collection[str] | None = None, actor_id: uuid.UUID, source: Source
) -> Group:
    """None leaves a field as it is. Raises `NotFound`, `InvalidInput`, `Forbidden`."""
    with transaction.atomic():
        actor, group = _met(actor_id, name)
        changes: dict[str, Any] = {}
        if permissions is not None and (changed := set(permissions) ^ permissions_of(group)):
            actor.require_permissions(changed)
            group.permissions.set(_named(permissions))
            changes["permissions"] = sorted(permissions)
        if new_name is not None and new_name != name:
            actor.require_superuser("a role's name is trusted by other services")
            group.name = new_name
            _save(group)
            changes["name"] = new_name
        if changes:
            publish.users_stale(_members(group))
            record(Event.GROUP_UPDATED, actor=actor.id, source=source, group=name, **changes)
    return group


def delete(name: str, *, actor_id: uuid.UUID, source: Source) -> None:
    """Its members lose it at once. Raises `NotFound` or `Forbidden`."""
    with transaction.atomic():
        actor, group = _met(actor_id, name)
        actor.require_permissions(permissions_of(group))
        members = _members(group)
        group.delete()
        publish.users_stale(members)
        record(Event.GROUP_DELETED, actor=actor.id, source=source, group=name, members=len(members))


def permissions_of(group: Group) -> set[str]:
    """As `app.codename`, the way `has_perm` names them."""
    names = group.permissions.order_by().values_list("content_type__app_label", "codename")
    return {f"{app}.{codename}" for app, codename in names}


def _met(actor_id: uuid.UUID, name: str) -> tuple[Actor, Group]:
    """Locked: the role before people, as `lifecycle.roles` does."""
    group = Group.objects.select_for_update().filter(name=name).first()
    actor = powers.actor(actor_id, on=group)
    if group is None:
        raise NotFound("no such group")
    return actor, group


def _members(group: Group) -> list[uuid.UUID]:
    return list(User.objects.filter(groups=group).order_by("id").values_list("id", flat=True))


def _save(group: Group) -> None:
    try:
        with transaction.atomic():
            group.save()
    except IntegrityError:
        raise InvalidInput("name", "unique", "There is a group of this name already.") from None


def _named(names: Collection[str]) -> list[Permission]:
    candidates = Permission.objects.select_related("content_type").filter(
        content_type__app_label__in={name.partition(".")[0] for name in names},
        codename__in={name.partition(".")[2] for name in names},
    )
    wanted = set(names)
    found = {permission: f"{permission.content_type.app_label}.{permission.codename}" for permission in candidates}
    if not wanted <= set(found.values()):
        raise InvalidInput("permissions", "does_not_exist", "There is no such permission.")
    return [permission for permission, name in found.items() if name in wanted]
