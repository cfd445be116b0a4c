"""SECURITY O-34: a parameter that is sent empty is one that was left out (RFC 6749 §3.1), at every endpoint; whether that is
refused, as for those that are required, or changes nothing."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client as Http

from accounts.core.models import Counter
from accounts.core.shapes import OpenSerializer
from accounts.oidc import audiences, serializers
from accounts.oidc.audiences import Described
from accounts.oidc.models import Client, Service
from accounts.users.models import User
from tests.oidc.flow import AUTHORIZE, TOKEN, USERINFO, Flow, address, followed, post, sent, signed_in
from tests.oidc.parties import SIGNED_OUT, Party, party, serving
from tests.oidc.test_code_attacks import assertion
from tests.oidc.test_device import choose, started, typed
from tests.oidc.test_token_exchange import ACCESS, FILES
from tests.support.browser import Browser
from tests.support.issuer import ec_key

pytestmark = pytest.mark.slow

Form = dict[str, str | None]
Ask = Callable[[Form], Any]
LOGOUT = "/oauth/logout"
Grant = Client.Grant
NOBODY: dict[str, Any] = {"redirect_uris": (), "post_logout_redirect_uris": ()}
KEY = ec_key("one")


@dataclass
class Scene:
    """Alice's browser, two services, and a client of every kind, each of which sends its secret in the form."""

    browser: Browser
    shop: Party
    robot: Party
    service: Party
    television: Party
    signing: Party

    def flow(self) -> Flow:
        return Flow(self.shop, {"scope": "openid offline_access notes:read"})


@pytest.fixture
def scene(alice: User, notes: Service) -> Scene:
    audiences.register(Described(FILES, "Files", {"files:read": "Read your files"}))
    by_form: dict[str, Any] = {"authentication": "client_secret_post"}
    shop = party("Shop", **by_form, scopes=("openid", "offline_access", "notes:read", "files:read"))
    browser = signed_in(alice)
    Flow(shop, {"scope": "openid files:read"}).code(browser)

    def make(name: str, **registered: Any) -> Party:
        return party(name, **{**by_form, **registered})

    return Scene(
        browser=browser,
        shop=shop,
        robot=make("Robot", **NOBODY, grants=(Grant.CLIENT_CREDENTIALS,), scopes=("notes:read",)),
        service=serving(notes, "Notes service", ("files:read",), **by_form),
        television=make("Television", **NOBODY, grants=(Grant.DEVICE_CODE,), scopes=("openid", "email")),
        signing=party("Signs", authentication="private_key_jwt", jwks={"keys": [KEY.jwk]}),
    )


def secret(of: Party) -> Form:
    return {"client_id": of.id, "client_secret": of.secret}


# --- What is sent to each endpoint when all is well -----------------------------------------------------------------


def to_authorize(scene: Scene) -> Form:
    return {**scene.flow().parameters, "code_challenge": "c" * 43}


def to_logout(scene: Scene) -> Form:
    hint = scene.flow().tokens(scene.browser)["id_token"]
    return {"id_token_hint": hint, "client_id": scene.shop.id, "post_logout_redirect_uri": SIGNED_OUT, "state": "x"}


def code(scene: Scene) -> Form:
    flow = scene.flow()
    form = {"code": flow.code(scene.browser), "redirect_uri": flow.parameters["redirect_uri"], "code_verifier": flow.verifier}
    return {"grant_type": Grant.AUTHORIZATION_CODE, **form, **secret(scene.shop)}


def refresh(scene: Scene) -> Form:
    token = scene.flow().tokens(scene.browser)["refresh_token"]
    return {"grant_type": Grant.REFRESH_TOKEN, "refresh_token": token, **secret(scene.shop)}


def as_itself(scene: Scene) -> Form:
    return {"grant_type": Grant.CLIENT_CREDENTIALS, **secret(scene.robot)}


def by_assertion(scene: Scene) -> Form:
    """Authenticated, and told that its code is none."""
    form: Form = {"grant_type": Grant.AUTHORIZATION_CODE, "code": "x", "redirect_uri": "https://shop.example/cb"}
    return {**form, **assertion(scene.signing, KEY)}


def device_code(scene: Scene) -> Form:
    Counter.objects.all().delete()  # Alice types more codes than people do.
    told = started(scene.television)
    choose(scene.browser, typed(scene.browser, told["user_code"]), "allow")
    return {"grant_type": Grant.DEVICE_CODE, "device_code": told["device_code"], **secret(scene.television)}


def exchange(scene: Scene) -> Form:
    token = scene.flow().tokens(scene.browser)["access_token"]
    shown = {"subject_token": token, "subject_token_type": ACCESS, "resource": FILES, "scope": "files:read"}
    return {"grant_type": Grant.TOKEN_EXCHANGE, **shown, **secret(scene.service)}


def to_par(scene: Scene) -> Form:
    return {**to_authorize(scene), **secret(scene.shop)}


def to_device(scene: Scene) -> Form:
    return {"scope": "openid email", **secret(scene.television)}


def a_token(scene: Scene) -> Form:
    return {"token": scene.flow().tokens(scene.browser)["access_token"], **secret(scene.shop)}


def by_hint(scene: Scene) -> Form:
    return {**to_logout(scene), "client_id": None}


# --- What comes back ------------------------------------------------------------------------------------------------


def by_browser(path: str, *, posted: bool = False) -> Ask:
    """In which nobody is signed in: the page of ours that it ends on, or the client's address and what went wrong."""

    def ask(form: Form) -> Any:
        browser, given = Browser(), {name: value for name, value in form.items() if value is not None}
        first = browser.http.post(path, given) if posted else browser.get(f"{path}?{urlencode(given)}")
        answer = followed(browser, first)
        is_sent = answer.status_code == 303
        return (
            answer.status_code,
            address(answer).partition("?")[0] if is_sent else "",
            sent(answer).get("error") if is_sent else "",
        )

    return ask


def by_client(path: str) -> Ask:
    def ask(form: Form) -> Any:
        answer = post(Http(), path, form)
        body = answer.json()
        return answer.status_code, body.get("error") or sorted(body)

    return ask


@dataclass
class Place:
    """`form` is what is sent when all is well. Without any of `needed` something else comes back, without any of `free` the
    same."""

    form: Callable[[Scene], Form]
    ask: Ask
    needed: str
    free: str


BY_SECRET = "client_id client_secret"
NO_ASSERTION = " client_assertion client_assertion_type"
REQUEST = "response_type redirect_uri scope code_challenge code_challenge_method "
WISHES = (
    "state response_mode nonce claims resource prompt max_age acr_values id_token_hint login_hint ui_locales dpop_jkt request"
    " request_uri"
)
SHOWN = Place(a_token, by_client("/oauth/introspect"), "token " + BY_SECRET, "token_type_hint" + NO_ASSERTION)
PLACES = {
    "authorize": Place(to_authorize, by_browser(AUTHORIZE), REQUEST + "client_id", WISHES),
    "authorize, posted": Place(to_authorize, by_browser(AUTHORIZE, posted=True), REQUEST + "client_id", WISHES),
    "par": Place(to_par, by_client("/oauth/par"), REQUEST + BY_SECRET, WISHES + NO_ASSERTION),
    "code": Place(
        code,
        by_client(TOKEN),
        "grant_type code redirect_uri code_verifier " + BY_SECRET,
        "refresh_token scope resource" + NO_ASSERTION,
    ),
    "refresh": Place(refresh, by_client(TOKEN), "grant_type refresh_token " + BY_SECRET, "scope resource code" + NO_ASSERTION),
    "client credentials": Place(as_itself, by_client(TOKEN), "grant_type " + BY_SECRET, "scope resource" + NO_ASSERTION),
    "by assertion": Place(by_assertion, by_client(TOKEN), "client_assertion client_assertion_type", BY_SECRET),
    "device code": Place(device_code, by_client(TOKEN), "grant_type device_code " + BY_SECRET, "scope resource" + NO_ASSERTION),
    "token exchange": Place(
        exchange,
        by_client(TOKEN),
        "grant_type subject_token subject_token_type resource scope " + BY_SECRET,
        "audience requested_token_type actor_token actor_token_type" + NO_ASSERTION,
    ),
    "device": Place(to_device, by_client("/oauth/device"), "scope " + BY_SECRET, "resource" + NO_ASSERTION),
    "introspect": SHOWN,
    "revoke": replace(SHOWN, ask=by_client("/oauth/revoke")),
    "logout": Place(
        to_logout, by_browser(LOGOUT), "post_logout_redirect_uri", "id_token_hint client_id state ui_locales logout_hint"
    ),
    "logout, posted": Place(
        to_logout, by_browser(LOGOUT, posted=True), "post_logout_redirect_uri", "id_token_hint client_id state"
    ),
    "logout by hint": Place(by_hint, by_browser(LOGOUT), "id_token_hint post_logout_redirect_uri", "client_id state"),
}
IN_THE_DOCUMENT = {
    serializers.TokenRequestSerializer: ("code", "refresh", "client credentials", "device code", "token exchange"),
    serializers.PushedRequestSerializer: ("par",),
    serializers.DeviceAuthorizationSerializer: ("device",),
    serializers.TokenShownSerializer: ("introspect", "revoke"),
}


@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
def test_O34_empty_is_refused_like_what_is_missing(scene: Scene, place: Place) -> None:
    missing, empty = (
        {name: place.ask({**place.form(scene), name: value}) for name in place.needed.split()} for value in (None, "")
    )
    assert empty == missing
    assert place.ask(place.form(scene)) not in empty.values()


@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
def test_O34_empty_changes_nothing_where_it_may_be_left_out(scene: Scene, place: Place) -> None:
    empty = {name: place.ask({**place.form(scene), name: ""}) for name in place.free.split()}
    assert empty == dict.fromkeys(empty, place.ask(place.form(scene)))


@pytest.mark.parametrize(("shape", "places"), IN_THE_DOCUMENT.items(), ids=str)
def test_O34_every_parameter_of_the_document_is_walked(shape: type[OpenSerializer], places: tuple[str, ...]) -> None:
    walked = {name for place in places for name in f"{PLACES[place].needed} {PLACES[place].free}".split()}
    assert set(shape().fields) <= walked


def test_O34_userinfo_takes_no_empty_token(scene: Scene) -> None:
    for headers in ({}, {"Authorization": "Bearer "}, {"Authorization": "Bearer"}):
        for form in ({}, {"access_token": ""}):
            assert post(Http(), USERINFO, form, **headers).status_code == 401
    userinfo = Flow(scene.shop, {"scope": "openid"}).tokens(scene.browser)["access_token"]
    assert post(Http(), USERINFO, {"access_token": ""}, Authorization=f"Bearer {userinfo}").status_code == 200
