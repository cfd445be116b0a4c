"""/account/confirm/: a fresh proof, for pages that ask for one (RFC 9470 for browsers)."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.generic import View

from accounts.browser import pending
from accounts.browser.middleware import presence_of
from accounts.browser.pending import Pending
from accounts.browser.presence import Presence
from accounts.browser.redirects import SeeOther, own_path, to_sign_in
from accounts.core.errors import DeviceRevoked, InvalidCredentials, Problem
from accounts.core.proofs import Acr, at_least
from accounts.core.requests import source
from accounts.devices.models import Device
from accounts.mfa import factors
from accounts.signin import evidence, in_browser, mailed_code, step_up, steps, transport
from accounts.signin.forms import ConfirmForm
from accounts.signin.second_factor import Shown
from accounts.users.models import User


@method_decorator(never_cache, name="dispatch")
class ConfirmView(View):
    """Whoever is signed in here proves it anew, by what this account and this device ask for."""

    def get(self, request: HttpRequest) -> HttpResponse:
        found = presence_of(request)
        return _page(request, found, ConfirmForm()) if found else to_sign_in(own_path(request))

    def post(self, request: HttpRequest) -> HttpResponse:
        found, form = presence_of(request), ConfirmForm(request.POST)
        if found is None:
            return to_sign_in(own_path(request))
        if not form.is_valid():
            return _page(request, found, form)
        is_mail_wanted = form.cleaned_data["method"] == step_up.EMAIL and "mail" in request.POST
        try:
            return _mailed(request, found) if is_mail_wanted else _confirmed(request, found, form)
        except InvalidCredentials:
            form.add_error("code", _("The password is not right."))
            return _page(request, found, form)
        except Problem as problem:
            return _page(request, found, form, problem)


def _confirmed(request: HttpRequest, found: Presence, form: ConfirmForm) -> HttpResponse:
    given, challenge = form.cleaned_data, form.cleaned_data["challenge"]
    if given["method"] == step_up.EMAIL:
        challenge = pending.recall(request, Pending.STEP_UP).get("challenge", "")
    credential = in_browser.credential_in(given["credential"]) if given["method"] == steps.PASSKEY else None
    shown = Shown(given["method"], given["code"], credential)
    admission, device = step_up.confirm(found.grant, shown, challenge=challenge, source=source(request))
    response = SeeOther(own_path(request))
    transport.renew_browser(request, response, admission, device)
    pending.forget(response, Pending.STEP_UP)
    return response


def _mailed(request: HttpRequest, found: Presence) -> HttpResponse:
    """Raises `MethodDisabled`."""
    email = User.objects.values_list("email", flat=True).get(id=found.grant.user_id) or ""
    asked = mailed_code.ask(email, evidence=evidence.in_request(request), source=source(request))
    query = urlencode({"with": step_up.EMAIL, "next": own_path(request)})
    response = SeeOther(f"{reverse('account-confirm')}?{query}")
    pending.remember(response, Pending.STEP_UP, challenge=str(asked.challenge))
    return response


def _is_out_of_reach(device: Device, methods: list[str]) -> bool:
    """Signed in by codes alone, a mailed one and an app's: more of them never make two factors, and somebody with an app is
    asked for two. A password or a passkey is what is missing."""
    codes_alone = "otp" in device.amr and not at_least(device.acr, Acr.AAL2)
    return codes_alone and not {steps.PASSKEY, step_up.PASSWORD} & set(methods) and factors.has_authenticator(device.user_id)


def _page(request: HttpRequest, found: Presence, form: ConfirmForm, problem: Problem | None = None) -> HttpResponse:
    """With nothing to confirm with, as for a guest, or on a device that has ended, only another sign-in helps."""
    try:
        device = step_up.live_device(found.grant)
    except DeviceRevoked:
        return to_sign_in(own_path(request))
    methods = step_up.methods(device.user, device)
    if not methods or _is_out_of_reach(device, methods):
        messages.info(request, _("For this, sign in once more."))
        return to_sign_in(own_path(request))
    wanted = request.POST.get("method") or request.GET.get("with") or ""
    context = {
        "methods": methods,
        "method": wanted if wanted in methods else methods[0],
        "mailed": bool(pending.recall(request, Pending.STEP_UP)),
        "whose": device.user,
        "next": own_path(request),
    }
    return in_browser.show(request, "signin/confirm.html", form, problem=problem, field="code", **context)
