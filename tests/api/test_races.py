"""Changes of accounts that meet: one administrator always remains, and nobody keeps what a role has lost (SECURITY L-15, B-10)."""

from collections.abc import Callable
from functools import partial

import pytest
from django.contrib.auth.models import Group

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


def test_B10_who_joins_a_role_while_it_changes_gets_what_it_is_now(superuser: User, alice: User) -> None:
    Group.objects.create(name="editors")
    by_root = {"actor_id": superuser.id, "source": NOWHERE}
    for number in range(ROUNDS):
        wanted = ["accounts.view_user"] if number % 2 else []
        directory.update(alice.id, groups=[], **by_root)
        together(
            [
                partial(directory.update, alice.id, groups=["editors"], **by_root),
                partial(groups.update, "editors", permissions=wanted, **by_root),
                *(partial(remember_authority, alice) for _ in range(4)),
            ]
        )
        remembered = remember_authority(alice)
        roles.forget()
        assert remembered == remember_authority(alice)
        assert remembered.permissions == set(wanted)


def remember_authority(user: User) -> roles.Authority:
    """As every sign-in and refresh does: what is read for an epoch is kept for as long as the epoch is current."""
    epoch = User.objects.values_list("epoch", flat=True).get(id=user.id)
    return roles.authority(user.id, epoch, superuser=False)
