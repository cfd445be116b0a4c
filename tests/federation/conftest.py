"""An upstream issuer that runs, and a server that knows it."""

import ipaddress
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.http import HttpResponse

from accounts.federation import jwks, providers
from accounts.federation.providers import Provider
from tests.support.app import App
from tests.support.issuer import Issuer, serving

LOOPBACK = [ipaddress.ip_network("127.0.0.0/8")]
Configure = Callable[..., Provider]
SignIn = Callable[..., HttpResponse]


@pytest.fixture(autouse=True)
def _no_keys_remembered() -> None:
    jwks.forget()


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    with serving(Issuer()) as running:
        yield running


@pytest.fixture
def configure(issuer: Issuer, settings: Any) -> Configure:
    """Names the issuer in FEDERATED_PROVIDERS, as `upstream` unless told otherwise."""
    settings.FETCH_ALLOWED_NETWORKS = LOOPBACK

    def name_it(name: str = "upstream", **members: Any) -> Provider:
        settings.FEDERATED_PROVIDERS = providers.parse(json.dumps({name: issuer.setting(**members)}), allow_http=True)
        jwks.forget()
        return providers.get(name)

    return name_it


@pytest.fixture
def provider(configure: Configure) -> Provider:
    return configure()


def nonce_for(name: str = "upstream") -> str:
    answer = App().post(f"/auth/federated/{name}/nonce/")
    assert answer.status_code == 200, answer.content
    return str(answer.json()["nonce"])


@pytest.fixture
def sign_in(db: None, issuer: Issuer, provider: Provider) -> SignIn:
    """With an ID token that is in order except for `claims`, and a nonce of ours."""

    def post(*, name: str = "upstream", header: dict[str, Any] | None = None, body: dict[str, Any] | None = None, **claims: Any):
        token = issuer.id_token(header=header, **{"nonce": nonce_for(name), **claims})
        return App().post(f"/auth/federated/{name}/", {"id_token": token, **(body or {})})

    return post
