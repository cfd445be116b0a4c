"""/account/sign-in/confirm/ and …/set-up/: the second step of a sign-in."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.generic import View

from accounts.browser.redirects import own_path, to_sign_in
from accounts.core.errors import (
    AlreadyEnrolled,
    InvalidCode,
    InvalidCredential,
    InvalidInput,
    Problem,
    TooManyAttempts,
    Unauthenticated,
)
from accounts.core.requests import source
from accounts.signin import in_browser, second_factor, steps, transport
from accounts.signin.forms import SecondStepForm, SetUpForm
from accounts.signin.second_factor import Shown

_BEGIN_AGAIN = (Unauthenticated, InvalidInput, AlreadyEnrolled)
"""The challenge is dead, or the account has changed meanwhile. What is our own trouble is answered 503."""


@method_decorator(never_cache, name="dispatch")
class SecondStepView(View):
    """An authenticator code, a recovery code or a passkey. The page itself is the answer to a first proof."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return to_sign_in(own_path(request))

    def post(self, request: HttpRequest) -> HttpResponse:
        form, target = SecondStepForm(request.POST), own_path(request)
        if not form.is_valid():
            return in_browser.run_out(request, target=target)
        try:
            if wanted := request.POST.get("switch", ""):
                return self._again(request, form, target, chosen=wanted)
            return self._answer(request, form, target)
        except _BEGIN_AGAIN:
            return in_browser.run_out(request, target=target)

    def _answer(self, request: HttpRequest, form: SecondStepForm, target: str) -> HttpResponse:
        given = form.cleaned_data
        try:
            credential = in_browser.credential_in(given["credential"]) if given["method"] == steps.PASSKEY else None
            shown = Shown(given["method"], given["code"], credential)
            admission, device = second_factor.answer(
                given["challenge"], shown, transport=in_browser.COOKIE, source=source(request)
            )
        except (InvalidCode, InvalidCredential, TooManyAttempts) as problem:
            return self._again(request, form, target, chosen=given["method"], problem=problem)
        return in_browser.signed_in(request, admission, device, target=target, remember=given["remember"])

    def _again(
        self, request: HttpRequest, form: SecondStepForm, target: str, *, chosen: str, problem: Problem | None = None
    ) -> HttpResponse:
        # What a passkey has answered, right or wrong, is used up.
        spent = problem is not None and chosen == steps.PASSKEY
        return in_browser.second_step(
            request,
            form.cleaned_data["challenge"],
            target=target,
            # It went through the visitor's own hands, and only shows the page again.
            public_key=None if spent else in_browser.object_in(form.cleaned_data["options"]),
            chosen=chosen,
            form=form,
            problem=problem,
        )


@method_decorator(never_cache, name="dispatch")
class SetUpView(View):
    """For an account that must have a second factor: the first code of the authenticator app that was just shown."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return to_sign_in(own_path(request))

    def post(self, request: HttpRequest) -> HttpResponse:
        form, target = SetUpForm(request.POST), own_path(request)
        if not form.is_valid() and "challenge" in form.errors:
            return in_browser.run_out(request, target=target)
        try:
            return self._finish(request, form, target) if form.is_valid() else self._again(request, form, target)
        except _BEGIN_AGAIN:
            return in_browser.run_out(request, target=target)

    def _finish(self, request: HttpRequest, form: SetUpForm, target: str) -> HttpResponse:
        given, where = form.cleaned_data, source(request)
        try:
            admission, device, codes = second_factor.finish_enrolment(
                given["challenge"], given["code"], transport=in_browser.COOKIE, source=where
            )
        except InvalidCode as problem:
            return self._again(request, form, target, problem)
        response = render(request, "signin/recovery_codes.html", {"codes": codes, "next": target})
        transport.sign_browser_in(request, response, admission, device)
        return response

    def _again(self, request: HttpRequest, form: SetUpForm, target: str, problem: Problem | None = None) -> HttpResponse:
        return in_browser.set_up(request, form.cleaned_data["challenge"], target=target, form=form, problem=problem)
