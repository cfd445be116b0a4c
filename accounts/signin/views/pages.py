"""The pages that the browsable API and the admin share: sign in, sign out, your devices, set a password."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from django.views.generic import View

from accounts.browser import cookies
from accounts.browser.middleware import presence_of
from accounts.core.errors import Problem, TokenInvalid, TooManyAttempts
from accounts.core.requests import source
from accounts.devices import registry
from accounts.devices.models import Device
from accounts.devices.registry import Description
from accounts.signin import browsers, evidence, mailed_password, password, sign_out, transport
from accounts.signin.complete import complete
from accounts.signin.forms import FirstAdministratorForm, SetPasswordForm, SignInForm
from accounts.tokens import scopes
from accounts.tokens.permissions import is_fresh


class SeeOther(HttpResponseRedirect):
    """303: whatever was posted is never posted again (SECURITY O-32)."""

    status_code = 303


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    return render(request, "signin/home.html")


@method_decorator(never_cache, name="dispatch")
class SignInView(View):
    """One page for people, staff and developers."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return _sign_in_page(request, SignInForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        form = SignInForm(request.POST)
        if not form.is_valid():
            return _sign_in_page(request, form, status=400)
        where, fields = source(request), form.cleaned_data
        try:
            proof = password.prove(fields["email"], fields["password"], evidence=evidence.in_request(request), source=where)
            description = Description(browsers.name_of(where.user_agent), "browser")
            admission, device = complete(
                proof, scope=scopes.EVERYTHING, transport=Device.Transport.COOKIE, description=description, source=where
            )
        except Problem as problem:
            return _refused(request, form, problem)
        response = SeeOther(_next(request))
        transport.sign_browser_in(request, response, admission, device)
        return response


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


@require_safe
def security(request: HttpRequest) -> HttpResponse:
    found = presence_of(request)
    if found is None:
        return _to_sign_in(request)
    devices = list(registry.live(found.grant.user_id))
    for device in devices:
        device.is_current = device.id == found.grant.device_id  # type: ignore[attr-defined]
    return render(request, "signin/devices.html", {"devices": devices})


@require_POST
def sign_device_out(request: HttpRequest, device_id: Any) -> HttpResponse:
    found = presence_of(request)
    if found is None:
        return _to_sign_in(request)
    if device_id != found.grant.device_id and not is_fresh(found.grant):
        return _to_fresh_proof(request)
    registry.end(
        Device.objects.filter(id=device_id, user_id=found.grant.user_id),
        Device.Ended.SIGNED_OUT,
        actor=found.grant.user_id,
        source=source(request),
    )
    messages.success(request, _("The device has been signed out."))
    return SeeOther(reverse("account-security"))


@require_POST
def sign_others_out(request: HttpRequest) -> HttpResponse:
    found = presence_of(request)
    if found is None:
        return _to_sign_in(request)
    me = found.grant
    if not is_fresh(me):
        return _to_fresh_proof(request)
    registry.revoke_all(me.user_id, Device.Ended.SIGNED_OUT, actor=me.user_id, source=source(request), keep=me.device_id)
    messages.success(request, _("All other devices have been signed out."))
    return SeeOther(reverse("account-security"))


@method_decorator(never_cache, name="dispatch")
class SetPasswordView(View):
    """A mailed link, or the first administrator's: GET is inert, POST acts."""

    def get(self, request: HttpRequest) -> HttpResponse:
        token = request.GET.get("token", "")
        try:
            purpose, email = mailed_password.look(token)
        except TokenInvalid:
            return render(request, "passwords/link_invalid.html", status=400)
        return _set_password_page(request, _form_of(purpose)(), token, purpose, email)

    def post(self, request: HttpRequest) -> HttpResponse:
        token = request.POST.get("token", "")
        try:
            purpose, email = mailed_password.look(token)
            form = _form_of(purpose)(request.POST)
            if form.is_valid():
                mailed_password.act(token, form.cleaned_data, source(request))
                return render(request, "passwords/password_set.html", {"purpose": purpose})
        except TokenInvalid:
            return render(request, "passwords/link_invalid.html", status=400)
        except ValidationError as error:
            form.add_error("new_password", error)
        return _set_password_page(request, form, token, purpose, email, status=400)


def _form_of(purpose: str) -> type[SetPasswordForm]:
    return FirstAdministratorForm if purpose == mailed_password.FIRST_ADMINISTRATOR else SetPasswordForm


def _set_password_page(
    request: HttpRequest, form: SetPasswordForm, token: str, purpose: str, email: str, status: int = 200
) -> HttpResponse:
    context = {"form": form, "token": token, "purpose": purpose, "email": email, "minimum_length": settings.PASSWORD_MIN_LENGTH}
    return render(request, "passwords/set_password.html", context, status=status)


def _sign_in_page(request: HttpRequest, form: SignInForm, status: int = 200) -> HttpResponse:
    target = _next(request)
    heading = _("Sign in to the administration") if target.startswith(reverse("admin:index")) else None
    return render(request, "signin/sign_in.html", {"form": form, "next": target, "heading": heading}, status=status)


def _refused(request: HttpRequest, form: SignInForm, problem: Problem) -> HttpResponse:
    form.add_error(None, _(problem.detail))
    status = problem.status if isinstance(problem, TooManyAttempts) or problem.status >= 500 else 400
    response = _sign_in_page(request, form, status=status)
    for name, value in problem.headers.items():
        response[name] = value
    return response


def _next(request: HttpRequest) -> str:
    """Only a path of ours (SECURITY A-09)."""
    target = request.POST.get("next") or request.GET.get("next") or ""
    allowed = url_has_allowed_host_and_scheme(target, allowed_hosts=None, require_https=settings.SECURE_COOKIES)
    return target if allowed and target.startswith("/") else reverse("home")


def _to_fresh_proof(request: HttpRequest) -> HttpResponse:
    """Ending other devices wants a recent proof, in the browser as in the API (SECURITY R-27)."""
    messages.info(request, _("Sign in once more to sign other devices out."))
    return SeeOther(f"{reverse('sign-in')}?{urlencode({'next': reverse('account-security')})}")


def _to_sign_in(request: HttpRequest) -> HttpResponse:
    return redirect(f"{reverse('sign-in')}?{urlencode({'next': reverse('account-security')})}")
