"""The cookies themselves: names, attributes, size, doubles, broken values."""

import pytest
from django.conf import settings
from django.contrib.auth.models import Group, Permission
from django.db import connection
from django.test import Client

from accounts.devices.models import Device
from accounts.tokens import sealed
from accounts.users.models import User
from tests.support.app import PASSWORD, App
from tests.support.browser import Answer, Browser, paths

MALFORMED = [
    *("", " ", ".", "..", "...", "a", "a.b", "a.b.c", "a.b.c.d", "null", "undefined", "true", "0", "-1", "{}", '""'),
    *("eyJhbGciOiJub25lIn0.e30.", "eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.x", "%00", "%2e%2e%2f", "<svg onload=alert(1)>"),
    *("' OR 1=1 --", "A" * 3000, "é", "../../etc/passwd"),
]


def attributes(answer: Answer, name: str) -> dict[str, object]:
    return {key: value for key, value in answer.cookies[name].items() if value != "" and key != "expires"}


def test_C01_sign_in_cookie_has_the_contracts_attributes(https: None, alice: User) -> None:
    browser = Client()
    answer = browser.post("/account/sign-in/", {"email": alice.email, "password": PASSWORD}, secure=True)
    assert set(answer.cookies) == {"__Host-signet", "__Host-known-device", "__Host-csrf"}
    kept = {"path": "/", "secure": True, "httponly": True, "samesite": "Lax"}
    assert attributes(answer, "__Host-signet") == {**kept, "max-age": 180 * 86_400}
    assert attributes(answer, "__Host-known-device") == {**kept, "max-age": 365 * 86_400}
    assert attributes(answer, "__Host-csrf") == {"path": "/", "secure": True, "samesite": "Lax", "max-age": 31_449_600}


def test_C01_every_cookie_of_every_path_is_host_only_and_secure(https: None, superuser: User) -> None:
    browser = Client()
    browser.post("/account/sign-in/", {"email": superuser.email, "password": PASSWORD}, secure=True)
    for path in paths():
        for name, cookie in browser.get(path, secure=True).cookies.items():
            assert name.startswith("__Host-"), f"{path}: {name}"
            assert cookie["secure"], f"{path}: {name}"
            assert (cookie["path"], cookie["domain"], cookie["samesite"]) == ("/", "", "Lax"), f"{path}: {name}"
            assert cookie["httponly"] or not cookie.value or name == "__Host-csrf", f"{path}: {name}"


def test_C07_two_cookies_of_one_name_are_none(alices: Browser) -> None:
    mine = f"signet={alices.cookie}"
    assert page_for(mine).status_code == 200
    for header in (f"{mine}; {mine}", f"{mine},{mine}", f"signet=planted; {mine}", f"{mine}; x=1; signet="):
        assert page_for(header).status_code == 303, header
    assert page_for(f"other=1; {mine}; notsignet=2").status_code == 200


def page_for(cookie_header: str) -> Answer:
    return Client().get("/account/security/", HTTP_COOKIE=cookie_header)


def test_C09_cookie_of_somebody_with_many_rights_stays_small(alice: User) -> None:
    groups = Group.objects.bulk_create(Group(name=f"A role with a long descriptive name {n}") for n in range(50))
    kind = Permission.objects.all()[0].content_type
    permissions = Permission.objects.bulk_create(
        Permission(codename=f"may_do_something_with_a_long_name_{n}", name="x", content_type=kind) for n in range(500)
    )
    alice.groups.set(groups)
    alice.user_permissions.set(permissions)
    browser = Browser()
    answer = browser.sign_in(alice.email)
    for name in answer.cookies:
        assert len(answer.cookies[name].output(header="").encode()) < 4096
    assert browser.get("/account/security/").status_code == 200


def test_C15_sign_out_expires_the_cookie_with_the_attributes_it_was_set_with(https: None, alice: User) -> None:
    browser = Client()
    set_by = browser.post("/account/sign-in/", {"email": alice.email, "password": PASSWORD}, secure=True)
    cleared = browser.post("/account/sign-out/", secure=True)
    before, after = attributes(set_by, "__Host-signet"), attributes(cleared, "__Host-signet")
    assert after.pop("max-age") == 0
    before.pop("max-age")
    assert before == after
    assert cleared.cookies["__Host-signet"].value == ""
    assert cleared["Clear-Site-Data"] == '"cache", "storage"'


@pytest.mark.slow
@pytest.mark.parametrize("path", [*paths()])
def test_C16_malformed_cookie_is_an_anonymous_visitor(superuser: User, path: str) -> None:
    nobody = Client().get(path)
    for value in MALFORMED:
        answer = Client().get(path, HTTP_COOKIE=f"signet={value}")
        assert (answer.status_code, answer.get("Location")) == (nobody.status_code, nobody.get("Location")), value
        assert "signet" not in answer.cookies or answer.cookies["signet"]["max-age"] == 0, value


def test_C16_malformed_cookie_is_cleared(db: None) -> None:
    answer = Client().get("/account/security/", HTTP_COOKIE="signet=a.b.c")
    assert (answer.cookies["signet"].value, answer.cookies["signet"]["max-age"]) == ("", 0)


def test_C16_tokens_of_other_kinds_are_no_cookie(app: App, alice: User) -> None:
    device = Device.objects.get(id=app.device)
    claims = {"sub": str(alice.id), "sid": str(device.id), "epoch": 1, "client_id": "first-party", "scope": "x"}
    proof = {"auth_time": device.auth_time, "acr": "aal1", "amr": ["pwd"]}
    others = [app.access, app.refresh]
    for purpose in (sealed.KNOWN_DEVICE, sealed.DOWNLOAD_LINK, sealed.MAIL_LINK):
        others.append(sealed.seal(purpose, {**claims, **proof}, lifetime=60))
    for token in others:
        assert page_for(f"signet={token}").status_code == 303
    assert page_for(f"signet={sealed.seal(sealed.COOKIE, {**claims, **proof})}").status_code == 200


def test_no_table_and_no_cookie_of_stock_sign_in(alices: Browser, roots: Browser) -> None:
    assert not [table for table in connection.introspection.table_names() if "session" in table]
    for browser in (alices, roots):
        for path in ("/", "/account/security/", "/admin/", "/account/sign-out/"):
            browser.get(path)
        assert set(browser.http.cookies) <= {"signet", "known-device", "csrf", "messages"}
    assert "sessionid" not in settings.COOKIE_NAME
