"""/account/consent/: where a waiting authorization request goes on, and somebody says yes or no."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.generic import View

from accounts.browser.redirects import to_sign_in
from accounts.core.requests import source
from accounts.oidc import authorization, consents, going_on, waiting
from accounts.oidc.authorization import Authorization
from accounts.oidc.errors import OAuthProblem
from accounts.oidc.models import AuthorizationRequest


@method_decorator(never_cache, name="dispatch")
class ConsentView(View):
    """The request is read anew from its row each time: what a form could change of it is nothing (SECURITY O-15)."""

    kept: AuthorizationRequest
    asked: Authorization

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        handle = (request.POST if request.method == "POST" else request.GET).get("request", "")
        kept = waiting.find(handle) if "\0" not in handle else None
        try:
            if kept is None:
                return going_on.run_out(request)
            self.kept, self.asked = kept, authorization.read(authorization.addressee(kept.parameters), kept.parameters)
        except OAuthProblem:
            # Its client was stopped or changed meanwhile.
            return going_on.run_out(request)
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest) -> HttpResponse:
        return going_on.go_on(request, self.kept, self.asked)

    def post(self, request: HttpRequest) -> HttpResponse:
        device, choice = going_on.browser_of(request), request.POST.get("choice", "")
        if device is None or not waiting.was_shown_in(self.kept, device):
            return going_on.run_out(request)
        if choice == "switch":
            return to_sign_in(going_on.address_of(self.kept))
        if choice != "allow":
            return going_on.deny(request, self.kept, self.asked)
        consents.give(device, self.asked.client, self.asked.scopes, self.asked.claims.names, source=source(request))
        return going_on.go_on(request, self.kept, self.asked, agreed=True)
