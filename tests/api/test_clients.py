"""Clients by API: what superusers do in the admin, for their scripts."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from accounts.audit.models import AuditEvent
from accounts.keys import rotation
from accounts.keys.models import SigningKey
from accounts.oidc import clients
from accounts.oidc.models import Client
from accounts.oidc.registration import Registration
from accounts.users.models import User
from tests.api.conftest import proved_long_ago
from tests.support.app import App
from tests.support.key_holder import SoftKey

CLIENTS, CALLBACK = "/api/v1/clients/", "https://shop.example/cb"
SHOP = {"name": "Shop", "redirect_uris": [CALLBACK], "id_token_algorithm": "ES256", "scopes": ["openid", "email"]}


@pytest.fixture
def shop(root_app: App) -> dict[str, Any]:
    made = root_app.post(CLIENTS, SHOP)
    assert made.status_code == 201, made.content
    found: dict[str, Any] = made.json()
    return found


def path_of(shop: dict[str, Any], act: str = "") -> str:
    return f"{CLIENTS}{shop['id']}/{act}"


def opens(shop: dict[str, Any], secret: str) -> bool:
    return clients.has_secret(Client.objects.get(id=shop["id"]), secret)


def test_O10_secret_is_told_by_the_answer_that_made_it_alone(root_app: App) -> None:
    made = root_app.post(CLIENTS, SHOP)
    assert made["Cache-Control"] == "no-store"
    told = made.json()
    secret = told.pop("client_secret")
    assert opens(told, secret)
    assert root_app.get(path_of(told)).json() == told
    assert secret not in root_app.get(CLIENTS).content.decode()


def test_what_is_not_said_is_as_safe_as_it_can_be(shop: dict[str, Any]) -> None:
    assert (shop["authentication"], shop["grants"]) == ("client_secret_basic", ["authorization_code"])
    assert (shop["requires_pkce"], shop["asks_consent"], shop["is_active"]) == (True, True, True)
    assert shop["jwks"] is None


def test_client_without_a_secret_is_told_none(root_app: App) -> None:
    assert "client_secret" not in root_app.post(CLIENTS, {**SHOP, "authentication": "none"}).json()


@pytest.mark.parametrize("key", [{"kty": "oct", "kid": "two", "k": "c2VjcmV0"}, {"d": "x"}], ids=["symmetric", "private"])
def test_G01_secret_key_is_refused_even_beside_one_that_will_do(root_app: App, key: dict[str, str]) -> None:
    public = SoftKey().jwk
    signs = {**SHOP, "authentication": "private_key_jwt"}
    pair = [{**public, "kid": "one"}, {**public, "kid": "three", **key}]
    refused = root_app.post(CLIENTS, {**signs, "jwks": {"keys": pair}})
    assert "private key" in refused.json()["errors"]["jwks"][0]["detail"]
    assert root_app.post(CLIENTS, {**signs, "jwks": {"keys": pair[:1]}}).status_code == 201


def test_some_fields_are_changed_and_the_others_stay(root_app: App, shop: dict[str, Any]) -> None:
    changed = root_app.patch(path_of(shop), {"name": "Store", "scopes": ["openid"]}).json()
    assert {**shop, **changed} == {**shop, "name": "Store", "scopes": ["openid"]}
    assert "client_secret" not in changed


def test_O10_rotated_secret_overlaps_for_as_long_as_is_said(root_app: App, shop: dict[str, Any]) -> None:
    told = root_app.post(path_of(shop, "rotate-secret/"), {"overlap_seconds": 60}).json()
    assert [opens(shop, secret) for secret in (shop["client_secret"], told["client_secret"])] == [True, True]
    assert len(told["secrets"]) == 2
    with time_machine.travel(timezone.now() + timedelta(seconds=61)):
        assert [opens(shop, secret) for secret in (shop["client_secret"], told["client_secret"])] == [False, True]


@pytest.mark.parametrize("overlap", [-1, "60", 1.5, True, 10**9])
def test_odd_overlap_is_refused_and_no_secret_made(root_app: App, shop: dict[str, Any], overlap: object) -> None:
    refused = root_app.post(path_of(shop, "rotate-secret/"), {"overlap_seconds": overlap})
    assert (refused.status_code, list(refused.json()["errors"])) == (400, ["overlap_seconds"])
    assert Client.objects.get().secrets.count() == 1


def test_client_without_a_secret_has_none_to_rotate(root_app: App) -> None:
    public = root_app.post(CLIENTS, {**SHOP, "authentication": "none"}).json()
    refused = root_app.post(path_of(public, "rotate-secret/"))
    assert refused.json()["errors"]["authentication"][0]["code"] == "no_secret"


def test_stopped_client_is_not_known_until_it_is_started(root_app: App, shop: dict[str, Any]) -> None:
    assert root_app.post(path_of(shop, "stop/")).json()["is_active"] is False
    assert clients.find(shop["id"]) is None
    assert root_app.post(path_of(shop, "start/")).json()["is_active"] is True
    assert clients.find(shop["id"]) is not None


def test_O29_bad_redirect_uri_is_told_in_the_words_of_the_admin(root_app: App) -> None:
    refused = root_app.post(CLIENTS, {**SHOP, "redirect_uris": ["http://shop.example/cb", "javascript:1"]})
    first, second = refused.json()["errors"]["redirect_uris"]
    assert (refused.status_code, first["code"]) == (400, "invalid")
    assert first["detail"] == "http://shop.example/cb: Use https: http is for loopback addresses alone."
    assert second["detail"].startswith("javascript:1: ")
    assert not Client.objects.exists()


def test_all_that_is_wrong_is_said_at_once(root_app: App) -> None:
    refused = root_app.post(CLIENTS, {**SHOP, "name": "\u2068", "grants": ["password"]})
    assert set(refused.json()["errors"]) == {"name", "grants.0"}
    refused = root_app.post(CLIENTS, {**SHOP, "scopes": ["openid", "admin"], "jwks": {"keys": []}})
    assert set(refused.json()["errors"]) == {"scopes", "jwks"}


def test_O31_id_is_ours(root_app: App) -> None:
    refused = root_app.post(CLIENTS, {**SHOP, "id": "c_mine", "client_id": "c_mine"})
    assert set(refused.json()["errors"]) == {"id", "client_id"}


def test_list_is_filtered_searched_and_ordered_by_what_is_listed(root_app: App, shop: dict[str, Any]) -> None:
    root_app.post(CLIENTS, {**SHOP, "name": "Phone", "authentication": "none"})
    root_app.post(path_of(shop, "stop/"))

    def names(query: str) -> list[str]:
        return [row["name"] for row in root_app.get(f"{CLIENTS}?{query}").json()["results"]]

    assert names("") == ["Phone", "Shop"]
    assert names("is_active=true") == ["Phone"]
    assert names("authentication=client_secret_basic") == ["Shop"]
    assert names("search=sho") == ["Shop"]
    assert names("ordering=-created_at") == ["Phone", "Shop"]
    assert names("ordering=-name") == ["Shop", "Phone"]
    assert root_app.get(f"{CLIENTS}?secrets__digest__startswith=a").status_code == 400


def test_pages_follow_each_other(root_app: App, db: None) -> None:
    rotation.ensure("ES256", SigningKey.for_id_tokens("ES256"))
    for number in range(5):
        clients.register(Registration(f"App {number}", "none", (CALLBACK,), id_token_algorithm="ES256"))
    first = root_app.get(f"{CLIENTS}?page_size=3").json()
    second = root_app.get(first["next"].removeprefix("http://testserver")).json()
    assert [row["name"] for row in first["results"] + second["results"]] == [f"App {number}" for number in range(5)]


def test_writing_wants_a_fresh_proof_and_reading_does_not(root_app: App, shop: dict[str, Any]) -> None:
    proved_long_ago(root_app)
    assert root_app.get(CLIENTS).status_code == 200
    refused = [
        root_app.post(CLIENTS, SHOP),
        root_app.patch(path_of(shop), {"name": "Store"}),
        *(root_app.post(path_of(shop, act)) for act in ("rotate-secret/", "stop/", "start/")),
    ]
    assert {answer.json()["code"] for answer in refused} == {"insufficient_user_authentication"}


def test_B10_superuser_of_a_second_ago_registers_nothing(root_app: App, superuser: User, shop: dict[str, Any]) -> None:
    User.objects.filter(id=superuser.id).update(is_superuser=False)
    refused = [
        root_app.post(CLIENTS, {**SHOP, "name": "Mine"}),
        root_app.patch(path_of(shop), {"redirect_uris": ["https://evil.example/cb"]}),
        *(root_app.post(path_of(shop, act)) for act in ("rotate-secret/", "stop/")),
    ]
    assert [(answer.status_code, answer.json()["code"]) for answer in refused] == [(403, "permission_denied")] * 4
    client = Client.objects.get()
    assert (client.redirect_uris, client.is_active, client.secrets.count()) == ([CALLBACK], True, 1)


def test_each_act_is_recorded_with_who_did_it(root_app: App, superuser: User, shop: dict[str, Any]) -> None:
    root_app.patch(path_of(shop), {"name": "Store"})
    for act in ("rotate-secret/", "stop/", "start/"):
        root_app.post(path_of(shop, act))
    events = AuditEvent.objects.filter(event__startswith="client", actor_id=superuser.id, address="127.0.0.1").order_by("id")
    assert [event.event for event in events] == [
        *("client.registered", "client.updated", "client_secret.rotated", "client.stopped", "client.started"),
    ]


@pytest.mark.parametrize("id", ["c_nobody", "x", "c_" + "a" * 38, "%00", "c_%F0%9F%98%80"])
def test_client_that_does_not_exist_is_404(root_app: App, id: str) -> None:
    assert root_app.get(f"{CLIENTS}{id}/").status_code == 404
