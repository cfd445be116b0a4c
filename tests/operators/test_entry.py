"""Who gets in: staff by the database, by our own sign-in page, and nobody by any other token."""

import pytest
from django.test import Client

from accounts.core.clock import now
from accounts.devices.models import Device
from accounts.passwords.throttle import PAIR
from accounts.tokens import sealed
from accounts.users.models import User
from tests.support.app import PASSWORD, App
from tests.support.browser import Browser

REDIRECTS = [
    *(
        "//evil.example",
        "///evil.example",
        "https://evil.example",
        "https:evil.example",
        "http:evil.example",
        "HTTPS://evil.example",
    ),
    *(
        "\\\\evil.example",
        "/\\evil.example",
        "\\/evil.example",
        "javascript:alert(1)",
        "data:text/html,x",
        "//evil.example/admin/",
    ),
    *(
        "https://testserver.evil.example/",
        "https://testserver@evil.example/",
        "\t//evil.example",
        "evil.example",
        "ftp://evil.example",
    ),
]


def admin(browser: Browser) -> int:
    return browser.get("/admin/").status_code


def test_A01_access_token_in_the_header_does_not_open_the_admin(root_app: App) -> None:
    assert root_app.get("/api/v1/me/").status_code == 200
    assert root_app.get("/admin/").status_code == 302


def test_A01_no_other_token_opens_the_admin_as_a_cookie(root_app: App, superuser: User, roots: Browser) -> None:
    device = Device.objects.filter(user=superuser).earliest("created_at")
    claims = {"sub": str(superuser.pk), "sid": str(device.pk), "epoch": superuser.epoch, "client_id": "first-party"}
    claims |= {"scope": "users:read", "auth_time": device.auth_time, "acr": "aal1", "amr": ["pwd"], "superuser": True}
    kinds = (sealed.KNOWN_DEVICE, sealed.DOWNLOAD_LINK, sealed.MAIL_LINK)
    others = [root_app.access, root_app.refresh, *(sealed.seal(kind, claims, lifetime=60) for kind in kinds)]
    for token in others:
        assert Client().get("/admin/", HTTP_COOKIE=f"signet={token}").status_code == 302, token[:20]
    assert admin(roots) == 200


def test_A01_person_who_is_no_staff_is_sent_to_the_sign_in_page(alices: Browser) -> None:
    answer = alices.http.get("/admin/", follow=True)
    assert answer.redirect_chain[-1][0].startswith("/account/sign-in/?next=%2Fadmin%2F")
    assert "for staff" in answer.content.decode()


def test_A01_sign_in_of_yesterday_is_not_enough(roots: Browser, superuser: User) -> None:
    device = Device.objects.get(user=superuser)
    for age, status in ((7 * 3600, 200), (9 * 3600, 302)):
        Device.objects.update(auth_time=now() - age)
        device.refresh_from_db()
        claims = {"sub": str(superuser.pk), "sid": str(device.pk), "epoch": 1, "client_id": "first-party", "scope": "x"}
        proof = {"auth_time": device.auth_time, "acr": "aal1", "amr": ["pwd"], "superuser": True}
        roots.cookie = sealed.seal(sealed.COOKIE, {**claims, **proof})
        assert admin(roots) == status, age


@pytest.mark.parametrize("change", [{"is_staff": False}, {"is_active": False}])
def test_A02_demoted_staff_are_out_at_the_next_request(viewers: Browser, viewer: User, change: dict[str, bool]) -> None:
    assert admin(viewers) == 200
    User.objects.filter(pk=viewer.pk).update(**change)
    assert admin(viewers) == 302


def test_A02_signed_out_device_is_out_at_the_next_request(viewers: Browser, roots: Browser, viewer: User) -> None:
    assert admin(viewers) == 200
    roots.post("/admin/accounts/device/", {"action": "sign_out", "_selected_action": str(Device.objects.get(user=viewer).pk)})
    assert (admin(viewers), admin(roots)) == (302, 200)


@pytest.mark.parametrize("target", REDIRECTS)
def test_A09_sign_in_leads_nowhere_else(superuser: User, target: str) -> None:
    assert Browser().sign_in(superuser.email, target=target)["Location"] == "/account/security/"


def test_A09_sign_in_leads_back_to_where_one_was(superuser: User) -> None:
    for target in ("/admin/", "/admin/accounts/user/?q=alice", "/account/security/"):
        assert Browser().sign_in(superuser.email, target=target)["Location"] == target


def test_A09_admin_login_passes_no_foreign_target_on(db: None) -> None:
    answer = Browser().http.get("/admin/login/", {"next": "https://evil.example/"}, follow=True)
    assert 'name="next" value="/account/security/"' in answer.content.decode()


def test_A10_guessing_at_the_admin_meets_the_common_limit(superuser: User) -> None:
    guesser = Browser()
    for _ in range(PAIR.free):
        assert guesser.sign_in(superuser.email, "wrong", target="/admin/").status_code == 400
    blocked = guesser.sign_in(superuser.email, PASSWORD, target="/admin/")
    assert (blocked.status_code, guesser.cookie) == (429, "")
    assert int(blocked["Retry-After"]) > 0


def test_A10_stock_login_takes_no_password(superuser: User) -> None:
    browser = Browser()
    browser.get("/account/sign-in/")
    answer = browser.post("/admin/login/", {"username": superuser.email, "password": PASSWORD})
    assert (answer.status_code, browser.cookie) == (302, "")
