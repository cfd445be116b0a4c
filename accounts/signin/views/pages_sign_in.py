"""/account/sign-in/: one page for people, staff and developers."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.generic import View

from accounts.browser.redirects import hinted, leads_on, onward, own_path, to_sign_in
from accounts.core.errors import EmailUnverified, Problem
from accounts.passkeys import authentication
from accounts.passwords import throttle
from accounts.signin import in_browser, password
from accounts.signin.forms import PasskeyForm, SignInForm
from accounts.users.models import User


@method_decorator(never_cache, name="dispatch")
class SignInView(View):
    """E-mail address and password; the ways around them lead from here."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return _page(request, SignInForm(initial={"email": hinted(request)}))

    def post(self, request: HttpRequest) -> HttpResponse:
        form = SignInForm(request.POST)
        if not form.is_valid():
            return _page(request, form)
        given, entry, target = form.cleaned_data, in_browser.terms(request), own_path(request)
        try:
            proof = password.prove(given["email"], given["password"], evidence=entry.evidence, source=entry.source)
            return in_browser.enter(request, proof, entry, target=target)
        except EmailUnverified:
            return in_browser.to_verification(request, given["email"], target=target, proven=True)
        except Problem as problem:
            return _page(request, form, problem)


@method_decorator(never_cache, name="dispatch")
class PasskeySignInView(View):
    """What the script on the sign-in page sends."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return to_sign_in(own_path(request))

    def post(self, request: HttpRequest) -> HttpResponse:
        form, entry, target = PasskeyForm(request.POST), in_browser.terms(request), own_path(request)
        if not form.is_valid():
            return to_sign_in(target)
        try:
            credential = in_browser.credential_in(form.cleaned_data["credential"])
            proof = authentication.prove(form.cleaned_data["challenge"], credential, source=entry.source)
            email = User.objects.values_list("email", flat=True).get(id=proof.user_id) or ""
            response = in_browser.enter(request, proof, entry, target=target)
        except EmailUnverified:
            return in_browser.to_verification(request, email, target=target, proven=True)
        except Problem as problem:
            return _page(request, SignInForm(), problem)
        throttle.forgive(email)
        return response


def _page(request: HttpRequest, form: SignInForm, problem: Problem | None = None) -> HttpResponse:
    target = own_path(request)
    heading = _("Sign in to the administration") if target.startswith(reverse("admin:index")) else None
    context: dict[str, Any] = {
        "next": target,
        "onward": onward(target, login_hint=form["email"].value() or ""),
        "leads_on": leads_on(target),
        "heading": heading,
        "by_code": settings.EMAIL_CODE_SIGN_IN,
        "providers": _providers(),
    }
    return in_browser.show(request, "signin/sign_in.html", form, problem=problem, **context)


def _providers() -> list[dict[str, str]]:
    """Those that a browser can be sent to."""
    return [
        {"label": provider.label, "url": reverse("federated-begin", args=[name])}
        for name, provider in settings.FEDERATED_PROVIDERS.items()
        if provider.client_id
    ]
