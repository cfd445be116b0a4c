"""Deny by default: every route has a rule, every rule a route, and the table says what happens (SECURITY B-02, B-05)."""

from io import StringIO

import pytest
from django.core.management import call_command
from rest_framework.permissions import IsAuthenticated

from accounts.tokens.scopes import Scope
from accounts.users.models import User
from api import access_rules, routes
from api.routes import Route
from api.viewsets import GuardedViewSet
from tests.support.app import App

SOMEBODY = "01890a5d-ac96-774b-bcce-b302099a8057"
PUBLIC = {"/api/schema/", "/api/docs/"}
STEP_UP = "/auth/step-up/"
"""The one endpoint of /auth/ that wants a token: it makes that very device's proof a newer one."""
EMAIL_CHANGE = "/auth/email/change/confirm/"
"""The one that takes one if there is one: a code confirms the address of whoever types it."""
ROUTES = routes.guarded()


def send(app: App, route: Route) -> int:
    return answer(app, route).status_code


def answer(app: App, route: Route):
    path = route.path.replace("{id}", SOMEBODY).replace("{name}", "nobody")
    headers = app._headers({"Accept": "application/json"})
    return app.http.generic(route.method, path, b"{}", "application/json", headers=headers)


def by_name(route: Route) -> str:
    return f"{route.method} {route.path}"


def test_B02_every_api_view_has_a_rule_or_is_public() -> None:
    for path, callback in routes.endpoints():
        if not issubclass(callback.cls, GuardedViewSet):
            assert path in PUBLIC or path.startswith(("/auth/", "/oauth/")), path
            assert bool(callback.cls.authentication_classes) == (path in {STEP_UP, EMAIL_CHANGE}), path
            assert (callback.cls.permission_classes == (IsAuthenticated,)) == (path == STEP_UP), path


def test_B02_every_route_has_a_rule() -> None:
    assert [by_name(route) for route in ROUTES if route.rule is None] == []


def test_B02_every_rule_has_a_route() -> None:
    written = {(resource, action) for resource, actions in access_rules.RULES.items() for action in actions}
    assert written == {(route.resource, route.action) for route in ROUTES}


def test_B02_route_without_a_rule_is_denied(app: App, root_app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    assert root_app.get("/api/v1/me/").status_code == 200
    monkeypatch.delitem(access_rules.RULES["me"], "retrieve")
    assert {caller.get("/api/v1/me/").status_code for caller in (app, root_app)} == {403}


@pytest.mark.parametrize("route", ROUTES, ids=by_name)
def test_B02_stranger_is_refused(db: None, route: Route) -> None:
    refused = answer(App(), route)
    assert refused.status_code == 401
    assert refused.json()["code"] == "not_authenticated"
    assert refused["WWW-Authenticate"].startswith('Bearer realm="api", DPoP algs="')


@pytest.mark.parametrize("route", ROUTES, ids=by_name)
def test_B02_person_may_call_what_needs_no_permission(app: App, route: Route) -> None:
    assert route.rule is not None
    assert (send(app, route) == 403) == bool(route.rule.permission)


@pytest.mark.parametrize("route", ROUTES, ids=by_name)
def test_B02_staff_flag_alone_opens_nothing(alice: User, app: App, route: Route) -> None:
    User.objects.filter(id=alice.id).update(is_staff=True)
    app.rotate()
    assert route.rule is not None
    assert (send(app, route) == 403) == bool(route.rule.permission)


@pytest.mark.parametrize("route", ROUTES, ids=by_name)
def test_B02_superuser_may_call_everything(root_app: App, route: Route) -> None:
    assert send(root_app, route) in {200, 201, 204, 400, 404, 409}


@pytest.mark.parametrize("scope", list(Scope))
def test_B05_token_of_one_scope_opens_only_its_routes(superuser: User, scope: Scope) -> None:
    app = App()
    assert app.sign_in(superuser.email, scope=scope).json()["scope"] == scope
    for route in ROUTES:
        assert route.rule is not None
        refused = answer(app, route)
        if route.rule.scope in {None, scope}:
            assert refused.status_code != 403, by_name(route)
        else:
            assert refused.json()["code"] == "insufficient_scope", by_name(route)
            assert f'scope="{route.rule.scope}"' in refused["WWW-Authenticate"]


def test_B05_link_opens_only_what_allows_links(app: App) -> None:
    for route in ROUTES:
        assert route.rule is not None
        allowed = "link" in route.rule.credentials
        assert not allowed or route.method == "GET", by_name(route)


def test_rights_prints_every_route() -> None:
    out = StringIO()
    call_command("rights", stdout=out)
    lines = out.getvalue().splitlines()
    assert len(lines) == len(ROUTES) + 1
    assert all(by_name(route).split() == line.split()[:2] for route, line in zip(ROUTES, lines[1:], strict=True))


def test_options_tells_what_this_token_may_do_here(app: App, root_app: App) -> None:
    asked = [caller.http.options("/api/v1/users/", headers=caller._headers({})) for caller in (app, root_app)]
    assert [sorted(found.json()["methods"]) for found in asked] == [["GET"], ["GET", "POST"]]


def test_options_of_a_stranger_tells_nothing(db: None) -> None:
    assert App().http.options("/api/v1/users/").status_code == 401
