"""`manage.py client` and `manage.py service`: every field can be said, and what is not said stays."""

import json
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from accounts.audit.models import AuditEvent
from accounts.oidc import clients
from accounts.oidc.audiences import Described
from accounts.oidc.models import Client, Service
from accounts.oidc.registration import Registration
from tests.oidc.parties import CALLBACK, Party, party
from tests.support.at_once import at_once
from tests.support.issuer import ec_key

GRANTS = ("authorization_code", "refresh_token")
MACHINE = ("client_credentials", "urn:ietf:params:oauth:grant-type:token-exchange")
KEYS = {"keys": [ec_key("one").jwk]}
DEVICE = "urn:ietf:params:oauth:grant-type:device_code"


def run(*words: str) -> str:
    out = StringIO()
    call_command(*words, stdout=out)
    return out.getvalue()


def registered() -> Registration:
    return Registration.of(Client.objects.get())


def described() -> Described:
    return Described.of(Service.objects.get())


@pytest.fixture
def keys(tmp_path: Path) -> str:
    path = tmp_path / "keys.json"
    path.write_text(json.dumps(KEYS))
    return str(path)


def test_commands_create_list_rotate_and_stop() -> None:
    asked = ("--redirect-uri", CALLBACK, "--scope", "email", "--id-token-algorithm", "ES256", "--dpop-bound")
    made = run("client", "create", "Shop", *asked)
    client = Client.objects.get()
    assert client.dpop_bound_access_tokens
    secret = made.split("client_secret")[1].split()[0]
    assert clients.has_secret(client, secret)
    assert CALLBACK in run("client", "list")
    assert secret not in run("client", "list")
    rotated = run("client", "rotate-secret", client.id, "--overlap-days", "0").split()[1]
    assert [clients.has_secret(client, shown) for shown in (secret, rotated)] == [False, True]
    run("client", "stop", client.id)
    assert clients.find(client.id) is None
    run("client", "start", client.id)
    assert clients.find(client.id) == client


def test_create_can_say_every_field(keys: str) -> None:
    run(
        *("client", "create", "Shop", "--redirect-uri", CALLBACK, "--post-logout-redirect-uri", "https://shop.example/bye"),
        *("--backchannel-logout-uri", "https://shop.example/out", "--scope", "email", "--scope", "offline_access"),
        *("--authentication", "private_key_jwt", "--jwks", keys, "--id-token-algorithm", "ES256"),
        *("--acts-as-itself", "--device", "--exchanges", "--no-requires-pkce", "--requires-par", "--dpop-bound", "--trusted"),
    )
    assert registered() == Registration(
        "Shop",
        authentication="private_key_jwt",
        redirect_uris=(CALLBACK,),
        post_logout_redirect_uris=("https://shop.example/bye",),
        backchannel_logout_uri="https://shop.example/out",
        grants=(*GRANTS, MACHINE[0], DEVICE, MACHINE[1]),
        scopes=("openid", "email", "offline_access"),
        jwks=KEYS,
        id_token_algorithm="ES256",
        requires_pkce=False,
        requires_par=True,
        dpop_bound_access_tokens=True,
        asks_consent=False,
    )


def test_O05_client_that_goes_without_pkce_by_command_is_recorded() -> None:
    run("client", "create", "Old", "--redirect-uri", CALLBACK, "--no-requires-pkce")
    run("client", "update", Client.objects.get().id, "--requires-pkce")
    kept = AuditEvent.objects.filter(event__startswith="client.").order_by("occurred_at")
    assert [event.details["requires_pkce"] for event in kept] == [False, True]


NEXT = "https://shop.example/next"
CHANGES: dict[str, tuple[tuple[str, ...], dict[str, Any]]] = {
    "name": (("--name", "Store"), {"name": "Store"}),
    "way to authenticate": (("--authentication", "client_secret_post"), {"authentication": "client_secret_post"}),
    "public": (("--public",), {"authentication": "none"}),
    "redirect URIs": (("--redirect-uri", NEXT, "--redirect-uri", CALLBACK), {"redirect_uris": (NEXT, CALLBACK)}),
    "addresses after": (("--post-logout-redirect-uri", NEXT), {"post_logout_redirect_uris": (NEXT,)}),
    "no address after": (("--post-logout-redirect-uri", ""), {"post_logout_redirect_uris": ()}),
    "back channel": (("--backchannel-logout-uri", NEXT), {"backchannel_logout_uri": NEXT}),
    "scopes": (("--scope", "email"), {"scopes": ("openid", "email"), "grants": ("authorization_code",)}),
    "no scopes": (("--scope", ""), {"scopes": ("openid",), "grants": ("authorization_code",)}),
    "algorithm": (("--id-token-algorithm", "ES256"), {"id_token_algorithm": "ES256"}),
    "acts as itself": (("--acts-as-itself",), {"grants": (*GRANTS, MACHINE[0])}),
    "device": (("--device",), {"grants": (*GRANTS, DEVICE)}),
    "exchanges": (("--exchanges",), {"grants": (*GRANTS, MACHINE[1])}),
    "requires PAR": (("--requires-par",), {"requires_par": True}),
    "PKCE": (("--no-requires-pkce",), {"requires_pkce": False}),
    "DPoP": (("--dpop-bound",), {"dpop_bound_access_tokens": True}),
    "trusted": (("--trusted",), {"asks_consent": False}),
}


@pytest.mark.parametrize(("said", "changes"), CHANGES.values(), ids=CHANGES)
def test_update_changes_what_is_said_and_the_rest_stays(web: Party, said: tuple[str, ...], changes: dict[str, Any]) -> None:
    before = registered()
    told = run("client", "update", web.id, *said)
    assert registered() == replace(before, **changes)
    assert {line.partition("  ")[0] for line in told.splitlines()} == changes.keys()
    assert "so already" in run("client", "update", web.id, *said)


def test_update_switches_back_what_was_switched_on() -> None:
    grants = (*GRANTS, MACHINE[0], DEVICE, MACHINE[1])
    on = {"requires_pkce": False, "requires_par": True, "dpop_bound_access_tokens": True, "asks_consent": False}
    before = party("All", grants=grants, backchannel_logout_uri=NEXT, **on)
    said = ("--requires-pkce", "--no-requires-par", "--no-dpop-bound", "--no-trusted", "--backchannel-logout-uri", "")
    run("client", "update", before.id, *said, "--no-acts-as-itself", "--no-device", "--no-exchanges")
    defaults = {name: Registration.__dataclass_fields__[name].default for name in on}
    wanted = replace(Registration.of(before.client), grants=GRANTS, backchannel_logout_uri="", **defaults)
    assert registered() == wanted


def test_update_gives_keys_for_a_secret_and_a_secret_for_keys(web: Party, keys: str) -> None:
    run("client", "update", web.id, "--authentication", "private_key_jwt", "--jwks", keys)
    assert (registered().jwks, web.client.secrets.count()) == (KEYS, 0)
    with pytest.raises(CommandError, match="no other has any"):
        run("client", "update", web.id, "--authentication", "client_secret_basic")
    told = run("client", "update", web.id, "--authentication", "client_secret_basic", "--jwks", "")
    assert registered() == Registration.of(web.client)
    assert f"client rotate-secret {web.id}" in told
    run("client", "rotate-secret", web.id)
    assert web.client.secrets.count() == 1


def test_client_that_signs_nobody_in_any_more_has_no_grant_for_it(web: Party) -> None:
    run("client", "update", web.id, "--redirect-uri", "", "--scope", "", "--acts-as-itself")
    kept = registered()
    assert (kept.redirect_uris, kept.scopes, kept.grants) == ((), (), ("client_credentials",))


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_grants_that_are_given_at_the_same_moment_are_all_there(web: Party) -> None:
    waiting = iter(("--acts-as-itself", "--device", "--exchanges"))
    at_once(3, lambda: run("client", "update", web.id, next(waiting)))
    assert sorted(registered().grants) == sorted((*GRANTS, *MACHINE, DEVICE))


def test_update_keeps_the_order_in_which_grants_were_registered() -> None:
    before = party("Other way round", grants=GRANTS[::-1])
    run("client", "update", before.id, "--name", "Renamed")
    assert registered().grants == GRANTS[::-1]


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        (("--redirect-uri", "http://shop.example/cb", "--name", "Store"), "redirect_uris"),
        (("--scope", "notes:read"), "scopes: invalid. Not known: notes:read."),
        (("--redirect-uri", ""), "Only a client that signs people in can keep them signed in"),
        (("--name", ""), "name"),
        (("--public", "--no-requires-pkce"), "always uses PKCE"),
        (("--public", "--authentication", "client_secret_post"), "not allowed with"),
        (("--authentication", "none"), "invalid choice"),
        (("--id-token-algorithm", "HS256"), "invalid choice"),
        (("--jwks", "nowhere.json"), "nowhere.json"),
        ((), "Say what is to change"),
    ],
    ids=str,
)
def test_update_that_would_be_wrong_says_so_and_changes_nothing(web: Party, said: tuple[str, ...], sentence: str) -> None:
    before = registered()
    with pytest.raises(CommandError, match=sentence):
        run("client", "update", web.id, *said)
    assert registered() == before
    assert not AuditEvent.objects.filter(event="client.updated").exists()


def test_commands_say_what_is_wrong(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="redirect_uris"):
        run("client", "create", "Shop", "--redirect-uri", "http://shop.example/cb", "--id-token-algorithm", "ES256")
    for act in (("stop",), ("update", "--name", "Store")):
        with pytest.raises(CommandError, match="no such client"):
            run("client", act[0], "c_nobody", *act[1:])
    with pytest.raises(CommandError):
        run("client", "create", "Shop", "--jwks", str(tmp_path / "none.json"))


def test_commands_register_a_service() -> None:
    run("service", "create", "https://notes.example", "Notes", "--scope", "notes:read=Read your notes")
    assert "Read your notes" in run("service", "list")
    run("service", "remove", "https://notes.example")
    assert not Service.objects.exists()


def test_service_update_changes_what_is_said_and_the_rest_stays(notes: Service, web: Party) -> None:
    before = described()
    for said, changes in (
        (("--name", "Notebook"), {"name": "Notebook"}),
        (("--client", web.id), {"client_id": web.id}),
        (("--scope", "notes:read=Read them"), {"scopes": {"notes:read": "Read them"}}),
        (("--client", ""), {"client_id": ""}),
        (("--scope", ""), {"scopes": {}}),
    ):
        told = run("service", "update", notes.audience, *said)
        before = replace(before, **changes)
        assert described() == before
        assert [line.partition("  ")[0] for line in told.splitlines()] == list(changes)
        assert "so already" in run("service", "update", notes.audience, *said)


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        (("--name", ""), "name"),
        (("--client", "c_nobody"), "client"),
        (("--name", "Notebook", "--scope", "notes:read"), "say on one line"),
        (("--scope", "n:read=Read", "--scope", "n:read=Read them"), "A scope appears twice"),
        ((), "Say what is to change"),
    ],
    ids=str,
)
def test_service_update_that_would_be_wrong_changes_nothing(notes: Service, said: tuple[str, ...], sentence: str) -> None:
    before = described()
    with pytest.raises(CommandError, match=sentence):
        run("service", "update", notes.audience, *said)
    assert described() == before
    with pytest.raises(CommandError, match="no such service"):
        run("service", "update", "https://nowhere.example", "--name", "Notebook")
