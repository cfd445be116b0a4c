"""/api/v1/me/passkeys/: one's own passkeys."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.core.errors import NotFound
from accounts.core.passkey_shapes import RegistrationField
from accounts.core.shapes import NothingSerializer, SingleLineField, StrictCharField, StrictSerializer, refusals
from accounts.passkeys import collection, providers, registration
from accounts.passkeys.models import Passkey
from accounts.signin.serializers import PasskeyCreationOptionsSerializer
from accounts.signin.step_up import require_strongest
from accounts.signin.steps import removing
from accounts.users.models import User
from api.pagination import NewestFirst
from api.viewsets import GuardedViewSet


class PasskeySerializer(serializers.ModelSerializer[Passkey]):
    """`provider`: who keeps it, when its maker says so. `backed_up`: it is synced to other devices."""

    provider = serializers.SerializerMethodField()

    class Meta:
        model = Passkey
        fields = ("id", "name", "provider", "created_at", "last_used_at", "backed_up")
        read_only_fields = fields

    def get_provider(self, passkey: Passkey) -> str:
        return providers.name_of(passkey.aaguid)


class PasskeyNewSerializer(StrictSerializer):
    challenge = StrictCharField(max_length=8192, help_text="As the options answered it.")
    credential = RegistrationField(help_text="`PublicKeyCredential.toJSON()` of what the browser or the system made.")
    name = SingleLineField(max_length=100, required=False, allow_blank=True)


class PasskeyChangeSerializer(StrictSerializer):
    name = SingleLineField(max_length=100)


class PasskeyViewSet(GuardedViewSet):
    """One's own passkeys, newest first. What adds or removes one wants the strongest proof there is (SECURITY P-10)."""

    resource = "passkeys"
    serializer_class = PasskeySerializer
    inputs = {"creation_options": NothingSerializer, "create": PasskeyNewSerializer, "partial_update": PasskeyChangeSerializer}
    queryset = Passkey.objects.all()
    pagination_class = NewestFirst

    def get_queryset(self) -> QuerySet[Passkey]:
        return collection.of(self.grant.user_id)

    def list(self, request: Request) -> Response:
        """The passkeys that open one's account."""
        page = self.paginate_queryset(self.get_queryset())
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    @extend_schema(request=NothingSerializer, responses=PasskeyCreationOptionsSerializer)
    @action(detail=False, methods=["post"], url_path="options")
    def creation_options(self, request: Request) -> Response:
        """What to hand to the authenticator to make a new one."""
        require_strongest(self.grant)
        self.given()
        return Response(registration.options(self._owner()))

    @extend_schema(request=PasskeyNewSerializer, responses={201: PasskeySerializer})
    def create(self, request: Request) -> Response:
        """Add a passkey. The person is told by mail."""
        require_strongest(self.grant)
        given, me = self.given(), self.grant
        passkey = registration.register(
            self._owner(),
            given["challenge"],
            given["credential"],
            name=given.get("name", ""),
            source=self.source,
            device_id=me.device_id,
        )
        return Response(self.shown(passkey), status=201)

    @extend_schema(request=PasskeyChangeSerializer, responses=PasskeySerializer)
    def partial_update(self, request: Request, id: Any) -> Response:
        """Rename a passkey."""
        given, passkey = self.given(), self.get_object()
        if "name" in given:
            collection.rename(passkey, given["name"], source=self.source, device_id=self.grant.device_id)
        return Response(self.shown(passkey))

    @extend_schema(responses={204: None, **refusals(409)})
    def destroy(self, request: Request, id: Any) -> Response:
        """Remove a passkey, unless the account could then not be opened. The person is told by mail."""
        require_strongest(self.grant)
        passkey = self.get_object()
        with removing(collection.FACTOR, passkey.user_id):
            collection.remove(passkey, actor_id=self.grant.user_id, source=self.source, device_id=self.grant.device_id)
        return Response(status=204)

    def _owner(self) -> User:
        """Raises `NotFound` when the account went while its token lived."""
        user = User.objects.filter(id=self.grant.user_id).first()
        if user is None:
            raise NotFound("account is gone")
        return user
