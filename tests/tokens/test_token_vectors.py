"""`manage.py token_vectors`: vectors of nobody's issuer, on which our own verifier agrees (SECURITY V-07)."""

import json
from pathlib import Path

import pytest
import time_machine
from django.core.management import CommandError, call_command
from pytest_django import DjangoAssertNumQueries, Settings

from accounts.core.errors import TokenInvalid
from accounts.keys import ring
from accounts.keys.models import SigningKey
from accounts.revocations.models import Revocation
from accounts.tokens import access
from accounts.tokens.vectors import book as made
from tests.support import forge
from tests.support.vectors import book

ELSEWHERE = {
    "client-as-itself": "never for this API",
    "bound-to-a-key": "judged where the token is presented, with its proof",
    "client-stopped": "this API has one client",
    "actor-stopped": "no service acts here in somebody's name",
    "actor-of-actor-stopped": "no service acts here in somebody's name",
    "client-as-itself-stopped": "never for this API",
}


@pytest.fixture
def as_their_issuer(db: None, settings: Settings) -> None:
    """This server under the name, the keys and the feed of the vectors."""
    found = book()
    settings.PUBLIC_URL, settings.API_AUDIENCE = found["issuer"], found["audience"]
    for jwk in found["jwks"]["keys"]:
        SigningKey.objects.create(kid=jwk["kid"], algorithm=jwk["alg"], state="retired", public_jwk=jwk)
    for kind, named in forge.opened(found["revocations"])[1]["revoked"].items():
        # "client" is a kind of the feed only where there are clients.
        for value, mark in named.items() if kind in Revocation.Kind.values else ():
            Revocation.objects.create(kind=kind, value=value, not_before=mark, expires_at=found["now"] + 900)
    ring.forget()


def takes(token: str) -> bool:
    try:
        access.verify(token)
    except TokenInvalid:
        return False
    return True


@pytest.mark.parametrize("vector", [one for one in book()["tokens"] if one["name"] not in ELSEWHERE], ids=lambda one: one["name"])
def test_V07_our_own_verifier_agrees(as_their_issuer: None, vector: dict[str, str]) -> None:
    with time_machine.travel(book()["now"], tick=False):
        assert takes(vector["token"]) == (vector["verdict"] == "accept"), vector["reason"]


def test_V07_keys_are_made_for_one_set_and_no_row_is_read(db: None, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    ours = set(SigningKey.objects.values_list("kid", flat=True))
    with django_assert_num_queries(0):
        one, other = ({key["kid"] for key in made.new()["jwks"]["keys"]} for _ in range(2))
    assert ours
    assert not one & other | ours & (one | other)


def test_V07_no_private_half_is_written() -> None:
    assert {name for key in book()["jwks"]["keys"] for name in key} == {"kty", "crv", "x", "y", "n", "e", "kid", "use", "alg"}


def test_names_are_different_and_both_verdicts_are_there() -> None:
    names = [one["name"] for one in book()["tokens"]]
    assert len(set(names)) == len(names) > 100
    assert {one["verdict"] for one in book()["tokens"]} == {"accept", "refuse"}


def test_folder_plays_the_issuer(tmp_path: Path) -> None:
    call_command("token_vectors", str(tmp_path / "vectors"), verbosity=0)
    found = json.loads((tmp_path / "vectors/token-vectors.json").read_text())
    assert json.loads((tmp_path / "vectors/.well-known/jwks.json").read_text()) == found["jwks"]
    assert (tmp_path / "vectors/.well-known/revocations").read_text() == found["revocations"]


def test_folder_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(CommandError, match="cannot write"):
        call_command("token_vectors", str(tmp_path / "file"))
