"""/api/v1/me/identities/: one's own, added and removed with a fresh proof, never the last way in."""

import time
from typing import Any

import pytest
from django.http import HttpResponse

from accounts.core.requests import NOWHERE
from accounts.devices.models import Device
from accounts.federation import id_token, identities
from accounts.federation.models import FederatedIdentity
from accounts.federation.providers import Provider
from accounts.outbox.models import OutboxMessage
from accounts.users.models import User
from tests.support.app import App
from tests.support.issuer import Issuer

from .conftest import SignIn, nonce_for

PATH = "/api/v1/me/identities/"


def add(app: App, issuer: Issuer, **claims: Any) -> HttpResponse:
    token = issuer.id_token(**{"nonce": nonce_for(), **claims})
    return app.post(PATH, {"provider": "upstream", "id_token": token})


def test_person_links_lists_and_unlinks(app: App, provider: Provider, issuer: Issuer) -> None:
    made = add(app, issuer)
    assert made.status_code == 201
    assert made.json()["provider"] == "upstream"
    listed = app.get(PATH).json()["results"]
    assert [found["id"] for found in listed] == [made.json()["id"]]
    assert listed[0]["email"] == "carol@example.com"
    assert app.delete(f"{PATH}{made.json()['id']}/").status_code == 204
    assert app.get(PATH).json()["results"] == []
    assert OutboxMessage.objects.filter(kind="notice").count() == 2


def test_linked_identity_signs_in_to_the_same_account(app: App, alice: User, sign_in: SignIn, issuer: Issuer) -> None:
    assert add(app, issuer).status_code == 201
    assert sign_in().status_code == 200
    assert set(Device.objects.values_list("user_id", flat=True)) == {alice.id}
    assert User.objects.count() == 1


def test_identity_is_linked_once(app: App, bobs_app: App, provider: Provider, issuer: Issuer) -> None:
    assert add(app, issuer).status_code == 201
    assert add(app, issuer).json()["code"] == "already_enrolled"
    assert add(bobs_app, issuer).json()["code"] == "identity_in_use"
    assert FederatedIdentity.objects.count() == 1


def test_F04_token_that_was_used_links_nothing(app: App, provider: Provider, issuer: Issuer) -> None:
    token = issuer.id_token(nonce=nonce_for())
    assert id_token.verify(provider, token)
    refused = app.post(PATH, {"provider": "upstream", "id_token": token})
    assert (refused.status_code, refused.json()["code"]) == (401, "invalid_id_token")
    assert add(app, issuer).status_code == 201


def test_unknown_provider_is_a_wrong_field(app: App, provider: Provider) -> None:
    refused = app.post(PATH, {"provider": "other", "id_token": "x"})
    assert (refused.status_code, list(refused.json()["errors"])) == (400, ["provider"])


def test_P10_stale_proof_changes_nothing(
    app: App, alice: User, provider: Provider, issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = add(app, issuer).json()["id"]
    monkeypatch.setattr("accounts.signin.step_up.now", lambda: int(time.time()) + 600)
    for refused in (add(app, issuer, sub="upstream-2"), app.delete(f"{PATH}{made}/")):
        assert refused.json()["code"] == "insufficient_user_authentication"
    assert identities.of(alice.id).count() == 1


def test_somebody_elses_identity_does_not_exist(app: App, bob: User, provider: Provider, issuer: Issuer) -> None:
    verified = id_token.verify(provider, issuer.id_token(nonce=nonce_for()))
    theirs = identities.link(bob, verified, NOWHERE)
    assert app.get(PATH).json()["results"] == []
    assert app.delete(f"{PATH}{theirs.id}/").status_code == 404
    assert identities.of(bob.id).exists()


def test_P17_last_way_in_stays(sign_in: SignIn) -> None:
    pair = sign_in(email=None, email_verified=None).json()
    app = App(access=pair["access"])
    mine = app.get(PATH).json()["results"][0]["id"]
    refused = app.delete(f"{PATH}{mine}/")
    assert (refused.status_code, refused.json()["code"]) == (409, "last_factor")
    assert app.get(PATH).json()["results"] != []


def test_F09_account_that_proved_itself_takes_the_challenge(app: App, bobs_app: App, sign_in: SignIn, alice: User) -> None:
    refused = sign_in(email=alice.email)
    assert (refused.status_code, refused.json()["code"]) == (409, "link_required")
    challenge = {"challenge": refused.json()["challenge"]}
    assert bobs_app.post(PATH, challenge).json()["code"] == "challenge_invalid"
    assert app.post(PATH, challenge).status_code == 201
    assert app.post(PATH, challenge).json()["code"] == "challenge_invalid"
    assert sign_in(email=alice.email).status_code == 200
