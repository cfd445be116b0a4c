"""What staff post wants a proof of the last minutes: a stolen cookie looks, and changes nothing (SECURITY A-17)."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.contrib.auth.models import Group, Permission
from django.db.models import F
from django.utils import timezone

from accounts.devices.models import Device
from accounts.keys.models import SigningKey
from accounts.users.models import User
from tests.support.app import PASSWORD, App
from tests.support.browser import Answer, Browser, paths

CONFIRM = "/account/confirm/"
NOT_BEHIND_THE_DOOR = {"/admin/login/"}
"""It leads to the sign-in page, whatever is posted."""


@pytest.fixture
def an_hour_later() -> Iterator[None]:
    """Well within `STAFF_SIGN_IN_LIFETIME`; every request before it was fresh."""
    with time_machine.travel(timezone.now() + settings.FRESHNESS_WINDOW + timedelta(minutes=45), tick=False):
        yield


def asked_to_confirm(answer: Answer, back: str) -> bool:
    return (answer.status_code, answer.headers["Location"]) == (303, f"{CONFIRM}?next={back.replace('/', '%2F')}")


def confirmed(browser: Browser) -> None:
    assert browser.post(CONFIRM, {"method": "password", "code": PASSWORD}).status_code == 303


def state() -> Any:
    """All that the posts below would change."""
    return (
        list(User.objects.order_by("id").values("name", "is_active", "is_staff", "is_superuser", "deletion_due_at")),
        list(User.groups.through.objects.values_list("user_id", "group_id")),
        list(User.user_permissions.through.objects.values_list("user_id", "permission_id")),
        list(Group.objects.order_by("name").values_list("name", "permissions")),
        list(Device.objects.order_by("id").values_list("revoked_at", flat=True)),
        list(SigningKey.objects.order_by("kid").values_list("kid", "state")),
    )


def posts(alice: User, app: App) -> dict[str, tuple[str, dict[str, Any]]]:
    """By name: where, and which fields."""
    people, role = "/admin/accounts/user/", Group.objects.create(name="Editors")
    page, permission = f"{people}{alice.pk}/change/", Permission.objects.get(codename="view_user")
    key = SigningKey.objects.get(state="active")
    # By the database's clock, which did not travel: old enough to sign.
    SigningKey.objects.filter(state="next").update(published_at=F("published_at") - timedelta(days=1))
    return {
        "a superuser": (page, {"name": "Alice", "is_superuser": "on"}),
        "staff": (page, {"name": "Alice", "is_staff": "on"}),
        "a role": (page, {"name": "Alice", "groups": str(role.pk)}),
        "a permission": (page, {"name": "Alice", "user_permissions": str(permission.pk)}),
        "an invitation": (f"{people}add/", {"email": "new@example.com", "name": "New"}),
        "disable": (f"{people}{alice.pk}/act/disable/", {}),
        "sign out everywhere": (f"{people}{alice.pk}/act/sign-out-everywhere/", {}),
        "let leave": (f"{people}{alice.pk}/act/let-leave/", {}),
        "a list action": (people, {"action": "disable", "_selected_action": str(alice.pk)}),
        "sign a device out": (f"/admin/accounts/device/{app.device}/sign-out/", {}),
        "sign devices out": ("/admin/accounts/device/", {"action": "sign_out", "_selected_action": app.device}),
        "make a role": ("/admin/auth/group/add/", {"name": "Writers"}),
        "change a role": (f"/admin/auth/group/{role.pk}/change/", {"name": "Editors", "permissions": str(permission.pk)}),
        "delete a role": (f"/admin/auth/group/{role.pk}/delete/", {"post": "yes"}),
        "rotate": ("/admin/accounts/signingkey/rotate/", {}),
        "pull": (f"/admin/accounts/signingkey/{key.kid}/pull/", {}),
    }


NAMES = (
    *("a superuser", "staff", "a role", "a permission", "an invitation", "disable", "sign out everywhere", "let leave"),
    *("a list action", "sign a device out", "sign devices out"),
    *("make a role", "change a role", "delete a role", "rotate", "pull"),
)


@pytest.mark.parametrize("name", NAMES)
def test_A17_old_proof_changes_nothing_and_a_fresh_one_does(
    roots: Browser, alice: User, app: App, an_hour_later: None, name: str
) -> None:
    path, fields = posts(alice, app)[name]
    before = state()
    assert asked_to_confirm(roots.post(path, fields), path)
    assert state() == before
    confirmed(roots)
    assert roots.post(path, fields).status_code == 302
    assert state() != before


def test_A17_every_act_of_the_admin_wants_a_fresh_proof(roots: Browser, an_hour_later: None) -> None:
    """By the URLconf, so that a new act cannot be forgotten."""
    admin = [path for path in paths() if path.startswith("/admin/") and path not in NOT_BEHIND_THE_DOOR]
    assert len(admin) >= 30
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        for path in admin:
            answer = roots.http.generic(method, path, headers={"X-CSRFToken": roots.csrf})
            assert asked_to_confirm(answer, path), (method, path)


def test_A17_with_a_fresh_proof_no_act_asks_for_another(roots: Browser) -> None:
    """The control."""
    for path in paths():
        if path.startswith("/admin/"):
            answer = roots.post(path)
            assert CONFIRM not in answer.headers.get("Location", ""), path


def test_A17_looking_needs_no_fresh_proof(roots: Browser, alice: User, an_hour_later: None) -> None:
    for path in ("", "accounts/user/", f"accounts/user/{alice.pk}/change/", "accounts/auditevent/", "auth/group/"):
        assert roots.get(f"/admin/{path}").status_code == 200, path


def test_whoever_is_sent_to_confirm_is_told_that_nothing_was_changed(roots: Browser, alice: User, an_hour_later: None) -> None:
    answer = roots.post(f"/admin/accounts/user/{alice.pk}/act/disable/")
    assert "Nothing has been changed." in roots.get(answer.headers["Location"]).content.decode()


def test_form_says_before_anything_is_typed_that_saving_wants_a_proof(roots: Browser, alice: User) -> None:
    path, told = f"/admin/accounts/user/{alice.pk}/change/", "you will be asked to confirm"
    assert told not in roots.get(path).content.decode()
    with time_machine.travel(timezone.now() + settings.FRESHNESS_WINDOW + timedelta(minutes=1), tick=False):
        shown = roots.get(path).content.decode()
        assert told in shown
        assert f'href="{CONFIRM}?next={path.replace("/", "%2F")}"' in shown
        confirmed(roots)
        assert told not in roots.get(path).content.decode()


@pytest.mark.parametrize("act", ["act/disable/", "export/"])
def test_button_that_led_to_the_confirmation_leads_back_to_its_page(roots: Browser, alice: User, act: str) -> None:
    person = f"/admin/accounts/user/{alice.pk}/"
    answer = roots.get(person + act)
    assert (answer.status_code, answer.headers["Location"]) == (302, f"{person}change/")


def test_rotation_and_sign_out_lead_back_to_their_pages(roots: Browser, app: App) -> None:
    assert roots.get("/admin/accounts/signingkey/rotate/").headers["Location"] == "/admin/accounts/signingkey/"
    device = f"/admin/accounts/device/{app.device}/"
    assert roots.get(f"{device}sign-out/").headers["Location"] == f"{device}change/"
