"""/api/v1/clients/: the relying parties of the OpenID provider, for superusers."""

from datetime import timedelta
from typing import Any

import django_filters
from django.db.models import Prefetch, QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.core.shapes import (
    NothingSerializer,
    SingleLineField,
    StrictBooleanField,
    StrictCharField,
    StrictIntegerField,
    StrictNamesField,
    StrictSerializer,
)
from accounts.oidc import clients
from accounts.oidc.models import Client, ClientSecret
from accounts.oidc.registration import Registration
from api.converters import CLIENT_ID
from api.filters import FilterBackend, OrderingBackend, SearchBackend, TrueOrFalse
from api.viewsets import GuardedViewSet

_LONGEST_OVERLAP = 90 * 86_400
_LISTS = ("redirect_uris", "post_logout_redirect_uris", "grants", "scopes")


class ClientFilter(django_filters.FilterSet):  # type: ignore[misc]
    is_active = TrueOrFalse(label="Not stopped")
    authentication = django_filters.ChoiceFilter(choices=Client.Authentication.choices, label="Authentication")

    class Meta:
        model = Client
        fields: list[str] = []


class SecretSerializer(serializers.ModelSerializer[ClientSecret]):
    """When it was made, and until when it opens; the newest has no end."""

    class Meta:
        model = ClientSecret
        fields = ("created_at", "expires_at")
        read_only_fields = fields


class RegisteredClientSerializer(serializers.ModelSerializer[Client]):
    """As it is registered. `secrets`: those in force, the newest first; their values are kept as hashes alone."""

    redirect_uris = StrictNamesField(read_only=True)
    post_logout_redirect_uris = StrictNamesField(read_only=True)
    grants = StrictNamesField(read_only=True)
    scopes = StrictNamesField(read_only=True)
    jwks = serializers.DictField(read_only=True, allow_null=True)
    secrets = SecretSerializer(many=True, read_only=True)

    class Meta:
        model = Client
        fields = ("id", *Registration.__dataclass_fields__, "is_active", "created_at", "secrets")
        read_only_fields = fields


class ToldClientSerializer(RegisteredClientSerializer):
    client_secret = serializers.CharField(required=False, help_text="Told this once; none where it needs none.")

    class Meta(RegisteredClientSerializer.Meta):
        fields = (*RegisteredClientSerializer.Meta.fields, "client_secret")


class RegistrationSerializer(StrictSerializer):
    """What is not said is denied, or as safe as it can be."""

    name = SingleLineField(max_length=100)
    authentication = serializers.ChoiceField(choices=Client.Authentication.choices, required=False)
    redirect_uris = StrictNamesField(required=False, max_length=100)
    post_logout_redirect_uris = StrictNamesField(required=False, max_length=100)
    backchannel_logout_uri = StrictCharField(required=False, allow_blank=True, max_length=500)
    grants = serializers.ListField(child=serializers.ChoiceField(choices=Client.Grant.choices), required=False)
    scopes = StrictNamesField(required=False, max_length=500)
    jwks = serializers.DictField(required=False, allow_null=True, help_text="Its public keys, for private_key_jwt.")
    id_token_algorithm = serializers.ChoiceField(choices=Client.Algorithm.choices, required=False)
    requires_pkce = StrictBooleanField(required=False)
    requires_par = StrictBooleanField(required=False)
    dpop_bound_access_tokens = StrictBooleanField(required=False, help_text="RFC 9449 §5.2.")
    asks_consent = StrictBooleanField(required=False)


class RotationSerializer(StrictSerializer):
    overlap_seconds = StrictIntegerField(
        min_value=0,
        max_value=_LONGEST_OVERLAP,
        required=False,
        default=int(clients.OVERLAP.total_seconds()),
        help_text="How long the secret before goes on to open.",
    )


class ClientViewSet(GuardedViewSet):
    """Registered, changed, stopped; never deleted: what one did stays explained."""

    resource = "clients"
    serializer_class = RegisteredClientSerializer
    inputs = {
        "create": RegistrationSerializer,
        "partial_update": RegistrationSerializer,
        "rotate_secret": RotationSerializer,
        **dict.fromkeys(("stop", "start"), NothingSerializer),
    }
    queryset = Client.objects.all()
    filter_backends = (FilterBackend, SearchBackend, OrderingBackend)
    filterset_class = ClientFilter
    search_fields = ("name", "id")
    ordering_fields = {"name": "name", "created_at": "created_at"}
    ordering = ("name",)
    lookup_value_converter = CLIENT_ID

    def get_queryset(self) -> QuerySet[Client]:
        return Client.objects.prefetch_related(Prefetch("secrets", queryset=clients.in_force()))

    def list(self, request: Request) -> Response:
        """All clients, by name."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    def retrieve(self, request: Request, id: str) -> Response:
        """One client."""
        return Response(self.shown(self.get_object()))

    @extend_schema(request=RegistrationSerializer, responses={201: ToldClientSerializer})
    def create(self, request: Request) -> Response:
        """Register a client. Its secret is told in this answer alone."""
        asked = Registration(**_as_registered(self.given()))
        client, secret = clients.register(asked, actor=self.grant.user_id, source=self.source)
        return Response(self._told(client.id, secret), status=201)

    @extend_schema(request=RegistrationSerializer, responses=RegisteredClientSerializer)
    def partial_update(self, request: Request, id: str) -> Response:
        """Change what is registered; a list is replaced as a whole."""
        given, client = _as_registered(self.given()), self.get_object()
        clients.amend(client.id, given, actor=self.grant.user_id, source=self.source)
        return Response(self._told(client.id))

    @extend_schema(request=RotationSerializer, responses=ToldClientSerializer)
    @action(detail=True, methods=["post"], url_path="rotate-secret")
    def rotate_secret(self, request: Request, id: str) -> Response:
        """A new secret, told in this answer alone. The one before opens for a while, any older one no more."""
        overlap, client = timedelta(seconds=self.given()["overlap_seconds"]), self.get_object()
        secret = clients.rotate_secret(client.id, overlap=overlap, actor=self.grant.user_id, source=self.source)
        return Response(self._told(client.id, secret))

    @extend_schema(request=NothingSerializer, responses=RegisteredClientSerializer)
    @action(detail=True, methods=["post"])
    def stop(self, request: Request, id: str) -> Response:
        """End it: within a second nothing of it is accepted any more."""
        return self._switched(on=False)

    @extend_schema(request=NothingSerializer, responses=RegisteredClientSerializer)
    @action(detail=True, methods=["post"])
    def start(self, request: Request, id: str) -> Response:
        """Let a stopped client go on."""
        return self._switched(on=True)

    def _switched(self, *, on: bool) -> Response:
        self.given()
        client = self.get_object()
        clients.switch(client.id, on=on, actor=self.grant.user_id, source=self.source)
        return Response(self._told(client.id))

    def _told(self, client_id: str, secret: str = "") -> dict[str, Any]:
        told = self.shown(self.get_queryset().get(id=client_id))
        return {**told, **({"client_secret": secret} if secret else {})}


def _as_registered(given: dict[str, Any]) -> dict[str, Any]:
    return {name: tuple(dict.fromkeys(value)) if name in _LISTS else value for name, value in given.items()}
