"""GET and POST /oauth/logout, and the page that asks (OpenID Connect RP-Initiated Logout 1.0)."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods
from django.views.generic import View

from accounts.browser.redirects import SeeOther
from accounts.core.requests import source
from accounts.oidc import going_on, logout, parameters, responses, troubles
from accounts.oidc.errors import OAuthProblem
from accounts.oidc.parameters import Parameters


@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def begin_sign_out(request: HttpRequest) -> HttpResponse:
    """What is posted is asked for again by GET, as at the authorization endpoint."""
    if request.method == "POST":
        return SeeOther(f"{reverse('oauth-logout')}?{request.POST.urlencode()}")
    given: Parameters = parameters.given_once(request.GET)
    try:
        given = parameters.read(request.GET)
        asked = logout.read(given)
    except OAuthProblem as refusal:
        troubles.note(logout.claimed(given), refusal, given, source=source(request))
        return responses.sign_out_refused(request, going_on.browser_of(request))
    browser = going_on.browser_of(request)
    if browser is None:
        return responses.signed_out(request, asked)
    if not logout.is_certain(asked, browser):
        return render(request, "oidc/sign_out.html", {"client": asked.client, "given": given.items(), "whose": browser.user})
    logout.sign_out(asked, browser, source=source(request))
    return responses.signed_out(request, asked)


@method_decorator(never_cache, name="dispatch")
class SignOutConfirmedView(View):
    """Where the button of that page leads; what it carries is read and judged again."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return SeeOther(reverse("sign-out"))

    def post(self, request: HttpRequest) -> HttpResponse:
        browser = going_on.browser_of(request)
        try:
            asked = logout.read(parameters.read(request.POST))
        except OAuthProblem:
            return responses.sign_out_refused(request, browser)
        if browser is not None:
            logout.sign_out(asked, browser, source=source(request))
        return responses.signed_out(request, asked, after_form=True)
