"""Each sentence for developers is provoked by a request as a client makes it, and read where staff read it."""

import ast
import base64
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.test import Client as Http
from django.test import override_settings
from django.utils import timezone

from accounts.core.errors import InvalidDpopProof
from accounts.devices.models import Device
from accounts.oidc import audiences, clients, crowds, endpoint, errors, reasons, trouble_words, troubles
from accounts.oidc.audiences import Described
from accounts.oidc.models import Consent, Service
from accounts.users.models import User
from tests.oidc.flow import USERINFO, Flow, authenticated, basic, post, signed_in
from tests.oidc.parties import CALLBACK, Party, party, serving
from tests.oidc.test_bound_tokens import TOKEN as TOKEN_URL
from tests.oidc.test_bound_tokens import bound
from tests.oidc.test_code_attacks import ASSERTION, assertion
from tests.oidc.test_device import GRANT as DEVICE
from tests.oidc.test_device import begin, choose, poll, started, typed
from tests.oidc.test_token_exchange import FILES
from tests.oidc.test_token_exchange import ask as go_on
from tests.oidc.test_too_much import crowd_of
from tests.support.app import App
from tests.support.browser import Browser
from tests.support.issuer import Key, ec_key, rsa_key
from tests.support.key_holder import BoundApp, SoftKey

pytestmark = pytest.mark.slow

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


def from_a_crowd(scene: Scene) -> Party:
    shop = party("Shop")
    Flow(shop).begin(Browser())
    crowd_of(crowds.REQUESTS)
    for _ in range(2):
        Flow(shop).begin(Browser())
    return shop


def by_assertion(times: int = 1, key: Any = KEY, jwks: Iterable[Key] = (KEY,), **changed: Any) -> Provocation:
    """As such a client does, it names itself in the assertion alone."""

    def provoke(scene: Scene) -> Party:
        shop = party("Shop", authentication="private_key_jwt", jwks={"keys": [one.jwk for one in jwks]})
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


def by_header(show: Callable[[Party], str]) -> Provocation:
    """The header says nothing, or only who it is."""

    def provoke(scene: Scene) -> Party:
        shop = party("Shop")
        post(Http(), "/oauth/token", {"client_id": shop.id}, Authorization=show(shop))
        return shop

    return provoke


def without_secret(shop: Party) -> str:
    return "Basic " + base64.b64encode(f"{shop.id}:".encode()).decode()


def twice_at_authorize(name: str) -> Provocation:
    def provoke(scene: Scene) -> Party:
        shop = party("Shop")
        scene.browser.get(f"{Flow(shop, {name: 'x'}).path}&{name}=x")
        return shop

    return provoke


def hint_of_alice_and_claim_of_another(scene: Scene) -> Party:
    shop = party("Shop")
    hint = Flow(shop).tokens(scene.browser)["id_token"]
    Flow(shop, {"id_token_hint": hint, "claims": '{"id_token": {"sub": {"value": "somebody else"}}}'}).begin(scene.browser)
    return shop


def by_proof(**changed: Any) -> Provocation:
    """Shown at the token endpoint, with a code that need not be one."""

    def provoke(scene: Scene) -> Party:
        shop = party("Shop")
        proof = SoftKey().proof("POST", changed.pop("htu", TOKEN_URL), **changed)
        Flow(shop).token({"grant_type": "authorization_code", "code": "x", "redirect_uri": CALLBACK}, DPoP=proof)
        return shop

    return provoke


@dataclass
class Bound:
    """A client's access token, bound to a key."""

    token: str
    key: SoftKey

    def by(self, key: SoftKey, *, times: int = 1, **claims: Any) -> None:
        app = BoundApp(access=self.token, key=key)
        app.show("GET", USERINFO)
        proof = app.proof("GET", USERINFO, **claims)
        for _ in range(times):
            app.show("GET", USERINFO, proof)


def at_userinfo(show: Callable[[Bound], object]) -> Provocation:
    def provoke(scene: Scene) -> Party:
        flow, key = Flow(party("Shop")), SoftKey()
        show(Bound(bound(flow, scene.browser, key)["access_token"], key))
        return flow.party

    return provoke


def bound_and_without_proof(scene: Scene) -> Party:
    flow = Flow(party("Shop"), OFFLINE)
    flow.refresh(bound(flow, scene.browser, SoftKey())["refresh_token"])
    return flow.party


def code_for_another_key(scene: Scene) -> Party:
    flow = Flow(party("Shop"), {"dpop_jkt": SoftKey().jkt})
    flow.exchange(flow.code(scene.browser))
    return flow.party


def token_of_a_service_at_userinfo(scene: Scene) -> Party:
    reader = party("Reader", scopes=("openid", "offline_access", "notes:read"))
    token = Flow(reader, {"scope": "openid notes:read"}).tokens(scene.browser)["access_token"]
    App(access=token).get(USERINFO)
    return reader


def changed(**columns: Any) -> None:
    """Of Alice's row, as a restore or a hand at the database changes it: nothing is ended by it."""
    User.objects.update(**columns)


def bound_from_now_on(scene: Scene) -> Party:
    flow = Flow(party("Shop"), OFFLINE)
    token = flow.tokens(scene.browser)["refresh_token"]
    clients.amend(flow.party.id, {"dpop_bound_access_tokens": True})
    flow.token({"grant_type": "refresh_token", "refresh_token": token}, DPoP=SoftKey().proof("POST", TOKEN_URL))
    return flow.party


def staff_by_now(scene: Scene) -> Party:
    flow = Flow(party("Shop"))
    code = flow.code(scene.browser)
    changed(is_staff=True)
    with override_settings(REQUIRE_MFA_FOR_STAFF=True):
        flow.exchange(code)
    return flow.party


def unused_for_too_long(flow: Flow, token: str) -> str:
    Device.objects.filter(client_id=flow.party.id).update(idle_expires_at=timezone.now())
    return token


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
    ("invalid_client", "encoding"): by_header(lambda shop: "Basic eA"),
    ("invalid_client", "not id and secret"): by_header(without_secret),
    ("invalid_client", "assertion: kid"): by_assertion(key=ec_key("two")),
    ("invalid_client", "assertion: no kid"): by_assertion(key=ec_key("two"), jwks=[KEY, ec_key("two")], says_kid=False),
    ("invalid_client", "assertion: signature"): by_assertion(key=ec_key("one")),
    ("invalid_client", "assertion: typ"): by_assertion(typ="at+jwt"),
    ("invalid_client", "assertion: alg"): by_assertion(key=replace(KEY, algorithm="ES384")),
    ("invalid_client", "assertion: alg of another key"): by_assertion(key=rsa_key("one")),
    ("invalid_client", "claim: jti"): by_assertion(jti=None),
    ("invalid_client", "claim: exp"): by_assertion(exp="soon"),
    ("invalid_client", "claim: aud"): by_assertion(aud=["https://other.example"]),
    ("invalid_client", "iss or sub"): by_assertion(iss="c_other"),
    ("invalid_client", "aud"): by_assertion(aud="https://other.example"),
    ("invalid_client", "run out"): by_assertion(exp=1),
    ("invalid_client", "exp"): by_assertion(exp=2**40),
    ("invalid_client", "iat"): by_assertion(iat=2**40),
    ("invalid_client", "used before"): by_assertion(times=2),
    ("invalid_client", "public"): public_asks_about_a_token,
    ("invalid_request", "two ways at once"): at_token({"client_assertion": "x"}),
    ("invalid_request", "two clients"): at_token({"client_id": "c_other"}, authentication="client_secret_basic"),
    ("invalid_request", "missing: code"): at_token({"code": None}),
    ("invalid_request", "repeated: nonce"): twice_at_authorize("nonce"),
    ("invalid_request", "repeated"): twice_at_authorize("made_up"),
    ("invalid_request", "value: state"): at_authorize({"state": "x" * 9000}),
    ("invalid_request", "too much"): at_authorize(
        dict.fromkeys(("state", "login_hint", "nonce", "claims", "ui_locales"), "x" * 8000)
    ),
    ("invalid_request", "response_mode"): at_authorize({"response_mode": "fragment"}),
    ("invalid_request", "no PKCE"): at_authorize({"code_challenge": None, "code_challenge_method": None}),
    ("invalid_request", "no code_challenge"): at_authorize({"code_challenge": None}),
    ("invalid_request", "no nonce"): at_authorize(
        {"code_challenge": None, "code_challenge_method": None, "nonce": None}, requires_pkce=False
    ),
    ("invalid_request", "prompt"): at_authorize({"prompt": "none login"}),
    ("invalid_request", "max_age"): at_authorize({"max_age": "soon"}),
    ("invalid_request", "dpop_jkt"): at_authorize({"dpop_jkt": "short"}),
    ("invalid_request", "claims: no JSON"): at_authorize({"claims": "{"}),
    ("invalid_request", "claims: no object"): at_authorize({"claims": "[]"}),
    ("invalid_request", "claims: userinfo is no object"): at_authorize({"claims": '{"userinfo": 1}'}),
    ("invalid_request", "claims: more than one sub"): at_authorize({"claims": '{"id_token": {"sub": {"values": ["a", "b"]}}}'}),
    ("invalid_request", "request_uri inside"): at_par({"request_uri": "x"}),
    ("invalid_request", "two people"): hint_of_alice_and_claim_of_another,
    ("invalid_request", "subject_token_type"): going_on({"subject_token_type": "x"}),
    ("invalid_request", "requested_token_type"): going_on({"requested_token_type": "x"}),
    ("invalid_request", "actor_token"): going_on({"actor_token": "x"}),
    ("request_not_supported", "request"): at_authorize({"request": "x"}),
    ("request_uri_not_supported", "request_uri"): at_authorize({"request_uri": "https://shop.example/request"}),
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
    ("invalid_target", "several"): twice_at_authorize("resource"),
    ("invalid_target", "resource"): at_authorize({"resource": "https://other.example"}),
    ("invalid_target", "say one"): going_on({"resource": None}),
    ("invalid_target", "scopes of another service"): as_itself({"scope": "notes:read files:read", "resource": FILES}),
    ("invalid_grant", "unknown, or used before"): at_token({"code": "made up"}),
    ("invalid_grant", "run out"): too_late,
    ("invalid_grant", "code_verifier"): at_exchange({"code_verifier": "y" * 43}),
    ("invalid_grant", "no consent"): at_exchange({}, withdraw),
    ("invalid_grant", "signed out meanwhile"): at_exchange({}, sign_out),
    ("invalid_grant", "account_unavailable"): at_exchange({}, lambda scene: changed(is_active=False)),
    ("invalid_grant", "email_unverified"): at_exchange({}, lambda scene: changed(email_verified_at=None)),
    ("invalid_grant", "insufficient_user_authentication"): staff_by_now,
    ("invalid_grant", "another key than was asked for"): code_for_another_key,
    ("invalid_grant", "from before it was registered for bound tokens"): bound_from_now_on,
    ("invalid_grant", "token_expired"): at_refresh(unused_for_too_long),
    ("invalid_grant", "token_invalid"): at_refresh(lambda flow, token: "rt1.x"),
    ("invalid_grant", "token_reused"): at_refresh(rotated_twice),
    ("invalid_grant", "device_revoked"): at_refresh(revoked),
    ("expired_token", ""): at_device(waited_too_long),
    ("access_denied", "the person"): at_device(denied),
    ("unauthorized_client", "client_credentials"): at_token({"grant_type": "client_credentials"}),
    ("unauthorized_client", "not a service"): at_token(
        {"grant_type": "urn:ietf:params:oauth:grant-type:token-exchange"},
        **NOBODY,
        grants=("urn:ietf:params:oauth:grant-type:token-exchange",),
        scopes=("openid",),
    ),
    ("unsupported_token_type", "no sign-in of this client"): as_itself({"scope": "notes:read"}, revoke),
    ("invalid_dpop_proof", "none, though registered for it"): at_token(
        {"grant_type": "refresh_token"}, dpop_bound_access_tokens=True
    ),
    ("invalid_dpop_proof", "htu"): by_proof(htu="https://id.example/oauth/token"),
    ("invalid_dpop_proof", "htm"): by_proof(htm="GET"),
    ("invalid_dpop_proof", "signature"): by_proof(header={"jwk": SoftKey().jwk}),
    ("invalid_dpop_proof", "alg"): by_proof(header={"alg": "PS256"}),
    ("invalid_dpop_proof", "typ"): by_proof(header={"typ": "JWT"}),
    ("invalid_dpop_proof", "no proof"): bound_and_without_proof,
    ("invalid_dpop_proof", "another key"): at_userinfo(lambda bound: bound.by(SoftKey())),
    ("invalid_dpop_proof", "used before"): at_userinfo(lambda bound: bound.by(bound.key, times=2)),
    ("invalid_dpop_proof", "ath"): at_userinfo(lambda bound: bound.by(bound.key, ath="x")),
    ("token_invalid", "bound to a key, or not"): at_userinfo(lambda bound: App(access=bound.token).get(USERINFO)),
    ("insufficient_scope", "openid"): token_of_a_service_at_userinfo,
    ("temporarily_unavailable", "network"): from_a_crowd,
}
NOT_PROVOKED = {
    ("invalid_request", "redirect_uri"): "said to the client; staff read how it differs",
    ("invalid_request", "too many actors"): "wants four services in a row: test_token_exchange.py",
    ("invalid_request", "a bound token would become a bearer token"): "wants a service of its own: test_token_exchange.py",
    ("token_invalid", "aud"): "a token with openid is for userinfo",
    ("invalid_request", "two tokens"): "said to the client, of tokens that nobody has read",
    ("invalid_grant", "used before"): "wants two redemptions at once: test_device.py",
}
WITHOUT_ITS_OWN = {("invalid_dpop_proof", ""), ("unauthorized_client", "")}
WHOSE_IS_UNKNOWN = {("invalid_client", "no client"), ("invalid_request", "client"), ("unknown_addressee", "client")}
TOLD_OF_AN_ADDRESS = {
    ("invalid_grant", "redirect_uri"),
    ("unknown_addressee", "redirect_uri"),
    ("invalid_request", "post_logout_redirect_uri"),
}
ABOUT_PEOPLE = {"login_required", "consent_required", "unmet_authentication_requirements"}
"""Answers that are no mistake of the client."""


@pytest.mark.parametrize("key", PROVOKED, ids=": ".join)
def test_developers_are_told_in_a_sentence(scene: Scene, key: tuple[str, str]) -> None:
    about = PROVOKED[key](scene)
    assert reasons.sentence(*key) in said(about)


def test_every_sentence_is_provoked() -> None:
    provoked = {*PROVOKED, *((code, reason.partition(": ")[0]) for code, reason in PROVOKED), *WITHOUT_ITS_OWN}
    assert set(reasons.SENTENCES) - provoked == set(NOT_PROVOKED)


def test_every_sentence_says_something_else() -> None:
    assert len(set(reasons.SENTENCES.values())) == len(reasons.SENTENCES)


def raised() -> Iterator[tuple[str, str]]:
    """Code and reason of each refusal of OAuth in the room, of one that is put together its beginning."""
    codes = {kind.__name__: kind.code for kind in (*errors.OAuthProblem.__subclasses__(), InvalidDpopProof)}
    for path in Path(endpoint.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in codes and node.args:
                first = node.args[0]
                if isinstance(first, ast.JoinedStr):
                    first = first.values[0]
                if isinstance(first, ast.Call):
                    first = first.args[0]
                if isinstance(first, ast.Constant):
                    yield codes[node.func.id], str(first.value)


def test_every_reason_that_is_raised_has_its_sentence() -> None:
    found = {key for key in raised() if key[0] not in ABOUT_PEOPLE}
    assert len(found) > 60
    without = {key for key in found if not reasons.sentence(*key)}
    assert without == WHOSE_IS_UNKNOWN | TOLD_OF_AN_ADDRESS


@pytest.mark.parametrize(
    ("asked", "registered", "what"),
    [
        ("http://shop.example/cb", CALLBACK, "the scheme"),
        ("org.example.app:/cb", "com.example.app:/cb", "the scheme"),
        ("https://shop.example:8443/cb", CALLBACK, "the port"),
        ("http://[::1]:8000/cb", "http://[::1]/cb", "the port"),
        (f"{CALLBACK}?a=b", CALLBACK, "the query"),
        ("com.example.app:/other", "com.example.app:/cb", ""),
        ("javascript:alert(1)", "com.example.app:/cb", ""),
        ("cb", "com.example.app:/cb", ""),
        ("http://shop.example:8080/cb", CALLBACK, ""),
        ("https://shop.examplecb", CALLBACK, ""),
        ("https://shop.example:1@evil.example/cb", "https://shop.example@evil.example/cb", ""),
        ("?", "?x", ""),
    ],
)
def test_difference_is_named_where_that_alone_differs(asked: str, registered: str, what: str) -> None:
    told = trouble_words.difference("redirect_uri", asked, [registered])
    expected = f"differs in {what}: registered {registered}, got {asked}" if what else f"is not registered: got {asked}"
    assert told == f"redirect_uri {expected}"


def test_forged_token_is_nobodys_trouble(scene: Scene) -> None:
    shop = party("Shop")
    token = Flow(shop).tokens(scene.browser)["access_token"]
    head, body, signature = token.split(".")
    assert Http().get(USERINFO, headers={"Authorization": f"DPoP {head}.{body}.{signature[::-1]}"}).status_code == 401
    assert said(shop) == []
    assert Http().get(USERINFO, headers={"Authorization": f"DPoP {token}"}).status_code == 401
    assert said(shop) == [reasons.sentence("token_invalid", "bound to a key, or not")]


def test_proof_that_only_lacks_the_nonce_is_no_trouble(scene: Scene) -> None:
    shop = party("Shop")
    answer = Flow(shop).token({"grant_type": "refresh_token"}, DPoP=SoftKey().proof("POST", TOKEN_URL))
    assert (answer.json()["error"], said(shop)) == ("invalid_request", ["refresh_token is missing"])
    answer = Flow(shop).token({"grant_type": "authorization_code", "code": "x"}, DPoP=SoftKey().proof("POST", TOKEN_URL))
    assert (answer.json()["error"], said(shop)) == ("use_dpop_nonce", ["refresh_token is missing"])


def test_repeated_parameter_at_the_token_endpoint_is_told_to_whom_the_request_names(scene: Scene) -> None:
    shop, app = party("Shop"), party("App", authentication="none")
    post(Http(), "/oauth/token", "grant_type=x&scope=a&scope=b", **basic(shop))
    post(Http(), "/oauth/token", f"client_id={app.id}&code={'x' * 9000}")
    post(Http(), "/oauth/token", f"client_id={app.id}&client_id={shop.id}")
    assert said(shop) == ["scope is given more than once"]
    assert said(app) == ["code is too long, or holds what is no text"]


@pytest.mark.parametrize(
    ("provoke", "words"),
    [
        (at_token({"grant_type": None}), "grant_type is missing"),
        (at_token({"code": None}), "code is missing"),
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
    ids=["no grant", "no code", "a space", "pushed", "unprintable"],
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
