"""/account/sign-up/: join by password, or by a passkey alone."""

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.generic import View

from accounts.browser import languages, pending
from accounts.browser.pending import Pending
from accounts.browser.redirects import SeeOther, leads_on, own_path
from accounts.core.errors import Problem
from accounts.core.requests import source
from accounts.lifecycle import registration
from accounts.passkeys import registration as passkeys
from accounts.passwords import judging, strength
from accounts.signin import browsers, in_browser
from accounts.signin.forms import PasskeyForm, SignUpForm
from accounts.users.email import normalise
from accounts.users.models import User


@method_decorator(never_cache, name="dispatch")
class SignUpPage(View):
    """The same answer for an address that has an account: its owner is told by mail (SECURITY E-01)."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return _page(request, SignUpForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        form = SignUpForm(request.POST)
        if not form.is_valid():
            judging.judge(form, "password", _joining(form))
            return _page(request, form)
        given = form.cleaned_data
        try:
            handle = registration.by_password(
                given["email"],
                given["password"],
                name=given["name"],
                language=languages.asked_for(request),
                source=source(request),
            )
        except ValidationError as error:
            form.add_error("password", error)
            return _page(request, form)
        return _to_verification(request, given["email"], handle)


@method_decorator(never_cache, name="dispatch")
class PasskeySignUpPage(View):
    """What the script on the sign-up page sends."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return SeeOther(reverse("sign-up"))

    def post(self, request: HttpRequest) -> HttpResponse:
        form = PasskeyForm(request.POST)
        if not form.is_valid():
            return SeeOther(reverse("sign-up"))
        try:
            credential = in_browser.credential_in(form.cleaned_data["credential"])
            where = source(request)
            made_in = browsers.name_of_passkey(where.user_agent)
            new = passkeys.verify_new(form.cleaned_data["challenge"], credential, made_in=made_in)
            handle = registration.by_passkey(new, language=languages.asked_for(request), source=where)
        except Problem as problem:
            return _page(request, SignUpForm(), problem)
        return _to_verification(request, normalise(new.email), handle)


def _to_verification(request: HttpRequest, email: str, handle: str) -> HttpResponse:
    """The handle stays in this browser: with it the mailed link keeps what was chosen here (SECURITY L-10)."""
    response = SeeOther(reverse("verify"))
    pending.remember(response, Pending.REGISTRATION, email=email, registration=handle, next=own_path(request))
    return response


def _page(request: HttpRequest, form: SignUpForm, problem: Problem | None = None) -> HttpResponse:
    target = own_path(request)
    context: dict[str, Any] = {"next": target, "leads_on": leads_on(target), "advice": _advice(form)}
    return in_browser.show(
        request, "lifecycle/sign_up.html", form, problem=problem, minimum_length=settings.PASSWORD_MIN_LENGTH, **context
    )


def _advice(form: SignUpForm) -> list[str]:
    """How a refused password could be better."""
    if "password" not in form.errors:
        return []
    return [_(sentence) for sentence in strength.judge(form.data.get("password", ""), _joining(form)).advice]


def _joining(form: SignUpForm) -> User:
    return User(email=form.data.get("email", ""), name=form.data.get("name", ""))
