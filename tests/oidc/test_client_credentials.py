"""A client that acts as itself, at a service."""

from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings

from accounts.devices.models import Device
from accounts.oidc import audiences, clients
from accounts.oidc.audiences import Described
from accounts.oidc.models import Service
from tests.oidc.flow import Flow, claims
from tests.oidc.parties import Party
from tests.support.app import App


@pytest.fixture
def robot(make_party: Callable[..., Party], notes: Service) -> Party:
    nobody: dict[str, Any] = {"redirect_uris": (), "post_logout_redirect_uris": (), "grants": ("client_credentials",)}
    return make_party("Robot", **nobody, scopes=("notes:read", "notes:write"))


def ask(party: Party, **form: str | None) -> Any:
    return Flow(party).token({"grant_type": "client_credentials", **form})


def test_O31_token_names_the_client_and_no_person(robot: Party, notes: Service) -> None:
    answer = ask(robot).json()
    told = claims(answer["access_token"])
    assert (told["sub"], told["client_id"], told["aud"]) == (robot.id, robot.id, [notes.audience])
    assert told["scope"] == answer["scope"] == "notes:read notes:write"
    assert not {"sid", "epoch", "roles", "auth_time", "permissions"} & told.keys()
    assert set(answer) == {"access_token", "token_type", "expires_in", "scope"}
    assert not Device.objects.exists()


def test_O31_token_of_a_client_is_nobody_to_the_api(robot: Party) -> None:
    app = App(access=ask(robot).json()["access_token"])
    assert app.get("/api/v1/me/").json()["code"] == "token_invalid"
    assert app.post("/auth/token/verify/", {"token": app.access}).status_code == 401


def test_O22_token_of_a_client_is_nobody_to_userinfo(robot: Party) -> None:
    answer = App(access=ask(robot).json()["access_token"]).get("/oauth/userinfo")
    assert (answer.status_code, answer.json()["code"]) == (403, "insufficient_scope")


def test_O08_scope_beyond_what_it_was_given_is_refused(robot: Party) -> None:
    assert claims(ask(robot, scope="notes:read").json()["access_token"])["scope"] == "notes:read"
    for scope in ("openid", "notes:read openid", "users:write", "notes:delete"):
        assert ask(robot, scope=scope).json()["error"] == "invalid_scope"


def test_O35_audience_is_one_service(robot: Party, notes: Service, make_party: Callable[..., Party]) -> None:
    other = audiences.register(Described("https://files.example", "Files", {"files:read": "Read your files"}))
    both = make_party(
        "Both",
        redirect_uris=(),
        post_logout_redirect_uris=(),
        grants=("client_credentials",),
        scopes=("notes:read", "files:read"),
    )
    assert ask(both).json()["error"] == "invalid_target"
    assert claims(ask(both, resource=other.audience).json()["access_token"])["scope"] == "files:read"
    assert ask(both, resource=other.audience, scope="notes:read files:read").json()["error"] == "invalid_target"
    for resource in (settings.API_AUDIENCE, "https://evil.example", other.audience):
        assert ask(robot, resource=resource).json()["error"] == "invalid_target"
    assert ask(robot, resource=notes.audience).status_code == 200


def test_O08_client_without_the_grant_is_refused(web: Party) -> None:
    assert ask(web).json()["error"] == "unauthorized_client"


def test_X01_stopped_client_gets_none(robot: Party) -> None:
    clients.switch(robot.id, on=False)
    assert ask(robot).json()["error"] == "invalid_client"
