"""Who may make whom powerful: superusers, and never themselves. A change of power outdates the tokens it concerns."""

from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission

from accounts.audit.models import AuditEvent
from accounts.core.errors import Forbidden, NotOnOneself
from accounts.core.requests import NOWHERE
from accounts.lifecycle import rank
from accounts.users.models import User
from tests.support.app import App
from tests.support.browser import Browser
from tests.support.news import news_is_due


def change(browser: Browser, user: User, **fields: Any) -> int:
    fields = {"name": user.name, **fields}
    return browser.post(f"/admin/accounts/user/{user.pk}/change/", fields).status_code


def powers_of(user: User) -> tuple[bool, bool, int, int]:
    fresh = User.objects.get(pk=user.pk)
    return fresh.is_staff, fresh.is_superuser, fresh.groups.count(), fresh.user_permissions.count()


@pytest.fixture
def everything() -> dict[str, Any]:
    """What a forged form would send."""
    group = Group.objects.create(name="Editors")
    permission = Permission.objects.get(codename="delete_user")
    return {"is_staff": "on", "is_superuser": "on", "groups": [group.pk], "user_permissions": [permission.pk]}


def test_A03_superuser_gives_powers_to_another(roots: Browser, alice: User, everything: dict[str, Any]) -> None:
    assert change(roots, alice, **everything) == 302
    assert powers_of(alice) == (True, True, 1, 1)


def test_A03_staff_give_powers_to_nobody(helpers: Browser, helper: User, alice: User, everything: dict[str, Any]) -> None:
    for target, before in ((alice, powers_of(alice)), (helper, powers_of(helper))):
        assert change(helpers, target, **everything) == 302
        assert powers_of(target) == before


def test_A03_nobody_changes_their_own_powers(roots: Browser, superuser: User, everything: dict[str, Any]) -> None:
    assert change(roots, superuser, groups=everything["groups"], user_permissions=everything["user_permissions"]) == 302
    assert powers_of(superuser) == (True, True, 0, 0)


def test_A03_staff_cannot_touch_a_superuser(helpers: Browser, superuser: User) -> None:
    assert change(helpers, superuser, name="Owned") == 403
    for act in ("disable", "sign-out-everywhere", "send-password-link"):
        helpers.post(f"/admin/accounts/user/{superuser.pk}/act/{act}/")
    superuser.refresh_from_db()
    assert (superuser.name, superuser.is_active, superuser.epoch) == ("Root", True, 1)


def test_A03_staff_cannot_shape_roles(helpers: Browser, make_staff: Any, everything: dict[str, Any]) -> None:
    group = Group.objects.get()
    fields = {"name": "Owners", "permissions": everything["user_permissions"]}
    for path in ("add/", f"{group.pk}/change/", f"{group.pk}/delete/"):
        assert helpers.post(f"/admin/auth/group/{path}", fields).status_code == 403
    assert (Group.objects.get().name, group.permissions.count()) == ("Editors", 0)


def test_A03_rule_itself_refuses_staff_and_oneself(helper: User, superuser: User, alice: User) -> None:
    with pytest.raises(Forbidden):
        rank.set_superuser(alice.pk, True, actor_id=helper.pk, source=NOWHERE)
    with pytest.raises(Forbidden):
        rank.set_permissions(alice.pk, [], actor_id=helper.pk, source=NOWHERE)
    with pytest.raises(NotOnOneself):
        rank.set_superuser(superuser.pk, False, actor_id=superuser.pk, source=NOWHERE)


@pytest.mark.parametrize("power", ["is_staff", "is_superuser", "groups", "user_permissions"])
def test_change_of_power_makes_the_tokens_stale(
    roots: Browser, alice: User, app: App, everything: dict[str, Any], power: str
) -> None:
    assert app.get("/api/v1/me/").status_code == 200
    change(roots, alice, **{power: everything[power]})
    news_is_due()
    assert app.get("/api/v1/me/").json()["code"] == "token_stale"
    app.rotate()
    assert app.get("/api/v1/me/").status_code == 200


def test_change_of_name_leaves_the_tokens_alone(roots: Browser, alice: User, app: App) -> None:
    change(roots, alice, name="Alicia")
    assert app.get("/api/v1/me/").json()["name"] == "Alicia"


def test_change_of_power_is_recorded_with_who_did_it(
    roots: Browser, superuser: User, alice: User, everything: dict[str, Any]
) -> None:
    change(roots, alice, **everything)
    events = AuditEvent.objects.filter(subject_id=alice.pk, actor_id=superuser.pk)
    details = [event.details for event in events.order_by("id")]
    assert {"added": ["Editors"], "removed": []} in details
    assert {"changed": ["is_superuser"], "is_superuser": True} in details
    assert {"changed": ["permissions"], "added": ["accounts.delete_user"], "removed": []} in details
