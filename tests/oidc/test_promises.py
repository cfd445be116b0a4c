"""Each value that the metadata list works, and of each list one that is not there fails (SECURITY O-45).

What is tried is read from the documents: a value that is added there, and that nothing keeps, fails here.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.test import Client as Http

from accounts.core.errors import InvalidInput
from accounts.users.models import User
from tests.oidc.flow import Flow, assertion, authenticated, basic, claims, followed, header, post, sent, signed_in
from tests.oidc.parties import Party
from tests.support import forge, pages
from tests.support.app import App
from tests.support.browser import Browser
from tests.support.key_holder import BoundApp, SoftKey
from tests.support.mailbox import last_letter
from tests.support.phone import enrolled

pytestmark = pytest.mark.slow

OPENID, RESOURCE = "/.well-known/openid-configuration", "/.well-known/oauth-protected-resource"
Form = Mapping[str, str | None]


def told(name: str, path: str = OPENID) -> list[str]:
    found: list[str] = Http().get(path).json()[name]
    assert len(found) == len(set(found)) > 0
    return found


def path_of(endpoint: str) -> str:
    return urlsplit(Http().get(OPENID).json()[f"{endpoint}_endpoint"]).path


# --- How clients authenticate -----------------------------------------------------------------------------------------

ENDPOINTS: dict[str, Form] = {
    "token": {"grant_type": "refresh_token", "refresh_token": "x"},
    "revocation": {"token": "x"},
    "introspection": {"token": "x"},
}


@dataclass
class Held:
    """A key pair of a client, by whatever name it calls its algorithm."""

    key: SoftKey
    kid: str = "one"

    @property
    def algorithm(self) -> str:
        return self.key.told

    @property
    def jwk(self) -> dict[str, Any]:
        return {**self.key.jwk, "kid": self.kid}

    def sign(self, message: bytes) -> bytes:
        return self.key.sign(message)


@dataclass
class Shared:
    """A secret, used as a key: client_secret_jwt."""

    secret: str
    algorithm: str = "HS256"
    kid: str = "one"

    def sign(self, message: bytes) -> bytes:
        return forge.hs(self.secret.encode())(message)


def lets_in(endpoint: str, form: Form, headers: Mapping[str, str] | None = None) -> bool:
    """Whether a client is taken for the one it says. The rest of what it sends is wrong, and found to be so only then."""
    answer = post(Http(), path_of(endpoint), {**ENDPOINTS[endpoint], **form}, **(headers or {}))
    if answer.status_code == 401:
        assert answer.json()["error"] == "invalid_client"
        return False
    assert answer.status_code == 200 or answer.json()["error"] == "invalid_grant", answer.content
    return True


def signing(make_party: Callable[..., Party], *keys: Held) -> Party:
    return make_party("Signs", authentication="private_key_jwt", jwks={"keys": [key.jwk for key in keys]})


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_O45_every_way_to_authenticate_that_is_told_works_and_no_other(
    make_party: Callable[..., Party], web: Party, endpoint: str
) -> None:
    methods, key = told(f"{endpoint}_endpoint_auth_methods_supported"), Held(SoftKey())
    assert "private_key_jwt" in methods
    for method in {*methods, "none"}:
        signs = method == "private_key_jwt"
        party = signing(make_party, key) if signs else make_party(method, authentication=method)
        shown = assertion(party, key) if signs else authenticated(party, {})
        assert lets_in(endpoint, shown, basic(party)) is (method in methods), method
    assert "client_secret_jwt" not in methods
    assert not lets_in(endpoint, assertion(web, Shared(web.secret)))
    with pytest.raises(InvalidInput):
        make_party("Certified", authentication="tls_client_auth")


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_O45_assertion_by_every_algorithm_that_is_told_works_and_by_no_other(
    make_party: Callable[..., Party], endpoint: str
) -> None:
    algorithms = told(f"{endpoint}_endpoint_auth_signing_alg_values_supported")
    others = ("ES384", "PS384", "Ed25519", "EdDSA")
    keys = [
        Held(SoftKey("Ed25519", told="EdDSA") if name == "EdDSA" else SoftKey(name), kid=name) for name in (*algorithms, *others)
    ]
    party = signing(make_party, *keys)
    for key in keys:
        assert lets_in(endpoint, assertion(party, key)) is (key.algorithm in algorithms), key.algorithm
    unsigned = forge.unsigned({"alg": "none", "kid": keys[0].kid}, claims(str(assertion(party, keys[0])["client_assertion"])))
    assert not lets_in(endpoint, {**assertion(party, keys[0]), "client_assertion": unsigned})


# --- What keys sign ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("document", [OPENID, RESOURCE])
def test_O45_proof_by_every_algorithm_that_is_told_opens_and_by_no_other(alice: User, document: str) -> None:
    algorithms = told("dpop_signing_alg_values_supported", document)
    for name in (*algorithms, "PS384", "Ed448"):
        app = BoundApp(key=SoftKey(name))
        assert (app.sign_in(alice.email).status_code == 200) is (name in algorithms), name
        assert name not in algorithms or app.get("/api/v1/me/").status_code == 200


def test_O45_client_gets_tokens_by_every_algorithm_for_proofs_that_is_told_and_by_no_other(web: Party, alice: User) -> None:
    algorithms, browser = told("dpop_signing_alg_values_supported"), signed_in(alice)
    for name in (*algorithms, "PS384", "Ed448"):
        flow, key = Flow(web), SoftKey(name)
        code = flow.code(browser)
        nonce = flow.token({"grant_type": "x"}, DPoP="x")["DPoP-Nonce"]
        proof = key.proof("POST", settings.PUBLIC_URL + path_of("token"), nonce=nonce)
        form = {"grant_type": "authorization_code", "code": code, "code_verifier": flow.verifier}
        answer = flow.token({**form, "redirect_uri": flow.parameters["redirect_uri"]}, DPoP=proof)
        if name not in algorithms:
            assert answer.json()["error"] == "invalid_dpop_proof", name
            continue
        assert answer.json()["token_type"] == "DPoP", name
        assert BoundApp(access=answer.json()["access_token"], key=key).get(path_of("userinfo")).status_code == 200


def test_O45_every_algorithm_of_id_tokens_that_is_told_signs_them_and_no_other(
    make_party: Callable[..., Party], alice: User
) -> None:
    browser, algorithms = signed_in(alice), told("id_token_signing_alg_values_supported")
    for name in algorithms:
        assert header(Flow(make_party(name, id_token_algorithm=name)).tokens(browser)["id_token"])["alg"] == name
    for name in ("none", "HS256", "PS256", "EdDSA"):
        assert name not in algorithms
        with pytest.raises(InvalidInput):
            make_party(name, id_token_algorithm=name)


# --- What a client may ask for ----------------------------------------------------------------------------------------


def as_guest(alice: User) -> Browser:
    browser = pages.visitor()
    assert browser.send("POST", "/auth/guest/", X_Token_Transport="cookie", X_CSRFToken=browser.csrf).status_code == 200
    return browser


def by_mail(alice: User) -> Browser:
    browser = pages.visitor()
    browser.post(pages.CODE, {"email": alice.email})
    browser.post(pages.ENTER, {"code": last_letter(alice.email or "").code})
    return browser


def by_two_factors(alice: User) -> Browser:
    phone, browser = enrolled(alice), Browser()
    browser.post(pages.SECOND_STEP, {**pages.to_second_step(alice, browser), "method": "totp", "code": phone.code()})
    return browser


WAYS: dict[str, Callable[[User], Browser]] = {
    "guest": as_guest,
    "email": by_mail,
    "aal1": signed_in,
    "aal2": by_two_factors,
}


def demanding(party: Party, acr: str) -> Flow:
    wish = {"id_token": {"acr": {"essential": True, "value": acr}}}
    return Flow(party, {"scope": "openid", "claims": json.dumps(wish)})


def test_O45_every_strength_of_proof_that_is_told_can_be_had_and_no_other(web: Party, alice: User) -> None:
    levels = told("acr_values_supported")
    for level in levels:
        browser = WAYS[level](alice)
        assert claims(Flow(web, {"scope": "openid"}).tokens(browser)["id_token"])["acr"] == level
        assert claims(demanding(web, level).tokens(browser)["id_token"])["acr"] == level
        for other in ("aal3", "urn:mace:incommon:iap:silver"):
            assert other not in levels
            assert sent(demanding(web, other).begin(browser))["error"] == "unmet_authentication_requirements"


def test_O45_every_claim_that_is_told_can_be_had_and_no_other(web: Party, alice: User) -> None:
    alice.language = "de"
    alice.save(update_fields=["language"])
    browser, scope = signed_in(alice), " ".join(web.client.scopes)
    tokens = Flow(web, {"scope": scope}).tokens(browser)
    about = App(access=tokens["access_token"]).get(path_of("userinfo")).json()
    assert {*claims(tokens["id_token"]), *about} == {*told("claims_supported")}
    wish = {"id_token": dict.fromkeys((*told("claims_supported"), "phone_number", "nickname"))}
    asked = Flow(web, {"scope": "openid", "claims": json.dumps(wish)}).tokens(browser)
    assert {*claims(asked["id_token"])} == {*told("claims_supported")}


def test_O45_every_scope_that_is_told_can_be_asked_for_and_no_other(
    web: Party, alice: User, notes: object, make_party: Callable[..., Party]
) -> None:
    browser, scopes = signed_in(alice), told("scopes_supported")
    party = make_party("Everything", scopes=tuple(scopes))
    for scope in scopes:
        tokens = Flow(party, {"scope": " ".join(dict.fromkeys(("openid", scope)))}).tokens(browser)
        assert scope in tokens["scope"].split()
    for scope in ("address", "phone", "profile:read"):
        assert scope not in scopes
        assert sent(Flow(party, {"scope": f"openid {scope}"}).begin(browser))["error"] == "invalid_scope"


@pytest.mark.django_db
def test_O45_every_language_that_is_told_is_spoken_and_no_other(web: Party) -> None:
    def spoken(wished: str) -> str:
        page = followed(browser := Browser(), Flow(web, {"ui_locales": wished}).begin(browser)).content.decode()
        return page.partition('<html lang="')[2].partition('"')[0]

    languages = told("ui_locales_supported")
    assert [spoken(language) for language in languages] == languages
    assert spoken("xx") == settings.LANGUAGE_CODE


@pytest.mark.parametrize(
    ("name", "parameter", "others", "error"),
    [
        ("response_types_supported", "response_type", ("token", "code id_token", "none"), "unsupported_response_type"),
        ("code_challenge_methods_supported", "code_challenge_method", ("plain", "S512"), "invalid_request"),
    ],
)
def test_O45_every_form_of_the_flow_that_is_told_works_and_no_other(
    web: Party, alice: User, name: str, parameter: str, others: tuple[str, ...], error: str
) -> None:
    browser = signed_in(alice)
    for value in told(name):
        assert Flow(web, {parameter: value}).tokens(browser)
    for value in others:
        assert value not in told(name)
        assert sent(Flow(web, {parameter: value}).begin(browser))["error"] == error
