"""/api/v1/groups/: roles. Tokens carry them by name, so their name is what they are found by."""

from typing import Any

from django.contrib.auth.models import Group
from django.db.models import Count, QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.core.shapes import SingleLineField, StrictNamesField, StrictSerializer
from accounts.lifecycle import groups
from api.converters import ROLE_NAME
from api.pagination import ByName
from api.viewsets import GuardedViewSet


class PermissionNamesField(StrictNamesField):
    """As `app.codename`."""

    def get_attribute(self, instance: Any) -> list[str]:
        return sorted(f"{item.content_type.app_label}.{item.codename}" for item in instance.permissions.all())


class RoleNameField(SingleLineField):
    """Fit to stand in a path."""

    default_error_messages = {"not_a_name": "Use no slash, and more than dots."}

    def to_internal_value(self, data: Any) -> str:
        name = super().to_internal_value(data)
        if "/" in name or not name.strip("."):
            self.fail("not_a_name")
        return name


class GroupSerializer(serializers.ModelSerializer[Group]):
    permissions = PermissionNamesField(read_only=True)
    members = serializers.IntegerField(read_only=True)

    class Meta:
        model = Group
        fields = ("name", "permissions", "members")
        read_only_fields = fields


class GroupInputSerializer(StrictSerializer):
    """`permissions`: exactly these; what is given or taken must be held by whoever asks."""

    name = RoleNameField(max_length=150)
    permissions = PermissionNamesField(required=False, max_length=500)


class GroupViewSet(GuardedViewSet):
    """Roles and what they allow."""

    resource = "groups"
    serializer_class = GroupSerializer
    inputs = {"create": GroupInputSerializer, "partial_update": GroupInputSerializer}
    queryset = Group.objects.all()
    pagination_class = ByName
    lookup_field = "name"
    lookup_value_converter = ROLE_NAME

    def get_queryset(self) -> QuerySet[Group]:
        return Group.objects.prefetch_related("permissions__content_type").annotate(members=Count("user"))

    def list(self, request: Request) -> Response:
        """All roles, by name."""
        page = self.paginate_queryset(self.get_queryset())
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    def retrieve(self, request: Request, name: str) -> Response:
        """One role."""
        return Response(self.shown(self.get_object()))

    @extend_schema(request=GroupInputSerializer, responses={201: GroupSerializer})
    def create(self, request: Request) -> Response:
        """A new role."""
        group = groups.create(**{"permissions": [], **self.given()}, actor_id=self.grant.user_id, source=self.source)
        return Response(self._answer(group), status=201)

    @extend_schema(request=GroupInputSerializer, responses=GroupSerializer)
    def partial_update(self, request: Request, name: str) -> Response:
        """Change what a role allows; its members' tokens follow within a second. Only superusers rename."""
        given = self.given()
        group = groups.update(
            name,
            new_name=given.get("name"),
            permissions=given.get("permissions"),
            actor_id=self.grant.user_id,
            source=self.source,
        )
        return Response(self._answer(group))

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, name: str) -> Response:
        """Delete a role: its members lose it at once."""
        groups.delete(name, actor_id=self.grant.user_id, source=self.source)
        return Response(status=204)

    def _answer(self, group: Group) -> Any:
        return self.shown(self.get_queryset().get(id=group.id))
