"""To Signet and back: signing in, silently fetching a token, signing out, and hearing that it happened elsewhere."""

from authlib.integrations.django_client import OAuthError
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST
from joserfc.errors import JoseError

from . import signet
from .signet import Visitor, client, visitors

CALLBACK = f"{settings.URL}/callback"


def visitor_of(request: HttpRequest) -> Visitor | None:
    """The cookie says which sign-in; whether it goes on is known here."""
    return visitors.get(request.session.get("sid", ""))


@require_GET
def begin(request: HttpRequest) -> HttpResponse:
    """Authlib makes `state`, `nonce` and the PKCE pair, and keeps them in the cookie."""
    return client.authorize_redirect(request, CALLBACK, scope=signet.SCOPE, claims=signet.CLAIMS)


def fetch_token(request: HttpRequest) -> HttpResponse:
    """A new one. With `prompt=none` the browser is back at once, with a code or with the reason why not."""
    return client.authorize_redirect(request, CALLBACK, scope=signet.SCOPE, claims=signet.CLAIMS, prompt="none")


@require_GET
def finish(request: HttpRequest) -> HttpResponse:
    # Who answers (RFC 9207), and whether this browser asked. Authlib looks at neither where the answer is a refusal.
    asked = client.framework.get_state_data(request.session, request.GET.get("state"))
    if request.GET.get("iss") != settings.ISSUER or asked is None:
        return HttpResponseBadRequest("This was not asked for here. Go back to the shop and sign in once more.")
    try:
        token = client.authorize_access_token(request)
    except OAuthError as refusal:
        # login_required, say: signed out meanwhile.
        visitors.pop(request.session.get("sid", ""), None)
        return redirect(f"/?refused={refusal.error}")
    claims = token["userinfo"]  # Authlib's name for those of the ID token, which it has checked
    if claims["sid"] != request.session.get("sid"):
        request.session.flush()
        request.session["sid"] = claims["sid"]
    visitors[claims["sid"]] = Visitor(
        claims.get("name", "stranger"), token["id_token"], token["access_token"], token["expires_at"]
    )
    return redirect("/")


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """Here, and at Signet: then everything that was signed in with this browser is signed out."""
    visitor = visitors.pop(request.session.get("sid", ""), None)
    request.session.flush()
    hint = visitor.id_token if visitor else None
    leaving = client.create_logout_url(f"{settings.URL}/", id_token_hint=hint, client_id=client.client_id)
    return redirect(leaving["url"])


@csrf_exempt
@require_POST
def hear(request: HttpRequest) -> HttpResponse:
    """Signet calls (OpenID Connect Back-Channel Logout 1.0). Anybody can: only what Signet signed counts."""
    try:
        signet.hear(request.POST.get("logout_token", ""))
    except (JoseError, ValueError):
        return HttpResponseBadRequest()
    return HttpResponse(status=204, headers={"Cache-Control": "no-store"})
