"""POST /api/v1/me/recovery-codes/: a new set of codes for the day the phone is gone."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.core.shapes import NothingSerializer, refusals
from accounts.mfa import recovery_codes
from accounts.signin.step_up import require_strongest
from api.viewsets import GuardedViewSet


class RecoveryCodesSerializer(serializers.Serializer[Any]):
    recovery_codes = serializers.ListField(child=serializers.CharField(), help_text="Shown once; each is good for one use.")


class RecoveryCodesViewSet(GuardedViewSet):
    """Ten at a time; they cannot be read again."""

    resource = "recovery_codes"
    serializer_class = RecoveryCodesSerializer
    inputs = {"create": NothingSerializer}

    @extend_schema(request=NothingSerializer, responses={200: RecoveryCodesSerializer, **refusals(409)})
    def create(self, request: Request) -> Response:
        """Ten new codes; the old ones are void."""
        self.given()
        require_strongest(self.grant)
        codes = recovery_codes.renew(self.grant.user_id, source=self.source, device_id=self.grant.device_id)
        return Response({"recovery_codes": codes})
