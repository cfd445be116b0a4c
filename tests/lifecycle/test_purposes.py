"""Every mailed link and code at every endpoint that takes one: only its own accepts it (SECURITY L-06)."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.links import codes, mailed
from accounts.links.codes import CodePurpose
from accounts.links.mailed import MailedAct
from accounts.users.models import User
from tests.support.app import App

NEW = "a quite different staple"
OTHER = "new@example.com"
Taker = Callable[[str], int]


def api(path: str, **body: Any) -> Taker:
    return lambda token: Client().post(path, {"token": token, **body}, "application/json").status_code


def page(path: str, **fields: Any) -> Taker:
    return lambda token: Client().post(path, {"token": token, **fields}).status_code


PASSWORD_ACTS = {MailedAct.INVITATION, MailedAct.SET_PASSWORD, MailedAct.RESET_PASSWORD}
LINK_TAKERS: dict[str, tuple[Taker, set[MailedAct]]] = {
    "verify": (api("/auth/email/verify/"), {MailedAct.VERIFY_EMAIL}),
    "confirm": (api("/auth/email/change/confirm/"), {MailedAct.CHANGE_EMAIL}),
    "undo": (api("/auth/email/change/undo/"), {MailedAct.UNDO_EMAIL_CHANGE}),
    "reset": (api("/auth/password/reset/confirm/", new_password=NEW), PASSWORD_ACTS),
    "page reset": (page("/account/reset/", new_password=NEW), PASSWORD_ACTS),
    "page confirm": (page("/account/email/"), {MailedAct.CHANGE_EMAIL}),
    "page undo": (page("/account/email/undo/"), {MailedAct.UNDO_EMAIL_CHANGE}),
    "page not me": (page("/account/not-me/"), {MailedAct.NOT_ME}),
    "page cancel": (page("/account/delete/cancel/"), {MailedAct.CANCEL_DELETION}),
    "page verify": (page("/account/verify/"), {MailedAct.VERIFY_EMAIL}),
    "page code": (page("/account/code/"), {MailedAct.SIGN_IN}),
}
_ASKED = {
    MailedAct.VERIFY_EMAIL: CodePurpose.VERIFY_EMAIL,
    MailedAct.CHANGE_EMAIL: CodePurpose.CHANGE_EMAIL,
    MailedAct.SIGN_IN: CodePurpose.SIGN_IN,
    MailedAct.RESET_PASSWORD: CodePurpose.RESET_PASSWORD,
    MailedAct.INVITATION: CodePurpose.SET_PASSWORD,
    MailedAct.SET_PASSWORD: CodePurpose.SET_PASSWORD,
}
PROTECTING = {MailedAct.UNDO_EMAIL_CHANGE, MailedAct.NOT_ME, MailedAct.CANCEL_DELETION}
"""What only protects stays a link: nobody waits anywhere to type its code."""
CODE_TAKERS: dict[str, tuple[str, dict[str, str], set[CodePurpose]]] = {
    "verify": ("/auth/email/verify/", {}, {CodePurpose.VERIFY_EMAIL}),
    "confirm": ("/auth/email/change/confirm/", {}, {CodePurpose.CHANGE_EMAIL}),
    "reset": (
        "/auth/password/reset/confirm/",
        {"new_password": NEW},
        {CodePurpose.RESET_PASSWORD, CodePurpose.SET_PASSWORD},
    ),
    "sign in": ("/auth/code/verify/", {}, {CodePurpose.SIGN_IN}),
}


def ask(purpose: CodePurpose, user: User) -> codes.Asked:
    """All for one address, so that the purpose alone tells them apart."""
    asked_by = user.id if purpose is CodePurpose.CHANGE_EMAIL else None
    return codes.ask(purpose, user.email or "", user_id=user.id, asked_by=asked_by, context={"email": OTHER})


def link(act: MailedAct, user: User) -> str:
    """For an account in the state that the act is for."""
    leaving = timezone.now() if act is MailedAct.CANCEL_DELETION else None
    verified = None if act is MailedAct.VERIFY_EMAIL else timezone.now()
    User.objects.filter(id=user.id).update(deletion_due_at=leaving, email_verified_at=verified)
    challenge = ask(_ASKED[act], user).challenge if act in _ASKED else None
    email = "old@example.com" if act is MailedAct.UNDO_EMAIL_CHANGE else ""
    fresh = User.objects.get(id=user.id)
    return mailed.url(act, fresh, challenge=challenge, email=email).partition("?token=")[2]


@pytest.mark.parametrize("act", MailedAct)
@pytest.mark.parametrize("name", LINK_TAKERS)
def test_L06_a_link_does_its_own_act_and_no_other(alice: User, name: str, act: MailedAct) -> None:
    take, own = LINK_TAKERS[name]
    assert (take(link(act, alice)) < 400) is (act in own)


def test_L06_every_act_has_a_taker() -> None:
    assert set().union(*(own for _, own in LINK_TAKERS.values())) == set(MailedAct)


@pytest.mark.parametrize("purpose", CodePurpose)
@pytest.mark.parametrize("name", CODE_TAKERS)
def test_L06_a_code_does_its_own_act_and_no_other(alice: User, name: str, purpose: CodePurpose) -> None:
    path, more, own = CODE_TAKERS[name]
    verified = None if purpose is CodePurpose.VERIFY_EMAIL else timezone.now()
    User.objects.filter(id=alice.id).update(email_verified_at=verified)
    asked = ask(purpose, alice)
    which = {"challenge": str(asked.challenge)} if name == "sign in" else {"email": alice.email}
    answer = Client().post(path, {**which, "code": asked.code, **more}, "application/json")
    assert (answer.status_code < 400) is (purpose in own), answer.content


def test_every_act_but_those_that_protect_has_a_code_beside_it_and_every_code_a_taker() -> None:
    assert {*_ASKED, *PROTECTING} == set(MailedAct)
    assert set().union(*(own for _, _, own in CODE_TAKERS.values())) == set(CodePurpose)


def test_L06_other_kinds_of_tokens_are_no_links(app: App, alice: User) -> None:
    for token in (app.access, app.refresh, str(uuid.uuid4()), "x" * 500):
        assert {take(token) for take, _ in LINK_TAKERS.values()} <= {400, 401}
    assert app.rotate().status_code == 200
