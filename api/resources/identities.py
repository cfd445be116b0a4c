"""/api/v1/me/identities/: the Google, Apple and other identities that open one's account."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.core.errors import InvalidInput, NotFound
from accounts.core.shapes import StrictCharField, StrictSerializer, refusals
from accounts.federation import id_token, identities, providers, sign_in
from accounts.federation.models import FederatedIdentity
from accounts.signin.step_up import require_strongest
from accounts.signin.steps import removing
from accounts.users.models import User
from api.pagination import NewestFirst
from api.viewsets import GuardedViewSet


class IdentitySerializer(serializers.ModelSerializer[FederatedIdentity]):
    """`email` is what the issuer said when it was linked."""

    label = serializers.SerializerMethodField()  # type: ignore[assignment]

    class Meta:
        model = FederatedIdentity
        fields = ("id", "provider", "label", "email", "created_at", "last_used_at")
        read_only_fields = fields

    def get_label(self, identity: FederatedIdentity) -> str:
        return providers.label_of(identity.provider)


class IdentityNewSerializer(StrictSerializer):
    """`provider` and `id_token`, or the `challenge` of the `link_required` that a sign-in was answered with."""

    provider = StrictCharField(max_length=50, required=False, allow_blank=True, default="")
    id_token = StrictCharField(max_length=8192, required=False, allow_blank=True, default="", write_only=True)
    nonce = StrictCharField(max_length=100, required=False, allow_blank=True, default="")
    challenge = StrictCharField(max_length=4000, required=False, allow_blank=True, default="", write_only=True)


class IdentityViewSet(GuardedViewSet):
    """One's own linked identities, newest first. Adding or removing one wants the strongest proof there is (SECURITY P-10)."""

    resource = "identities"
    serializer_class = IdentitySerializer
    inputs = {"create": IdentityNewSerializer}
    queryset = FederatedIdentity.objects.all()
    pagination_class = NewestFirst

    def get_queryset(self) -> QuerySet[FederatedIdentity]:
        return identities.of(self.grant.user_id)

    def list(self, request: Request) -> Response:
        """The identities that open one's account."""
        page = self.paginate_queryset(self.get_queryset())
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    @extend_schema(request=IdentityNewSerializer, responses={201: IdentitySerializer, **refusals(409)})
    def create(self, request: Request) -> Response:
        """Link an identity. The person is told by mail."""
        require_strongest(self.grant)
        given = self.given()
        if given["challenge"]:
            linked = sign_in.accept_link(given["challenge"], self.grant.user_id, source=self.source)
            return Response(self.shown(linked), status=201)
        identity = id_token.verify(_provider(given["provider"]), given["id_token"], nonce=given["nonce"])
        return Response(self.shown(identities.link(self._owner(), identity, self.source)), status=201)

    @extend_schema(responses={204: None, **refusals(409)})
    def destroy(self, request: Request, id: Any) -> Response:
        """Unlink an identity, unless the account could then not be opened. The person is told by mail."""
        require_strongest(self.grant)
        identity = self.get_object()
        with removing(identities.FACTOR, identity.user_id):
            identities.unlink(identity.user_id, identity.id, self.source)
        return Response(status=204)

    def _owner(self) -> User:
        """Raises `NotFound` when the account went while its token lived."""
        user = User.objects.filter(id=self.grant.user_id).first()
        if user is None:
            raise NotFound("account is gone")
        return user


def _provider(name: str) -> providers.Provider:
    try:
        return providers.get(name)
    except NotFound:
        raise InvalidInput("provider", "unknown", "This provider is not known.") from None
