"""The one page of the shop."""

from pathlib import Path
from typing import Any

import requests
from django.conf import settings
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from .signet import Visitor, visitors
from .signing_in import fetch_token, visitor_of

LOOK = Path(__file__).resolve().parents[1] / "look" / "look.css"
LONGEST = 200
"""Of a note, as the service has it. It waits in the cookie."""
PLACES = {"board": settings.BOARD, "signet": settings.ISSUER}


@never_cache
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    visitor = visitor_of(request)
    if visitor is None:
        return render(request, "shop.html", {**PLACES, "refused": request.GET.get("refused")})
    if visitor.needs_token:
        return fetch_token(request)
    if text := request.session.pop("unsent", ""):
        asked(visitor, "POST", json={"text": text})
    answer = asked(visitor, "GET")
    if answer is not None and answer.status_code == 401:
        return ended(request)
    notes = answer.json()["notes"] if answer is not None and answer.ok else None
    return render(request, "shop.html", {**PLACES, "visitor": visitor, "notes": notes})


@require_POST
def write(request: HttpRequest) -> HttpResponse:
    """Left to the page, which may have to go for a token first."""
    if visitor_of(request) is not None:
        request.session["unsent"] = request.POST.get("text", "")[:LONGEST]
    return redirect("/")


def asked(visitor: Visitor, method: str, **content: Any) -> requests.Response | None:
    """The notes service, as the visitor. None when it does not answer."""
    bearer = {"Authorization": f"Bearer {visitor.access_token}"}
    try:
        return requests.request(method, f"{settings.NOTES}/notes", headers=bearer, timeout=5, **content)
    except requests.RequestException:
        return None


def ended(request: HttpRequest) -> HttpResponse:
    """The service refuses a token that has not run out: the sign-in is over, and the service knew it first."""
    visitors.pop(request.session.get("sid", ""), None)
    return redirect("/?refused=signed_out")


@require_GET
def look(request: HttpRequest) -> FileResponse:
    return FileResponse(LOOK.open("rb"), content_type="text/css")
