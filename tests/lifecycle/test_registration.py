"""Joining by password: one answer for every address, and whoever typed an address first owns nothing (SECURITY L-10, E-01)."""

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from accounts.audit.events import Event
from accounts.audit.models import AuditEvent
from accounts.lifecycle import deletion
from accounts.outbox.models import OutboxMessage
from accounts.passkeys.models import Passkey
from accounts.signin import verification
from accounts.tokens import access
from accounts.users.models import User
from tests.conftest import signed_in
from tests.support.app import PASSWORD, App
from tests.support.authenticator import Authenticator
from tests.support.mailbox import last_letter, letters
from tests.support.meanwhile import meanwhile
from tests.support.ways import (
    AUTHENTICATE,
    COOKIE,
    REGISTER,
    RESET,
    RESET_CONFIRM,
    SIGN_UP,
    SIGN_UP_OPTIONS,
    TOKEN,
    VERIFY,
    VERIFY_CODE,
    ask_code,
    opens,
    outcome,
    passkey_answer,
    register,
    verify_by_code,
    verify_by_link,
)

pytestmark = pytest.mark.usefixtures("db")
CAROL = "carol@example.com"
ATTACKERS = "attacker's own secret phrase"
CAROLS = "carol's own secret phrase"
LATER = 301


def passkey_sign_up(email: str = CAROL) -> tuple[Authenticator, str]:
    """The authenticator, and the handle of the registration."""
    key = Authenticator()
    asked = App().post(SIGN_UP_OPTIONS, {"email": email}).json()
    answer = App().post(SIGN_UP, {"challenge": asked["challenge"], "credential": key.create(asked["publicKey"])})
    assert answer.status_code == 202, answer.content
    return key, str(answer.json()["registration"])


def enters(key: Authenticator) -> bool:
    return App().post(AUTHENTICATE, passkey_answer(key)).status_code == 200


def test_registration_mails_a_code_and_the_code_signs_in() -> None:
    answer = App().post(REGISTER, {"email": " Carol@Example.com", "password": CAROLS, "name": "Carol"})
    assert (answer.status_code, set(answer.json())) == (202, {"detail", "registration"})
    letter = last_letter(CAROL)
    assert (letter.template, letter.context["name"]) == ("verify_email", "Carol")
    pair = verify_by_code(CAROL, device={"name": "Pixel"})
    told = {"access", "refresh", "token_type", "expires_in", "refresh_expires_in", "scope", "device", "credentials_kept"}
    assert set(pair.json()) == told
    assert access.verify(pair.json()["access"]).grant.acr == "email"
    assert opens(CAROL, CAROLS)


def test_link_does_it_too() -> None:
    handle = register(CAROL, CAROLS)
    assert verify_by_link(CAROL, registration=handle).status_code == 200
    assert opens(CAROL, CAROLS)


def test_cookies_in_the_place_of_tokens() -> None:
    register(CAROL, CAROLS)
    answer = App().post(VERIFY, {"email": CAROL, "code": last_letter(CAROL).code}, **COOKIE)
    assert (answer.status_code, "access" in answer.json()) == (200, False)


def elsewhere() -> App:
    """An app that did not register."""
    return App(http=Client(REMOTE_ADDR="203.0.113.7"))


def with_code() -> dict[str, str]:
    return {"email": CAROL, "code": last_letter(CAROL).code}


def with_link() -> dict[str, str]:
    return {"token": last_letter(CAROL).token}


@pytest.mark.parametrize("what", [with_code, with_link])
@pytest.mark.parametrize("shows_handle", [True, False])
def test_answer_says_whether_the_password_was_kept(what: Callable[[], dict[str, str]], shows_handle: bool) -> None:
    handle = register(CAROL, CAROLS)
    answer = elsewhere().post(VERIFY, {**what(), **({"registration": handle} if shows_handle else {})})
    assert (answer.status_code, answer.json()["credentials_kept"]) == (200, shows_handle)
    assert opens(CAROL, CAROLS) is shows_handle


@pytest.mark.parametrize("shows_handle", [True, False])
def test_answer_says_whether_the_passkey_was_kept(shows_handle: bool) -> None:
    key, handle = passkey_sign_up()
    answer = elsewhere().post(VERIFY, {**with_link(), **({"registration": handle} if shows_handle else {})})
    assert answer.json()["credentials_kept"] is shows_handle
    assert enters(key) is shows_handle


def test_answer_says_that_nothing_was_dropped_where_nothing_was_chosen(make_user: Any) -> None:
    invited = make_user(CAROL, email_verified_at=None)
    User.objects.filter(id=invited.id).update(password="!")
    App().post("/auth/email/resend/", {"email": CAROL})
    assert elsewhere().post(VERIFY, with_link()).json()["credentials_kept"] is True


def test_nobody_is_signed_in_before() -> None:
    register(CAROL, CAROLS)
    assert outcome(App().post(TOKEN, {"email": CAROL, "password": CAROLS})) == (401, "email_unverified")
    assert outcome(App().post(TOKEN, {"email": CAROL, "password": "wrong password"})) == (401, "invalid_credentials")


def test_right_password_of_an_unverified_account_mails_another_code() -> None:
    register(CAROL, CAROLS)
    first = last_letter(CAROL)
    assert outcome(App().post(TOKEN, {"email": CAROL, "password": "wrong password"})) == (401, "invalid_credentials")
    assert len(letters(CAROL)) == 1
    assert outcome(App().post(TOKEN, {"email": CAROL, "password": CAROLS})) == (401, "email_unverified")
    assert len(letters(CAROL)) == 2
    assert outcome(App().post(VERIFY, {"email": CAROL, "code": first.code})) == (401, "invalid_code")
    assert verify_by_code(CAROL).status_code == 200
    assert opens(CAROL, CAROLS)


@pytest.mark.parametrize("state", [{}, {"is_active": False}, {"deletion_due_at": timezone.now()}])
def test_E01_known_address_is_answered_alike_and_unchanged(alice: User, state: dict[str, Any]) -> None:
    User.objects.filter(id=alice.id).update(**state)
    known = App().post(REGISTER, {"email": alice.email, "password": ATTACKERS})
    unknown = App().post(REGISTER, {"email": "x" + str(alice.email), "password": ATTACKERS})
    assert (known.status_code, known.json()["detail"]) == (unknown.status_code, unknown.json()["detail"])
    assert len(known.content) == len(unknown.content)
    assert [letter.template for letter in letters(str(alice.email))] == ([] if state else ["already_registered"])
    User.objects.filter(id=alice.id).update(is_active=True, deletion_due_at=None)
    assert opens(str(alice.email), PASSWORD)
    assert not opens(str(alice.email), ATTACKERS)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"password": CAROLS}, "email"),
        ({"email": CAROL}, "password"),
        ({"email": CAROL, "password": "short"}, "password"),
        ({"email": CAROL, "password": "password1234567"}, "password"),
        ({"email": "carol", "password": CAROLS}, "email"),
        ({"email": "a@b@example.com", "password": CAROLS}, "email"),
        ({"email": CAROL, "password": CAROLS, "is_staff": True}, "is_staff"),
        ({"email": CAROL, "password": CAROLS, "name": "a\nb"}, "name"),
        ({"email": [CAROL], "password": CAROLS}, "email"),
    ],
)
def test_what_cannot_be_registered_says_why(body: dict[str, Any], field: str) -> None:
    answer = App().post(REGISTER, body)
    assert outcome(answer) == (400, "invalid")
    assert list(answer.json()["errors"]) == [field]
    assert not User.objects.exists()


def test_registration_gives_no_powers() -> None:
    register(CAROL, CAROLS)
    carol = User.objects.get()
    assert (carol.is_staff, carol.is_superuser, carol.groups.count(), carol.email_verified_at) == (False, False, 0, None)


def by_code() -> None:
    assert verify_by_code(CAROL).status_code == 200


def by_link() -> None:
    assert verify_by_link(CAROL).status_code == 200


def by_reset() -> None:
    App().post(RESET, {"email": CAROL})
    body = {"email": CAROL, "code": last_letter(CAROL).code, "new_password": CAROLS}
    assert App().post(RESET_CONFIRM, body).status_code == 204


def by_sign_in_code() -> None:
    assert App().post(VERIFY_CODE, ask_code(CAROL)).status_code == 200


OTHER_WAYS = {"link": by_link, "reset": by_reset, "sign-in code": by_sign_in_code}


@pytest.mark.parametrize("way", OTHER_WAYS)
@pytest.mark.parametrize("carol_registers", ["never", "before", "after"])
def test_L10_password_of_whoever_typed_the_address_is_dropped(way: str, carol_registers: str) -> None:
    for who in {"never": "a", "before": "ca", "after": "ac"}[carol_registers]:
        register(CAROL, ATTACKERS if who == "a" else CAROLS)
    OTHER_WAYS[way]()
    assert User.objects.get().email_verified_at
    assert not opens(CAROL, ATTACKERS)
    assert opens(CAROL, CAROLS) == (way == "reset")


@pytest.mark.parametrize("order", ["ca", "ac", "aca", "cac"])
@pytest.mark.parametrize("shows_handle", [True, False])
def test_L10_code_keeps_no_password_of_somebody_else(order: str, shows_handle: bool) -> None:
    for who in order:
        handle = register(CAROL, ATTACKERS if who == "a" else CAROLS)
        carols = handle if who == "c" else locals().get("carols", "")
    answer = verify_by_code(CAROL, **({"registration": carols} if shows_handle else {}))
    assert answer.status_code == 200
    assert not opens(CAROL, ATTACKERS)
    assert opens(CAROL, CAROLS) == (shows_handle and order.endswith("c"))


def test_L10_code_keeps_the_password_of_the_only_registration() -> None:
    register(CAROL, CAROLS)
    by_code()
    assert opens(CAROL, CAROLS)


def test_L10_right_password_does_not_settle_who_of_two_registered() -> None:
    register(CAROL, CAROLS)
    register(CAROL, ATTACKERS)
    assert outcome(App().post(TOKEN, {"email": CAROL, "password": ATTACKERS})) == (401, "email_unverified")
    by_code()
    assert not opens(CAROL, ATTACKERS)


def test_handle_outlives_a_sign_in_before_the_verification() -> None:
    handle = register(CAROL, CAROLS)
    assert outcome(App().post(TOKEN, {"email": CAROL, "password": CAROLS})) == (401, "email_unverified")
    assert verify_by_code(CAROL, registration=handle).status_code == 200
    assert opens(CAROL, CAROLS)


def test_L10_registration_of_before_another_cannot_be_verified_meanwhile() -> None:
    """Redeemed, and registered anew by somebody else before it is acted upon."""
    register(CAROL, CAROLS)
    with meanwhile(lambda: register(CAROL, ATTACKERS), before="UPDATE accounts_counter SET"):
        assert outcome(verify_by_code(CAROL)) == (401, "invalid_code")
    assert User.objects.get().email_verified_at is None
    by_code()
    assert not opens(CAROL, ATTACKERS)


@pytest.mark.parametrize("shows_handle", [True, False])
def test_L10_attacker_cannot_slip_in_when_no_more_mail_goes_out(shows_handle: bool) -> None:
    """The limit on mail must not let a password be changed under a code that was sent before."""
    carols = register(CAROL, CAROLS)
    for _ in range(2):
        App().post("/auth/email/resend/", {"email": CAROL})
    register(CAROL, ATTACKERS)
    assert len(letters(CAROL)) == 3
    answer = verify_by_code(CAROL, **({"registration": carols} if shows_handle else {}))
    assert answer.status_code == 200
    assert not opens(CAROL, ATTACKERS)
    assert opens(CAROL, CAROLS) == shows_handle


@pytest.mark.parametrize("shows_handle", [True, False])
def test_L10_attacker_is_not_kept_when_no_more_mail_goes_out(shows_handle: bool) -> None:
    register(CAROL, ATTACKERS)
    for _ in range(2):
        App().post("/auth/email/resend/", {"email": CAROL})
    carols = register(CAROL, CAROLS)
    assert verify_by_code(CAROL, **({"registration": carols} if shows_handle else {})).status_code == 200
    assert not opens(CAROL, ATTACKERS)


def test_L10_attacker_on_the_owners_network_is_not_kept_when_she_asks_for_a_code() -> None:
    """She never registered: her app sends the code from the same network, with the same user agent, and no handle."""
    register(CAROL, ATTACKERS)
    App().post("/auth/email/resend/", {"email": CAROL})
    assert verify_by_code(CAROL).json()["credentials_kept"] is False
    assert not opens(CAROL, ATTACKERS)


def test_L10_control_handle_keeps_the_password_when_another_code_is_asked_for() -> None:
    handle = register(CAROL, CAROLS)
    App().post("/auth/email/resend/", {"email": CAROL})
    assert verify_by_code(CAROL, registration=handle).json()["credentials_kept"] is True
    assert opens(CAROL, CAROLS)


@pytest.mark.parametrize("days", [0, 3, 6])
def test_L10_old_registration_still_counts_as_somebody_elses(days: int) -> None:
    with time_machine.travel(time.time() - days * 86_400 - 2):
        register(CAROL, ATTACKERS)
    handle = register(CAROL, CAROLS, name="Carol")
    assert last_letter(CAROL).context["name"] == "Carol"
    assert verify_by_code(CAROL).status_code == 200
    assert not opens(CAROL, ATTACKERS)
    assert handle


@pytest.mark.parametrize("handle", ["", "nonsense", "a.b.c"])
def test_L10_handle_that_is_none_keeps_nothing_behind_a_link(handle: str) -> None:
    register(CAROL, ATTACKERS)
    assert verify_by_link(CAROL, registration=handle).status_code == 200
    assert not opens(CAROL, ATTACKERS)


def test_L10_handle_of_another_address_keeps_nothing() -> None:
    register(CAROL, ATTACKERS)
    elsewhere = register("attacker@example.com", ATTACKERS)
    assert verify_by_code(CAROL, registration=elsewhere).status_code == 200
    assert not opens(CAROL, ATTACKERS)


@pytest.mark.parametrize("way", OTHER_WAYS)
def test_L10_passkey_of_whoever_typed_the_address_is_dropped(way: str) -> None:
    key, _ = passkey_sign_up()
    OTHER_WAYS[way]()
    assert not enters(key)


@pytest.mark.parametrize("shows_handle", [True, False])
def test_L10_attackers_passkey_does_not_come_over_a_password(shows_handle: bool) -> None:
    carols = register(CAROL, CAROLS)
    key, _ = passkey_sign_up()
    assert verify_by_code(CAROL, **({"registration": carols} if shows_handle else {})).status_code == 200
    assert not enters(key)
    assert not User.objects.get().has_usable_password()


def test_L10_attackers_password_does_not_come_over_a_passkey() -> None:
    _, carols = passkey_sign_up()
    register(CAROL, ATTACKERS)
    assert verify_by_code(CAROL, registration=carols).status_code == 200
    assert not opens(CAROL, ATTACKERS)


def test_L10_link_of_before_another_registration_is_dead() -> None:
    register(CAROL, CAROLS)
    older = last_letter(CAROL)
    register(CAROL, ATTACKERS)
    assert outcome(App().post(VERIFY, {"token": older.token})) == (401, "token_invalid")
    assert outcome(App().post(VERIFY, {"email": CAROL, "code": older.code})) == (401, "invalid_code")


def test_L10_import_with_a_password_is_not_taken_by_a_registration(make_user: Any) -> None:
    make_user(CAROL, email_verified_at=None)
    register(CAROL, ATTACKERS)
    by_code()
    assert not opens(CAROL, ATTACKERS)


def test_L10_registration_of_a_stranger_does_not_take_an_imported_password_away(make_user: Any) -> None:
    make_user(CAROL, email_verified_at=None, joined_by=User.JoinedBy.IMPORT)
    register(CAROL, ATTACKERS)
    assert outcome(App().post(TOKEN, {"email": CAROL, "password": PASSWORD})) == (401, "email_unverified")
    by_code()
    assert opens(CAROL, PASSWORD)


@pytest.mark.parametrize("way", [register, passkey_sign_up])
def test_account_that_staff_made_is_not_replaced(make_user: Any, way: Any) -> None:
    invited = make_user(CAROL, email_verified_at=None)
    way(CAROL)
    assert User.objects.get().id == invited.id


def test_handle_is_of_no_other_use() -> None:
    handle = register(CAROL, CAROLS)
    assert App(access=handle).get("/api/v1/me/").status_code == 401
    assert outcome(App().post(VERIFY, {"token": handle})) == (401, "token_invalid")
    assert verification.handle


@pytest.mark.parametrize(("days", "left"), [(6, 1), (8, 0)])
def test_registration_that_nobody_verified_goes_after_a_week(days: int, left: int) -> None:
    register(CAROL, CAROLS)
    with time_machine.travel(timezone.now() + timedelta(days=days)):
        deletion.sweep_abandoned()
    assert User.objects.count() == left


def test_sweep_spares_everybody_else(alice: User, make_user: Any) -> None:
    make_user("invited@example.com", email_verified_at=None)
    register(CAROL, CAROLS)
    by_code()
    signed_in(alice)
    with time_machine.travel(timezone.now() + timedelta(days=8)):
        assert deletion.sweep_abandoned() == 0
    assert User.objects.count() == 3


@pytest.mark.parametrize("way", [register, passkey_sign_up])
def test_E02_known_address_leaves_no_trace_of_the_rehearsal(alice: User, way: Any) -> None:
    way(str(alice.email))
    assert User.objects.get().id == alice.id
    assert not Passkey.objects.exists()
    assert not AuditEvent.objects.filter(event__in=[Event.USER_REGISTERED, Event.PASSKEY_REGISTERED]).exists()
    assert OutboxMessage.objects.count() == 1


def test_E02_code_that_a_known_address_keeps_opens_nothing(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("secrets.randbelow", lambda _: 123456)
    for email in (str(alice.email), CAROL):
        register(email, CAROLS)
    known, fresh = (App().post(VERIFY, {"email": email, "code": "123456"}) for email in (str(alice.email), CAROL))
    assert (outcome(known), fresh.status_code) == ((401, "invalid_code"), 200)


def test_E11_address_without_mail_makes_no_account() -> None:
    for number in range(31):
        register(f"person{number}@example.com")
    assert User.objects.count() == 30
    assert letters("person30@example.com") == []
