"""What an issuer tells us later: done once when it is genuine, and nothing otherwise."""

import json
import time
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from accounts.audit.events import Event
from accounts.audit.models import AuditEvent
from accounts.core.requests import NOWHERE
from accounts.devices import registry
from accounts.federation import id_token, identities, notices
from accounts.federation.models import FederatedIdentity
from accounts.tokens import compact
from accounts.users.models import User
from tests.support import forge
from tests.support.app import App
from tests.support.issuer import CLIENT_ID, Issuer, ec_key, rsa_key
from tests.support.news import news_is_due

from .conftest import Configure, nonce_for

RISC = "https://schemas.openid.net/secevent/risc/event-type/"
OAUTH = "https://schemas.openid.net/secevent/oauth/event-type/"


@pytest.fixture
def linked(app: App, alice: User, issuer: Issuer, configure: Configure) -> User:
    """Alice, signed in on one device, with an identity of Google and of Apple (one local issuer plays both)."""
    provider = configure("google")
    identity = id_token.verify(provider, issuer.id_token(nonce=nonce_for("google")))
    identities.link(alice, identity, NOWHERE)
    return alice


def post(token: str, provider: str = "google") -> HttpResponse:
    return Client().post(f"/auth/federated/{provider}/notices/", token, content_type="application/secevent+jwt")


def subject(issuer: Issuer, **changes: Any) -> dict[str, Any]:
    return {"subject": {"subject_type": "iss-sub", "iss": f"{issuer.url}/", "sub": "upstream-1", **changes}}


def disabled(issuer: Issuer, **claims: Any) -> str:
    return issuer.notice({f"{RISC}account-disabled": {**subject(issuer), "reason": "hijacking"}}, **claims)


def apple(issuer: Issuer, kind: str, **claims: Any) -> str:
    event = {"type": kind, "sub": "upstream-1", "email": "x@privaterelay.example", "event_time": int(time.time())}
    return issuer.notice(json.dumps(event), **claims)


def nothing_happened(user: User) -> bool:
    return identities.of(user.id).count() == 1 and registry.live(user.id).count() == 1


@pytest.mark.parametrize("kind", [f"{RISC}account-disabled", f"{RISC}account-purged", f"{OAUTH}tokens-revoked"])
def test_F12_account_that_went_upstream_is_unlinked_and_signed_out(linked: User, issuer: Issuer, app: App, kind: str) -> None:
    assert app.get("/api/v1/me/").status_code == 200
    assert post(issuer.notice({kind: subject(issuer)}, iss=f"{issuer.url}/")).status_code == 202
    assert not identities.of(linked.id).exists()
    news_is_due()
    assert app.get("/api/v1/me/").json()["code"] == "device_revoked"
    assert AuditEvent.objects.filter(event=Event.IDENTITY_UNLINKED, subject_id=linked.id, actor_id=None).count() == 1


def test_F12_sign_out_upstream_ends_devices_and_keeps_the_link(linked: User, issuer: Issuer) -> None:
    assert post(issuer.notice({f"{RISC}sessions-revoked": subject(issuer)})).status_code == 202
    assert identities.of(linked.id).count() == 1
    assert not registry.live(linked.id).exists()


@pytest.mark.parametrize("kind", ["consent-revoked", "account-delete", "account-deleted"])
def test_F12_apple_tells_in_json(linked: User, issuer: Issuer, configure: Configure, kind: str) -> None:
    configure("apple")
    answer = App().post("/auth/federated/apple/notices/", {"payload": apple(issuer, kind)})
    assert answer.status_code == 200, "Apple repeats what is answered otherwise"
    assert not identities.of(linked.id).exists()
    assert not registry.live(linked.id).exists()


@pytest.mark.parametrize("kind", ["email-disabled", "email-enabled", "something-new"])
def test_unknown_events_of_apple_are_ignored(linked: User, issuer: Issuer, configure: Configure, kind: str) -> None:
    configure("apple")
    assert App().post("/auth/federated/apple/notices/", {"payload": apple(issuer, kind)}).status_code == 200
    assert nothing_happened(linked)


def test_unknown_events_and_people_are_ignored(linked: User, issuer: Issuer) -> None:
    assert post(issuer.notice({f"{RISC}verification": {"state": "x"}})).status_code == 202
    assert post(issuer.notice({f"{RISC}account-disabled": subject(issuer, sub="somebody")})).status_code == 202
    assert nothing_happened(linked)


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://evil.example"},
        {"iss": None},
        {"aud": "com.example.other"},
        {"aud": None},
        {"aud": []},
        {"aud": ["com.example.other", "com.example.third"], "azp": CLIENT_ID},
        {"aud": [CLIENT_ID, 7]},
        {"aud": f"{CLIENT_ID}.other"},
        {"iat": int(time.time()) - notices.WINDOW - 60},
        {"iat": int(time.time()) + 3600},
        {"iat": None},
        {"iat": "1"},
        {"exp": int(time.time()) - 1},
        {"jti": None},
        {"jti": ""},
        {"jti": 7},
        {"nonce": "x"},
        {"events": None},
        {"events": {}},
        {"events": []},
    ],
)
def test_F12_notice_that_is_not_for_us_is_refused(linked: User, issuer: Issuer, claims: dict[str, Any]) -> None:
    refused = post(disabled(issuer, **claims))
    assert (refused.status_code, refused.json()["code"]) == (400, "invalid_notice")
    assert nothing_happened(linked)
    assert post(disabled(issuer)).status_code == 202
    assert not nothing_happened(linked)


@pytest.mark.parametrize(
    "claims", [{"aud": [CLIENT_ID, "com.example.other"]}, {"aud": ["com.example.other", CLIENT_ID], "azp": "com.example.other"}]
)
def test_F12_notice_for_us_and_for_others_is_done(linked: User, issuer: Issuer, claims: dict[str, Any]) -> None:
    assert post(disabled(issuer, **claims)).status_code == 202
    assert not nothing_happened(linked)


def test_refusal_speaks_the_language_of_those_who_deliver(linked: User, issuer: Issuer) -> None:
    """RFC 8935 §2.3 and §2.4, in our own shape of an error."""
    header, claims, _ = forge.opened(disabled(issuer))
    said = {
        disabled(issuer, aud="com.example.other"): "invalid_audience",
        disabled(issuer, iss="https://evil.example"): "invalid_issuer",
        disabled(issuer, jti=None): "invalid_request",
        forge.signed(header, claims, forge.rs256(rsa_key("other").private)): "authentication_failed",
        "x" * 10_000: "invalid_request",
        "\xff": "invalid_request",
        "": "invalid_request",
    }
    for token, err in said.items():
        refused = post(token)
        told = refused.json()
        assert (refused.status_code, told["err"], refused["Content-Type"]) == (400, err, "application/json")
        assert told["description"] == told["detail"]
        assert told["code"]
        assert refused["Content-Language"] == "en"
    assert nothing_happened(linked)


@pytest.mark.parametrize("changes", [{"iss": "https://evil.example"}, {"sub": ""}, {"sub": 7}, {"sub": None}], ids=str)
def test_F12_notice_about_a_subject_of_somebody_else_is_refused(linked: User, issuer: Issuer, changes: dict[str, Any]) -> None:
    assert post(issuer.notice({f"{RISC}account-disabled": subject(issuer, **changes)})).status_code == 400
    assert nothing_happened(linked)


def test_F12_notice_that_the_issuer_did_not_sign_is_refused(linked: User, issuer: Issuer) -> None:
    header, claims, _ = forge.opened(disabled(issuer))
    stranger = forge.rs256(rsa_key("other").private)
    forgeries = [
        forge.unsigned(header, claims),
        forge.unsigned({**header, "alg": "none"}, claims),
        forge.signed(header, claims, stranger),
        forge.signed({**header, "alg": "HS256"}, claims, forge.hs(b"")),
        forge.signed({**header, "typ": "at+jwt"}, claims, issuer.key.sign),
        forge.signed({**header, "typ": "logout+jwt"}, claims, issuer.key.sign),
        forge.signed({**header, "jku": issuer.url}, claims, issuer.key.sign),
        issuer.id_token(nonce=nonce_for("google")),
        "",
        "\xff",
        "x" * 10_000,
    ]
    assert {post(forged).status_code for forged in forgeries} == {400}
    assert nothing_happened(linked)
    assert post(forge.signed(header, claims, issuer.key.sign)).status_code == 202
    assert not nothing_happened(linked)


@pytest.mark.parametrize("levels", [1000, 2500])
def test_J25_deep_notice_that_the_issuer_signed_is_refused(
    linked: User, issuer: Issuer, configure: Configure, levels: int
) -> None:
    _, claims, _ = forge.opened(disabled(issuer))
    issuer.key = ec_key("e")
    configure("google", algorithms=["ES256"])
    header = {"alg": "ES256", "kid": "e"}
    deep, shallow = (forge.signed(header, forge.nested(depth, claims), issuer.key.sign) for depth in (levels, 7))
    assert len(deep) <= compact.MAX_BYTES
    refused = post(deep)
    assert (refused.status_code, refused.json()["code"]) == (400, "invalid_notice")
    assert nothing_happened(linked)
    assert post(shallow).status_code == 202
    assert not nothing_happened(linked)


def test_F12_notice_is_done_once(linked: User, issuer: Issuer, configure: Configure) -> None:
    token = disabled(issuer)
    assert post(token).status_code == 202
    identity = id_token.verify(configure("google"), issuer.id_token(nonce=nonce_for("google")))
    identities.link(linked, identity, NOWHERE)
    assert post(token).status_code == 202
    assert identities.of(linked.id).count() == 1


def test_F12_notice_signs_nobody_in(linked: User, issuer: Issuer) -> None:
    claims = {**issuer.claims(nonce=nonce_for("google")), "events": {f"{RISC}account-disabled": {}}}
    answer = App().post("/auth/federated/google/", {"id_token": issuer.signed(claims)})
    assert answer.json()["code"] == "invalid_id_token"
    assert FederatedIdentity.objects.count() == 1


def test_F12_notice_during_an_outage_is_asked_for_again(linked: User, issuer: Issuer, configure: Configure) -> None:
    configure("google")
    issuer.mode = "error"
    assert post(disabled(issuer)).status_code == 503
    assert nothing_happened(linked)
