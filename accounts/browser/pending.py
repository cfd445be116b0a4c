"""What a browser waits for between asking for a mailed code and typing it, in a sealed cookie of its own.

So a page can be reloaded, and a phone that dropped the tab while its owner read the mail finds its way back. It opens nothing.
"""

from enum import StrEnum

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from accounts.core.errors import TokenInvalid
from accounts.tokens import sealed

from .cookies import single_cookie

_SEALED = sealed.SealedPurpose("pending+jwt", 86_400)
_MINUTES = 600


class Pending(StrEnum):
    """Each has a cookie of this name. A registration keeps its handle here, so that its own browser is known by it."""

    REGISTRATION = "registration"
    CODE = "code"
    RESET = "reset"
    STEP_UP = "step-up"
    EMAIL_CHANGE = "email-change"
    FEDERATED = "federated"
    LINK = "link"


# What they hold runs out as soon (SECURITY F-06).
_LIFETIMES = {Pending.FEDERATED: _MINUTES, Pending.LINK: _MINUTES}


def remember(response: HttpResponse, what: Pending, **noted: str) -> None:
    lifetime = _LIFETIMES.get(what, _SEALED.lifetime)
    _set(response, what, sealed.seal(_SEALED, {"what": what.value, "noted": noted}, lifetime=lifetime), lifetime)


def recall(request: HttpRequest, what: Pending) -> dict[str, str]:
    """Empty for a cookie that is missing, doubled, forged, or of another purpose."""
    value = single_cookie(request, _name(what))
    if not value:
        return {}
    try:
        claims = sealed.unseal(_SEALED, value)
    except TokenInvalid:
        return {}
    noted: dict[str, str] = claims["noted"]
    return noted if claims["what"] == what else {}


def forget(response: HttpResponse, what: Pending) -> None:
    _set(response, what, "", 0)


def _name(what: Pending) -> str:
    return f"{'__Host-' if settings.SECURE_COOKIES else ''}{what.value}"


def _set(response: HttpResponse, what: Pending, value: str, max_age: int) -> None:
    response.set_cookie(
        _name(what), value, max_age=max_age, path="/", secure=settings.SECURE_COOKIES, httponly=True, samesite="Lax"
    )
