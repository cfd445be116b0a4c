"""Give and take roles: never one that the giver does not hold (SECURITY B-12).

Roles are locked before people, here and in `lifecycle.groups`: two who lock in different orders would wait for each other.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib.auth.models import Group

from accounts.audit.events import Event
from accounts.audit.record import record
from accounts.core.errors import InvalidInput
from accounts.core.requests import Source
from accounts.users.models import User

from .powers import Actor


@dataclass(frozen=True, slots=True)
class Wanted:
    """The names that were asked for, and those groups of them that exist, locked."""

    names: frozenset[str]
    groups: list[Group]


def lock(names: Iterable[str]) -> Wanted:
    """The first thing in the transaction of a change, so that a change of a role's permissions cannot pass by without seeing
    its new member."""
    wanted = frozenset(names)
    return Wanted(wanted, list(Group.objects.select_for_update().filter(name__in=wanted).order_by("id")))


def assign(subject: User, wanted: Wanted, *, actor: Actor, source: Source) -> bool:
    """Give exactly these roles; True when that changes something, and then the caller outdates the subject's tokens.

    Raises `Forbidden` for a role that the actor does not hold, `InvalidInput` for one that does not exist.
    """
    held = set(subject.groups.values_list("name", flat=True))
    added, removed = wanted.names - held, held - wanted.names
    if not added and not removed:
        return False
    actor.require_roles(added | removed)
    if len(wanted.groups) != len(wanted.names):
        raise InvalidInput("groups", "does_not_exist", "There is no such group.")
    subject.groups.set(wanted.groups)
    record(Event.ROLES_CHANGED, subject=subject.id, actor=actor.id, source=source, added=sorted(added), removed=sorted(removed))
    return True
