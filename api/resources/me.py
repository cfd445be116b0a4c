"""/api/v1/me/: oneself."""

from typing import Any

from django.core.exceptions import ValidationError
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.core.errors import NotFound
from accounts.core.shapes import StrictCharField, StrictSerializer, refusals
from accounts.lifecycle import directory
from accounts.passwords import change
from accounts.users.models import User
from api.viewsets import GuardedViewSet

from . import access
from .access import AccessSerializer
from .people import PersonSerializer, name_field


class OwnChangeSerializer(StrictSerializer):
    name = name_field()


class PasswordChangeSerializer(StrictSerializer):
    """Taken as typed: no trimming, no normalisation."""

    current_password = StrictCharField(max_length=256, trim_whitespace=False, write_only=True)
    new_password = StrictCharField(max_length=1000, trim_whitespace=False, write_only=True)


class MeViewSet(GuardedViewSet):
    """The person whom the token speaks for."""

    resource = "me"
    serializer_class = PersonSerializer
    inputs = {"partial_update": OwnChangeSerializer, "password": PasswordChangeSerializer}
    queryset = User.objects.prefetch_related("groups")

    @extend_schema(responses=PersonSerializer)
    def retrieve(self, request: Request) -> Response:
        """Own profile."""
        return Response(self.shown(self._row()))

    @extend_schema(request=OwnChangeSerializer, responses=PersonSerializer)
    def partial_update(self, request: Request) -> Response:
        """Change one's own name."""
        if "name" in (given := self.given()):
            directory.rename_oneself(self.grant.user_id, given["name"], source=self.source)
        return Response(self.shown(self._row()))

    @extend_schema(responses=AccessSerializer)
    @action(detail=False)
    def access(self, request: Request) -> Response:
        """The routes, methods and scopes that this very credential may use."""
        return Response(access.describe(self.grant, request.user))

    @extend_schema(request=PasswordChangeSerializer, responses={204: None, **refusals(429)})
    @action(detail=False, methods=["post"])
    def password(self, request: Request) -> Response:
        """Change the password: every other device is signed out, and this one's access token wants a refresh."""
        given, user = self.given(), self._row()
        try:
            change.change(user, given["current_password"], given["new_password"], keep=self.grant.device_id, source=self.source)
        except ValidationError as error:
            raise serializers.ValidationError({"new_password": _details(error)}) from error
        return Response(status=204)

    def _row(self) -> User:
        """Raises `NotFound` when the account went while its token lived."""
        user = self.get_queryset().filter(id=self.grant.user_id).first()
        if user is None:
            raise NotFound("account is gone")
        return user  # type: ignore[no-any-return]


def _details(error: ValidationError) -> list[Any]:
    return [serializers.ErrorDetail("; ".join(item.messages), code=item.code or "invalid") for item in error.error_list]
