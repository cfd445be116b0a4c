"""The start page, and signing out."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from django.views.generic import View

from accounts.browser import cookies
from accounts.core.requests import source
from accounts.signin import sign_out


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    return render(request, "signin/home.html")


@method_decorator(never_cache, name="dispatch")
class SignOutView(View):
    """GET asks, POST acts (SECURITY C-05)."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return render(request, "signin/sign_out.html")

    def post(self, request: HttpRequest) -> HttpResponse:
        sign_out.by_cookie(request, source(request))
        response = render(request, "signin/signed_out.html")
        cookies.clear_sign_in(response)
        # Not "cookies": the known-device mark is what keeps its owner from being locked out.
        response["Clear-Site-Data"] = '"cache", "storage"'
        return response
