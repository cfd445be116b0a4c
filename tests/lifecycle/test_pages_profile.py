"""/account/profile/ and what it leads to: name, language, address, export, leaving."""

import json
import re

import pytest
from django.test import Client

from accounts.audit.events import Event
from accounts.audit.models import AuditEvent
from accounts.devices.models import Device
from accounts.users.models import User
from tests.support.account import PROFILE, SECURITY, later, leads_to, text
from tests.support.browser import Answer, Browser
from tests.support.mailbox import last_letter, letters
from tests.support.pages import signed_in

EMAIL, CODE = f"{PROFILE}email/", f"{PROFILE}email/code/"
EXPORT, DELETE = "/account/export/", "/account/delete/"
NEW = "new@example.com"


@pytest.fixture
def alices(alice: User) -> Browser:
    return signed_in(alice)


@pytest.fixture
def guests(db: None) -> Browser:
    """A guest in a browser."""
    browser = Browser()
    answer = browser.send("POST", "/auth/guest/", {}, X_Token_Transport="cookie")
    assert answer.status_code == 200, answer.content
    browser.get("/account/sign-in/")
    return browser


def test_name_and_language_are_saved(alices: Browser, alice: User) -> None:
    assert leads_to(alices.post(PROFILE, {"name": "Alice Ö.", "language": "de"})) == (303, PROFILE)
    alice.refresh_from_db()
    assert (alice.name, alice.language) == ("Alice Ö.", "de")
    assert '<html lang="de"' in alices.get(PROFILE).content.decode()


def chosen(page: Answer) -> list[str]:
    """The languages that are selected already."""
    return re.findall(r'<option value="(\w*)"[^>]* selected', page.content.decode())


def test_language_that_the_page_is_in_is_chosen_already_and_becomes_that_of_the_mails(alices: Browser, alice: User) -> None:
    page = alices.get(PROFILE, Accept_Language="de")
    assert (chosen(page), 'option value=""' in page.content.decode()) == (["de"], False)
    alices.post(PROFILE, {"name": "Alice", "language": "de"})
    assert User.objects.get(id=alice.id).language == "de"


def test_own_language_is_chosen_whatever_the_browser_asks_for(alices: Browser, alice: User) -> None:
    User.objects.filter(id=alice.id).update(language="en")
    assert chosen(alices.get(PROFILE, Accept_Language="de")) == ["en"]


@pytest.mark.parametrize("fields", [{"name": "x" * 151}, {"name": "a\u2028b"}, {"name": "A", "language": "xx"}])
def test_what_is_refused_is_marked(alices: Browser, alice: User, fields: dict[str, str]) -> None:
    answer = alices.post(PROFILE, fields)
    assert (answer.status_code, b'class="field-error"' in answer.content) == (400, True)
    assert User.objects.get(id=alice.id).name == alice.name


def test_L09_a_new_address_is_confirmed_by_its_code(alices: Browser, alice: User) -> None:
    assert leads_to(alices.post(EMAIL, {"email": NEW})) == (303, CODE)
    assert NEW in text(alices.get(CODE))
    assert alices.post(CODE, {"code": "000000x"}).status_code == 400
    assert leads_to(alices.post(CODE, {"code": last_letter(NEW).code})) == (303, PROFILE)
    assert NEW in text(alices.get(PROFILE))


def test_L09_a_new_address_is_confirmed_by_its_link_on_any_device(alices: Browser, alice: User) -> None:
    alices.post(EMAIL, {"email": NEW})
    token = last_letter(NEW).token
    page = Client().get("/account/email/", {"token": token})
    assert all(address in text(page) for address in (NEW, "alice@example.com"))
    assert User.objects.get(id=alice.id).email == "alice@example.com"
    assert leads_to(Client().post("/account/email/", {"token": token})) == (303, PROFILE)
    assert User.objects.get(id=alice.id).email == NEW


def test_L11_the_token_of_a_link_goes_on_in_the_body_alone(alices: Browser) -> None:
    alices.post(EMAIL, {"email": NEW})
    token = last_letter(NEW).token
    answer = Client().get("/account/email/", {"token": token})
    assert answer.content.decode().count(token) == 1
    assert 'action="/account/email/"' in answer.content.decode()
    assert answer.headers["Referrer-Policy"] == "strict-origin"
    assert "no-store" in answer.headers["Cache-Control"]


def test_E01_an_address_that_somebody_has_looks_like_a_free_one(alices: Browser, bob: User) -> None:
    pages = []
    for email in ("bob@example.com", "new@example.com"):
        assert leads_to(alices.post(EMAIL, {"email": email})) == (303, CODE)
        pages.append(text(alices.get(CODE)).replace(email, ""))
    assert pages[0] == pages[1]
    assert letters("bob@example.com") == []


def test_no_address_is_refused_beside_the_field(alices: Browser) -> None:
    answer = alices.post(EMAIL, {"email": "not an address"})
    assert (answer.status_code, "Enter a valid" in text(answer)) == (400, True)


def test_ones_own_address_is_told_beside_the_field(alices: Browser, alice: User) -> None:
    answer = alices.post(EMAIL, {"email": alice.email})
    assert (answer.status_code, "This is your address already." in text(answer)) == (400, True)


def test_the_code_page_leads_to_the_question_when_nothing_was_asked(alices: Browser) -> None:
    assert leads_to(alices.get(CODE)) == (303, EMAIL)


def test_the_old_address_takes_itself_back_on_the_page(alices: Browser, alice: User) -> None:
    alices.post(EMAIL, {"email": NEW})
    alices.post(CODE, {"code": last_letter(NEW).code})
    token = last_letter("alice@example.com").token
    assert "alice@example.com" in text(Client().get("/account/email/undo/", {"token": token}))
    assert leads_to(Client().post("/account/email/undo/", {"token": token})) == (303, "/account/sign-in/")
    assert User.objects.get(id=alice.id).email == "alice@example.com"
    assert leads_to(alices.get(SECURITY)) == (303, "/account/sign-in/")


def test_the_export_is_a_file(alices: Browser, alice: User) -> None:
    assert alices.get(EXPORT).status_code == 200
    answer = alices.post(EXPORT)
    assert answer.headers["Content-Disposition"] == 'attachment; filename="account.json"'
    assert json.loads(answer.content)["profile"]["id"] == str(alice.id)


def test_the_export_wants_a_recent_proof(alices: Browser) -> None:
    with later():
        assert leads_to(alices.post(EXPORT)) == (303, "/account/confirm/")
    assert not AuditEvent.objects.filter(event=Event.EXPORT_MADE).exists()


def test_L13_leaving_wants_the_address_typed_and_a_recent_proof(alices: Browser, alice: User) -> None:
    assert alices.post(DELETE, {"confirm": "yes"}).status_code == 400
    with later():
        assert leads_to(alices.post(DELETE, {"confirm": "alice@example.com"})) == (303, "/account/confirm/")
    assert User.objects.get(id=alice.id).deletion_due_at is None
    answer = alices.post(DELETE, {"confirm": "alice@example.com"})
    assert leads_to(answer) == (303, "/account/deleted/")
    assert alices.cookie == ""
    assert User.objects.get(id=alice.id).deletion_due_at is not None


def test_L13_leaving_wants_the_csrf_field(alices: Browser, alice: User) -> None:
    assert alices.http.post(DELETE, {"confirm": "alice@example.com"}).status_code == 403
    assert User.objects.get(id=alice.id).deletion_due_at is None


def test_L15_the_last_administrator_is_told_and_stays(superuser: User) -> None:
    browser = signed_in(superuser)
    assert leads_to(browser.post(DELETE, {"confirm": "root@example.com"})) == (303, PROFILE)
    assert "You are the last administrator." in text(browser.get(PROFILE))
    assert User.objects.get(id=superuser.id).deletion_due_at is None


@pytest.mark.parametrize("path", [SECURITY, PROFILE, EMAIL, EXPORT, DELETE, "/"])
def test_every_page_is_there_for_a_guest(guests: Browser, path: str) -> None:
    answer = guests.get(path)
    assert answer.status_code == 200
    assert "None" not in text(answer).replace("None. ", "")


def test_a_guest_adds_an_address_and_keeps_the_account(guests: Browser) -> None:
    before = Device.objects.get()
    with later():
        assert leads_to(guests.post(EMAIL, {"email": NEW})) == (303, CODE)
        assert leads_to(guests.post(CODE, {"code": last_letter(NEW).code})) == (303, PROFILE)
    assert User.objects.get(email=NEW).id == before.user_id


def test_a_guest_leaves_by_a_word(guests: Browser) -> None:
    assert "Type delete to confirm" in text(guests.get(DELETE))
    assert leads_to(guests.post(DELETE, {"confirm": "delete"})) == (303, "/account/deleted/")
