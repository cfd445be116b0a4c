"""The browsable API in our look: it offers what this very caller may do, and asks the database for nothing more."""

from typing import Any

from rest_framework import exceptions
from rest_framework.renderers import BrowsableAPIRenderer
from rest_framework.request import Request, override_method

from accounts.core.errors import InsufficientUserAuthentication, Problem

from . import access_rules, permissions


class BrowsableRenderer(BrowsableAPIRenderer):
    """Forms only for methods that a rule allows (SECURITY A-14)."""

    template = "rest_framework/api.html"

    def render(self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None) -> str:
        """The page of a refused credential is that of nobody: the template asks who is looking, and must not ask again."""
        request = renderer_context["request"]
        try:
            _ = request.user
        except Problem:
            request._not_authenticated()
        return str(super().render(data, accepted_media_type, renderer_context))

    def show_form_for_method(self, view: Any, method: str, request: Request, obj: Any) -> bool:
        """A proof that is too old hides nothing: the answer to the attempt says what to do about it."""
        if method not in view.allowed_methods:
            return False
        try:
            view.check_permissions(request)
        except InsufficientUserAuthentication:
            return True
        except (exceptions.APIException, Problem):
            return False
        return True

    def get_rendered_html_form(self, data: Any, view: Any, method: str, request: Request) -> Any:
        """Bodies are JSON, so there is the raw form alone; here it is only told whether there are buttons."""
        if method == "OPTIONS":
            return getattr(request.auth, "grant", None) is not None
        with override_method(view, request, method) as overridden:
            return method == "DELETE" and self.show_form_for_method(view, method, overridden, None)

    def get_extra_actions(self, view: Any, status_code: int) -> dict[str, str] | None:
        """The actions on this object that the caller may call."""
        found = super().get_extra_actions(view, status_code)
        if not found or getattr(view.request.auth, "grant", None) is None:
            return None
        allowed = {action.kwargs["name"] for action in view.get_extra_actions() if _may_call(view, action.__name__)}
        return {name: url for name, url in found.items() if name in allowed}


def _may_call(view: Any, action: str) -> bool:
    rule = access_rules.find(view.resource, action)
    return rule is not None and permissions.allows(rule, view.grant, view.request.user)
