"""The pages that mailed links open: inert, and they say for whom (SECURITY L-02, L-18)."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from accounts.browser.middleware import presence_of
from accounts.core.errors import TokenInvalid
from accounts.users.models import User


def ask(request: HttpRequest, template: str, token: str, whose: Callable[[str], str], *, again: str) -> HttpResponse:
    """The address of the account and one button; and who is signed in here, if that is somebody else."""
    try:
        email = whose(token)
    except TokenInvalid:
        return invalid(request, again=again)
    return render(request, template, {"token": token, "email": email, "other": _somebody_else(request, email)})


def invalid(request: HttpRequest, *, again: str = "") -> HttpResponse:
    """`again` is the page that mails a new one."""
    return render(request, "passwords/link_invalid.html", {"again": again}, status=400)


def _somebody_else(request: HttpRequest, email: str) -> str:
    found = presence_of(request)
    if found is None:
        return ""
    here = User.objects.filter(id=found.grant.user_id).first()
    return str(here) if here is not None and here.email != email else ""
