"""A page for everybody, a page for who is signed in, and the way out through the provider."""

from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.urls import include, path


def home(request: HttpRequest) -> HttpResponse:
    who = request.user.email if request.user.is_authenticated else None
    return JsonResponse({"who": who, "csrf": get_token(request)})


def sign_out_at_the_provider(request: HttpRequest) -> str:
    hint = {"id_token_hint": request.session["oidc_id_token"], "post_logout_redirect_uri": request.build_absolute_uri("/")}
    return f"{settings.OIDC_OP_LOGOUT_ENDPOINT}?{urlencode(hint)}"


urlpatterns = [path("", home), path("private/", login_required(home)), path("oidc/", include("mozilla_django_oidc.urls"))]
