"""What a form of the pages refuses is said in our words: Django's say "du" in German, and "it has 300" in English."""

import re
from collections.abc import Iterator

import pytest
from django import forms
from django.utils import translation

from accounts.lifecycle import forms as account_forms
from accounts.signin import forms as sign_in_forms
from accounts.users.models import User
from tests.support.browser import Browser
from tests.support.pages import SIGN_UP, sign_up, signed_in, text, visitor

FORMS = [
    form
    for module in (account_forms, sign_in_forms)
    for form in vars(module).values()
    if isinstance(form, type) and issubclass(form, forms.Form) and form is not forms.Form
]
WRONG = {"missing": "", "long": "x" * 30_000, "NUL": "a\0b", "two lines": "a\u2028b", "no address": "a@b@c", "elsewhere": "a@b"}
FRAMEWORK = re.compile(
    r"This field|Ensure this|Null char|Select a valid|Enter a valid (?!e-mail address\.)|Dieses Feld|\bGib\b|[Ss]icher"
)


def refusals(form: type[forms.Form], typed: str) -> Iterator[str]:
    for sentences in form(dict.fromkeys(form.base_fields, typed)).errors.values():
        yield from map(str, sentences)


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("typed", WRONG.values(), ids=WRONG)
@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.__name__)
def test_form_refuses_in_our_words(form: type[forms.Form], typed: str, language: str) -> None:
    with translation.override(language):
        assert [sentence for sentence in refusals(form, typed) if FRAMEWORK.search(sentence)] == []


@pytest.mark.parametrize("typed", ["", "x" * 30_000])
def test_control_every_form_refuses_something(typed: str) -> None:
    silent = [form.__name__ for form in FORMS if not list(refusals(form, typed))]
    assert silent == []


def test_page_says_sie(db: None) -> None:
    browser = Browser()
    browser.get(SIGN_UP)
    answer = browser.post(SIGN_UP, {"email": "x", "password": "", "name": ""}, Accept_Language="de")
    assert "Geben Sie eine gültige E-Mail-Adresse ein." in text(answer)
    assert "Füllen Sie dieses Feld aus." in text(answer)


def test_new_address_that_is_none_is_refused_in_our_words(alice: User) -> None:
    answer = signed_in(alice).post("/account/profile/email/", {"email": "a@b"}, Accept_Language="de")
    assert "Geben Sie eine gültige E-Mail-Adresse ein." in text(answer)


def test_page_takes_no_more_than_it_will_keep(db: None) -> None:
    browser = Browser()
    browser.get(SIGN_UP)
    assert re.findall(r'maxlength="(\d+)"', text(sign_up(browser, "x"))) == ["150", "254"]


@pytest.mark.parametrize("path", ["/account/reset/", "/account/code/"])
def test_page_that_mails_a_code_refuses_what_is_no_address(db: None, path: str) -> None:
    answer = visitor().post(path, {"email": "x"})
    assert (answer.status_code, "Enter a valid e-mail address." in text(answer)) == (400, True)
