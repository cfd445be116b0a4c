"""What strangers cause in mail and in wrong codes is theirs, and leaves the owner theirs (SECURITY E-03, E-11)."""

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.links import codes, postage
from accounts.links.codes import CodePurpose
from accounts.users.models import User
from tests.conftest import signed_in
from tests.support.app import App
from tests.support.browser import Browser
from tests.support.mailbox import last_letter, letters
from tests.support.ways import CODE, RESET, RESET_CONFIRM, opens, outcome

ALICE = "alice@example.com"
RESEND = "/auth/email/resend/"
NEW = "a quite different staple"
DOORS = [CODE, RESET]


def somewhere(network: int) -> App:
    """An app in a network of its own."""
    return App(http=Client(REMOTE_ADDR=f"203.0.{network}.7"))


def asks(app: App, path: str, **body: object) -> bool:
    """Whether a mail to Alice comes of it; the answer does not tell."""
    before = len(letters(ALICE))
    assert app.post(path, {"email": ALICE, **body}).status_code == 202
    return len(letters(ALICE)) > before


def flood(app: App, *paths: str) -> None:
    """One mail more of each kind than go out at once."""
    for path in paths:
        for _ in range(postage._PACE.free + 1):
            asks(app, path)


def flood_from_everywhere(path: str) -> None:
    """Until no stranger's mail goes out any more."""
    for network in range(postage._MAILS.total // postage._PACE.free + 1):
        flood(somewhere(network), path)
    assert not asks(somewhere(200), path)


@pytest.mark.parametrize("path", DOORS)
def test_E03_stranger_delays_no_mail_that_is_asked_for_from_elsewhere(alice: User, path: str) -> None:
    flood(somewhere(1), RESEND, *DOORS)
    assert not asks(somewhere(1), path)
    assert asks(somewhere(2), path)


@pytest.mark.parametrize("path", DOORS)
def test_E03_one_kind_of_mail_delays_no_other(alice: User, path: str) -> None:
    flood(somewhere(1), RESEND)
    assert asks(somewhere(1), path)


@pytest.mark.parametrize("path", DOORS)
def test_E03_known_device_gets_its_mail_whatever_strangers_do(alice: User, path: str) -> None:
    home = signed_in(alice)
    for number in range(40):
        home.post(RESEND, {"email": f"somebody{number}@example.com"})
    flood_from_everywhere(path)
    assert asks(App(), path, device={"refresh": home.refresh})


def test_E03_known_browser_gets_its_mail_whatever_strangers_do(alice: User) -> None:
    browser = Browser()
    browser.sign_in(ALICE)
    flood_from_everywhere(RESET)
    before = len(letters(ALICE))
    browser.post("/account/reset/", {"email": ALICE})
    assert len(letters(ALICE)) == before + 1


def test_E11_many_networks_together_are_bounded(alice: User) -> None:
    flood_from_everywhere(RESET)
    assert len(letters(ALICE)) == postage._MAILS.total == 40


def test_E11_known_device_is_bounded_too(alice: User) -> None:
    home = signed_in(alice)
    assert [asks(home, RESET, device={"refresh": home.refresh}) for _ in range(5)] == [True, True, True, False, False]


def guesses(app: App, times: int) -> None:
    """At codes for a new password: whoever knows the address can."""
    for _ in range(times):
        body = {"email": ALICE, "code": "nonsense", "new_password": NEW}
        assert outcome(app.post(RESET_CONFIRM, body)) == (401, "invalid_code")


def right(app: App, **body: object) -> int:
    body = {"email": ALICE, "code": last_letter(ALICE).code, "new_password": NEW, **body}
    return app.post(RESET_CONFIRM, body).status_code


def codes_guessed_at(app: Callable[[int], App], times: int) -> None:
    """New codes, each with all its tries used up."""
    for number in range(times):
        codes.ask(CodePurpose.RESET_PASSWORD, ALICE, user_id=User.objects.get(email=ALICE).id)
        guesses(app(number), codes.TRIES)


def test_E03_wrong_codes_of_a_stranger_do_not_close_the_account_to_others(alice: User) -> None:
    codes_guessed_at(lambda _: somewhere(1), 11)
    assert asks(somewhere(2), RESET)
    assert right(somewhere(1)) == 401
    assert right(somewhere(2)) == 204


def test_E03_stranger_who_used_up_their_tries_does_not_reach_the_code(alice: User) -> None:
    """Else every code that the owner is sent would be used up by somebody who only waits for it."""
    codes_guessed_at(lambda _: somewhere(1), 5)
    assert asks(somewhere(2), RESET)
    guesses(somewhere(1), codes.TRIES)
    assert right(somewhere(2)) == 204


def test_P24_wrong_codes_from_many_networks_close_it_to_strangers_and_not_to_known_devices(alice: User) -> None:
    home = signed_in(alice)
    codes_guessed_at(somewhere, 10)
    assert asks(somewhere(20), RESET)
    assert right(somewhere(20)) == 401
    assert right(somewhere(21), device={"refresh": home.refresh}) == 204
    assert opens(ALICE, NEW)


def test_P24_link_is_good_whatever_codes_were_guessed(alice: User) -> None:
    codes_guessed_at(somewhere, 10)
    assert asks(somewhere(20), RESET)
    body = {"token": last_letter(ALICE).token, "new_password": NEW}
    assert somewhere(20).post(RESET_CONFIRM, body).status_code == 204
