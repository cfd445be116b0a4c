"""The site: what it shows, and that it never touches a table or cookie of Django's stock sign-in."""

from django.conf import settings
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.core.checks import run_checks

from accounts.audit.models import AuditEvent
from accounts.operators.page import Page
from accounts.operators.site import OperatorsSite
from accounts.users.models import User
from tests.support.browser import Browser


def test_registry_has_every_page_and_nothing_else() -> None:
    names = {model._meta.label for model in admin.site._registry}
    assert names == {
        *("accounts.User", "auth.Group", "accounts.Device", "accounts.SigningKey", "accounts.AuditEvent"),
        *("accounts.Client", "accounts.Service"),
    }
    assert all(isinstance(page, Page) for page in admin.site._registry.values())


def test_site_is_ours_and_the_silenced_check_is_one() -> None:
    assert isinstance(admin.site._wrapped, OperatorsSite)  # type: ignore[attr-defined]
    assert "admin.E410" in settings.SILENCED_SYSTEM_CHECKS
    assert {problem.id for problem in run_checks(tags=["admin", "models", "urls"])} == {"admin.E410"}
    assert not [name for name in (*settings.INSTALLED_APPS, *settings.MIDDLEWARE) if "session" in name]


def test_four_places_of_the_stock_site_lead_to_our_pages(roots: Browser) -> None:
    assert roots.get("/admin/login/")["Location"] == "/account/sign-in/?next=%2Fadmin%2F"
    for method in (roots.get, roots.post):
        assert method("/admin/logout/")["Location"] == "/account/sign-out/"
        assert method("/admin/password_change/")["Location"] == "/account/security/"
        assert method("/admin/password_change/done/")["Location"] == "/account/security/"


def test_every_page_answers_a_superuser(roots: Browser) -> None:
    for path in ("", "accounts/", "auth/", "accounts/user/", "accounts/user/add/", "auth/group/", "auth/group/add/"):
        assert roots.get(f"/admin/{path}").status_code == 200, path
    for path in ("accounts/device/", "accounts/signingkey/", "accounts/auditevent/", "jsi18n/"):
        assert roots.get(f"/admin/{path}").status_code == 200, path


def test_staff_without_permissions_see_an_empty_house(make_staff: object, alice: User) -> None:
    alice.is_staff = True
    alice.save()
    browser = Browser()
    browser.sign_in(alice.email)
    page = browser.get("/admin/").content.decode()
    assert "signet-figure" not in page
    assert "Latest events" not in page
    for path in ("accounts/user/", "auth/group/", "accounts/device/", "accounts/signingkey/", "accounts/auditevent/"):
        assert browser.get(f"/admin/{path}").status_code == 403, path


def test_dashboard_shows_its_figures(roots: Browser, alice: User) -> None:
    wrong = Browser()
    wrong.sign_in(alice.email, "not the password")
    page = roots.get("/admin/").context["dashboard"]
    figures = {figure.label: figure.value for figure in page}
    assert figures == {
        **{"People": "2", "Signed-in devices": "1", "Sign-ins": "1", "Refused sign-ins": "1", "Stolen tokens": "0"},
        **{"Signing key": "0 days", "Mail waiting": "0"},
    }


def test_admin_writes_audit_events_and_no_log_entries(roots: Browser, alice: User) -> None:
    roots.post(f"/admin/accounts/user/{alice.pk}/change/", {"name": "Alicia"})
    roots.post("/admin/accounts/user/", {"action": "disable", "_selected_action": str(alice.pk)})
    assert LogEntry.objects.count() == 0
    events = set(AuditEvent.objects.filter(subject_id=alice.pk).values_list("event", flat=True))
    assert {"user.updated", "user.disabled"} <= events


def test_history_of_a_person_is_their_audit_trail(roots: Browser, alice: User) -> None:
    roots.post(f"/admin/accounts/user/{alice.pk}/act/disable/")
    answer = roots.http.get(f"/admin/accounts/user/{alice.pk}/history/", follow=True)
    assert answer.status_code == 200
    assert "user.disabled" in answer.content.decode()
