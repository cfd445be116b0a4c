"""manage.py explain_token knows tokens that are bound to a key, and the proofs beside them."""

from io import StringIO
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from tests.support.app import App
from tests.support.key_holder import LEFT_OUT, BoundApp

pytestmark = pytest.mark.django_db
PATH = "/api/v1/me/access/"


def explained(token: str) -> tuple[str, bool]:
    """What it prints, and whether the token is accepted."""
    out = StringIO()
    try:
        call_command("explain_token", token, stdout=out, no_color=True)
    except CommandError:
        return out.getvalue(), False
    return out.getvalue(), True


def test_bound_access_token_names_its_key_and_its_scheme(bound: BoundApp, app: App) -> None:
    text, accepted = explained(f"DPoP {bound.access}")
    assert accepted
    assert f"ok     key binding: bound to the key {bound.key.jkt}: scheme DPoP" in text
    assert "ok     key binding: bound to no key: scheme Bearer" in explained(f"Bearer {app.access}")[0]


def test_refresh_token_of_a_bound_device_names_its_key(bound: BoundApp, app: App) -> None:
    assert f"bound to the key {bound.key.jkt}" in explained(bound.refresh)[0]
    assert "bound to" not in explained(app.refresh)[0]


def test_proof_is_explained_and_not_used_up(bound: BoundApp) -> None:
    proof = bound.proof("GET", PATH)
    text, accepted = explained(proof)
    assert accepted
    assert f"made with the key {bound.key.jkt}" in text
    assert f"for 'GET' at '{PATH}'; with the hash of an access token" in text
    assert bound.show("GET", PATH, proof).status_code == 200


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "another type": ({"header": {"alg": "HS256"}}, "key and signature"),
    "another server": ({"htu": "https://evil.example/api/v1/me/access/"}, "request"),
    "no nonce": ({"nonce": LEFT_OUT}, "nonce"),
}


@pytest.mark.parametrize("cause", WRONG)
def test_refused_proof_names_the_step(bound: BoundApp, cause: str) -> None:
    claims, step = WRONG[cause]
    text, accepted = explained(bound.proof("GET", PATH, **claims))
    assert not accepted
    assert f"FAILED {step}: token_invalid" in text


def test_signature_of_a_proof_is_not_printed(bound: BoundApp) -> None:
    proof = bound.key.proof("GET", settings.PUBLIC_URL + PATH)
    assert proof.rpartition(".")[2] not in explained(proof)[0]
