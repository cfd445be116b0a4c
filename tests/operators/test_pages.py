"""Devices, roles, signing keys and the audit trail."""

import re
from datetime import timedelta

from django.contrib.auth.models import Group, Permission
from django.utils import timezone

from accounts.audit.models import AuditEvent
from accounts.devices.models import Device
from accounts.keys.models import SigningKey
from accounts.users.models import User
from tests.support.app import App
from tests.support.browser import Browser
from tests.support.key_holder import BoundApp
from tests.support.news import news_is_due

KEYS = "/admin/accounts/signingkey/"
State = SigningKey.State


def kid(state: str) -> str:
    return SigningKey.objects.get(state=state).kid


def ripen() -> None:
    SigningKey.objects.update(published_at=timezone.now() - timedelta(hours=1))


def test_persons_page_lists_devices_with_a_button_each(roots: Browser, alice: User, app: App) -> None:
    page = roots.get(f"/admin/accounts/user/{alice.pk}/change/").content.decode()
    assert f'formaction="/admin/accounts/device/{app.device}/sign-out/"' in page
    answer = roots.post(f"/admin/accounts/device/{app.device}/sign-out/")
    assert answer["Location"] == f"/admin/accounts/user/{alice.pk}/change/#devices"
    news_is_due()
    assert app.get("/api/v1/me/").json()["code"] == "device_revoked"
    event = AuditEvent.objects.get(event="device.revoked")
    assert (event.subject_id, event.details) == (alice.pk, {"because": "signed_out_by_staff"})


def test_device_action_signs_the_chosen_out(roots: Browser, app: App, bobs_app: App) -> None:
    roots.post("/admin/accounts/device/", {"action": "sign_out", "_selected_action": [app.device]})
    news_is_due()
    assert (app.get("/api/v1/me/").status_code, bobs_app.get("/api/v1/me/").status_code) == (401, 200)


def test_signing_a_device_out_wants_post_and_the_permission(roots: Browser, viewers: Browser, app: App) -> None:
    path = f"/admin/accounts/device/{app.device}/sign-out/"
    assert roots.get(path).headers["Location"] == f"/admin/accounts/device/{app.device}/change/"
    assert viewers.post(path).status_code == 403
    viewers.post("/admin/accounts/device/", {"action": "sign_out", "_selected_action": [app.device]})
    assert app.get("/api/v1/me/").status_code == 200


def test_devices_are_filtered_by_state(roots: Browser, alice: User, app: App) -> None:
    App().sign_in(alice.email)
    Device.objects.filter(pk=app.device).update(revoked_at=timezone.now(), ended_because="signed_out")
    for state, count in (("live", 2), ("ended", 1), ("expired", 0), ("x", 3)):
        assert len(roots.get(f"/admin/accounts/device/?state={state}").context["cl"].result_list) == count, state


def test_devices_say_and_are_filtered_by_whether_they_are_bound(roots: Browser, alice: User, app: App) -> None:
    bound = BoundApp()
    bound.sign_in(alice.email)
    for state, count in (("bound", 1), ("none", 2), ("x", 3)):
        assert len(roots.get(f"/admin/accounts/device/?key={state}").context["cl"].result_list) == count, state
    assert bound.key.jkt in roots.get(f"/admin/accounts/device/{bound.device}/change/").content.decode()
    for state, cell in (("bound", "DPoP"), ("none", "–")):
        listed = roots.get(f"/admin/accounts/device/?key={state}").content.decode()
        assert set(re.findall(r'"field-key">([^<]*)<', listed)) == {cell}


def test_role_change_reaches_its_members(roots: Browser, alice: User, app: App, bobs_app: App) -> None:
    role = Group.objects.create(name="Editors")
    alice.groups.add(role)
    chosen = list(Permission.objects.filter(codename="view_user").values_list("pk", flat=True))
    roots.post(f"/admin/auth/group/{role.pk}/change/", {"name": "Editors", "permissions": chosen})
    news_is_due()
    assert list(role.permissions.values_list("codename", flat=True)) == ["view_user"]
    assert app.get("/api/v1/me/").json()["code"] == "token_stale"
    assert bobs_app.get("/api/v1/me/").status_code == 200


def test_role_is_made_renamed_and_deleted_by_its_rule(roots: Browser, superuser: User) -> None:
    roots.post("/admin/auth/group/add/", {"name": "Editors"})
    role = Group.objects.get()
    roots.post(f"/admin/auth/group/{role.pk}/change/", {"name": "Authors"})
    assert Group.objects.get().name == "Authors"
    roots.post(f"/admin/auth/group/{role.pk}/delete/", {"post": "yes"})
    assert not Group.objects.exists()
    events = AuditEvent.objects.filter(actor_id=superuser.pk, event__startswith="group.").order_by("id")
    assert [event.event for event in events] == ["group.created", "group.updated", "group.deleted"]


def test_rotation_by_button_and_its_message_while_too_young(roots: Browser, superuser: User) -> None:
    before = kid(State.ACTIVE), kid(State.NEXT)
    young = roots.http.post(f"{KEYS}rotate/", {"csrfmiddlewaretoken": roots.csrf}, follow=True).content.decode()
    assert "Nothing was changed: the next key may sign from" in young
    assert (kid(State.ACTIVE), kid(State.NEXT)) == before
    ripen()
    assert (
        "Rotated. Active key:"
        in roots.http.post(f"{KEYS}rotate/", {"csrfmiddlewaretoken": roots.csrf}, follow=True).content.decode()
    )
    assert (kid(State.RETIRED), kid(State.ACTIVE)) == before
    assert AuditEvent.objects.filter(event="signing_keys.rotated", actor_id=superuser.pk).count() == 1


def test_pull_asks_first_and_then_refuses_the_keys_tokens(roots: Browser, app: App, superuser: User) -> None:
    active, waiting = kid(State.ACTIVE), kid(State.NEXT)
    assert "never be trusted again" in roots.get(f"{KEYS}{active}/pull/").content.decode()
    assert app.get("/api/v1/me/").status_code == 200
    roots.post(f"{KEYS}{active}/pull/")
    news_is_due()
    assert app.get("/api/v1/me/").status_code == 401
    assert kid(State.ACTIVE) == waiting
    assert AuditEvent.objects.get(event="signing_key.pulled").actor_id == superuser.pk
    assert roots.get(f"{KEYS}{active}/pull/").status_code == 404


def test_keys_are_rotated_by_permission_and_pulled_by_superusers(
    make_staff: object, viewers: Browser, helpers: Browser, helper: User
) -> None:
    assert viewers.post(f"{KEYS}rotate/").status_code == 403
    assert "Rotate</button>" not in viewers.get(KEYS).content.decode()
    helper.user_permissions.add(*Permission.objects.filter(codename__in=["view_signingkey", "change_signingkey"]))
    assert helpers.post(f"{KEYS}rotate/").status_code == 302
    for browser in (viewers, helpers):
        assert browser.get(f"{KEYS}{kid(State.ACTIVE)}/pull/").status_code == 403
        assert browser.post(f"{KEYS}{kid(State.ACTIVE)}/pull/").status_code == 403
    assert SigningKey.objects.filter(state=State.GONE).count() == 0


def test_audit_trail_is_searched_and_filtered(roots: Browser, alice: User, app: App) -> None:
    def events(query: str) -> set[str]:
        return {event.event for event in roots.get(f"/admin/accounts/auditevent/?{query}").context["cl"].result_list}

    App().sign_in(alice.email, "wrong")
    event = AuditEvent.objects.get(event="sign_in.failed")
    for query in (f"q={alice.pk}", "q=Alice%40Example.com"):
        assert events(query) == {"sign_in.failed", "sign_in.succeeded"}
    assert events(f"q={event.request_id}") == events(f"q={event.pk}") == {"sign_in.failed"}
    assert events(f"q={app.device}") == {"sign_in.succeeded"}
    assert events("outcome__exact=failure") == {"sign_in.failed"}
    assert events("event=sign_in.failed&when=hour") == {"sign_in.failed"}
    assert events("q=nobody%40example.com") == events("q=x") == set()


def test_A11_audit_events_are_neither_changed_nor_deleted(roots: Browser) -> None:
    event = AuditEvent.objects.latest("id")
    for path in ("add/", f"{event.pk}/delete/"):
        assert roots.get(f"/admin/accounts/auditevent/{path}").status_code == 403
        assert roots.post(f"/admin/accounts/auditevent/{path}", {"post": "yes"}).status_code == 403
    assert roots.post(f"/admin/accounts/auditevent/{event.pk}/change/", {"outcome": "failure"}).status_code == 403
    roots.post("/admin/accounts/auditevent/", {"action": "delete_selected", "_selected_action": [event.pk], "post": "yes"})
    assert AuditEvent.objects.get(pk=event.pk).outcome == event.outcome
