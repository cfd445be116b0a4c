"""Who acts on whom: both rows locked and read now, because a token may be a second behind (SECURITY B-10, B-12)."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib.auth.models import Group
from django.db.models import Q

from accounts.core.errors import Forbidden, NotFound, NotOnOneself
from accounts.users.models import User
from accounts.users.roles import Authority, authority
from accounts.users.standing import is_open


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody who changes accounts, with what they hold at this moment."""

    user: User
    authority: Authority

    @property
    def id(self) -> uuid.UUID:
        return self.user.id

    def require_superuser(self, reason: str) -> None:
        """Raises `Forbidden`."""
        if not self.authority.superuser:
            raise Forbidden(reason)

    def require_roles(self, names: Iterable[str]) -> None:
        """Only roles that one holds oneself may be given or taken away. Raises `Forbidden`."""
        beyond = sorted(set(names) - set(self.authority.roles))
        if beyond and not self.authority.superuser:
            raise Forbidden(f"roles not held: {beyond}")

    def require_permissions(self, names: Iterable[str]) -> None:
        """Only permissions that one holds oneself may be given or taken away. Raises `Forbidden`."""
        beyond = sorted(set(names) - self.authority.permissions)
        if beyond and not self.authority.superuser:
            raise Forbidden(f"permissions not held: {beyond}")


def meet(actor_id: uuid.UUID, subject_id: uuid.UUID) -> tuple[Actor, User]:
    """Actor and subject, locked in one order, so that two administrators cannot disable each other at once.

    Raises `NotFound`, or `Forbidden` for a superuser touched by somebody who is none. Call it in the transaction of the act.
    """
    rows = User.objects.select_for_update().filter(id__in={actor_id, subject_id}).order_by("id")
    found = {user.id: user for user in rows}
    actor = _actor(found.get(actor_id))
    subject = found.get(subject_id)
    if subject is None:
        raise NotFound("no such user")
    if subject.is_superuser:
        actor.require_superuser("the subject is a superuser")
    return actor, subject


def actor(actor_id: uuid.UUID, *, on: Group | None = None) -> Actor:
    """The actor, locked; with a role also all who hold it, in the order of `meet`. Lock the role itself before.

    Raises `Forbidden` when the account may not act any more.
    """
    if on is not None:
        holders = User.groups.through.objects.filter(group_id=on.pk).values("user_id")
        concerned = User.objects.filter(Q(id=actor_id) | Q(id__in=holders))
        list(concerned.select_for_update().order_by("id").values_list("id"))
    return _actor(User.objects.select_for_update().filter(id=actor_id).first())


def refuse_oneself(actor: Actor, subject: User) -> None:
    """Nobody disables or promotes themselves, so one active superuser always remains (SECURITY A-03, L-15)."""
    if actor.id == subject.id:
        raise NotOnOneself


def _actor(user: User | None) -> Actor:
    if user is None or not is_open(user):
        raise Forbidden("the actor's account is not active")
    return Actor(user, authority(user.id, user.epoch, superuser=user.is_superuser))
