"""A proof of a client's key opens one request, wherever one is taken, and none that is refused for something else."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.conf import settings
from django.test import Client as Http

from accounts.core.models import Gate
from accounts.oidc import audiences
from accounts.oidc.audiences import Described
from accounts.oidc.models import Consent, DeviceAuthorization, Service
from accounts.users.models import User
from tests.oidc.flow import Flow, authenticated, basic, post, signed_in
from tests.oidc.parties import Party, party, serving
from tests.support import pages
from tests.support.browser import Browser
from tests.support.key_holder import BoundApp, SoftKey

Form = dict[str, str | None]
PAR, TOKEN, FILES, NOTES = "/oauth/par", "/oauth/token", "https://files.example", "https://notes.example"
DEVICE = "urn:ietf:params:oauth:grant-type:device_code"
EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
NOBODY: dict[str, Any] = {"redirect_uris": (), "post_logout_redirect_uris": ()}


@dataclass
class Way:
    """Where a client shows a proof: forms that are good, each for one request, and one that is refused for another reason."""

    party: Party
    good: Iterator[Form]
    bad: Form | None
    path: str = TOKEN
    key: SoftKey = field(default_factory=SoftKey)

    def proof(self) -> str:
        url = settings.PUBLIC_URL + self.path
        nonce = self.show({"grant_type": "refresh_token"}, self.key.proof("POST", url))["DPoP-Nonce"]
        return self.key.proof("POST", url, nonce=nonce)

    def show(self, form: Form, proof: str) -> Any:
        DeviceAuthorization.objects.update(polled_at=0)
        return post(Http(), self.path, authenticated(self.party, form), **basic(self.party), DPoP=proof)


@pytest.fixture
def browser(alice: User) -> Browser:
    return signed_in(alice)


@pytest.fixture
def pushing(web: Party) -> Way:
    good: Form = {**Flow(web).parameters}
    return Way(web, iter([good, good]), {**good, "scope": "openid admin"}, PAR)


@pytest.fixture
def with_code(web: Party, browser: Browser) -> Way:
    def form() -> Form:
        flow = Flow(web)
        usual: Form = {"grant_type": "authorization_code", "code": flow.code(browser), "code_verifier": flow.verifier}
        return {**usual, "redirect_uri": flow.parameters["redirect_uri"]}

    return Way(web, iter(form, None), {**form(), "resource": FILES})


@pytest.fixture
def with_device_code(browser: Browser) -> Way:
    tv = party("Television", **NOBODY, authentication="none", grants=(DEVICE,), scopes=("openid", "email"))

    def form() -> Form:
        told = post(Http(), "/oauth/device", {"client_id": tv.id, "scope": "openid"}).json()
        page = browser.post("/account/device/", {"user_code": told["user_code"]})
        browser.post("/account/device/", {"user_code": pages.hidden(page, "user_code"), "choice": "allow"})
        return {"grant_type": DEVICE, "device_code": told["device_code"]}

    return Way(tv, iter(form, None), {**form(), "resource": FILES})


@pytest.fixture
def refreshing(with_code: Way, web: Party, browser: Browser) -> Way:
    """The proof says who refreshes: it is used up before the rest is judged."""
    flow = Flow(web, {"scope": "openid offline_access"})
    exchanged: Form = {"grant_type": "authorization_code", "code": flow.code(browser), "code_verifier": flow.verifier}
    answer = with_code.show({**exchanged, "redirect_uri": flow.parameters["redirect_uri"]}, with_code.proof())
    form: Form = {"grant_type": "refresh_token", "refresh_token": answer.json()["refresh_token"]}
    return Way(web, iter([form, form]), None, key=with_code.key)


@pytest.fixture
def as_itself(notes: Service) -> Way:
    robot = party("Robot", **NOBODY, grants=("client_credentials",), scopes=("notes:read",))
    form: Form = {"grant_type": "client_credentials"}
    return Way(robot, iter([form, form]), {**form, "scope": "notes:write"})


@pytest.fixture
def exchanging(notes: Service, browser: Browser) -> Way:
    files = audiences.register(Described(FILES, "Files", {"files:read": "Read your files"}))
    at_notes = serving(notes, "Notes service", ("files:read",))
    at_files = serving(files, "Files service", ("notes:read",))
    reader = party("Reader", scopes=("openid", "offline_access", "notes:read", "files:read"))
    Flow(reader, {"scope": "openid files:read"}).code(browser)

    def form(token: str, scope: str, resource: str) -> Form:
        usual: Form = {"grant_type": EXCHANGE, "subject_token_type": "urn:ietf:params:oauth:token-type:access_token"}
        return {**usual, "subject_token": token, "scope": scope, "resource": resource}

    def exchanged(asking: Party, token: str, scope: str, resource: str) -> str:
        return str(Flow(asking).token(form(token, scope, resource)).json()["access_token"])

    one = exchanged(at_notes, Flow(reader, {"scope": "openid notes:read"}).tokens(browser)["access_token"], "files:read", FILES)
    three = exchanged(at_notes, exchanged(at_files, one, "notes:read", NOTES), "files:read", FILES)
    good, too_many_actors = form(one, "notes:read", NOTES), form(three, "notes:read", NOTES)
    return Way(at_files, iter([good, good]), too_many_actors)


@pytest.fixture
def way(request: pytest.FixtureRequest) -> Way:
    found: Way = request.getfixturevalue(request.param)
    return found


LAST = ["pushing", "with_code", "with_device_code", "as_itself", "exchanging"]


@pytest.mark.parametrize("way", [*LAST, "refreshing"], indirect=True)
def test_D04_proof_opens_one_request(way: Way) -> None:
    proof = way.proof()
    assert way.show(next(way.good), proof).status_code in {200, 201}
    replayed = way.show(next(way.good), proof)
    assert (replayed.status_code, replayed.json()["error"]) == (400, "invalid_dpop_proof")


@pytest.mark.parametrize("way", LAST, indirect=True)
def test_D08_request_that_is_refused_uses_up_no_proof(way: Way) -> None:
    proof, written = way.proof(), proofs_written()
    refused = way.show(way.bad or {}, proof)
    assert refused.status_code == 400
    assert "dpop" not in refused.json()["error"]
    assert proofs_written() == written
    assert way.show(next(way.good), proof).status_code in {200, 201}
    assert proofs_written() == written + 1


def test_D08_userinfo_that_is_refused_uses_up_no_proof(with_code: Way) -> None:
    token = with_code.show(next(with_code.good), with_code.proof()).json()["access_token"]
    app = BoundApp(access=token, key=with_code.key)
    assert app.get("/oauth/userinfo").status_code == 200
    proof, written, agreed = app.proof("GET", "/oauth/userinfo"), proofs_written(), Consent.objects.get().scopes
    Consent.objects.update(scopes=[])
    assert app.show("GET", "/oauth/userinfo", proof).status_code == 401
    Consent.objects.update(scopes=agreed)
    assert proofs_written() == written
    assert app.show("GET", "/oauth/userinfo", proof).status_code == 200
    assert app.show("GET", "/oauth/userinfo", proof).status_code == 401, "once"


def proofs_written() -> int:
    return Gate.objects.filter(key__startswith="dpop-proof:").count()
