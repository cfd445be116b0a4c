"""oidcc-config-certification-test-plan, at a server that is known by https."""

import re
from collections.abc import Iterator

import pytest

from tests.oidc.conformance.walk import KEYS, METADATA
from tests.oidc.wire import Wire
from tests.support.server import running_server

pytestmark = [pytest.mark.processes, pytest.mark.slow]

ISSUER = "https://sso.example.com"
LISTS = re.compile(r"_supported$")
SECRET_MEMBERS = {"d", "p", "q", "dp", "dq", "qi", "k"}


@pytest.fixture
def wire(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wire]:
    """As the proxy in front of it speaks to it."""
    with running_server(tmp_path_factory.mktemp("https"), env={"PUBLIC_URL": ISSUER}) as running:
        yield Wire(running.url, Host="sso.example.com")


def test_oidcc_discovery_endpoint_verification(wire: Wire) -> None:
    answer = wire.get(METADATA)
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/json")
    told = answer.json()
    assert told["issuer"] == ISSUER
    assert {"authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri"} <= told.keys()
    addresses = {name: value for name, value in told.items() if name.endswith(("_endpoint", "_uri"))}
    assert {name: value for name, value in addresses.items() if not value.startswith(f"{ISSUER}/")} == {}, "all https"
    assert (told["response_types_supported"], told["subject_types_supported"]) == (["code"], ["public"])
    assert "RS256" in told["id_token_signing_alg_values_supported"]
    assert "authorization_code" in told["grant_types_supported"]
    assert "S256" in told["code_challenge_methods_supported"]
    assert {"sub", "name", "email"} <= set(told["claims_supported"])
    assert all(re.fullmatch(r"[!#-\[\]-~]+", scope) for scope in told["scopes_supported"])
    assert "openid" in told["scopes_supported"]
    assert all(re.fullmatch(r"[a-z]{2,3}(-[A-Z]{2})?", locale) for locale in told["ui_locales_supported"])
    for name in filter(LISTS.search, told):
        assert isinstance(told[name], bool) or (isinstance(told[name], list) and told[name]), name
    assert told["jwks_uri"] == f"{ISSUER}{KEYS}"
    keys = wire.get(KEYS).json()["keys"]
    assert keys
    assert not [key for key in keys if SECRET_MEMBERS & key.keys()]
