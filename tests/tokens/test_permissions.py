"""Permission classes for views of one's own: scope, freshness, and both (SECURITY B-05, P-10; RFC 6750 §3.1, RFC 9470 §3)."""

from typing import Any

import pytest
import time_machine
from django.http import HttpResponse
from django.urls import path
from pytest_django import Settings
from rest_framework.exceptions import PermissionDenied
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework.viewsets import ViewSet

from accounts.signin.views.password import TokenObtainView
from accounts.tokens.permissions import IsFresh, TokenHasScope
from accounts.users.models import User
from tests.support.app import App

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_views")]


class OwnView(APIView):
    """`required_scopes` and the permission classes come from the URLconf."""

    required_scopes: Any = None

    def get(self, request: Request) -> Response:
        return Response({})


class Unwilling(OwnView):
    """Lets the caller in, and refuses for a reason of its own."""

    def get(self, request: Request) -> Response:
        raise PermissionDenied


class OwnViewSet(ViewSet):
    permission_classes = (TokenHasScope,)
    required_scopes = {"list": ["profile:read"], "create": ["profile:write"]}

    def list(self, request: Request) -> Response:
        return Response({})

    def create(self, request: Request) -> Response:
        return Response({})

    def destroy(self, request: Request) -> Response:
        return Response({})


def guarded_by(*classes: type[BasePermission], scopes: Any = None, view: type[OwnView] = OwnView) -> Any:
    return view.as_view(permission_classes=classes, required_scopes=scopes)


class Urls:
    urlpatterns = [
        path("scope/", guarded_by(TokenHasScope, scopes=["profile:read"])),
        path("two-scopes/", guarded_by(TokenHasScope, scopes=["profile:read", "devices:read"])),
        path("undeclared/", guarded_by(TokenHasScope)),
        path("nothing/", guarded_by(TokenHasScope, scopes=[])),
        path("fresh/", guarded_by(IsFresh)),
        path("both/", guarded_by(TokenHasScope & IsFresh, scopes=["profile:read"])),
        path("either/", guarded_by(TokenHasScope | IsFresh, scopes=["devices:write"])),
        path("neither/", guarded_by(~TokenHasScope, scopes=["devices:write"])),
        path("unwilling/either/", guarded_by(TokenHasScope | IsFresh, scopes=["devices:write"], view=Unwilling)),
        path("unwilling/neither/", guarded_by(~TokenHasScope, scopes=["devices:write"], view=Unwilling)),
        path("set/", OwnViewSet.as_view({"get": "list", "post": "create", "delete": "destroy"})),
        path("auth/token/", TokenObtainView.as_view()),
    ]


@pytest.fixture
def own_views(settings: Settings) -> None:
    settings.ROOT_URLCONF = Urls


@pytest.fixture
def reader(alice: User) -> App:
    """May read the profile and nothing else."""
    app = App()
    app.sign_in(alice.email, scope="profile:read")
    return app


def refused(answer: HttpResponse, status: int, code: str) -> None:
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_B05_scope_that_was_given_opens(reader: App) -> None:
    assert reader.get("/scope/").status_code == 200


@pytest.mark.parametrize("rule", ["either", "neither"])
def test_view_that_refuses_by_itself_names_no_scope(reader: App, rule: str) -> None:
    assert reader.get(f"/{rule}/").status_code == 200
    refused(reader.get(f"/unwilling/{rule}/"), 403, "permission_denied")


def test_B05_missing_scope_is_named(reader: App) -> None:
    answer = reader.get("/two-scopes/")
    refused(answer, 403, "insufficient_scope")
    assert answer.json()["required_scope"] == "profile:read devices:read"
    assert 'error="insufficient_scope", scope="profile:read devices:read"' in answer["WWW-Authenticate"]


@pytest.mark.parametrize("where", ["/undeclared/", "/nothing/"])
def test_B05_nothing_declared_is_nothing_allowed(app: App, where: str) -> None:
    refused(app.get(where), 403, "permission_denied")


def test_B05_each_action_has_its_own(reader: App) -> None:
    assert reader.get("/set/").status_code == 200
    refused(reader.post("/set/"), 403, "insufficient_scope")
    refused(reader.delete("/set/"), 403, "permission_denied")


@pytest.mark.parametrize("where", ["/scope/", "/fresh/", "/both/"])
def test_stranger_is_asked_to_sign_in(db: None, where: str) -> None:
    refused(App().get(where), 401, "not_authenticated")


def test_P10_proof_grows_old_to_the_second(alice: User, clock: time_machine.Traveller, settings: Settings) -> None:
    settings.ACCESS_TOKEN_LIFETIME = 2 * settings.FRESHNESS_WINDOW
    app = App()
    app.sign_in(alice.email)
    clock.shift(settings.FRESHNESS_WINDOW)
    assert app.get("/fresh/").status_code == 200
    clock.shift(1)
    answer = app.get("/fresh/")
    refused(answer, 401, "insufficient_user_authentication")
    assert 'error="insufficient_user_authentication", max_age="900"' in answer["WWW-Authenticate"]


def test_rules_combine(alice: User, app: App, reader: App) -> None:
    assert reader.get("/both/").status_code == 200
    assert app.get("/either/").status_code == 200


def test_one_of_two_classes_is_enough(reader: App) -> None:
    assert reader.get("/either/").status_code == 200


def test_class_can_be_turned_round(reader: App, app: App) -> None:
    assert reader.get("/neither/").status_code == 200
    assert app.get("/neither/").status_code == 403
