"""oidcc-config-certification-test-plan."""

import re
from typing import Any

import pytest
from django.conf import settings
from django.test import Client as Http

LISTS = re.compile(r"_supported$")


@pytest.fixture
def told(db: None) -> dict[str, Any]:
    answer = Http().get("/.well-known/openid-configuration")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/json")
    found: dict[str, Any] = answer.json()
    return found


def test_oidcc_discovery_endpoint_verification(told: dict[str, Any]) -> None:
    assert told["issuer"] == settings.PUBLIC_URL
    for name in ("authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri"):
        assert told[name].startswith(f"{settings.PUBLIC_URL}/"), name
    assert (told["response_types_supported"], told["subject_types_supported"]) == (["code"], ["public"])
    assert "RS256" in told["id_token_signing_alg_values_supported"]
    assert "authorization_code" in told["grant_types_supported"]
    assert all(re.fullmatch(r"[!#-\[\]-~]+", scope) for scope in told["scopes_supported"])
    assert "openid" in told["scopes_supported"]
    assert all(re.fullmatch(r"[a-z]{2,3}(-[A-Z]{2})?", locale) for locale in told["ui_locales_supported"])
    for name in filter(LISTS.search, told):
        assert isinstance(told[name], bool) or (isinstance(told[name], list) and told[name]), name
    assert Http().get(told["jwks_uri"].removeprefix(settings.PUBLIC_URL)).json()["keys"]
