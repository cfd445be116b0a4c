"""Token exchange (RFC 8693): a service goes on to another one for the same person, and never further."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.test import Client as Http
from django.utils import timezone

from accounts.oidc import audiences, clients
from accounts.oidc.audiences import Described
from accounts.oidc.models import Client, Consent, Service
from accounts.users.models import User
from tests.oidc.flow import Flow, basic, claims, post, signed_in
from tests.oidc.parties import Party, serving
from tests.support.app import App
from tests.support.browser import Browser
from tests.support.key_holder import SoftKey

GRANT, ACCESS = "urn:ietf:params:oauth:grant-type:token-exchange", "urn:ietf:params:oauth:token-type:access_token"
FILES = "https://files.example"


@pytest.fixture
def files() -> Service:
    return audiences.register(Described(FILES, "Files", {"files:read": "Read your files", "files:write": "Change your files"}))


@pytest.fixture
def notes_service(notes: Service, files: Service) -> Party:
    return serving(notes, "Notes service", ("files:read", "notes:read"))


@pytest.fixture
def browser(alice: User) -> Browser:
    return signed_in(alice)


@pytest.fixture
def reader(make_party: Callable[..., Party], notes_service: Party, browser: Browser) -> Party:
    """Alice has let it in for notes and, at another time, for files."""
    party = make_party("Reader", scopes=("openid", "offline_access", "notes:read", "files:read", "files:write"))
    Flow(party, {"scope": "openid files:read"}).code(browser)
    return party


@pytest.fixture
def token(reader: Party, browser: Browser) -> str:
    return str(Flow(reader, {"scope": "openid notes:read"}).tokens(browser)["access_token"])


def ask(party: Party, token: str, **form: str | None) -> Any:
    usual: dict[str, str | None] = {
        "grant_type": GRANT,
        "subject_token": token,
        "subject_token_type": ACCESS,
        "resource": FILES,
        "scope": "files:read",
    }
    return Flow(party).token({**usual, **form})


def test_O42_token_is_for_the_other_service_about_the_same_person(
    notes_service: Party, reader: Party, token: str, alice: User
) -> None:
    answer = ask(notes_service, token).json()
    told, shown = claims(answer["access_token"]), claims(token)
    assert (told["sub"], told["aud"], told["scope"]) == (str(alice.id), [FILES], "files:read")
    assert (told["sid"], told["client_id"], told["act"]) == (shown["sid"], reader.id, {"sub": notes_service.id})
    assert told["exp"] <= shown["exp"]
    assert set(answer) == {"access_token", "issued_token_type", "token_type", "expires_in", "scope"}


def test_O42_it_lives_no_longer_than_what_was_shown(notes_service: Party, token: str) -> None:
    with time_machine.travel(timezone.now() + timedelta(minutes=9), tick=False):
        answer = ask(notes_service, token).json()
        assert claims(answer["access_token"])["exp"] == claims(token)["exp"]
        assert answer["expires_in"] <= 60


@pytest.mark.slow
@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({"scope": None}, "invalid_request"),
        ({"scope": "files:read files:write"}, "invalid_scope"),
        ({"scope": "files:write"}, "invalid_scope"),
        ({"scope": "openid"}, "invalid_scope"),
        ({"scope": "users:write"}, "invalid_scope"),
        ({"scope": "notes:read"}, "invalid_target"),
        ({"resource": "https://notes.example", "scope": "notes:read"}, "invalid_target"),
        ({"resource": None}, "invalid_target"),
        ({"resource": "https://notes.example"}, "invalid_target"),
        ({"resource": "https://evil.example"}, "invalid_target"),
        ({"resource": settings.API_AUDIENCE}, "invalid_target"),
        ({"audience": "https://other.example"}, "invalid_target"),
        ({"subject_token": None}, "invalid_request"),
        ({"subject_token": "x"}, "invalid_request"),
        ({"subject_token_type": None}, "invalid_request"),
        ({"subject_token_type": "urn:ietf:params:oauth:token-type:id_token"}, "invalid_request"),
        ({"requested_token_type": "urn:ietf:params:oauth:token-type:refresh_token"}, "invalid_request"),
        ({"actor_token": "x"}, "invalid_request"),
    ],
    ids=str,
)
def test_O42_what_is_not_said_or_goes_further_is_refused(
    notes_service: Party, token: str, form: dict[str, str | None], error: str
) -> None:
    assert ask(notes_service, token, **form).json()["error"] == error
    assert ask(notes_service, token).status_code == 200


def test_O42_only_the_service_that_the_token_is_for_may_exchange_it(
    notes_service: Party,
    files: Service,
    reader: Party,
    web: Party,
    token: str,
    browser: Browser,
) -> None:
    other = serving(files, "Files service", ("notes:read", "files:read"))
    assert ask(other, token).json()["error"] == "invalid_request"
    assert ask(web, token).json()["error"] == "unauthorized_client"
    about_people = Flow(reader, {"scope": "openid"}).tokens(browser)
    for wrong in (about_people["access_token"], about_people["id_token"]):
        assert ask(notes_service, wrong).json()["error"] == "invalid_request"
    own = App()
    own.sign_in("alice@example.com")
    assert ask(notes_service, own.access).json()["error"] == "invalid_request"


def test_O36_O42_person_must_have_let_the_client_in_for_it(notes_service: Party, reader: Party, token: str) -> None:
    Consent.objects.filter(client_id=reader.id).update(scopes=["notes:read", "openid"])
    assert ask(notes_service, token).json()["error"] == "invalid_scope"
    Consent.objects.filter(client_id=reader.id).update(scopes=["files:read", "notes:read", "openid"])
    Client.objects.filter(id=reader.id).update(scopes=["openid", "notes:read"])
    assert ask(notes_service, token).json()["error"] == "invalid_scope"


def test_O42_token_that_has_ended_is_no_subject(notes_service: Party, reader: Party, token: str, browser: Browser) -> None:
    User.objects.update(is_active=False)
    assert ask(notes_service, token).json()["error"] == "invalid_request"
    User.objects.update(is_active=True)
    assert ask(notes_service, token).status_code == 200
    clients.switch(reader.id, on=False)
    assert ask(notes_service, token).json()["error"] == "invalid_request"
    clients.switch(reader.id, on=True)
    browser.post("/account/sign-out/")
    assert ask(notes_service, token).json()["error"] == "invalid_request"


def test_O42_actors_are_told_and_at_most_three(notes_service: Party, files: Service, token: str) -> None:
    files_service = serving(files, "Files service", ("notes:read", "files:read"))
    first = ask(notes_service, token).json()["access_token"]
    back: dict[str, str | None] = {"resource": "https://notes.example", "scope": "notes:read"}
    second = ask(files_service, first, **back).json()["access_token"]
    assert claims(second)["act"] == {"sub": files_service.id, "act": {"sub": notes_service.id}}
    third = ask(notes_service, second).json()["access_token"]
    assert ask(files_service, third, **back).json()["error"] == "invalid_request"


def test_exchanged_token_is_told_to_its_service(notes_service: Party, files: Service, token: str) -> None:
    files_service = serving(files, "Files service", ("files:read",))
    shown = ask(notes_service, token).json()["access_token"]
    told = post(Http(), "/oauth/introspect", {"token": shown}, **basic(files_service)).json()
    assert (told["active"], told["scope"], told["act"]) == (True, "files:read", {"sub": notes_service.id})


def test_O37_exchanged_token_is_told_to_whom_it_was_issued_and_to_no_actor_before(
    notes_service: Party, files: Service, reader: Party, web: Party, token: str
) -> None:
    files_service = serving(files, "Files service", ("notes:read",))
    first = ask(notes_service, token).json()["access_token"]
    second = ask(files_service, first, resource="https://notes.example", scope="notes:read").json()["access_token"]
    third = ask(notes_service, second).json()["access_token"]

    def is_told(party: Party, shown: str) -> bool:
        return bool(post(Http(), "/oauth/introspect", {"token": shown}, **basic(party)).json()["active"])

    assert [is_told(party, first) for party in (notes_service, reader, web)] == [True, True, False]
    audiences.update(files.pk, Described(FILES, "Files", {"files:read": "Read your files"}, None))
    assert is_told(notes_service, third)
    assert not is_told(files_service, third), "it acted before, and is not whom it is for"


def test_O21_exchanged_token_cannot_be_revoked_by_the_service_alone(
    notes_service: Party, files: Service, reader: Party, web: Party, token: str
) -> None:
    exchanged = ask(notes_service, token).json()["access_token"]

    def revoke(party: Party) -> Any:
        return post(Http(), "/oauth/revoke", {"token": exchanged}, **basic(party))

    def is_active() -> bool:
        return bool(post(Http(), "/oauth/introspect", {"token": exchanged}, **basic(notes_service)).json()["active"])

    assert revoke(notes_service).json()["error"] == "unsupported_token_type"
    assert revoke(web).status_code == 200, "a stranger hears nothing"
    assert is_active()
    assert revoke(reader).status_code == 200
    assert not is_active(), "its person is signed out of the client"


def test_D01_O42_bound_token_becomes_no_bearer_token(notes_service: Party, reader: Party, browser: Browser) -> None:
    flow, theirs, ours = Flow(reader, {"scope": "openid notes:read"}), SoftKey(), SoftKey()
    form: dict[str, str | None] = {
        "grant_type": "authorization_code",
        "code": flow.code(browser),
        "redirect_uri": flow.parameters["redirect_uri"],
        "code_verifier": flow.verifier,
    }
    bound = proven(flow, theirs, form).json()["access_token"]
    assert ask(notes_service, bound).json()["error"] == "invalid_request"
    exchanged: dict[str, str | None] = {
        "grant_type": GRANT,
        "subject_token": bound,
        "subject_token_type": ACCESS,
        "resource": FILES,
        "scope": "files:read",
    }
    answer = proven(Flow(notes_service), ours, exchanged).json()
    assert (answer["token_type"], claims(answer["access_token"])["cnf"]) == ("DPoP", {"jkt": ours.jkt})


def proven(flow: Flow, key: SoftKey, form: dict[str, str | None]) -> Any:
    """Once for the nonce, and once with it."""
    url = f"{settings.PUBLIC_URL}/oauth/token"
    nonce = flow.token(form, DPoP=key.proof("POST", url))["DPoP-Nonce"]
    return flow.token(form, DPoP=key.proof("POST", url, nonce=nonce))


def test_stopped_service_acts_for_nobody_any_more(notes_service: Party, files: Service, token: str) -> None:
    asker = serving(files, "Files service", ("notes:read",))
    got = ask(notes_service, token).json()["access_token"]
    asked = {"token": got}
    assert post(Http(), "/oauth/introspect", asked, **basic(asker)).json()["active"]
    clients.switch(notes_service.id, on=False)
    assert post(Http(), "/oauth/introspect", asked, **basic(asker)).json() == {"active": False}
    onward = ask(asker, got, resource="https://notes.example", scope="notes:read")
    assert onward.json()["error"] == "invalid_request"
