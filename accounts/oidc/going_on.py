"""One step further with an authorization request: to the page that is missing, or back to the client with an answer."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode

from accounts.browser import languages
from accounts.browser.middleware import presence_of
from accounts.browser.presence import live_device
from accounts.browser.redirects import SeeOther, to_confirm, to_sign_in
from accounts.core.requests import source
from accounts.devices.models import Device

from . import claims, codes, responses, scopes, steps, troubles, waiting
from .authorization import Authorization
from .errors import AccessDenied, LoginRequired, OAuthProblem, TemporarilyUnavailable
from .models import AuthorizationRequest
from .parameters import Parameters
from .steps import Beginning, Step


def browser_of(request: HttpRequest) -> Device | None:
    """The row itself, whatever the cookie says: a device that was signed out signs nobody in anywhere."""
    found = presence_of(request)
    return live_device(found.grant.device_id) if found else None


def begin(request: HttpRequest, asked: Authorization, parameters: Parameters) -> HttpResponse:
    """Straight back when nothing is missing. Else the request waits, under an address that the pages of sign-in carry along."""
    device = browser_of(request)
    begun = Beginning.now(device)
    try:
        if steps.missing(asked, device, begun) is None and device is not None:
            return responses.code(request, asked.addressee, codes.issue(asked, device))
        if not _is_looked_at(request):
            raise LoginRequired("nobody would see a page")
        kept = waiting.keep(asked.client, parameters, begun, source=source(request))
    except OAuthProblem as refusal:
        if isinstance(refusal, TemporarilyUnavailable):
            troubles.note(asked.client.id, refusal, parameters, source=source(request))
        return responses.problem(request, asked.addressee, refusal)
    return SeeOther(address_of(kept))


def _is_looked_at(request: HttpRequest) -> bool:
    """Another site can have a visitor's browser ask for thousands of pictures here. None of them may use up what the network has
    (docs/decisions/0025)."""
    sent_ahead = request.headers.get("Sec-Purpose", "").startswith("prefetch")
    return request.method != "HEAD" and not sent_ahead and request.headers.get("Sec-Fetch-Dest", "document") == "document"


def go_on(request: HttpRequest, kept: AuthorizationRequest, asked: Authorization, *, agreed: bool = False) -> HttpResponse:
    """`agreed`: its person has just said yes, and that is written down. From a form or after one: by a page of ours."""
    device = browser_of(request)
    try:
        step = steps.missing(asked, device, waiting.beginning_of(kept), agreed=agreed)
    except OAuthProblem as refusal:
        return _finished(request, kept, asked, refusal)
    if step is Step.CONSENT and device is not None:
        return _ask(request, kept, asked, device)
    if step is Step.CONFIRM:
        return to_confirm(address_of(kept))
    if step is not None or device is None:
        hints = {name: kept.parameters.get(name, "") for name in ("login_hint", "ui_locales")}
        return to_sign_in(address_of(kept), **hints)
    return _finished(request, kept, asked, device)


def deny(request: HttpRequest, kept: AuthorizationRequest, asked: Authorization) -> HttpResponse:
    return _finished(request, kept, asked, AccessDenied("the person"))


def address_of(kept: AuthorizationRequest) -> str:
    return f"{reverse('consent')}?{urlencode({'request': kept.id})}"


def _ask(request: HttpRequest, kept: AuthorizationRequest, asked: Authorization, device: Device) -> HttpResponse:
    waiting.show_in(kept, device)
    languages.speak(device.user.language or languages.wished_for(kept.parameters.get("ui_locales", "")))
    to = asked.addressee
    shown = {
        "client": asked.client,
        "where": to.redirect_uri.partition("//")[2].partition("/")[0] or to.redirect_uri.partition(":")[0],
        "allowed": _in_plain_words(asked),
        "handle": kept.id,
        "whose": device.user,
    }
    return render(request, "oidc/consent.html", shown)


def _in_plain_words(asked: Authorization) -> list[str]:
    """Claims that a scope gives anyway are not told twice."""
    single = asked.claims.names - claims.under(asked.scopes)
    return [*scopes.in_plain_words(asked.scopes), *claims.in_plain_words(single)]


def _finished(
    request: HttpRequest, kept: AuthorizationRequest, asked: Authorization, result: Device | OAuthProblem
) -> HttpResponse:
    """Once: a page that is asked for again leads nowhere."""
    if not waiting.finish(kept):
        return run_out(request)
    if isinstance(result, OAuthProblem):
        return responses.problem(request, asked.addressee, result, after_form=True)
    return responses.code(request, asked.addressee, codes.issue(asked, result), after_form=True)


def run_out(request: HttpRequest) -> HttpResponse:
    """A request that nobody knows, any more or here."""
    return render(request, "oidc/run_out.html", status=404)
