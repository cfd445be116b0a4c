"""FEDERATED_PROVIDERS: only issuers that it names, and a start-up error that says what is wrong with it."""

import json
import os
import subprocess
import sys
from typing import Any

import pytest

from accounts.federation import providers
from accounts.federation.providers import Provider
from tests.support.app import App
from tests.support.issuer import Issuer

from .conftest import SignIn

GOOD = {"issuer": "https://issuer.example", "client_ids": ["a"]}


def parsed(**members: Any) -> Provider:
    return providers.parse(json.dumps({"upstream": {**GOOD, **members}}))["upstream"]


def test_google_and_apple_need_their_client_ids_alone() -> None:
    found = providers.parse('{"google": {"client_ids": ["g1", "g2"]}, "apple": {"client_ids": ["a1"]}}')
    assert (found["google"].issuer, found["google"].label) == ("https://accounts.google.com", "Google")
    assert (found["apple"].issuer, found["apple"].jwks_uri) == (
        "https://appleid.apple.com",
        "https://appleid.apple.com/auth/keys",
    )
    assert found["google"].client_ids == ("g1", "g2")
    assert found["google"].nonce_is_required
    assert {found["google"].algorithms, found["apple"].algorithms} == {("RS256",)}


@pytest.mark.parametrize(
    ("members", "sentence"),
    [
        ({"issuer": None}, "upstream: issuer is missing"),
        ({"issuer": "http://issuer.example"}, "upstream: issuer must begin with https://"),
        ({"issuer": "https://user@issuer.example"}, "upstream: issuer is not an address"),
        ({"issuer": "https://issuer.example/?x=1"}, "upstream: issuer is not an address"),
        ({"client_ids": []}, "upstream: client_ids must be a list"),
        ({"client_ids": "a"}, "upstream: client_ids must be a list"),
        ({"client_ids": [7]}, "upstream: client_ids is missing or not a text"),
        ({"jwks_uri": "http://issuer.example/keys"}, "upstream: jwks_uri must begin with https://"),
        ({"algorithms": ["none"]}, "upstream: algorithms must be of RS256"),
        ({"algorithms": ["HS256"]}, "upstream: algorithms must be of RS256"),
        ({"nonce": "never"}, "upstream: nonce must be of required, optional"),
        ({"notices": "google"}, "upstream: notices must be of none, apple, risc"),
        ({"clientids": ["a"]}, "upstream: unknown members: clientids"),
    ],
    ids=str,
)
def test_malformed_provider_is_named(members: dict[str, Any], sentence: str) -> None:
    assert parsed().issuer == GOOD["issuer"]
    with pytest.raises(ValueError, match=sentence):
        parsed(**members)


@pytest.mark.parametrize("raw", ["[]", "7", '{"Up Stream": {}}', '{"upstream": []}', '{"upstream": 7}', "{"])
def test_malformed_setting_is_refused(raw: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        providers.parse(raw)


@pytest.mark.parametrize(
    "issuer",
    [
        "https://login.microsoftonline.com/{tenantid}/v2.0",
        "https://login.microsoftonline.com/common/v2.0",
        "https://login.microsoftonline.com/Organizations/v2.0",
        "https://login.microsoftonline.com/consumers/v2.0",
        "https://*.issuer.example",
    ],
)
def test_F14_template_for_all_tenants_is_refused(issuer: str) -> None:
    assert parsed(issuer="https://login.microsoftonline.com/72f988bf-86f1-41af-91ab-2d7cd011db47/v2.0")
    with pytest.raises(ValueError, match="template"):
        parsed(issuer=issuer)


def test_F14_issuer_in_the_token_is_never_asked(sign_in: SignIn, issuer: Issuer) -> None:
    assert sign_in(iss="http://127.0.0.1:1").status_code == 401
    assert App().post("/auth/federated/google/", {"id_token": "x"}).status_code == 404
    assert sign_in().status_code == 200


def test_malformed_setting_stops_the_start() -> None:
    environment = {**os.environ, "FEDERATED_PROVIDERS": '{"google": {"client_ids": "x"}}'}
    started = subprocess.run(
        [sys.executable, "-c", "import tests.settings"], env=environment, capture_output=True, text=True, check=False
    )
    assert "FEDERATED_PROVIDERS is malformed: google: client_ids must be a list" in started.stderr
