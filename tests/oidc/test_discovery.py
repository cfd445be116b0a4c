"""The metadata promises what is kept, and nothing else."""

from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.test import Client as Http
from pytest_django import Settings

from accounts.oidc.models import Service
from accounts.users.models import User
from tests.oidc.flow import Flow, sent, signed_in
from tests.oidc.parties import Party

OPENID, OAUTH, RESOURCE = (
    f"/.well-known/{name}" for name in ("openid-configuration", "oauth-authorization-server", "oauth-protected-resource")
)


def document(path: str = OPENID) -> dict[str, Any]:
    answer = Http().get(path)
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/json")
    found: dict[str, Any] = answer.json()
    return found


@pytest.mark.django_db
def test_discovery_endpoint_verification() -> None:
    told = document()
    assert told["issuer"] == settings.PUBLIC_URL
    assert "RS256" in told["id_token_signing_alg_values_supported"]
    assert (told["response_types_supported"], told["subject_types_supported"]) == (["code"], ["public"])
    assert {"openid", "profile", "email"} <= set(told["scopes_supported"])
    assert told["authorization_response_iss_parameter_supported"] is True
    assert told["code_challenge_methods_supported"] == ["S256"]
    assert (told["request_parameter_supported"], told["request_uri_parameter_supported"]) == (False, False)


@pytest.mark.django_db
def test_O45_every_endpoint_that_is_told_is_there(web: Party) -> None:
    for name, value in document().items():
        if name.endswith(("_endpoint", "_uri")):
            assert value.startswith(f"{settings.PUBLIC_URL}/")
            path = urlsplit(value).path
            assert {Http().get(path).status_code, Http().post(path).status_code} - {404}, name


def test_O45_every_grant_that_is_told_works_and_no_other(web: Party) -> None:
    told = document()["grant_types_supported"]
    for grant in [*told, "password", "implicit", "urn:ietf:params:oauth:grant-type:token-exchange"]:
        answer = Flow(web).token({"grant_type": grant})
        assert (answer.json()["error"] == "unsupported_grant_type") is (grant not in told), grant
    assert "client_credentials" in told


def test_O45_every_prompt_and_response_mode_that_is_told_works(web: Party, alice: User) -> None:
    browser, told = signed_in(alice), document()
    for name, values in (("prompt", told["prompt_values_supported"]), ("response_mode", told["response_modes_supported"])):
        for value in values:
            answer = Flow(web, {name: value}).begin(browser)
            assert answer.status_code == 303
            assert "invalid_request" not in answer["Location"]
        assert sent(Flow(web, {name: "other"}).begin(browser))["error"] == "invalid_request"


def test_O45_scopes_of_services_are_told(notes: Service) -> None:
    assert {"notes:read", "notes:write"} <= set(document(OAUTH)["scopes_supported"])


@pytest.mark.django_db
@pytest.mark.parametrize("path", [OPENID, OAUTH, RESOURCE])
def test_documents_are_for_everybody_and_may_be_kept_for_minutes(path: str) -> None:
    answer = Http().get(path, headers={"Origin": "https://anywhere.example"})
    assert (answer["Access-Control-Allow-Origin"], answer["Cache-Control"]) == ("*", "public, max-age=300")
    assert Http().post(path).status_code == 405


@pytest.mark.django_db
def test_protected_resource_names_the_server_that_its_tokens_come_from() -> None:
    told = document(RESOURCE)
    assert (told["resource"], told["authorization_servers"]) == (settings.API_AUDIENCE, [settings.PUBLIC_URL])
    assert "profile:read" in told["scopes_supported"]


PLACES = {"": "", "/": "", "/api": "/api", "/api/": "/api/", "/api/v1": "/api/v1", "/an%20api": "/an%20api"}


@pytest.mark.django_db
@pytest.mark.parametrize("audience", [*PLACES, "?a=b", "/api?a=b", "/api#a", ".example/api"])
def test_O45_document_of_the_api_is_where_its_identifier_leads_and_nowhere_else(settings: Settings, audience: str) -> None:
    settings.API_AUDIENCE = settings.PUBLIC_URL + audience
    for place in {*PLACES.values(), "/api/v", "/", "/api%3Fa=b", "/api%23a"}:
        answer = Http().get(RESOURCE + place)
        assert (answer.status_code == 200) is (PLACES.get(audience) == place), place
        assert answer.status_code == 404 or answer.json()["resource"] == settings.API_AUDIENCE


@pytest.mark.django_db
@pytest.mark.parametrize("audience", ["https://api.example", "https://api.example/api", "urn:example:api", "/api", ""])
def test_O45_api_that_goes_by_another_name_has_no_document_here(settings: Settings, audience: str) -> None:
    assert Http().get(RESOURCE).status_code == 200
    settings.API_AUDIENCE = audience
    for place in PLACES.values():
        answer = Http().get(RESOURCE + place)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/oauth/register", "/connect/register", "/oauth/clients"])
def test_O27_nobody_registers_a_client_by_themselves(path: str) -> None:
    assert Http().post(path, {"redirect_uris": ["https://evil.example"]}).status_code == 404
    assert "registration_endpoint" not in document()


def test_scripts_of_the_clients_own_pages_may_read_and_no_others(web: Party, native: Party) -> None:
    ours, foreign = "https://shop.example", "https://evil.example"
    for origin, allowed in ((ours, ours), (foreign, None)):
        answer = Flow(web).token({"grant_type": "refresh_token", "refresh_token": "x"}, Origin=origin)
        assert answer.headers.get("Access-Control-Allow-Origin") == allowed
        assert "Access-Control-Allow-Credentials" not in answer
    asked_first = Http().options("/oauth/token", headers={"Origin": ours, "Access-Control-Request-Method": "POST"})
    assert asked_first["Access-Control-Allow-Origin"] == ours


@pytest.mark.django_db
def test_script_sees_why_userinfo_refuses_it() -> None:
    answer = Http().get("/oauth/userinfo", headers={"Origin": "https://shop.example", "Authorization": "DPoP x", "DPoP": "x"})
    assert answer.status_code == 401
    assert answer["Access-Control-Allow-Origin"] == "*"
    assert {"DPoP-Nonce", "WWW-Authenticate"} <= set(answer["Access-Control-Expose-Headers"].split(", "))
    assert "Access-Control-Allow-Credentials" not in answer
