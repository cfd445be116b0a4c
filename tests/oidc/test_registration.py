"""Clients and services: deny by default, secrets told once."""

import inspect
import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.admin.utils import quote, unquote
from django.utils import timezone

from accounts.audit.models import AuditEvent
from accounts.core.errors import InvalidInput
from accounts.keys.models import SigningKey
from accounts.oidc import audiences, clients
from accounts.oidc.audiences import Described
from accounts.oidc.models import Client, ClientSecret, Service
from accounts.oidc.registration import Registration
from accounts.users.models import User
from tests.oidc.parties import CALLBACK, Party, party
from tests.support.at_once import at_once
from tests.support.issuer import ec_key


def refused(field: str, **asked: Any) -> str:
    """The control is `party` itself, which registers."""
    with pytest.raises(InvalidInput) as problem:
        party("Refused", **asked)
    assert list(problem.value.extra["errors"]) == [field]
    return problem.value.says


def test_O31_the_id_of_a_client_is_ours_and_never_a_persons(web: Party, alice: User) -> None:
    assert re.fullmatch(r"c_[a-z]{28}", web.id)
    assert unquote(quote(web.id)) == unquote(web.id) == web.id, "in the addresses of the admin"
    assert "id" not in Registration("x").columns()


def test_O10_the_secret_is_told_once_and_kept_as_a_hash(web: Party) -> None:
    assert len(web.secret) >= 43
    kept = json.dumps([*ClientSecret.objects.values(), *Client.objects.values(), *AuditEvent.objects.values()], default=str)
    assert web.secret not in kept
    assert clients.has_secret(web.client, web.secret)


def test_public_client_has_no_secret(native: Party) -> None:
    assert (native.secret, native.client.secrets.count()) == ("", 0)


def test_two_secrets_overlap_for_a_while_and_a_third_never_does(web: Party) -> None:
    second = clients.rotate_secret(web.id, overlap=timedelta(hours=1))
    assert clients.has_secret(web.client, web.secret)
    assert clients.has_secret(web.client, second)
    third = clients.rotate_secret(web.id, overlap=timedelta(hours=1))
    assert [clients.has_secret(web.client, shown) for shown in (web.secret, second, third)] == [False, True, True]
    with time_machine.travel(timezone.now() + timedelta(hours=1, seconds=1)):
        assert [clients.has_secret(web.client, shown) for shown in (second, third)] == [False, True]
        assert (clients.sweep(), web.client.secrets.count()) == (1, 1)


def test_O08_scope_or_grant_that_is_not_known_is_refused() -> None:
    assert "notes:read" in refused("scopes", scopes=("openid", "offline_access", "notes:read"))
    assert "password" in refused("grants", grants=("authorization_code", "refresh_token", "password"))


def test_O41_secrets_are_compared_in_constant_time() -> None:
    assert "compare_digest" in inspect.getsource(clients.has_secret)


@pytest.mark.parametrize(
    ("field", "asked"),
    [
        ("redirect_uris", {"redirect_uris": ()}),
        ("redirect_uris", {"redirect_uris": ("https://shop.example/*",)}),
        ("redirect_uris", {"redirect_uris": (CALLBACK, CALLBACK)}),
        ("post_logout_redirect_uris", {"post_logout_redirect_uris": ("javascript:1",)}),
        ("backchannel_logout_uri", {"backchannel_logout_uri": "http://shop.example/out"}),
        ("scopes", {"scopes": ("openid",)}),
        ("scopes", {"scopes": ("profile", "offline_access")}),
        ("grants", {"authentication": "none", "grants": ("authorization_code", "refresh_token", "client_credentials")}),
        ("requires_pkce", {"authentication": "none", "requires_pkce": False}),
        ("jwks", {"authentication": "private_key_jwt"}),
        ("jwks", {"jwks": {"keys": []}}),
        ("jwks", {"authentication": "private_key_jwt", "jwks": {"keys": []}}),
        ("authentication", {"authentication": "tls_client_auth"}),
        ("id_token_algorithm", {"id_token_algorithm": "HS256"}),
        ("name", {}),
    ],
)
def test_O08_what_would_open_a_door_is_refused(field: str, asked: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput) as problem:
        party("" if field == "name" else "Refused", **asked)
    assert list(problem.value.extra["errors"]) == [field]


@pytest.mark.parametrize("asked", [{"authentication": "none"}, {"redirect_uris": ("com.example.app:/cb",)}])
def test_O14_client_that_anybody_could_pretend_to_be_always_asks(asked: dict[str, Any]) -> None:
    refused("asks_consent", **asked, asks_consent=False)
    for name, uri in (("Trusted", CALLBACK), ("Being built", "http://localhost:3000/cb")):
        assert not party(name, redirect_uris=(uri,), asks_consent=False).client.asks_consent


def test_private_key_of_a_client_is_refused_and_its_public_half_taken() -> None:
    public = ec_key("one").jwk
    assert "private" in refused("jwks", authentication="private_key_jwt", jwks={"keys": [{**public, "d": "x"}]})
    assert party("Signs", authentication="private_key_jwt", jwks={"keys": [public]}).secret == ""


def test_O05_client_that_goes_without_pkce_is_recorded() -> None:
    party("Old", requires_pkce=False)
    assert AuditEvent.objects.get(event="client.registered").details["requires_pkce"] is False


def test_names_are_taken_once(web: Party) -> None:
    with pytest.raises(InvalidInput, match="taken"):
        party("Shop")


@pytest.mark.parametrize("algorithm", ["ES256", "Ed25519"])
def test_first_client_of_an_algorithm_makes_its_keys(algorithm: str) -> None:
    purpose = SigningKey.for_id_tokens(algorithm)
    assert not SigningKey.objects.filter(purpose=purpose).exists()
    party("One", id_token_algorithm=algorithm)
    party("Two", id_token_algorithm=algorithm)
    assert sorted(SigningKey.objects.filter(purpose=purpose).values_list("state", flat=True)) == ["active", "next"]


def test_client_that_signs_now_has_no_secret_any_more(web: Party) -> None:
    asked = Registration("Shop", "private_key_jwt", (CALLBACK,), jwks={"keys": [ec_key("one").jwk]})
    assert {"authentication", "jwks"} <= set(clients.update(web.id, asked))
    assert web.client.secrets.count() == 0


def test_each_change_of_a_client_is_recorded(web: Party) -> None:
    clients.update(web.id, Registration("Store", redirect_uris=(CALLBACK,)))
    clients.rotate_secret(web.id)
    assert clients.switch(web.id, on=False)
    assert not clients.switch(web.id, on=False)
    assert clients.switch(web.id, on=True)
    events = list(AuditEvent.objects.filter(event__startswith="client").order_by("occurred_at").values_list("event", flat=True))
    assert events == ["client.registered", "client.updated", "client_secret.rotated", "client.stopped", "client.started"]


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_fields_that_are_changed_at_the_same_moment_all_change(web: Party) -> None:
    changes: list[dict[str, Any]] = [{"name": "Store"}, {"scopes": ("openid",), "grants": ("authorization_code",)}]
    changes += [{"requires_par": True}, {"backchannel_logout_uri": "https://shop.example/out"}]
    waiting = iter(changes)
    at_once(len(changes), lambda: clients.amend(web.id, next(waiting)))
    kept = Registration.of(Client.objects.get())
    assert (kept.name, kept.scopes, kept.requires_par) == ("Store", ("openid",), True)
    assert kept.backchannel_logout_uri == "https://shop.example/out"


def test_scope_belongs_to_one_service(notes: Service) -> None:
    with pytest.raises(InvalidInput, match="taken"):
        audiences.register(Described("https://other.example", "Other", {"notes:read": "Read them too"}))
    assert Service.objects.count() == 1


@pytest.mark.parametrize(
    "described",
    [
        Described("notes", "Notes"),
        Described("https://notes.example#x", "Notes"),
        Described("http://testserver/api", "Notes"),
        Described("https://n.example", ""),
        Described("https://n.example", "Notes", {"openid": "x"}),
        Described("https://n.example", "Notes", {"users:write": "x"}),
        Described("https://n.example", "Notes", {"Read All": "x"}),
        Described("https://n.example", "Notes", {"n:read": ""}),
        Described("https://n.example", "Notes", {}, "c_nobody"),
    ],
    ids=str,
)
def test_service_that_could_be_mistaken_is_refused(described: Described) -> None:
    with pytest.raises(InvalidInput):
        audiences.register(described)
    for number, sound in enumerate(("urn:example:notes", "http://testserver:8443", "http://testserver.example")):
        assert audiences.register(Described(sound, "Notes", {f"n{number}:read": "Read"})).pk


def test_scope_of_a_removed_service_is_known_no_more(notes: Service, make_party: Callable[..., Party]) -> None:
    scopes = ("openid", "offline_access", "notes:read")
    make_party("Before", scopes=scopes)
    audiences.update(notes.pk, Described(notes.audience, "Notes", {"notes:write": "Change"}))
    refused("scopes", scopes=scopes)
    audiences.remove(notes.pk)
    refused("scopes", scopes=("openid", "offline_access", "notes:write"))
