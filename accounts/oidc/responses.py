"""How an answer gets back to its client: by redirect, by form (OAuth 2.0 Form Post Response Mode), or by a page that goes on.

Each carries `iss` (RFC 9207, SECURITY O-12, O-47). The page is for answers to a form of ours: browsers hold the redirects after a
form to its `form-action`, and the client's address is not in it.
"""

from collections.abc import Mapping
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from accounts.browser import cookies
from accounts.devices.models import Device

from . import uris
from .authorization import Addressee
from .errors import OAuthProblem
from .logout import SignOut

_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; base-uri 'none'; frame-ancestors 'none'; "
    "form-action {}"
)
_PRIVATE = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
"""What is in the address or the page is for the client alone (SECURITY O-30)."""


def code(request: HttpRequest, to: Addressee, value: str, *, after_form: bool = False) -> HttpResponse:
    return _send(request, to, {"code": value}, after_form)


def problem(request: HttpRequest, to: Addressee, refusal: OAuthProblem, *, after_form: bool = False) -> HttpResponse:
    return _send(request, to, {"error": refusal.code, "error_description": refusal.description}, after_form)


def refused(request: HttpRequest, refusal: OAuthProblem) -> HttpResponse:
    """A page of ours, and no way on: nobody knows to whom (SECURITY O-01, O-02)."""
    return render(request, "oidc/refused.html", {"refused": _(refusal.detail)}, status=400)


def sign_out_refused(request: HttpRequest, browser: Device | None) -> HttpResponse:
    """A page of ours that leads to nobody: whoever wanted to leave can, by the same button as without parameters (O-18)."""
    return render(request, "oidc/sign_out_refused.html", {"whose": browser.user if browser else None}, status=400)


def signed_out(request: HttpRequest, asked: SignOut, *, after_form: bool = False) -> HttpResponse:
    """Back to the client that asked, or a page of ours; in either case without the cookie."""
    if not asked.back:
        response = render(request, "signin/signed_out.html")
    elif after_form:
        response = _page(request, "oidc/go_on.html", "'none'", client=asked.client, uri=asked.back)
    else:
        response = see_other(asked.back)
    cookies.clear_sign_in(response)
    # Not "cookies": the known-device mark is what keeps its owner from being locked out.
    response["Clear-Site-Data"] = '"cache", "storage"'
    return response


def see_other(uri: str) -> HttpResponse:
    """To a client: Django's own would refuse the schemes of native apps."""
    return HttpResponse(status=303, headers={"Location": uri, **_PRIVATE})


def _send(request: HttpRequest, to: Addressee, fields: Mapping[str, str], after_form: bool) -> HttpResponse:
    whole = {**fields, **({"state": to.state} if to.state else {}), "iss": settings.PUBLIC_URL}
    if to.response_mode == "form_post":
        return _form(request, to, whole)
    uri = f"{to.redirect_uri}{'&' if '?' in to.redirect_uri else '?'}{urlencode(whole)}"
    return _page(request, "oidc/go_on.html", "'none'", client=to.client, uri=uri) if after_form else see_other(uri)


def _form(request: HttpRequest, to: Addressee, fields: Mapping[str, str]) -> HttpResponse:
    """The template escapes what the client sent (SECURITY O-46)."""
    allowed = uris.origin_of(to.redirect_uri) or f"{to.redirect_uri.partition(':')[0]}:"
    return _page(request, "oidc/form_post.html", allowed, client=to.client, uri=to.redirect_uri, fields=fields.items())


def _page(request: HttpRequest, template: str, form_action: str, **context: object) -> HttpResponse:
    response = render(request, template, context)
    for name, value in {**_PRIVATE, "Content-Security-Policy": _POLICY.format(form_action)}.items():
        response[name] = value
    return response
