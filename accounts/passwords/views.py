"""The meter for new passwords; and where password managers send people who want one."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.browser import languages
from accounts.core.dispatch import LeanView
from accounts.core.shapes import refusals
from accounts.users.models import User

from . import strength
from .serializers import JudgedSerializer, StrengthSerializer


class StrengthView(LeanView):
    """POST /auth/password/strength/"""

    authentication_classes = ()
    permission_classes = ()

    @extend_schema(
        operation_id="password_strength",
        tags=["Joining"],
        request=JudgedSerializer,
        responses={200: StrengthSerializer, **refusals(400, 503)},
    )
    def post(self, request: Request) -> Response:
        """How hard a new password is to guess, and how it could be better. Advice alone: nothing is refused or kept."""
        asked = JudgedSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        given = asked.validated_data
        found = strength.judge(given["password"], User(email=given["email"], name=given["name"]))
        language = languages.asked_for(request._request) or settings.LANGUAGE_CODE
        with translation.override(language):
            advice = [_(sentence) for sentence in found.advice]
        headers = {"Cache-Control": "no-store", "Content-Language": language}
        return Response({"score": found.score, "advice": advice}, headers=headers)


@require_safe
def change_password(request: HttpRequest) -> HttpResponse:
    """W3C, A Well-Known URL for Changing Passwords."""
    return redirect("account-password")
