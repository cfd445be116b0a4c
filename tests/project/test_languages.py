"""Pages and mails in the language of their reader; everything for apps, and the admin, in English."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core import mail as sent
from django.test import Client
from django.utils import translation
from django.utils.translation import trans_real

from accounts.core.requests import NOWHERE
from accounts.lifecycle import registration
from accounts.management.commands.worker import work
from accounts.outbox import enqueue
from accounts.outbox.enqueue import Notice
from accounts.passwords import strength
from accounts.users.languages import spoken
from accounts.users.models import User
from tests.support.account import PROFILE, SECURITY
from tests.support.app import PASSWORD, App
from tests.support.browser import Answer, Browser
from tests.support.pages import SIGN_IN, SIGN_UP, sign_up, signed_in, text

GERMAN = "de-AT,de;q=0.9,en;q=0.5"


def language(answer: Answer) -> tuple[str, bool]:
    """What the header says, and whether `<html lang>` says it too."""
    named = answer.headers["Content-Language"]
    return named, f'<html lang="{named}"' in text(answer)


def german(path: str, **headers: str) -> Answer:
    return Browser().get(path, Accept_Language=GERMAN, **headers)


@pytest.mark.parametrize("path", ["/", SIGN_IN, SIGN_UP, "/account/reset/", "/account/code/", "/nothing/"])
def test_a_page_is_in_the_language_that_the_browser_asks_for(db: None, path: str) -> None:
    assert language(german(path)) == ("de", True)


def test_S13_languages_that_we_do_not_ship_are_never_loaded(db: None) -> None:
    assert language(german(SIGN_IN)) == ("de", True)
    for number in range(300):
        Browser().get(SIGN_IN, Accept_Language=f"de-x{number:03},xx-{number:03}", Cookie=f"django_language=yy{number}")
    assert set(trans_real._translations) <= {"en", "de"}


@pytest.mark.parametrize("header", ["", "fr", "xx-YY", "*", "de;q=0", "en-GB,de;q=0.5", "-" * 600, "\u00e4,;q=z"])
def test_what_is_not_spoken_here_falls_back_to_english(db: None, header: str) -> None:
    answer = Browser().get(SIGN_IN, Accept_Language=header)
    assert language(answer) == ("en", True)
    assert "Forgot your password?" in text(answer)


def test_caches_are_told_what_a_page_depends_on(db: None) -> None:
    varies = {name.strip() for name in german(SIGN_IN).headers["Vary"].split(",")}
    assert varies >= {"Accept-Language", "Cookie"}


def test_the_next_request_does_not_inherit_the_language(db: None) -> None:
    before = translation.get_language()
    assert "Anmelden" in text(german(SIGN_IN))
    assert translation.get_language() == before
    assert "Sign in" in text(Browser().get(SIGN_IN))


@pytest.mark.parametrize("path", ["/", SIGN_IN, "/account/confirm/", SECURITY, "/nothing/"])
def test_ones_own_language_wins_on_every_page(make_user: Callable[..., User], path: str) -> None:
    browser = signed_in(make_user(language="de"))
    assert language(browser.get(path, Accept_Language="en")) == ("de", True)


def test_a_language_is_no_extra_query(make_user: Callable[..., User], django_assert_num_queries: Callable[..., object]) -> None:
    browser = signed_in(make_user(language="de"))
    with django_assert_num_queries(0):
        assert language(browser.get("/nothing/")) == ("de", True)


def test_a_chosen_language_holds_at_once_everywhere(alice: User) -> None:
    browser = signed_in(alice)
    answer = browser.post(PROFILE, {"name": "Alice", "language": "de"})
    assert answer.status_code == 303
    start = browser.get("/")
    assert language(start) == ("de", True)
    assert "Ihr Profil wurde gespeichert." in text(start)


def test_a_browser_that_asks_for_german_signs_up_in_german(db: None) -> None:
    browser = Browser()
    browser.http.defaults["HTTP_ACCEPT_LANGUAGE"] = GERMAN
    browser.get(SIGN_UP)
    sign_up(browser, "neu@example.com")
    work()
    assert User.objects.get().language == "de"
    assert sent.outbox[0].subject == "Bestätigen Sie Ihre E-Mail-Adresse für Signet"


@pytest.mark.parametrize(("tag", "kept"), [("de", "de"), ("de_CH", "de"), ("EN-gb", "en"), ("fr", ""), ("", ""), ("!", "")])
def test_a_registration_keeps_a_language_that_is_spoken_here(db: None, tag: str, kept: str) -> None:
    registration.by_password("neu@example.com", PASSWORD, name="", language=tag, source=NOWHERE)
    assert (User.objects.get().language, spoken(tag)) == (kept, kept)


@pytest.mark.parametrize(("own", "subject"), [("de", "Neue Anmeldung bei"), ("", "New sign-in to"), ("xx", "New sign-in to")])
def test_a_notice_is_in_the_language_of_its_reader(make_user: Callable[..., User], own: str, subject: str) -> None:
    enqueue.notice(Notice.NEW_DEVICE, make_user(language=own).id, device_name="Telefon")
    work()
    assert sent.outbox[0].subject.startswith(subject)


def test_a_german_mail_says_so(make_user: Callable[..., User]) -> None:
    enqueue.notice(Notice.PASSWORD_CHANGED, make_user(language="de").id)
    work()
    html = str(sent.outbox[0].alternatives[0][0])  # type: ignore[attr-defined]
    assert '<html lang="de">' in html
    assert "Das Passwort Ihres Kontos wurde geändert." in html


def test_what_was_refused_is_said_in_german(alice: User) -> None:
    browser = Browser()
    browser.get(SIGN_IN)
    answer = browser.post(SIGN_IN, {"email": "alice@example.com", "password": "wrong"}, Accept_Language=GERMAN)
    assert "Die E-Mail-Adresse oder das Passwort ist nicht richtig." in text(answer)


def test_a_weak_password_is_advised_on_in_german(db: None) -> None:
    browser = Browser()
    browser.get(SIGN_UP)
    fields = {"name": "", "email": "neu@example.com", "password": "password1234"}
    answer = text(browser.post(SIGN_UP, fields, Accept_Language=GERMAN))
    assert "Dieses Passwort gehört zu denen, die zuerst ausprobiert werden." in answer
    with translation.override("de"):
        advice = [translation.gettext(sentence) for sentence in strength.judge("password1234").advice]
    assert advice
    assert all(sentence in answer for sentence in advice)


@pytest.mark.parametrize("password", ["short", "password1234"])
def test_the_api_stays_english(db: None, password: str) -> None:
    body = {"email": "neu@example.com", "password": password, "language": "de"}
    answer = App().post("/auth/register/", body, headers={"Accept-Language": GERMAN})
    (refusal,) = json.loads(answer.content)["errors"]["password"]
    assert refusal["detail"] in {"Use at least 12 characters.", "This password is one of those that are tried first."}
    assert "Content-Language" not in answer.headers


@pytest.mark.parametrize("path", ["/api/v1/me/", "/auth/refresh/", "/nothing/"])
def test_json_is_english_whatever_is_asked_for(db: None, path: str) -> None:
    answer = Client().post(path, {}, "application/json", headers={"Accept": "application/json", "Accept-Language": GERMAN})
    assert answer.status_code >= 400
    assert "Content-Language" not in answer.headers
    assert not {"nicht", "Melden", "Hier"} & set(answer.json()["detail"].split())


@pytest.mark.parametrize("path", ["/admin/", "/api/v1/"])
def test_the_admin_and_the_browsable_api_stay_english(make_user: Callable[..., User], path: str) -> None:
    browser = signed_in(make_user(is_staff=True, is_superuser=True, language="de"))
    answer = browser.get(path, Accept_Language=GERMAN)
    assert answer.status_code == 200
    assert '<html lang="en' in text(answer)
    assert "Abmelden" not in text(answer)


def test_heading_fits_a_phone_in_german() -> None:
    """At 360 pixels there is room for some twenty letters; longer words have a soft hyphen where they may break."""
    pages = "".join(path.read_text() for path in Path("templates").rglob("*.html"))
    with translation.override("de"):
        headings = [translation.gettext(heading) for heading in re.findall(r'<h1[^>]*>{% translate "([^"]+)"', pages)]
    assert "Abmelden" in headings
    assert [heading for heading in headings if re.search(r"\w{21}", heading)] == []
