"""Give and take roles: never one that the giver does not hold (SECURITY B-12)."""

from collections.abc import Collection, Iterable

from django.contrib.auth.models import Group

from accounts.audit.events import Event
from accounts.audit.record import record
from accounts.core.errors import InvalidInput
from accounts.core.requests import Source
from accounts.users.models import User

from .powers import Actor


def assign(subject: User, names: Collection[str], *, actor: Actor, source: Source) -> bool:
    """Give exactly these roles; True when that changes something, and then the caller outdates the subject's tokens.

    Raises `Forbidden` for a role that the actor does not hold, `InvalidInput` for one that does not exist. Call it in the
    transaction of the change.
    """
    held = set(subject.groups.values_list("name", flat=True))
    added, removed = set(names) - held, held - set(names)
    if not added and not removed:
        return False
    actor.require_roles(added | removed)
    subject.groups.set(_locked(names))
    record(Event.ROLES_CHANGED, subject=subject.id, actor=actor.id, source=source, added=sorted(added), removed=sorted(removed))
    return True


def _locked(names: Iterable[str]) -> list[Group]:
    """Locked, so that a change of a role's permissions cannot pass by without seeing its new member."""
    wanted = set(names)
    found = list(Group.objects.select_for_update().filter(name__in=wanted).order_by("id"))
    if len(found) != len(wanted):
        raise InvalidInput("groups", "does_not_exist", "There is no such group.")
    return found
