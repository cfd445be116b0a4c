"""Who is told what about a token, and how a client gives one back."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client as Http
from django.utils import timezone

from accounts.devices import registry
from accounts.devices.models import Device
from accounts.oidc import audiences, clients
from accounts.oidc.audiences import Described
from accounts.oidc.models import Consent, Service
from accounts.users.models import User
from tests.oidc.flow import Flow, authenticated, basic, post, signed_in
from tests.oidc.parties import Party
from tests.support import forge
from tests.support.app import App
from tests.support.browser import Browser
from tests.support.news import news_is_due

INTROSPECT, REVOKE = "/oauth/introspect", "/oauth/revoke"
INACTIVE = b'{"active":false}'


@pytest.fixture
def browser(alice: User) -> Browser:
    return signed_in(alice)


@pytest.fixture
def service(make_party: Callable[..., Party], notes: Service) -> Party:
    """As which the notes service asks about tokens."""
    asking = make_party(
        "Notes service", redirect_uris=(), post_logout_redirect_uris=(), grants=("client_credentials",), scopes=("notes:read",)
    )
    scopes = {"notes:read": "Read your notes", "notes:write": "Change your notes"}
    audiences.update(notes.pk, Described(notes.audience, "Notes", scopes, asking.id))
    return asking


@pytest.fixture
def reader(make_party: Callable[..., Party], service: Party) -> Party:
    return make_party("Reader", scopes=("openid", "email", "offline_access", "notes:read"))


@pytest.fixture
def flow(reader: Party) -> Flow:
    return Flow(reader, {"scope": "openid offline_access notes:read"})


def ask(party: Party, token: str, **form: str | None) -> Any:
    return post(Http(), INTROSPECT, authenticated(party, {"token": token, **form}), **basic(party))


def revoke(party: Party, token: str, **form: str | None) -> Any:
    return post(Http(), REVOKE, authenticated(party, {"token": token, **form}), **basic(party))


def test_O37_client_and_service_are_told_and_nobody_else(
    flow: Flow, reader: Party, service: Party, web: Party, browser: Browser, alice: User, notes: Service
) -> None:
    token = flow.tokens(browser)["access_token"]
    for party in (reader, service):
        told = ask(party, token).json()
        assert (told["active"], told["sub"], told["aud"], told["scope"]) == (True, str(alice.id), [notes.audience], "notes:read")
        assert (told["client_id"], told["token_type"]) == (reader.id, "Bearer")
        assert not {"email", "name", "epoch", "permissions"} & told.keys()
    assert ask(web, token).content == INACTIVE


def test_O37_everything_that_is_not_good_has_the_same_bytes(
    flow: Flow, reader: Party, web: Party, browser: Browser, alice: User
) -> None:
    own = App()
    own.sign_in(alice.email or "")
    tokens = flow.tokens(browser)
    for token in ("x", "a.b.c", "rt1.x", own.access, own.refresh, tokens["id_token"], forge.altered(tokens["access_token"])):
        assert ask(reader, token).content == INACTIVE
    assert ask(web, tokens["refresh_token"]).content == INACTIVE
    with time_machine.travel(timezone.now() + timedelta(minutes=11), tick=False):
        assert ask(reader, tokens["access_token"]).content == INACTIVE
    assert ask(reader, tokens["access_token"]).json()["active"]


def test_O37_public_client_and_strangers_may_not_ask(native: Party, web: Party) -> None:
    assert ask(native, "x").json()["error"] == "invalid_client"
    assert post(Http(), INTROSPECT, {"token": "x"}).status_code == 401
    assert Http().get(f"{INTROSPECT}?token=x", headers=basic(web)).status_code == 405


def test_introspection_knows_at_once_what_has_ended(flow: Flow, reader: Party, browser: Browser, alice: User) -> None:
    def spoiled(spoil: Callable[[], object]) -> bytes:
        tokens = flow.tokens(browser)
        assert ask(reader, tokens["access_token"]).json()["active"]
        spoil()
        answer: bytes = ask(reader, tokens["access_token"]).content
        assert ask(reader, tokens["refresh_token"]).content == answer
        User.objects.filter(id=alice.id).update(is_active=True)
        return answer

    held = Device.objects.filter(client_id=reader.id)
    assert spoiled(lambda: registry.end(held, "signed_out", actor=None, source=registry.Source())) == INACTIVE
    assert spoiled(lambda: User.objects.filter(id=alice.id).update(is_active=False)) == INACTIVE
    assert spoiled(lambda: Consent.objects.all().delete()) == INACTIVE


def test_refresh_token_is_told_to_its_client(flow: Flow, reader: Party, service: Party, browser: Browser, alice: User) -> None:
    tokens = flow.tokens(browser)
    told = ask(reader, tokens["refresh_token"]).json()
    assert (told["active"], told["sub"], told["scope"]) == (True, str(alice.id), "openid offline_access notes:read")
    assert ask(service, tokens["refresh_token"]).content == INACTIVE
    newer = flow.refresh(tokens["refresh_token"]).json()["refresh_token"]
    assert ask(reader, tokens["refresh_token"]).content == INACTIVE
    assert ask(reader, newer).json()["active"]


def test_token_of_a_client_is_told_until_it_is_stopped(service: Party) -> None:
    token = Flow(service).token({"grant_type": "client_credentials"}).json()["access_token"]
    assert ask(service, token).json()["sub"] == service.id
    clients.switch(service.id, on=False)
    clients.switch(service.id, on=True)
    news_is_due()
    assert ask(service, token).content == INACTIVE, "from before the stop"


def test_O23_token_that_names_another_person_than_its_sign_in_is_good_nowhere(
    web: Party, browser: Browser, alice: User, bob: User
) -> None:
    """Not by anything that we sign; a device row whose owner changed would make one."""
    token = Flow(web).tokens(browser)["access_token"]
    header, told, _ = forge.opened(token)
    remade = {sub: forge.signed(header, {**told, "sub": str(sub)}, forge.our_signer()) for sub in (alice.id, bob.id)}
    assert App(access=remade[alice.id]).get("/oauth/userinfo").status_code == 200
    assert App(access=remade[bob.id]).get("/oauth/userinfo").status_code == 401
    assert ask(web, remade[alice.id]).json()["active"]
    assert ask(web, remade[bob.id]).content == INACTIVE


@pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
def test_R18_revoked_token_takes_its_sign_in_along(flow: Flow, reader: Party, browser: Browser, kind: str) -> None:
    tokens = flow.tokens(browser)
    assert revoke(reader, tokens[kind], token_type_hint="nonsense").status_code == 200
    assert ask(reader, tokens["access_token"]).content == INACTIVE
    assert flow.refresh(tokens["refresh_token"]).json()["error"] == "invalid_grant"
    assert revoke(reader, tokens[kind]).status_code == 200, "twice is no error"


def test_O21_token_of_somebody_else_stays(flow: Flow, reader: Party, web: Party, native: Party, browser: Browser) -> None:
    tokens = flow.tokens(browser)
    for party in (web, native):
        for kind in ("access_token", "refresh_token"):
            assert revoke(party, tokens[kind]).status_code == 200
    assert post(Http(), REVOKE, {"token": tokens["refresh_token"]}).json()["error"] == "invalid_client"
    assert flow.refresh(tokens["refresh_token"]).status_code == 200


@pytest.mark.parametrize("token", ["x", "rt1.x", "a.b.c"])
def test_O21_unknown_token_is_over(web: Party, token: str) -> None:
    assert (revoke(web, token).status_code, revoke(web, "").status_code) == (200, 400)


def test_token_of_a_client_cannot_be_revoked_alone(service: Party) -> None:
    token = Flow(service).token({"grant_type": "client_credentials"}).json()["access_token"]
    assert revoke(service, token).json()["error"] == "unsupported_token_type"


@pytest.mark.parametrize("path", [INTROSPECT, REVOKE, "/oauth/par"])
def test_O39_one_client_does_not_speak_for_another_here_either(web: Party, other_web: Party, path: str) -> None:
    asked: dict[str, str | None] = {"token": "x", **Flow(web).parameters}
    answer = post(Http(), path, {**asked, "client_id": other_web.id}, **basic(web))
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")
    assert post(Http(), path, {**asked, "client_id": web.id}, **basic(web)).status_code in {200, 201}


@pytest.mark.parametrize("path", [INTROSPECT, REVOKE, "/oauth/par"])
def test_O40_callback_makes_no_script(web: Party, path: str) -> None:
    answer = post(Http(), f"{path}?callback=alert", {"token": "x", "callback": "alert"}, **basic(web))
    assert answer["Content-Type"] == "application/json"
    assert b"alert" not in answer.content


@pytest.mark.parametrize("path", [INTROSPECT, REVOKE, "/oauth/par"])
def test_O28_repeated_parameter_is_refused_here_too(web: Party, path: str) -> None:
    assert post(Http(), path, "token=x&token=x", **basic(web)).json()["error"] == "invalid_request"
