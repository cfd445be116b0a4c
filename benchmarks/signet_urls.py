"""Signet's paths, a bare view, and a guarded viewset written as docs/adding-a-resource.md says."""

from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.tokens.scopes import Scope
from api import access_rules
from api.access_rules import Rule
from api.viewsets import GuardedViewSet
from project.urls import urlpatterns as signet_paths

from .answer import API_BARE_PATH, API_GUARDED_PATH, BARE_PATH, GUARDED_PATH, MESSAGE
from .bare import bare

access_rules.RULES["greeting"] = {"list": Rule(Scope.PROFILE_READ)}


class GreetingViewSet(GuardedViewSet):
    """Says hello to whoever is signed in."""

    resource = "greeting"

    def list(self, request: Request) -> Response:
        """Answer the common body."""
        return Response({"message": MESSAGE, "signed_in": request.user.is_authenticated})


# First, as in the rivals' paths: the length of the list in front of a view is nobody's merit or fault.
urlpatterns = [
    *(path(at.lstrip("/"), bare) for at in (BARE_PATH, API_BARE_PATH)),
    *(path(at.lstrip("/"), GreetingViewSet.as_view({"get": "list"})) for at in (GUARDED_PATH, API_GUARDED_PATH)),
    *signet_paths,
]
