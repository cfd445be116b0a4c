"""Changes of accounts that meet: one administrator remains, and nobody keeps what a role has lost (SECURITY L-15, B-10)."""

import threading
import time
import uuid
from collections.abc import Callable
from functools import partial

import pytest
from django.contrib.auth.models import Group
from django.db import transaction

from accounts.core.errors import Forbidden
from accounts.core.requests import NOWHERE
from accounts.lifecycle import directory, groups, suspension
from accounts.users import roles
from accounts.users.models import User
from tests.processes.crowd import results, together

pytestmark = [pytest.mark.processes, pytest.mark.both_databases, pytest.mark.django_db(transaction=True)]
ROUNDS = 20


def test_L15_administrators_who_disable_each_other_leave_one(superuser: User, make_user: Callable[..., User]) -> None:
    other = make_user("second@example.com", is_staff=True, is_superuser=True)
    pairs = [(superuser.id, other.id), (other.id, superuser.id)]
    for _ in range(ROUNDS):
        User.objects.update(is_active=True)
        roles.forget()
        acts = [partial(suspension.disable, subject, actor_id=actor, source=NOWHERE) for actor, subject in pairs]
        assert len(results(together(acts), tolerated=Forbidden)) == 1
        assert User.objects.filter(is_active=True).count() == 1


def test_B10_who_joins_a_role_while_it_changes_gets_what_it_is_now(
    superuser: User, alice: User, make_user: Callable[..., User], make_group: Callable[..., Group]
) -> None:
    make_group("editors", "accounts.view_user")
    other = make_user("second@example.com", is_staff=True, is_superuser=True)
    changed = threading.Event()

    def take_the_permission_slowly() -> None:
        with transaction.atomic():
            groups.update("editors", permissions=[], actor_id=superuser.id, source=NOWHERE)
            changed.set()
            time.sleep(0.5)

    def join() -> None:
        assert changed.wait(10)
        directory.update(alice.id, groups=["editors"], actor_id=other.id, source=NOWHERE)
        remember_authority(alice)

    results(together([take_the_permission_slowly, join]))
    assert remember_authority(alice) == roles.Authority(roles=("editors",))


def remember_authority(user: User) -> roles.Authority:
    """As every sign-in and refresh does: what is read for an epoch is kept for as long as the epoch is current."""
    epoch = User.objects.values_list("epoch", flat=True).get(id=user.id)
    return roles.authority(user.id, epoch, superuser=False)


def test_changes_of_a_role_and_of_its_members_never_wait_for_each_other(
    make_user: Callable[..., User], make_group: Callable[..., Group]
) -> None:
    """Each of two members changes the role, gives it to the other, takes it away: whoever locks what first, all end well."""
    ids = [make_user(f"root{number}@example.com", is_staff=True, is_superuser=True).id for number in range(2)]
    make_group("editors", members=tuple(User.objects.filter(id__in=ids)))

    def change_role(actor: uuid.UUID, permissions: list[str]) -> None:
        groups.update("editors", permissions=permissions, actor_id=actor, source=NOWHERE)

    def change_member(actor: uuid.UUID, subject: uuid.UUID, names: list[str]) -> None:
        directory.update(subject, groups=names, actor_id=actor, source=NOWHERE)

    for number in range(ROUNDS):
        permissions = ["accounts.view_user"] if number % 2 else []
        names = ["editors"] if number % 2 else []
        acts = [partial(change_role, actor, permissions) for actor in ids]
        acts += [partial(change_member, *pair, names) for pair in (ids, ids[::-1])]
        results(together(acts))
