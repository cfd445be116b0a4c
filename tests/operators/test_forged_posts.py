"""Forged form data: rows outside the list, unknown keys, delete marks, and what people call themselves."""

import re
import uuid

import pytest
from django.contrib.auth.models import Group

from accounts.audit.models import AuditEvent
from accounts.devices.models import Device
from accounts.keys.models import SigningKey
from accounts.users.models import User
from tests.support.app import App
from tests.support.browser import Browser, rows

LISTS = ["accounts/user/", "accounts/device/", "accounts/signingkey/", "accounts/auditevent/", "auth/group/"]
MARK = "<svg onload=alert(1)>\"'>"


def counts() -> dict[str, int]:
    """Of every table but the trail, which only grows."""
    return {table: count for table, count in rows().items() if table != "accounts.AuditEvent"}


def formset(prefix: str, key: str, *, initial: int = 1, **fields: str) -> dict[str, str]:
    management = {f"{prefix}-TOTAL_FORMS": "1", f"{prefix}-INITIAL_FORMS": str(initial), f"{prefix}-MAX_NUM_FORMS": "9"}
    row = {f"{prefix}-0-id": key, f"{prefix}-0-kid": key, f"{prefix}-0-DELETE": "on"}
    return {**management, **row, **{f"{prefix}-0-{name}": value for name, value in fields.items()}, "_save": "Save"}


@pytest.mark.parametrize("path", LISTS)
def test_A05_forged_list_edits_change_nothing(roots: Browser, alice: User, app: App, path: str) -> None:
    before, hashes = counts(), list(User.objects.order_by("id").values_list("password", "is_superuser", "email"))
    for key in (str(alice.pk), app.device, str(uuid.uuid4()), "1", "x"):
        roots.post(
            f"/admin/{path}", formset("form", key, password="x", is_superuser="on", email="evil@example.com", name="Owned")
        )
    assert counts() == before
    assert list(User.objects.order_by("id").values_list("password", "is_superuser", "email")) == hashes


def test_A05_no_page_edits_in_its_list(roots: Browser) -> None:
    for path in LISTS:
        assert roots.get(f"/admin/{path}").context["cl"].list_editable == (), path


@pytest.mark.parametrize("initial", [0, 1])
def test_A13_forged_inline_rows_change_nothing(roots: Browser, alice: User, bob: User, bobs_app: App, initial: int) -> None:
    before = counts()
    for prefix in ("devices", "device_set", "devices-2", "User_groups", "groups"):
        for key in (bobs_app.device, str(uuid.uuid4()), ""):
            forged = formset(prefix, key, initial=initial, user=str(alice.pk), name="Owned")
            roots.post(f"/admin/accounts/user/{alice.pk}/change/", {"name": "Alice", **forged})
    assert counts() == before
    device = Device.objects.get(pk=bobs_app.device)
    assert (device.user, device.name, device.revoked_at) == (bob, "", None)


def test_A13_key_is_no_form_field(roots: Browser, alice: User, bob: User) -> None:
    roots.post(f"/admin/accounts/user/{alice.pk}/change/", {"name": "Renamed", "id": str(bob.pk), "pk": str(bob.pk)})
    assert dict(User.objects.values_list("email", "name")) | {"root@example.com": ""} == {
        **{"alice@example.com": "Renamed", "bob@example.com": "Bob", "root@example.com": ""},
    }


def test_A13_action_reaches_only_rows_of_its_list(roots: Browser, app: App) -> None:
    before = counts()
    for key in (str(uuid.uuid4()), "x", "' OR 1=1 --", app.device):
        roots.post("/admin/accounts/user/?q=nobody", {"action": "disable", "_selected_action": key})
    assert counts() == before
    assert User.objects.filter(is_active=False).count() == 0


def test_A13_read_only_pages_take_no_post(roots: Browser, app: App) -> None:
    key, before = SigningKey.objects.filter(state="active").get(), counts()
    event = AuditEvent.objects.latest("id")
    for path in (f"device/{app.device}/", f"auditevent/{event.pk}/"):
        for page in ("change/", "delete/"):
            assert roots.post(f"/admin/accounts/{path}{page}", {"name": "Owned", "state": "gone"}).status_code == 403
    for path in ("device/add/", "signingkey/add/", "auditevent/add/"):
        assert roots.post(f"/admin/accounts/{path}", {"kid": "x", "state": "active"}).status_code == 403
    assert (counts(), SigningKey.objects.get(pk=key.pk).state) == (before, "active")


def test_A08_what_people_name_things_is_escaped_on_every_page(roots: Browser, alice: User) -> None:
    User.objects.filter(pk=alice.pk).update(name=MARK)
    App().sign_in(alice.email, device={"name": MARK, "platform": MARK[:50]})
    Device.objects.update(user_agent=MARK)
    AuditEvent.objects.filter(event="sign_in.succeeded").update(user_agent=MARK, details={MARK: MARK})
    role = Group.objects.create(name=MARK)
    device, event = Device.objects.get(name=MARK), AuditEvent.objects.filter(user_agent=MARK).latest("id")
    pages = [*LISTS, f"accounts/user/{alice.pk}/change/", f"accounts/device/{device.pk}/change/", f"auth/group/{role.pk}/change/"]
    for path in [*pages, f"auth/group/{role.pk}/delete/", f"accounts/auditevent/{event.pk}/change/", ""]:
        text = roots.get(f"/admin/{path}").content.decode()
        assert not re.search(r"<svg onload", text), path
    assert "&lt;svg onload" in roots.get(f"/admin/accounts/device/{device.pk}/change/").content.decode()
