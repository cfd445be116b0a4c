"""The pages that mailed links open: inert, and they say for whom (SECURITY L-02, L-18)."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from accounts.browser import pending
from accounts.browser.middleware import presence_of
from accounts.browser.pending import Pending
from accounts.browser.redirects import onward
from accounts.core.errors import TokenInvalid
from accounts.users.models import User

_MAILS = {Pending.RESET: "reset", Pending.CODE: "sign-in-code", Pending.REGISTRATION: "verify"}
"""The page that mails a new link."""


def ask(request: HttpRequest, template: str, token: str, whose: Callable[[str], str], *, again: Pending) -> HttpResponse:
    """The address of the account and one button; and who is signed in here, if that is somebody else."""
    try:
        email = whose(token)
    except TokenInvalid:
        return invalid(request, again=again)
    return render(request, template, {"token": token, "email": email, "other": _somebody_else(request, email)})


def invalid(request: HttpRequest, *, again: Pending) -> HttpResponse:
    """`again` is what a new one would be for; this browser may know where its owner wanted to go."""
    query = onward(pending.recall(request, again).get("next", ""))
    return render(request, "passwords/link_invalid.html", {"again": _MAILS[again], "onward": query}, status=400)


def _somebody_else(request: HttpRequest, email: str) -> str:
    found = presence_of(request)
    if found is None:
        return ""
    here = User.objects.filter(id=found.grant.user_id).first()
    return str(here) if here is not None and here.email != email else ""
