"""Another e-mail address: the new one confirms it, the old one is told and may take it back (SECURITY L-09)."""

from datetime import timedelta

import pytest
import time_machine
from django.conf import settings
from django.test import Client
from django.utils import timezone

from accounts.audit.models import AuditEvent
from accounts.devices.models import Device
from accounts.users.models import User
from tests.support.app import App
from tests.support.browser import Browser
from tests.support.mailbox import last_letter, letters, notices

NEW = "new@example.com"
ASK, CONFIRM, UNDO = "/api/v1/me/email/", "/auth/email/change/confirm/", "/auth/email/change/undo/"


def post(path: str, **body: str) -> int:
    return Client().post(path, body, "application/json").status_code


def address(user: User) -> str | None:
    return User.objects.get(id=user.id).email


def changed(app: App) -> None:
    """Alice's app asks, and the new mailbox confirms."""
    assert app.post(ASK, {"email": NEW}).status_code == 202
    assert post(CONFIRM, token=last_letter(NEW).token) == 204


def test_L09_the_old_address_stays_until_the_new_one_is_confirmed(app: App, alice: User) -> None:
    assert app.post(ASK, {"email": NEW}).status_code == 202
    assert address(alice) == "alice@example.com"
    assert post(CONFIRM, email=NEW, code=last_letter(NEW).code) == 204
    assert address(alice) == NEW


def test_L09_the_link_confirms_as_the_code_does(app: App, alice: User) -> None:
    changed(app)
    assert address(alice) == NEW
    assert User.objects.get(id=alice.id).email_verified_at is not None


def test_L09_a_code_may_be_typed_as_it_is_printed_in_the_mail(app: App, alice: User) -> None:
    app.post(ASK, {"email": NEW})
    code = last_letter(NEW).code
    assert post(CONFIRM, email=NEW, code=f"{code[:3]} {code[3:]}") == 204
    assert address(alice) == NEW


@pytest.mark.parametrize("typed", ["alice@example.com", " Alice@Example.com"])
def test_ones_own_address_is_no_change_and_mails_nobody(app: App, alice: User, typed: str) -> None:
    answer = app.post(ASK, {"email": typed})
    assert (answer.status_code, answer.json()["errors"]["email"][0]["code"]) == (400, "unchanged")
    assert (letters("alice@example.com"), notices("address_change_requested")) == ([], [])


def test_L09_asking_wants_a_proof_of_the_last_minutes(app: App) -> None:
    with time_machine.travel(timezone.now() + settings.FACTOR_FRESHNESS_WINDOW + timedelta(minutes=1), tick=False):
        answer = app.post(ASK, {"email": NEW})
    assert (answer.status_code, answer.json()["code"]) == (401, "insufficient_user_authentication")
    assert letters(NEW) == []
    assert app.post(ASK, {"email": NEW}).status_code == 202


def test_L09_the_old_address_is_told_and_takes_itself_back(app: App, alice: User) -> None:
    changed(app)
    undo = last_letter("alice@example.com")
    assert undo.template == "address_changed"
    assert post(UNDO, token=undo.token) == 204
    assert address(alice) == "alice@example.com"
    assert not Device.objects.filter(user=alice, revoked_at=None).exists()
    assert last_letter("alice@example.com").template == "set_password"


def test_L09_undoing_works_after_whoever_got_in_changed_the_password(app: App, alice: User) -> None:
    changed(app)
    app.rotate()
    body = {"current_password": "correct horse battery staple", "new_password": "mallory knows this one now"}
    assert app.post("/api/v1/me/password/", body).status_code == 204
    assert post(UNDO, token=last_letter("alice@example.com").token) == 204
    assert App().sign_in("alice@example.com", body["new_password"]).status_code == 401


@pytest.mark.parametrize(("days", "status"), [(6, 204), (8, 401)])
def test_L09_undoing_is_possible_for_a_week(app: App, days: int, status: int) -> None:
    changed(app)
    token = last_letter("alice@example.com").token
    with time_machine.travel(timezone.now() + timedelta(days=days), tick=False):
        assert post(UNDO, token=token) == status


def test_L01_each_link_works_once(app: App) -> None:
    changed(app)
    first, undo = last_letter(NEW).token, last_letter("alice@example.com").token
    assert post(CONFIRM, token=first) == 401
    assert [post(UNDO, token=undo), post(UNDO, token=undo)] == [204, 401]


def test_L01_the_code_dies_with_its_link(app: App) -> None:
    changed(app)
    assert post(CONFIRM, email=NEW, code=last_letter(NEW).code) == 401


def test_L05_a_link_from_before_a_change_of_the_account_is_worthless(app: App, alice: User) -> None:
    app.post(ASK, {"email": NEW})
    token = last_letter(NEW).token
    body = {"current_password": "correct horse battery staple", "new_password": "a quite different staple"}
    assert app.post("/api/v1/me/password/", body).status_code == 204
    assert post(CONFIRM, token=token) == 401
    assert address(alice) == "alice@example.com"


def confirm(app: App, code: str) -> int:
    return app.post(CONFIRM, {"email": NEW, "code": code}).status_code


def test_L09_a_code_confirms_the_address_of_whoever_types_it(app: App, bobs_app: App, alice: User, bob: User) -> None:
    """Alice asks for her second mailbox, and so does Bob: she types the newest code that she finds there."""
    assert app.post(ASK, {"email": NEW}).status_code == 202
    hers = last_letter(NEW).code
    assert bobs_app.post(ASK, {"email": NEW}).status_code == 202
    his = last_letter(NEW).code
    assert confirm(app, his) == 401
    assert address(bob) == "bob@example.com"
    assert confirm(app, hers) == 204
    assert address(alice) == NEW


def test_L09_a_code_typed_on_the_page_is_that_of_whoever_is_signed_in_there(bobs_app: App, alice: User, bob: User) -> None:
    browser = Browser()
    browser.sign_in("alice@example.com")
    assert browser.post("/account/profile/email/", {"email": NEW}).status_code == 303
    hers = last_letter(NEW).code
    bobs_app.post(ASK, {"email": NEW})
    assert browser.post("/account/profile/email/code/", {"code": last_letter(NEW).code}).status_code == 400
    assert address(bob) == "bob@example.com"
    assert browser.post("/account/profile/email/code/", {"code": hers}).status_code == 303
    assert address(alice) == NEW


def test_L09_a_code_of_nobody_in_particular_counts_only_where_one_alone_asked(app: App, bobs_app: App, bob: User) -> None:
    app.post(ASK, {"email": NEW})
    hers = last_letter(NEW)
    bobs_app.post(ASK, {"email": NEW})
    assert [post(CONFIRM, email=NEW, code=letter.code) for letter in (hers, last_letter(NEW))] == [401, 401]
    assert address(bob) == "bob@example.com"
    assert post(CONFIRM, token=hers.token) == 204


def test_L09_whoever_asked_without_a_mail_going_out_has_asked_all_the_same(app: App, bobs_app: App, bob: User) -> None:
    for _ in range(3):
        bobs_app.post(ASK, {"email": NEW})
    assert app.post(ASK, {"email": NEW}).status_code == 202
    assert len(letters(NEW)) == 3
    assert post(CONFIRM, email=NEW, code=last_letter(NEW).code) == 401
    assert confirm(bobs_app, last_letter(NEW).code) == 204


def test_L09_asking_again_without_a_mail_leaves_the_code_before_good(app: App, alice: User) -> None:
    for _ in range(4):
        app.post(ASK, {"email": NEW})
    assert len(letters(NEW)) == 3
    assert post(CONFIRM, email=NEW, code=last_letter(NEW).code) == 204
    assert address(alice) == NEW


def test_E01_an_address_that_somebody_has_is_answered_and_recorded_like_a_free_one(app: App, bob: User) -> None:
    answers = [app.post(ASK, {"email": email}) for email in (bob.email, NEW)]
    assert len({(answer.status_code, answer.content) for answer in answers}) == 1
    assert letters(bob.email or "") == []
    told = AuditEvent.objects.filter(event="email_change.requested").values_list("outcome", "details")
    assert len(told) == 2
    assert told[0] == told[1]


def test_an_address_that_was_taken_meanwhile_is_refused(app: App, alice: User) -> None:
    app.post(ASK, {"email": NEW})
    User.objects.create_user(NEW)
    answer = Client().post(CONFIRM, {"token": last_letter(NEW).token}, "application/json")
    assert (answer.status_code, answer.json()["errors"]["email"][0]["code"]) == (400, "unique")
    assert address(alice) == "alice@example.com"


def test_an_address_in_another_script_is_confirmed_as_it_was_typed(app: App, alice: User) -> None:
    app.post(ASK, {"email": "alice@bücher.example"})
    stored = "alice@xn--bcher-kva.example"
    assert post(CONFIRM, email="alice@bücher.example", code=last_letter(stored).code) == 204
    assert address(alice) == stored
