"""A forgotten password on the pages (SECURITY L-02, L-07, L-08)."""

import pytest

from accounts.devices.models import Device
from accounts.users.models import User
from tests.support.app import PASSWORD, App
from tests.support.browser import Browser
from tests.support.mailbox import last_letter, letters
from tests.support.pages import NEW_PASSWORD, RESET, RESET_CODE, UNKNOWN, seen, text, visitor
from tests.support.phone import enrolled
from tests.support.ways import opens


@pytest.fixture
def asked(alice: User) -> Browser:
    browser = visitor()
    answer = browser.post(RESET, {"email": alice.email})
    assert (answer.status_code, answer.headers["Location"]) == (303, RESET_CODE)
    return browser


def chosen(email: str) -> dict[str, str]:
    return {"code": last_letter(email).code, "new_password": NEW_PASSWORD}


def test_code_sets_the_password_and_signs_nobody_in(alice: User, app: App, asked: Browser) -> None:
    answer = asked.post(RESET_CODE, chosen(alice.email))
    assert (answer.status_code, "Your password is set" in text(answer), asked.cookie) == (200, True, "")
    assert (opens(alice.email, NEW_PASSWORD), opens(alice.email, PASSWORD)) == (True, False)
    assert app.rotate().status_code == 401


def test_link_sets_it_too(alice: User, asked: Browser) -> None:
    token = last_letter(alice.email).token
    page = asked.get(f"{RESET}?token={token}")
    assert (page.status_code, alice.email in text(page)) == (200, True)
    assert asked.post(RESET, {"token": token, "new_password": NEW_PASSWORD}).status_code == 200
    assert opens(alice.email, NEW_PASSWORD)


def test_refused_password_leaves_the_code_good(alice: User, asked: Browser) -> None:
    refused = asked.post(RESET_CODE, {**chosen(alice.email), "new_password": "short"})
    assert (refused.status_code, "Use at least 12 characters." in text(refused)) == (400, True)
    assert asked.post(RESET_CODE, chosen(alice.email)).status_code == 200


def test_wrong_code_is_told_beside_the_field(alice: User, asked: Browser) -> None:
    code = last_letter(alice.email).code
    wrong = f"{(int(code) + 1) % 10**6:06}"
    refused = asked.post(RESET_CODE, {"code": wrong, "new_password": NEW_PASSWORD})
    assert (refused.status_code, 'id="id_code-error">The code is not right' in text(refused)) == (400, True)
    assert NEW_PASSWORD not in text(refused)
    assert opens(alice.email, PASSWORD)


def test_L02_opening_the_link_changes_nothing(alice: User, asked: Browser) -> None:
    token, scanner = last_letter(alice.email).token, Browser()
    assert {scanner.get(f"{RESET}?token={token}").status_code for _ in range(5)} == {200}
    assert opens(alice.email, PASSWORD)
    assert asked.post(RESET, {"token": token, "new_password": NEW_PASSWORD}).status_code == 200


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        (RESET, {}),
        (RESET, {"token": ""}),
        (RESET, {"token": "", "new_password": NEW_PASSWORD}),
        (RESET, {"new_password": NEW_PASSWORD}),
        (RESET_CODE, {}),
        (RESET_CODE, {"new_password": NEW_PASSWORD}),
        (RESET_CODE, {"code": "", "new_password": NEW_PASSWORD}),
        (RESET_CODE, {"code": "000000", "new_password": NEW_PASSWORD, "email": "alice@example.com"}),
    ],
)
def test_L07_no_step_can_be_skipped(alice: User, path: str, fields: dict[str, str]) -> None:
    browser = visitor()
    assert browser.post(path, fields).status_code in {303, 400}
    assert (opens(alice.email, PASSWORD), letters(alice.email)) == (True, [])


def test_L07_code_counts_only_where_it_was_asked_for(alice: User, asked: Browser) -> None:
    other = visitor()
    assert other.post(RESET_CODE, {**chosen(alice.email), "email": alice.email}).headers["Location"] == RESET
    assert opens(alice.email, PASSWORD)
    assert asked.post(RESET_CODE, chosen(alice.email)).status_code == 200


def test_L08_second_factor_is_asked_for_after_a_reset(alice: User, asked: Browser) -> None:
    enrolled(alice)
    asked.post(RESET_CODE, chosen(alice.email))
    page = asked.sign_in(alice.email, NEW_PASSWORD)
    assert (page.status_code, "One more step" in text(page), asked.cookie) == (200, True, "")
    assert Device.objects.filter(revoked_at=None).count() == 0


def test_E01_page_answers_alike_for_an_unknown_address(alice: User) -> None:
    assert seen(alice.email, RESET, RESET_CODE) == seen(UNKNOWN, RESET, RESET_CODE)
    assert (len(letters(alice.email)), letters(UNKNOWN)) == (1, [])


def test_link_of_another_kind_resets_nothing(alice: User) -> None:
    browser = visitor()
    browser.post("/account/code/", {"email": alice.email})
    token = last_letter(alice.email).token
    assert browser.get(f"{RESET}?token={token}").status_code == 400
    assert browser.post(RESET, {"token": token, "new_password": NEW_PASSWORD}).status_code == 400
    assert opens(alice.email, PASSWORD)
