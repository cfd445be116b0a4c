"""/account/reset/: a forgotten password, an invitation, the first administrator."""

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.generic import View

from accounts.browser import pending
from accounts.browser.pending import Pending
from accounts.browser.redirects import SeeOther, hinted, onward, own_path
from accounts.core.errors import InvalidCode, InvalidInput, TokenInvalid
from accounts.core.requests import source
from accounts.links.mailed import MailedAct
from accounts.passwords import judging
from accounts.signin import evidence, in_browser, mailed_pages, mailed_password, password_reset
from accounts.signin.forms import AddressForm, FirstAdministratorForm, ResetCodeForm, SetPasswordForm
from accounts.users.models import User


@method_decorator(never_cache, name="dispatch")
class ResetView(View):
    """Without a token: ask for a mail. With one: GET is inert, POST sets the password (SECURITY L-02, L-07)."""

    def get(self, request: HttpRequest) -> HttpResponse:
        if "token" not in request.GET:
            return _ask_page(request, AddressForm(initial={"email": hinted(request)}))
        token = request.GET["token"]
        try:
            purpose, email = mailed_password.look(token)
        except TokenInvalid:
            return mailed_pages.invalid(request, again=Pending.RESET)
        return _set_password_page(request, _form_of(purpose)(), token, purpose, email)

    def post(self, request: HttpRequest) -> HttpResponse:
        return self._act(request, request.POST["token"]) if "token" in request.POST else self._ask(request)

    def _ask(self, request: HttpRequest) -> HttpResponse:
        form = AddressForm(request.POST)
        if not form.is_valid():
            return _ask_page(request, form)
        password_reset.ask(form.cleaned_data["email"], evidence=evidence.in_request(request), source=source(request))
        response = SeeOther(reverse("reset-code"))
        pending.remember(response, Pending.RESET, email=form.cleaned_data["email"], next=own_path(request))
        return response

    def _act(self, request: HttpRequest, token: str) -> HttpResponse:
        try:
            purpose, email = mailed_password.look(token)
            form = _form_of(purpose)(request.POST)
            if form.is_valid():
                mailed_password.act(token, form.cleaned_data, source(request))
                return _done(request, purpose, email)
            judging.judge(form, "new_password", User(email=form.data.get("email", email), name=form.data.get("name", "")))
        except TokenInvalid:
            return mailed_pages.invalid(request, again=Pending.RESET)
        except ValidationError as error:
            form.add_error("new_password", error)
        except InvalidInput as problem:
            form.add_error("email", problem.extra["errors"]["email"][0]["detail"])
        return _set_password_page(request, form, token, purpose, email)


@method_decorator(never_cache, name="dispatch")
class ResetCodeView(View):
    """The code of the mail and the new password, in the browser that asked."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._page(request, ResetCodeForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        form, email = ResetCodeForm(request.POST), pending.recall(request, Pending.RESET).get("email", "")
        if not email or not form.is_valid():
            return self._page(request, form)
        given = form.cleaned_data
        try:
            known = evidence.in_request(request)
            mailed_password.set_by_code(email, given["code"], given["new_password"], evidence=known, source=source(request))
        except InvalidCode as problem:
            form.add_error("code", _(problem.detail))
        except ValidationError as error:
            form.add_error("new_password", error)
        return self._page(request, form) if form.errors else _done(request, MailedAct.RESET_PASSWORD.value, email)

    def _page(self, request: HttpRequest, form: ResetCodeForm) -> HttpResponse:
        waiting = pending.recall(request, Pending.RESET)
        if not waiting:
            return SeeOther(reverse("reset"))
        email, target = waiting["email"], waiting.get("next", "")
        least = settings.PASSWORD_MIN_LENGTH
        return in_browser.show(request, "passwords/reset_code.html", form, email=email, next=target, minimum_length=least)


def _ask_page(request: HttpRequest, form: AddressForm) -> HttpResponse:
    return in_browser.show(request, "passwords/reset_ask.html", form, next=own_path(request))


def _done(request: HttpRequest, purpose: str, email: str) -> HttpResponse:
    """On to where this browser wanted to go when it asked, and with the address of the account."""
    query = onward(pending.recall(request, Pending.RESET).get("next", ""), login_hint=email)
    response = render(request, "passwords/password_set.html", {"purpose": purpose, "email": email, "onward": query})
    pending.forget(response, Pending.RESET)
    return response


def _form_of(purpose: str) -> type[SetPasswordForm]:
    return FirstAdministratorForm if purpose == mailed_password.FIRST_ADMINISTRATOR else SetPasswordForm


def _set_password_page(request: HttpRequest, form: SetPasswordForm, token: str, purpose: str, email: str) -> HttpResponse:
    context: dict[str, Any] = {"token": token, "purpose": purpose, "email": email}
    return in_browser.show(request, "passwords/set_password.html", form, minimum_length=settings.PASSWORD_MIN_LENGTH, **context)
