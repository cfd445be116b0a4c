"""/account/federated/{provider}/ and …/callback/: sign in by redirect to Google or another issuer, and back."""

from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from accounts.browser import languages, pending
from accounts.browser.middleware import presence_of
from accounts.browser.pending import Pending
from accounts.browser.redirects import SeeOther, own_path
from accounts.core.errors import EmailUnverified, LinkRequired, NotFound, Problem
from accounts.core.proofs import Proof
from accounts.federation import authorization, providers
from accounts.signin import federated, in_browser, step_up, transport
from accounts.signin.entry import Entry


@never_cache
@require_GET
def begin(request: HttpRequest, provider: str) -> HttpResponse:
    """A link, not a form: `form-action` of our policy would stop a form that ends on another site.

    Whoever is signed in here already comes to prove it anew.
    """
    max_age = federated.fresh_for() if presence_of(request) else None
    try:
        begun = authorization.begin(providers.get(provider), go_to=own_path(request), max_age=max_age)
    except Problem as problem:
        return _refused(request, problem)
    response = HttpResponse(status=303, headers={"Location": begun.url})
    pending.remember(response, Pending.FEDERATED, **begun.noted)
    return response


@never_cache
@require_GET
def callback(request: HttpRequest, provider: str) -> HttpResponse:
    """The issuer sends the browser back here, with a code."""
    entry, noted = in_browser.terms(request), pending.recall(request, Pending.FEDERATED)
    try:
        known, answer = providers.get(provider), request.GET.dict()
        identity, go_to = federated.by_answer(known, noted, answer, evidence=entry.evidence, source=entry.source)
        proof = federated.prove(identity, language=languages.asked_for(request), source=entry.source)
        response = _entered(request, proof, entry, go_to)
    except LinkRequired as wanted:
        label = providers.label_of(provider)
        response = render(request, "signin/link_required.html", {"label": label}, status=409)
        pending.remember(response, Pending.LINK, challenge=wanted.extra["challenge"], label=label)
    except Problem as problem:
        response = _refused(request, problem)
    pending.forget(response, Pending.FEDERATED)
    return response


def _entered(request: HttpRequest, proof: Proof, entry: Entry, go_to: str) -> HttpResponse:
    """The device that came to prove it anew stays one and the same."""
    found = presence_of(request)
    raised = step_up.confirm_by_issuer(found.grant, proof, source=entry.source) if found else None
    if raised:
        response = SeeOther(go_to)
        transport.renew_browser(request, response, *raised)
        return response
    try:
        return in_browser.enter(request, proof, entry, target=go_to)
    except EmailUnverified:
        return in_browser.to_verification(request, federated.address_of(proof), target=go_to, proven=True)


def _refused(request: HttpRequest, problem: Problem) -> HttpResponse:
    if isinstance(problem, NotFound):
        raise Http404
    can_wait = "Retry-After" in problem.headers
    return in_browser.show(request, "signin/federated_refused.html", Form(), problem=problem, can_wait=can_wait)
