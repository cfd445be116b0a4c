"""Where a page sends the browser next."""

from django.conf import settings
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode


class SeeOther(HttpResponseRedirect):
    """303: whatever was posted is never posted again (SECURITY O-32)."""

    status_code = 303


def to_sign_in(next_path: str, *, login_hint: str = "", ui_locales: str = "") -> SeeOther:
    """`next_path` is a path of ours. What a client hints at (OpenID Connect Core §3.1.2.1): an address, and languages."""
    hints = {name: hint for name, hint in (("login_hint", login_hint), ("ui_locales", ui_locales)) if hint}
    return SeeOther(f"{reverse('sign-in')}?{urlencode({'next': next_path, **hints})}")


def to_confirm(next_path: str) -> SeeOther:
    """To the page that asks for a fresh proof; it comes back to `next_path`, a path of ours."""
    return SeeOther(f"{reverse('account-confirm')}?{urlencode({'next': next_path})}")


def own_path(request: HttpRequest) -> str:
    """Where `next` leads, if that is a path of ours (SECURITY A-09); else the start page."""
    target = request.POST.get("next") or request.GET.get("next") or ""
    allowed = url_has_allowed_host_and_scheme(target, allowed_hosts=None, require_https=settings.SECURE_COOKIES)
    return target if allowed and target.startswith("/") else reverse("home")
