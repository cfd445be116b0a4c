"""The OpenAPI document: valid, complete, and with the rules in it; its page loads nothing foreign."""

import copy
import json
import re
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from jsonschema import Draft202012Validator

from accounts.users.models import User
from api import routes
from tests.support.app import App

from .test_rules import by_name


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(Client().get("/api/schema/").content)
    return found


def operations(document: dict[str, Any]) -> dict[tuple[str, str], dict[str, Any]]:
    return {(method.upper(), path): found for path, item in document["paths"].items() for method, found in item.items()}


def test_document_is_valid_and_nothing_warns() -> None:
    call_command("spectacular", "--validate", "--fail-on-warn", stdout=StringIO())


def test_document_holds_every_endpoint(document: dict[str, Any]) -> None:
    assert document["openapi"] == "3.1.1"
    written = operations(document)
    assert {(route.method, route.path) for route in routes.guarded()} <= written.keys()
    rest = {path for _, path in written if not path.startswith("/api/v1/")}
    assert rest == {path for path, callback in routes.endpoints() if path.startswith(("/auth/", "/oauth/"))}


@pytest.mark.parametrize("route", routes.guarded(), ids=by_name)
def test_operation_carries_its_rule(document: dict[str, Any], route: routes.Route) -> None:
    found, rule = operations(document)[(route.method, route.path)], route.rule
    assert rule is not None
    assert found["x-required-scopes"] == ([rule.scope] if rule.scope else [])
    assert (found["x-permission"] or "") == rule.permission
    assert bool(found["x-freshness"]) == bool(rule.fresh or rule.fresh_for)
    schemes = {name for security in found["security"] for name in security}
    assert schemes - {"dpop"} == set(rule.credentials)
    assert ("dpop" in schemes) == ("bearer" in schemes)
    assert {"400", "401", "403", "406", "503"} <= found["responses"].keys()
    assert ("404" in found["responses"]) == ("{" in route.path)


def test_freshness_says_how_old_the_proof_may_be(document: dict[str, Any]) -> None:
    told = {where: found["x-freshness"]["max_age"] for where, found in operations(document).items() if found.get("x-freshness")}
    assert told["POST", "/api/v1/me/devices/revoke-others/"] == 900
    assert told["DELETE", "/api/v1/me/totp/"] == told["POST", "/api/v1/me/password/"] == told["POST", "/api/v1/me/email/"] == 300


def test_whatever_answers_tokens_names_the_headers_of_a_proof(document: dict[str, Any]) -> None:
    naming, answering = set(), set()
    for where, found in operations(document).items():
        shape = json.dumps(found["responses"].get("200", {})).partition("#/components/schemas/")[2].partition('"')[0]
        if "token_type" in document["components"]["schemas"].get(shape, {}).get("properties", {}):
            answering.add(where)
        if "DPoP" in {parameter["name"] for parameter in found.get("parameters", [])}:
            naming.add(where)
            assert {"DPoP-Nonce"} <= found["responses"]["200"]["headers"].keys() & found["responses"]["401"]["headers"].keys()
    # What is told about a token is none.
    assert naming == answering - {("POST", "/oauth/introspect")}
    assert len(naming) == 11


def test_step_up_says_that_it_takes_a_token(document: dict[str, Any]) -> None:
    taking = {where for where, found in operations(document).items() if {} not in found["security"]}
    assert {where for where in taking if where[1].startswith("/auth/")} == {("GET", "/auth/step-up/"), ("POST", "/auth/step-up/")}


def test_every_refusal_is_the_one_error_shape(document: dict[str, Any]) -> None:
    for where, found in operations(document).items():
        for status, answer in found["responses"].items():
            if int(status) >= 400:
                # A notice is refused in the same shape and, beside it, in RFC 8935's words (§2.3).
                shape = "NoticeRefused" if where[1].endswith("/notices/") and status == "400" else "Error"
                of_oauth = {"400"} if where[1] == "/oauth/userinfo" else {"400", "401"}
                if where[1].startswith("/oauth/") and status in of_oauth:
                    shape = "OAuthError"  # RFC 6749 §5.2
                assert answer["content"] == {"application/json": {"schema": {"$ref": f"#/components/schemas/{shape}"}}}, where


def test_requests_say_that_unknown_fields_are_refused(document: dict[str, Any]) -> None:
    shapes = document["components"]["schemas"]
    of_oauth = {
        f"{name}Request" for name in ("TokenRequest", "TokenShown", "PushedRequest", "DeviceAuthorization")
    }  # RFC 6749 §3.2
    named = {name for name in shapes if name.endswith("Request")}
    assert {name for name in named if shapes[name].get("additionalProperties") is not False} == of_oauth


def test_document_holds_no_leftover_of_openapi_3_0(document: dict[str, Any]) -> None:
    assert "nullable" not in json.dumps(document)


def test_document_is_cacheable_and_says_when_it_is_known() -> None:
    first = Client().get("/api/schema/")
    assert first["Cache-Control"].startswith("public")
    assert Client().get("/api/schema/", headers={"If-None-Match": first["ETag"]}).status_code == 304


def test_answers_match_the_document(document: dict[str, Any], root_app: App) -> None:
    root_app.post("/api/v1/groups/", {"name": "editors"})
    for path in ("/api/v1/me/", "/api/v1/me/access/", "/api/v1/me/devices/", "/api/v1/users/", "/api/v1/groups/"):
        schema = operations(document)[("GET", path)]["responses"]["200"]["content"]["application/json"]["schema"]
        Draft202012Validator({**schema, "components": document["components"]}).validate(root_app.get(path).json())


def test_B04_answers_hold_what_the_document_says_and_no_more(document: dict[str, Any], root_app: App, alice: User) -> None:
    root_app.post("/api/v1/groups/", {"name": "editors"})
    components = copy.deepcopy(document["components"])
    for schema in components["schemas"].values():
        if "properties" in schema:
            schema["additionalProperties"] = False
    for path in ("/api/v1/me/", "/api/v1/me/devices/", "/api/v1/users/", f"/api/v1/users/{alice.id}/", "/api/v1/groups/"):
        named = path.replace(str(alice.id), "{id}")
        schema = operations(document)[("GET", named)]["responses"]["200"]["content"]["application/json"]["schema"]
        strict = Draft202012Validator({**schema, "components": components})
        answer = root_app.get(path).json()
        strict.validate(answer)
        row = answer["results"][0] if "results" in answer else answer
        row["password"] = "argon2$…"
        assert not strict.is_valid(answer)


def test_page_needs_nothing_foreign_and_nothing_inline() -> None:
    page = Client().get("/api/docs/")
    assert page.status_code == 200
    assert "unsafe" not in page["Content-Security-Policy"]
    text = page.content.decode()
    assert not re.search(r'(?:src|href)="(?:https?:)?//', text)
    script = Client().get("/api/docs/?script=")
    assert script["Content-Type"] == "application/javascript"
    assert "/api/schema/" in script.content.decode().replace("\\u002D", "-")
