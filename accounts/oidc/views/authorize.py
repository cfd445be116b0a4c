"""GET and POST /oauth/authorize (RFC 6749 §3.1, OpenID Connect Core §3.1.2)."""

from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from accounts.browser.redirects import SeeOther
from accounts.core.requests import source
from accounts.oidc import authorization, going_on, parameters, pushed, responses, troubles
from accounts.oidc.errors import InvalidRequest, OAuthProblem
from accounts.oidc.parameters import Parameters


@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def authorize(request: HttpRequest) -> HttpResponse:
    """What is posted is asked for again by GET: a form of another site carries no cookie of ours, and a link does."""
    if request.method == "POST":
        return SeeOther(f"{reverse('oauth-authorize')}?{request.POST.urlencode()}")
    return _begin(request, request.GET)


def _begin(request: HttpRequest, given: QueryDict) -> HttpResponse:
    found: Parameters = parameters.given_once(given)
    try:
        found = parameters.read(given)
        is_pushed = pushed.is_reference(found)
        found = pushed.take(found) if is_pushed else found
        to = authorization.addressee(found)
    except OAuthProblem as refusal:
        troubles.note(found.get("client_id", ""), refusal, found, source=source(request))
        return responses.refused(request, refusal)
    try:
        if to.client.requires_par and not is_pushed:
            raise InvalidRequest("not pushed")
        asked = authorization.read(to, found)
    except OAuthProblem as refusal:
        troubles.note(to.client.id, refusal, found, source=source(request))
        return responses.problem(request, to, refusal)
    return going_on.begin(request, asked, found)
