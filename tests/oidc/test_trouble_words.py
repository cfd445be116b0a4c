"""Each sentence for developers is provoked by a request as a client makes it, and read where staff read it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client as Http
from django.utils import timezone

from accounts.oidc import audiences, clients, trouble_words, troubles
from accounts.oidc.audiences import Described
from accounts.oidc.models import Consent, Service
from accounts.users.models import User
from tests.oidc.flow import Flow, authenticated, basic, post, signed_in
from tests.oidc.parties import CALLBACK, Party, party, serving
from tests.oidc.test_code_attacks import ASSERTION, assertion
from tests.oidc.test_device import GRANT as DEVICE
from tests.oidc.test_device import begin, choose, poll, started, typed
from tests.oidc.test_token_exchange import FILES
from tests.oidc.test_token_exchange import ask as go_on
from tests.support.browser import Browser
from tests.support.issuer import ec_key

OFFLINE: dict[str, str | None] = {"scope": "openid offline_access"}
NOBODY: dict[str, Any] = {"redirect_uris": (), "post_logout_redirect_uris": ()}
KEY = ec_key("one")


@dataclass
class Scene:
    """Alice's browser, and two services."""

    browser: Browser
    notes: Service
    files: Service


Provocation = Callable[[Scene], Party]


@pytest.fixture
def scene(alice: User, notes: Service) -> Scene:
    files = audiences.register(Described(FILES, "Files", {"files:read": "Read your files", "files:write": "Change your files"}))
    return Scene(signed_in(alice), notes, files)


def said(about: Party) -> list[str]:
    return [event.details["what"] for event in troubles.of_last_day(about.client)]


# --- Who asks wrongly, and where ------------------------------------------------------------------------------------


def at_authorize(asked: dict[str, str | None], **registered: Any) -> Provocation:
    def provoke(scene: Scene) -> Party:
        shop = party("Shop", **registered)
        Flow(shop, asked).begin(scene.browser)
        return shop

    return provoke


def at_par(asked: dict[str, str | None]) -> Provocation:
    def provoke(scene: Scene) -> Party:
        shop = party("Shop")
        post(Http(), "/oauth/par", {**Flow(shop).parameters, **asked}, **basic(shop))
        return shop

    return provoke


def at_token(form: dict[str, str | None], *, times: int = 1, **registered: Any) -> Provocation:
    def provoke(scene: Scene) -> Party:
        shop = party("Shop", **{"authentication": "client_secret_post", **registered})
        for _ in range(times):
            Flow(shop).token({"grant_type": "authorization_code", "code": "x", "redirect_uri": CALLBACK, **form})
        return shop

    return provoke


def by_assertion(times: int = 1, key: Any = KEY, **changed: Any) -> Provocation:
    """As such a client does, it names itself in the assertion alone."""

    def provoke(scene: Scene) -> Party:
        shop = party("Shop", authentication="private_key_jwt", jwks={"keys": [KEY.jwk]})
        shown = assertion(shop, key, **changed)
        for _ in range(times):
            Flow(shop).token({"grant_type": "x", **shown})
        return shop

    return provoke


def at_exchange(form: dict[str, str | None], spoil: Callable[[Scene], object] = lambda scene: None) -> Provocation:
    """Of a code that was right until then."""

    def provoke(scene: Scene) -> Party:
        flow = Flow(party("Shop"))
        code = flow.code(scene.browser)
        spoil(scene)
        flow.exchange(code, **form)
        return flow.party

    return provoke


def at_refresh(spoil: Callable[[Flow, str], str]) -> Provocation:
    """`spoil` answers what is shown then."""

    def provoke(scene: Scene) -> Party:
        flow = Flow(party("Shop"), OFFLINE)
        flow.refresh(spoil(flow, flow.tokens(scene.browser)["refresh_token"]))
        return flow.party

    return provoke


def at_device(answer: Callable[[Scene, Party, dict[str, Any]], object]) -> Provocation:
    def provoke(scene: Scene) -> Party:
        television = party("Television", **NOBODY, grants=(DEVICE,), scopes=("openid", "email"))
        answer(scene, television, started(television))
        return television

    return provoke


def going_on(form: dict[str, str | None]) -> Provocation:
    """A service that goes on to another one. Alice has let the first client in for her notes alone."""

    def provoke(scene: Scene) -> Party:
        service = serving(scene.notes, "Notes service", ("files:read", "notes:read"))
        reader = party("Reader", scopes=("openid", "offline_access", "notes:read", "notes:write", "files:read"))
        token = Flow(reader, {"scope": "openid notes:read notes:write"}).tokens(scene.browser)["access_token"]
        go_on(service, token, **form)
        return service

    return provoke


def as_itself(form: dict[str, str | None], then: Callable[[Party, Any], object] = lambda robot, answer: None) -> Provocation:
    def provoke(scene: Scene) -> Party:
        robot = party("Robot", **NOBODY, grants=("client_credentials",), scopes=("notes:read", "files:read"))
        then(robot, Flow(robot).token({"grant_type": "client_credentials", **form}))
        return robot

    return provoke


def sign_out(scene: Scene) -> None:
    scene.browser.post("/account/sign-out/")


def withdraw(scene: Scene) -> None:
    scene.browser.post(f"/account/security/apps/{Consent.objects.get().id}/withdraw/")


def rotated_twice(flow: Flow, token: str) -> str:
    """And then the first comes back."""
    second = flow.refresh(token).json()["refresh_token"]
    flow.refresh(second)
    return token


def revoked(flow: Flow, token: str) -> str:
    post(Http(), "/oauth/revoke", {"token": token}, **basic(flow.party))
    return token


def denied(scene: Scene, television: Party, told: dict[str, Any]) -> None:
    choose(scene.browser, typed(scene.browser, told["user_code"]), "deny")
    poll(television, told["device_code"])


def waited_too_long(scene: Scene, television: Party, told: dict[str, Any]) -> None:
    with time_machine.travel(timezone.now() + timedelta(seconds=601), tick=False):
        poll(television, told["device_code"])


def too_late(scene: Scene) -> Party:
    flow = Flow(party("Shop"))
    code = flow.code(scene.browser)
    with time_machine.travel(timezone.now() + timedelta(seconds=61), tick=False):
        flow.exchange(code)
    return flow.party


def public_asks_about_a_token(scene: Scene) -> Party:
    shop = party("Shop", authentication="none")
    post(Http(), "/oauth/introspect", authenticated(shop, {"token": "x"}))
    return shop


def revoke(robot: Party, answer: Any) -> None:
    post(Http(), "/oauth/revoke", {"token": answer.json()["access_token"]}, **basic(robot))


PROVOKED: dict[tuple[str, str], Provocation] = {
    ("invalid_client", "secret"): at_token({"client_secret": "wrong"}),
    ("invalid_client", "unknown, or another way"): at_token({"client_secret": None}),
    ("invalid_client", "type of assertion"): at_token({"client_secret": None, "client_assertion_type": ASSERTION}),
    ("invalid_client", "assertion"): by_assertion(key=ec_key("two")),
    ("invalid_client", "iss, sub or aud"): by_assertion(aud="https://other.example"),
    ("invalid_client", "times"): by_assertion(exp=1),
    ("invalid_client", "used before"): by_assertion(times=2),
    ("invalid_client", "public"): public_asks_about_a_token,
    ("invalid_request", "two ways at once"): at_token({"client_assertion": "x"}),
    ("invalid_request", "two clients"): at_token({"client_id": "c_other"}, authentication="client_secret_basic"),
    ("invalid_request", "no code_challenge"): at_authorize({"code_challenge": None, "code_challenge_method": None}),
    ("invalid_request", "code_challenge_method"): at_authorize({"code_challenge_method": "plain"}),
    ("invalid_request", "code_challenge"): at_authorize({"code_challenge": "short"}),
    ("invalid_request", "not pushed"): at_authorize({}, requires_par=True),
    ("invalid_request", "id_token_hint"): at_authorize({"id_token_hint": "x"}),
    ("invalid_request", "subject_token"): going_on({"subject_token": "x"}),
    ("invalid_request_uri", "used, run out, or of another client"): at_authorize(
        {"request_uri": "urn:ietf:params:oauth:request_uri:x"}
    ),
    ("unsupported_response_type", "response_type"): at_authorize({"response_type": "token"}),
    ("unsupported_grant_type", "grant_type"): at_token({"grant_type": "password"}),
    ("invalid_scope", "scope"): at_authorize({"scope": "openid nothing"}),
    ("invalid_scope", "beyond the grant"): going_on({"scope": "files:read"}),
    ("invalid_scope", "beyond the registration"): going_on({"scope": "notes:write"}),
    ("invalid_target", "resource"): at_authorize({"resource": "https://other.example"}),
    ("invalid_target", "say one"): going_on({"resource": None}),
    ("invalid_target", "scopes of another service"): as_itself({"scope": "notes:read files:read", "resource": FILES}),
    ("invalid_grant", "unknown, or used before"): at_token({"code": "made up"}),
    ("invalid_grant", "run out"): too_late,
    ("invalid_grant", "code_verifier"): at_exchange({"code_verifier": "y" * 43}),
    ("invalid_grant", "no consent"): at_exchange({}, withdraw),
    ("invalid_grant", "signed out meanwhile"): at_exchange({}, sign_out),
    ("invalid_grant", "token_invalid"): at_refresh(lambda flow, token: "rt1.x"),
    ("invalid_grant", "token_reused"): at_refresh(rotated_twice),
    ("invalid_grant", "device_revoked"): at_refresh(revoked),
    ("expired_token", ""): at_device(waited_too_long),
    ("access_denied", "the person"): at_device(denied),
    ("unauthorized_client", "not a service"): at_token(
        {"grant_type": "urn:ietf:params:oauth:grant-type:token-exchange"},
        **NOBODY,
        grants=("urn:ietf:params:oauth:grant-type:token-exchange",),
        scopes=("openid",),
    ),
    ("unsupported_token_type", "no sign-in of this client"): as_itself({"scope": "notes:read"}, revoke),
}


@pytest.mark.parametrize("key", trouble_words.SENTENCES, ids=": ".join)
def test_developers_are_told_in_a_sentence(scene: Scene, key: tuple[str, str]) -> None:
    about = PROVOKED[key](scene)
    assert trouble_words.SENTENCES[key] in said(about)


def test_every_sentence_says_something_else() -> None:
    assert len(set(trouble_words.SENTENCES.values())) == len(trouble_words.SENTENCES)


@pytest.mark.parametrize(
    ("provoke", "words"),
    [
        (at_token({"grant_type": None}), "grant_type is missing"),
        (at_token({"code": None}), "code is missing"),
        (at_token({"grant_type": "client_credentials"}), "the client is not registered for client_credentials"),
        (at_authorize({"max_age": "soon"}), "invalid_request (max_age)"),
        (
            at_authorize({"redirect_uri": f"{CALLBACK} "}),
            f"redirect_uri differs in a space before or after it: registered {CALLBACK}",
        ),
        (at_par({"redirect_uri": CALLBACK.upper()}), "redirect_uri differs in upper and lower case"),
        (
            at_authorize({"redirect_uri": "https://evil.example/\n\N{RIGHT-TO-LEFT OVERRIDE}moc"}),
            "redirect_uri is not registered: got https://evil.example/\N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER}moc",
        ),
    ],
    ids=["no grant", "no code", "not registered", "without a sentence of its own", "a space", "pushed", "unprintable"],
)
def test_developers_are_told_what_is_missing_or_not_allowed(scene: Scene, provoke: Provocation, words: str) -> None:
    assert [sentence for sentence in said(provoke(scene)) if sentence.startswith(words)]


def test_client_without_the_grant_for_devices_is_told(web: Party) -> None:
    begin(web)
    assert said(web) == ["the client is not registered for device_code"]


def test_stopped_client_is_told_so_and_nothing_else(scene: Scene, web: Party) -> None:
    clients.switch(web.id, on=False)
    Flow(web).begin(scene.browser)
    Flow(web).token({"grant_type": "client_credentials"})
    post(Http(), "/oauth/par", Flow(web).parameters, **basic(web))
    assert said(web) == ["the client is stopped"]


def test_code_for_another_address_and_address_after_sign_out_are_told(scene: Scene) -> None:
    shop = party("Shop", redirect_uris=(CALLBACK, f"{CALLBACK}2"))
    flow = Flow(shop)
    flow.exchange(flow.code(scene.browser), redirect_uri=f"{CALLBACK}2")
    Http().get("/oauth/logout", {"client_id": shop.id, "post_logout_redirect_uri": "https://shop.example/bye/"})
    assert said(shop) == [
        "post_logout_redirect_uri differs in the trailing slash: registered https://shop.example/bye, got https://shop.example/bye/",
        f"redirect_uri is not the one that the code was asked for with: got {CALLBACK}2",
    ]
