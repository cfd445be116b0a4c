"""/api/v1/me/: oneself."""

from django.conf import settings
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.core.errors import InvalidInput, NotFound
from accounts.core.refusals import field_errors
from accounts.core.shapes import StrictCharField, StrictSerializer, refusals
from accounts.lifecycle import deletion, directory, email_change
from accounts.lifecycle.deletion import matches_account
from accounts.passwords import change
from accounts.signin import step_up
from accounts.users.models import User
from api.viewsets import GuardedViewSet

from . import access
from .access import AccessSerializer
from .people import PersonSerializer, name_field


class OwnChangeSerializer(StrictSerializer):
    name = name_field()
    language = serializers.ChoiceField(choices=[("", "The server's own"), *settings.LANGUAGES], required=False)


class LeavingSerializer(StrictSerializer):
    """`confirm`: one's own e-mail address, typed; a guest types `delete`."""

    confirm = StrictCharField(max_length=254)


class NewEmailSerializer(StrictSerializer):
    email = StrictCharField(max_length=254)


class PasswordChangeSerializer(StrictSerializer):
    """Taken as typed: no trimming, no normalisation. Without `current_password` a fresh proof is asked for."""

    current_password = StrictCharField(
        max_length=256, trim_whitespace=False, write_only=True, required=False, allow_blank=True, default=""
    )
    new_password = StrictCharField(max_length=1000, trim_whitespace=False, write_only=True)


class MeViewSet(GuardedViewSet):
    """The person whom the token speaks for."""

    resource = "me"
    serializer_class = PersonSerializer
    inputs = {
        "partial_update": OwnChangeSerializer,
        "password": PasswordChangeSerializer,
        "email": NewEmailSerializer,
        "destroy": LeavingSerializer,
    }
    queryset = User.objects.prefetch_related("groups")

    @extend_schema(responses=PersonSerializer)
    def retrieve(self, request: Request) -> Response:
        """Own profile."""
        return Response(self.shown(self._row()))

    @extend_schema(request=OwnChangeSerializer, responses=PersonSerializer)
    def partial_update(self, request: Request) -> Response:
        """Change one's own name."""
        given = self.given()
        if "name" in given:
            directory.rename_oneself(self.grant.user_id, given["name"], source=self.source)
        if "language" in given:
            directory.speak(self.grant.user_id, given["language"])
        return Response(self.shown(self._row()))

    @extend_schema(responses=AccessSerializer)
    @action(detail=False)
    def access(self, request: Request) -> Response:
        """The routes, methods and scopes that this very credential may use."""
        return Response(access.describe(self.grant, request.user))

    @extend_schema(request=PasswordChangeSerializer, responses={204: None, **refusals(409, 429)})
    @action(detail=False, methods=["post"])
    def password(self, request: Request) -> Response:
        """Change the password: every other device is signed out, and this one's access token wants a refresh."""
        given, user, keep = self.given(), self._row(), self.grant.device_id
        with field_errors("new_password"):
            if given["current_password"]:
                change.change(user, given["current_password"], given["new_password"], keep=keep, source=self.source)
            else:
                step_up.require_strongest(self.grant)
                change.choose(user, given["new_password"], keep=keep, source=self.source)
        return Response(status=204)

    @extend_schema(request=NewEmailSerializer, responses={202: None})
    @action(detail=False, methods=["post"])
    def email(self, request: Request) -> Response:
        """Ask for another address: a code and a link go to the new one, which counts once it is confirmed."""
        step_up.require_strongest(self.grant)
        given = self.given()
        with field_errors("email"):
            email_change.request(self._row(), given["email"], source=self.source)
        return Response(status=202)

    @extend_schema(request=LeavingSerializer, responses={202: PersonSerializer, **refusals(409)})
    def destroy(self, request: Request) -> Response:
        """Leave: every device ends at once, and after some days everything is erased unless the mailed link is used."""
        step_up.require_strongest(self.grant)
        user = self._row()
        if not matches_account(user, self.given()["confirm"]):
            raise InvalidInput("confirm", "mismatch", "Type your e-mail address to confirm.")
        deletion.request(user, actor_id=user.id, source=self.source)
        return Response(self.shown(user), status=202)

    def _row(self) -> User:
        """Raises `NotFound` when the account went while its token lived."""
        user = self.get_queryset().filter(id=self.grant.user_id).first()
        if user is None:
            raise NotFound("account is gone")
        return user  # type: ignore[no-any-return]
