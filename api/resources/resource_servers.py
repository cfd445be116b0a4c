"""/api/v1/services/: the resource servers that tokens are for, for superusers."""

import uuid
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.core.shapes import SingleLineField, StrictCharField, StrictSerializer
from accounts.oidc import audiences
from accounts.oidc.audiences import Described
from accounts.oidc.models import Service, ServiceScope
from api.filters import OrderingBackend, SearchBackend
from api.viewsets import GuardedViewSet


class ServiceScopeSerializer(serializers.ModelSerializer[ServiceScope]):
    class Meta:
        model = ServiceScope
        fields = ("name", "description")
        read_only_fields = fields


class ServiceSerializer(serializers.ModelSerializer[Service]):
    """`audience`: what tokens for it carry in `aud`. `client`: the id of the client as which it asks about tokens."""

    client = serializers.CharField(source="client_id", read_only=True, allow_null=True)
    scopes = ServiceScopeSerializer(many=True, read_only=True)

    class Meta:
        model = Service
        fields = ("id", "audience", "name", "client", "scopes", "created_at")
        read_only_fields = fields


class DescribedScopeSerializer(StrictSerializer):
    name = StrictCharField(max_length=60)
    description = SingleLineField(max_length=200, help_text="What people are told that they allow.")

    def validate(self, attrs: dict[str, str]) -> dict[str, str]:
        """The list is replaced as a whole: a part of it has no parts of its own, in a PATCH neither."""
        if missing := self.fields.keys() - attrs.keys():
            raise serializers.ValidationError(dict.fromkeys(missing, "This field is required."), code="required")
        return attrs


class DescriptionSerializer(StrictSerializer):
    """The audience is an absolute URI, and stays."""

    audience = StrictCharField(max_length=200)
    name = SingleLineField(max_length=100)
    client = StrictCharField(max_length=40, required=False, allow_null=True, source="client_id")
    scopes = serializers.ListField(child=DescribedScopeSerializer(), required=False, max_length=100)

    def validate_client(self, client_id: str | None) -> str:
        return client_id or ""

    def validate_scopes(self, scopes: list[dict[str, str]]) -> dict[str, str]:
        described = {scope["name"]: scope["description"] for scope in scopes}
        if len(described) != len(scopes):
            raise serializers.ValidationError("A scope appears twice.", code="repeated")
        return described


class ServiceViewSet(GuardedViewSet):
    """A scope decides what tokens open, so superusers alone shape them."""

    resource = "services"
    serializer_class = ServiceSerializer
    inputs = {"create": DescriptionSerializer, "partial_update": DescriptionSerializer}
    queryset = Service.objects.prefetch_related("scopes")
    filter_backends = (SearchBackend, OrderingBackend)
    search_fields = ("name", "audience")
    ordering_fields = {"name": "name", "created_at": "created_at"}
    ordering = ("name", "id")

    def get_queryset(self) -> QuerySet[Service]:
        return super().get_queryset().all()

    def list(self, request: Request) -> Response:
        """All services, by name."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    def retrieve(self, request: Request, id: uuid.UUID) -> Response:
        """One service."""
        return Response(self.shown(self.get_object()))

    @extend_schema(request=DescriptionSerializer, responses={201: ServiceSerializer})
    def create(self, request: Request) -> Response:
        """Register a service and its scopes, each with the sentence that people are asked with."""
        service = audiences.register(Described(**self.given()), actor=self.grant.user_id, source=self.source)
        return Response(self._told(service.id), status=201)

    @extend_schema(request=DescriptionSerializer, responses=ServiceSerializer)
    def partial_update(self, request: Request, id: uuid.UUID) -> Response:
        """Change its name, its client or its scopes, which are replaced as a whole."""
        given, service = self.given(), self.get_object()
        audiences.amend(service.id, given, actor=self.grant.user_id, source=self.source)
        return Response(self._told(service.id))

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, id: uuid.UUID) -> Response:
        """No more tokens for it; those that are out there run out within minutes."""
        audiences.remove(self.get_object().id, actor=self.grant.user_id, source=self.source)
        return Response(status=204)

    def _told(self, service_id: uuid.UUID) -> Any:
        return self.shown(self.get_queryset().get(id=service_id))
