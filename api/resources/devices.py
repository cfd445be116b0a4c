"""/api/v1/me/devices/: where one is signed in."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.core.shapes import NothingSerializer, SingleLineField, StrictSerializer
from accounts.devices import registry
from accounts.devices.models import Device
from accounts.tokens.permissions import require_fresh
from api.pagination import NewestFirst
from api.viewsets import GuardedViewSet


class DeviceSerializer(serializers.ModelSerializer[Device]):
    """`current`: the one that asks. `last_network` is the household's or office's range, not an address. `dpop_bound`: its tokens
    are worth nothing without its key."""

    current = serializers.SerializerMethodField()
    dpop_bound = serializers.SerializerMethodField()

    class Meta:
        model = Device
        fields = (
            *("id", "name", "platform", "transport", "client_id", "last_network", "created_at", "last_seen_at"),
            *("expires_at", "current", "dpop_bound"),
        )
        read_only_fields = fields

    def get_current(self, device: Device) -> bool:
        return bool(device.id == self.context["view"].grant.device_id)

    def get_dpop_bound(self, device: Device) -> bool:
        return bool(device.jkt)


class DeviceChangeSerializer(StrictSerializer):
    name = SingleLineField(max_length=100, allow_blank=True)


class RevokedSerializer(serializers.Serializer[Any]):
    revoked = serializers.IntegerField(help_text="How many devices ended.")


class DeviceViewSet(GuardedViewSet):
    """One's own signed-in devices, newest first; somebody else's do not exist."""

    resource = "devices"
    serializer_class = DeviceSerializer
    inputs = {"partial_update": DeviceChangeSerializer, "revoke_others": NothingSerializer}
    queryset = Device.objects.all()
    pagination_class = NewestFirst

    def get_queryset(self) -> QuerySet[Device]:
        return registry.live(self.grant.user_id)

    def list(self, request: Request) -> Response:
        """The devices one is signed in on."""
        page = self.paginate_queryset(self.get_queryset())
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    @extend_schema(request=DeviceChangeSerializer, responses=DeviceSerializer)
    def partial_update(self, request: Request, id: Any) -> Response:
        """Rename a device."""
        device = self.get_object()
        if "name" in (given := self.given()):
            registry.rename(device, given["name"], self.source)
        return Response(self.shown(device))

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, id: Any) -> Response:
        """Sign a device out. One other than the asking one wants a fresh proof (SECURITY R-27)."""
        device = self.get_object()
        if device.id != self.grant.device_id:
            require_fresh(self.grant)
        registry.sign_out(self.grant.user_id, device.id, asking=self.grant.device_id, source=self.source)
        return Response(status=204)

    @extend_schema(request=NothingSerializer, responses=RevokedSerializer)
    @action(detail=False, methods=["post"], url_path="revoke-others")
    def revoke_others(self, request: Request) -> Response:
        """Sign out every device but the asking one."""
        self.given()
        me = self.grant
        ended = registry.sign_out_others(me.user_id, asking=me.device_id, source=self.source)
        return Response({"revoked": ended})
