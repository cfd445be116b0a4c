"""Where a page sends the browser next."""

from django.conf import settings
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode

from accounts.core.shapes import is_one_line

_LONGEST = 254
"""Characters of an address."""


class SeeOther(HttpResponseRedirect):
    """303: whatever was posted is never posted again (SECURITY O-32)."""

    status_code = 303


def to_sign_in(next_path: str, *, login_hint: str = "", ui_locales: str = "") -> SeeOther:
    """`next_path` is a path of ours. What a client hints at (OpenID Connect Core §3.1.2.1): an address, and languages."""
    hints = {name: hint for name, hint in (("login_hint", login_hint), ("ui_locales", ui_locales)) if hint}
    return SeeOther(f"{reverse('sign-in')}?{urlencode({'next': next_path, **hints})}")


def onward(next_path: str, *, login_hint: str = "") -> str:
    """The query of a link to another page of sign-in: `next_path`, and an address that was typed already, if it may be one."""
    typed = {"login_hint": login_hint} if login_hint and len(login_hint) <= _LONGEST and is_one_line(login_hint) else {}
    return urlencode({"next": next_path, **typed})


def hinted(request: HttpRequest) -> str:
    """The address that a page begins with (OpenID Connect Core §3.1.2.1)."""
    hint = request.GET.get("login_hint", "")[:_LONGEST]
    return hint if is_one_line(hint) else ""


def to_confirm(next_path: str) -> SeeOther:
    """To the page that asks for a fresh proof; it comes back to `next_path`, a path of ours."""
    return SeeOther(f"{reverse('account-confirm')}?{urlencode({'next': next_path})}")


def own_path(request: HttpRequest) -> str:
    """Where `next` leads, if that is a path of ours (SECURITY A-09); else `own_account`."""
    target = request.POST.get("next") or request.GET.get("next") or ""
    allowed = url_has_allowed_host_and_scheme(target, allowed_hosts=None, require_https=settings.SECURE_COOKIES)
    return target if allowed and target.startswith("/") else own_account()


def leads_on(target: str) -> bool:
    """Whether somebody who is signed in can go there at once. The others have just led here to ask for another account, or to
    ask once more, and would do it again."""
    return not target.startswith((reverse("consent"), reverse("admin:index")))


def own_account() -> str:
    """Where somebody is who joined or signed in to no other end."""
    return reverse("account-security")
