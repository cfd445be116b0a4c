"""`manage.py explain_token` says where and why a token is refused, and agrees with the verifier."""

import io
from collections.abc import Callable

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from accounts.core.errors import TokenInvalid
from accounts.devices.models import Device
from accounts.keys import ring, rotation
from accounts.keys.models import SigningKey
from accounts.links import download, mailed
from accounts.revocations import feed
from accounts.tokens import access
from accounts.users.models import User
from tests.support.app import App
from tests.support.browser import Browser


def explained(token: str, monkeypatch: pytest.MonkeyPatch) -> tuple[str, bool]:
    out = io.StringIO()
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{token}\n"))
    try:
        call_command("explain_token", stdout=out, no_color=True)
    except CommandError:
        return out.getvalue(), False
    return out.getvalue(), True


def failed_step(text: str) -> str:
    return next((line.split()[1].rstrip(":") for line in text.splitlines() if line.startswith("FAILED")), "")


def pulled(app: App) -> str:
    rotation.pull(SigningKey.objects.get(state=SigningKey.State.ACTIVE).kid)
    ring.forget()
    return app.access


def ended(app: App) -> str:
    app.delete(f"/api/v1/me/devices/{app.device}/")
    return app.access


def signature_changed(app: App) -> str:
    head, body, signature = app.access.split(".")
    return ".".join([head, body, signature[:-4] + ("AAAA" if signature[-4:] != "AAAA" else "BAAA")])


def body_changed(app: App) -> str:
    head, _, signature = app.access.split(".")
    return ".".join([head, "e30", signature])


WRONG: dict[str, tuple[Callable[[App], str], str]] = {
    "too long": (lambda app: app.access + "A" * 9000, "size"),
    "no token": (lambda app: "hello", "form"),
    "four parts": (lambda app: app.access + ".x", "form"),
    "signature": (signature_changed, "signature"),
    "body": (body_changed, "signature"),
    "key pulled": (pulled, "key"),
    "device ended": (ended, "revocation"),
}


def test_live_token_passes_every_step(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    text, accepted = explained(app.access, monkeypatch)
    assert accepted
    assert "ok     verifier: accepted" in text
    assert f'"sid": "{app.device}"' in text


@pytest.mark.parametrize("cause", list(WRONG))
def test_refusal_names_its_step_and_the_verifier_agrees(app: App, monkeypatch: pytest.MonkeyPatch, cause: str) -> None:
    assert explained(app.access, monkeypatch)[1]
    spoil, step = WRONG[cause]
    token = spoil(app)
    feed.forget()
    text, accepted = explained(token, monkeypatch)
    assert (accepted, failed_step(text)) == (False, step)
    with pytest.raises(TokenInvalid):
        access.verify(token)


def test_expired_token_says_since_when(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    current = access.now()
    monkeypatch.setattr("accounts.tokens.explain.now", lambda: current + 700)
    text, accepted = explained(app.access, monkeypatch)
    assert not accepted
    assert "FAILED expiry: token_invalid: expired 100 s ago" in text


def test_foreign_audience_is_named(app: App, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.API_AUDIENCE = "https://other.example"
    text, accepted = explained(app.access, monkeypatch)
    assert (accepted, failed_step(text)) == (False, "audience")


def test_neither_signature_nor_mac_is_printed(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    for token, secret in ((app.access, app.access.rpartition(".")[2]), (app.refresh, app.refresh[-40:])):
        text, accepted = explained(token, monkeypatch)
        assert accepted
        assert secret not in text


def test_refresh_token_is_placed_in_its_row(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    before = app.refresh
    app.rotate()
    assert "this token is in force" in explained(app.refresh, monkeypatch)[0]
    assert "this token is the previous one" in explained(before, monkeypatch)[0]
    assert Device.objects.get(id=app.device).revoked_at is None


def test_sealed_tokens_are_read_and_not_used_up(app: App, alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = Browser()
    browser.sign_in(alice.email)
    link = download.url(access.verify(app.access).grant, "/api/v1/me/").partition("link=")[2]
    letter = mailed.url(mailed.MailedAct.SET_PASSWORD, alice).partition("token=")[2]
    for token in (browser.cookie, link, letter):
        assert [explained(token, monkeypatch)[1] for _ in range(2)] == [True, True]
    assert Browser().http.get(f"/api/v1/me/?link={link}", headers={"Accept": "application/json"}).status_code == 200


def test_nothing_is_an_error(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("\n"))
    with pytest.raises(CommandError, match="No token"):
        call_command("explain_token")


def test_escape_codes_in_a_header_do_not_reach_the_terminal(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    text, accepted = explained("eyJhbGciOiJFUzI1NiIsImtpZCI6ImEiLCJ0eXAiOiJcdTAwMWJbMm0ifQ.e30.AAAA", monkeypatch)
    assert not accepted
    assert "\x1b" not in text


def test_a_command_started_under_another_name_is_told_so(app: App, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    assert explained(app.access, monkeypatch)[1]
    settings.PUBLIC_URL = "http://127.0.0.1:8001"
    text, accepted = explained(app.access, monkeypatch)
    assert (accepted, failed_step(text)) == (False, "issuer")
    assert "start this command with the PUBLIC_URL (or PORT) of the server that issued it" in text
    assert "'http://testserver'" in text
