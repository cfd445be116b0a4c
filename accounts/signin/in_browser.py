"""How a page of sign-in ends: signed in, asked for a second factor, told what is wrong."""

import json
import textwrap
from typing import Any

from django.conf import settings
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.browser import pending
from accounts.browser.pending import Pending
from accounts.browser.redirects import SeeOther
from accounts.core import strict_json
from accounts.core.errors import InvalidCredential, MfaEnrolmentRequired, MfaRequired, Problem
from accounts.core.proofs import Proof
from accounts.core.requests import source
from accounts.devices.models import Device
from accounts.devices.registry import Description
from accounts.tokens.gate import Admission
from accounts.users.email import normalise

from . import browsers, challenge, evidence, second_factor, steps, transport, verification
from .complete import complete
from .entry import Entry

COOKIE = Device.Transport.COOKIE.value
_FIELD_DEPTH = 8


def terms(request: HttpRequest) -> Entry:
    """A browser asks for a cookie, under the name of its make."""
    where = source(request)
    description = Description(browsers.name_of(where.user_agent), "browser")
    return Entry(where, COOKIE, description=description, evidence=evidence.in_request(request))


def enter(request: HttpRequest, proof: Proof, entry: Entry, *, target: str) -> HttpResponse:
    """303 to `target`, a path of ours, or the page of the second step. Raises what else `complete` raises."""
    try:
        admission, device = complete(proof, entry)
    except MfaEnrolmentRequired as missing:
        return set_up(request, missing.extra["challenge"], target=target)
    except MfaRequired as missing:
        asked = missing.extra
        return second_step(request, asked["challenge"], target=target, public_key=asked.get("publicKey"))
    return signed_in(request, admission, device, target=target)


def signed_in(request: HttpRequest, admission: Admission, device: Device, *, target: str, remember: bool = False) -> HttpResponse:
    response = SeeOther(target)
    transport.sign_browser_in(request, response, admission, device, remember=remember)
    return response


def to_verification(request: HttpRequest, email: str, *, target: str, proven: bool = False) -> HttpResponse:
    """A new code is mailed. The handle of a registration made in this browser stays with it; one that has just shown what
    that registration chose (`proven`) gets it."""
    address, before = normalise(email), pending.recall(request, Pending.REGISTRATION)
    handle = before.get("registration", "") if before.get("email") == address else ""
    if proven:
        handle = verification.after_right_credentials(email, source=source(request))
    else:
        verification.resend(email, source=source(request))
    response = SeeOther(reverse("verify"))
    pending.remember(response, Pending.REGISTRATION, email=address, registration=handle, next=target)
    return response


def second_step(
    request: HttpRequest,
    token: str,
    *,
    target: str,
    public_key: dict[str, Any] | None = None,
    chosen: str = "",
    form: Form | None = None,
    problem: Problem | None = None,
) -> HttpResponse:
    """`public_key`: the request for a passkey; without it none is offered. Raises `ChallengeInvalid`."""
    user = challenge.whose(token)
    methods = [method for method in steps.second_factors(user.id) if public_key or method != steps.PASSKEY]
    return show(
        request,
        "signin/second_step.html",
        form or Form(),
        problem=problem,
        field="code" if form and "code" in form.fields else None,
        challenge=token,
        methods=methods,
        method=chosen if chosen in methods else next(iter(methods), ""),
        passkey={"publicKey": public_key},
        options=json.dumps(public_key),
        whose=user,
        next=target,
        remember_days=settings.MFA_REMEMBERED_FOR.days,
    )


def set_up(
    request: HttpRequest,
    token: str,
    *,
    target: str,
    form: Form | None = None,
    problem: Problem | None = None,
) -> HttpResponse:
    """With a form, for a code that was not right: the app holds the secret by then. Raises `ChallengeInvalid`."""
    enrolment = None if form else second_factor.begin_enrolment(token, transport=COOKIE, source=source(request))
    return show(
        request,
        "signin/set_up.html",
        form or Form(),
        problem=problem,
        field="code",
        challenge=token,
        enrolment=enrolment,
        secret=" ".join(textwrap.wrap(enrolment.secret, 4)) if enrolment else "",
        whose=challenge.whose(token),
        next=target,
    )


def run_out(request: HttpRequest, *, target: str) -> HttpResponse:
    """A step that was waited for too long, used, or answered wrongly too often."""
    return render(request, "signin/run_out.html", {"next": target}, status=400)


def show(
    request: HttpRequest,
    template: str,
    form: Form,
    *,
    problem: Problem | None = None,
    field: str | None = None,
    **context: Any,
) -> HttpResponse:
    """A page with a form; what was refused stands beside `field`, or above the form."""
    refused = _(problem.detail) if problem else ""
    if field and refused:
        form.add_error(field, refused)
        refused = ""
    response = render(request, template, {"form": form, "refused": refused, **context}, status=_status(form, problem))
    for name, value in problem.headers.items() if problem else ():
        response[name] = value
    return response


def credential_in(text: str) -> dict[str, Any]:
    """The JSON of a passkey's answer from a hidden field. Raises `InvalidCredential`."""
    if (credential := object_in(text)) is None:
        raise InvalidCredential("not a JSON object")
    return credential


def object_in(text: str) -> dict[str, Any] | None:
    """The JSON object of a hidden field; None for anything else (SECURITY S-02)."""
    try:
        found = strict_json.loads(text.encode(), max_depth=_FIELD_DEPTH)
    except (strict_json.StrictJsonError, UnicodeEncodeError):
        return None
    return found if isinstance(found, dict) else None


def _status(form: Form, problem: Problem | None) -> int:
    """A page is never 401: that would want a challenge of HTTP's own (RFC 9110 §11.6.1)."""
    if problem is not None and (problem.status == 429 or problem.status >= 500):
        return problem.status
    return 400 if problem or form.errors else 200
