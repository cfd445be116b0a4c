"""/api/v1/users/: the staff directory. Somebody without `accounts.view_user` finds only themself."""

from typing import Any

import django_filters
from django.db.models import CharField, QuerySet
from django.db.models.functions import Cast, Coalesce
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.core.refusals import field_errors
from accounts.core.shapes import NothingSerializer, StrictBooleanField, StrictEmailField, StrictSerializer, refusals
from accounts.lifecycle import deletion, directory, export, invitation, lost_phone, suspension
from accounts.tokens.permissions import require_fresh
from accounts.users.models import User
from api.filters import FilterBackend, OrderingBackend, SearchBackend, TrueOrFalse
from api.viewsets import GuardedViewSet

from .devices import RevokedSerializer
from .people import GroupNamesField, PersonSerializer, name_field

_WITHOUT_WORDS = (
    *("disable", "enable", "sign_out_everywhere", "send_password_link", "remove_second_factors"),
    *("destroy", "export"),
)
_WANTS_PROOF = {"groups", "is_staff"}


class PersonFilter(django_filters.FilterSet):  # type: ignore[misc]
    is_active = TrueOrFalse(label="Active")
    is_staff = TrueOrFalse(label="Staff")
    role = django_filters.CharFilter(field_name="groups__name", max_length=150, label="Role")

    class Meta:
        model = User
        fields: list[str] = []


class PersonChangeSerializer(StrictSerializer):
    """`groups`: exactly these, each held by whoever asks. `is_staff`: by superusers only."""

    name = name_field(required=False)
    groups = GroupNamesField(required=False, max_length=100)
    is_staff = StrictBooleanField(required=False)


class InvitationSerializer(PersonChangeSerializer):
    email = StrictEmailField(max_length=254)


class UserViewSet(GuardedViewSet):
    """People, as staff see them."""

    resource = "users"
    serializer_class = PersonSerializer
    inputs = {
        "create": InvitationSerializer,
        "partial_update": PersonChangeSerializer,
        **dict.fromkeys(_WITHOUT_WORDS, NothingSerializer),
    }
    # Guests have no address; their id stands for it in the order.
    queryset = User.objects.annotate(address=Coalesce("email", Cast("id", CharField()))).prefetch_related("groups")
    filter_backends = (FilterBackend, SearchBackend, OrderingBackend)
    filterset_class = PersonFilter
    search_fields = ("email", "name")
    ordering_fields = {"created_at": "created_at", "email": "address"}
    ordering = ("id",)

    def get_queryset(self) -> QuerySet[User]:
        """Reading: oneself, or everybody. What else there is to do has a permission in its rule."""
        people = super().get_queryset()
        reading = self.action in {"list", "retrieve"}
        if reading and not self.request.user.has_perm("accounts.view_user"):
            return people.filter(id=self.grant.user_id)
        return people

    def list(self, request: Request) -> Response:
        """The directory."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    def retrieve(self, request: Request, id: Any) -> Response:
        """One person."""
        return Response(self.shown(self.get_object()))

    @extend_schema(request=InvitationSerializer, responses={201: PersonSerializer})
    def create(self, request: Request) -> Response:
        """Make an account; its owner gets a mail with a link to choose a password."""
        given = self._given_with_proof()
        with field_errors("email"):
            user = directory.create(given.pop("email"), **given, actor_id=self.grant.user_id, source=self.source)
        return Response(self.shown(user), status=201)

    @extend_schema(request=PersonChangeSerializer, responses=PersonSerializer)
    def partial_update(self, request: Request, id: Any) -> Response:
        """Change name, roles or staff. Changed roles reach every token within a second."""
        user = directory.update(id, **self._given_with_proof(), actor_id=self.grant.user_id, source=self.source)
        return Response(self.shown(user))

    @extend_schema(request=NothingSerializer, responses=PersonSerializer)
    @action(detail=True, methods=["post"])
    def disable(self, request: Request, id: Any) -> Response:
        """End every token and device, and let nobody sign in."""
        self.given()
        return Response(self.shown(suspension.disable(id, actor_id=self.grant.user_id, source=self.source)))

    @extend_schema(request=NothingSerializer, responses=PersonSerializer)
    @action(detail=True, methods=["post"])
    def enable(self, request: Request, id: Any) -> Response:
        """Let somebody sign in again."""
        self.given()
        return Response(self.shown(suspension.enable(id, actor_id=self.grant.user_id, source=self.source)))

    @extend_schema(request=NothingSerializer, responses=RevokedSerializer)
    @action(detail=True, methods=["post"], url_path="sign-out-everywhere")
    def sign_out_everywhere(self, request: Request, id: Any) -> Response:
        """End every device and outdate every token."""
        self.given()
        ended = suspension.sign_out_everywhere(id, actor_id=self.grant.user_id, source=self.source)
        return Response({"revoked": ended})

    @extend_schema(request=NothingSerializer, responses=PersonSerializer)
    @action(detail=True, methods=["post"], url_path="remove-second-factors")
    def remove_second_factors(self, request: Request, id: Any) -> Response:
        """For a lost phone: authenticator app, recovery codes and passkeys go, every device ends. Superusers only."""
        self.given()
        user = lost_phone.remove_second_factors(id, actor_id=self.grant.user_id, source=self.source)
        return Response(self.shown(user))

    @extend_schema(request=NothingSerializer, responses={202: None, **refusals(409)})
    @action(detail=True, methods=["post"], url_path="send-password-link")
    def send_password_link(self, request: Request, id: Any) -> Response:
        """Mail a link to choose a password, to the stored address."""
        self.given()
        invitation.send_password_link(id, actor_id=self.grant.user_id, source=self.source)
        return Response(status=202)

    @extend_schema(request=NothingSerializer, responses={202: PersonSerializer, **refusals(409)})
    def destroy(self, request: Request, id: Any) -> Response:
        """Let somebody leave: shut at once, erased after some days unless they use the link in their mail."""
        self.given()
        user = deletion.request_by_staff(id, actor_id=self.grant.user_id, source=self.source)
        return Response(self.shown(user), status=202)

    @extend_schema(request=NothingSerializer, responses={200: OpenApiTypes.OBJECT})
    @action(detail=True, methods=["post"])
    def export(self, request: Request, id: Any) -> Response:
        """Everything that is held about somebody, as one JSON document."""
        self.given()
        found = export.document_for_staff(id, actor_id=self.grant.user_id, source=self.source)
        return Response(found, headers=export.ATTACHMENT)

    def _given_with_proof(self) -> dict[str, Any]:
        """Giving roles wants a fresh proof (RFC 9470); a new name does not."""
        given = self.given()
        if _WANTS_PROOF & given.keys():
            require_fresh(self.grant)
        return given
