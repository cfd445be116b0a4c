"""A DRF view that is not a `GuardedViewSet` and says nothing about permissions: denied, not broken."""

import pytest
from django.urls import path
from pytest_django import Settings
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework.viewsets import ViewSet

from accounts.tokens.permissions import IsFresh, TokenHasScope
from project.urls import urlpatterns as of_the_project
from tests.support.app import App


class Bare(APIView):
    def get(self, request: Request) -> Response:
        return Response({"in": True})


class BareSet(ViewSet):
    def list(self, request: Request) -> Response:
        return Response({"in": True})


class Guarded(Bare):
    permission_classes = (TokenHasScope & IsFresh,)
    required_scopes = ("profile:read",)


urlpatterns = [
    *of_the_project,
    path("bare/", Bare.as_view()),
    path("bare-set/", BareSet.as_view({"get": "list"})),
    path("guarded/", Guarded.as_view()),
]


@pytest.fixture(autouse=True)
def _urls(settings: Settings) -> None:
    settings.ROOT_URLCONF = __name__


@pytest.mark.parametrize("where", ["/bare/", "/bare-set/"])
def test_B02_view_without_a_rule_is_denied_to_everybody(app: App, root_app: App, where: str) -> None:
    assert [caller.get(where).status_code for caller in (App(), app, root_app)] == [401, 403, 403]


def test_view_with_permissions_of_its_own_is_guarded_by_them(app: App) -> None:
    assert [caller.get("/guarded/").status_code for caller in (App(), app)] == [401, 200]
