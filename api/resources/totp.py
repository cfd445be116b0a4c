"""/api/v1/me/totp/: one's own authenticator app."""

from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.core.errors import InvalidCode, InvalidInput, NotFound
from accounts.core.shapes import NothingSerializer, StrictCharField, StrictSerializer, refusals
from accounts.mfa import totp
from accounts.signin import step_up, steps
from accounts.signin.serializers import EnrolmentSerializer
from accounts.users.models import User
from api.viewsets import GuardedViewSet

from .recovery_codes import RecoveryCodesSerializer


class TotpCodeSerializer(StrictSerializer):
    code = StrictCharField(max_length=20, write_only=True, help_text="Six digits; what sets them apart does not matter.")


class TotpViewSet(GuardedViewSet):
    """Set up, confirm, remove. Each wants a proof of the last minutes, as strong as the account can give."""

    resource = "totp"
    serializer_class = EnrolmentSerializer
    inputs = {"create": NothingSerializer, "confirm": TotpCodeSerializer}

    @extend_schema(request=NothingSerializer, responses={201: EnrolmentSerializer, **refusals(409)})
    def create(self, request: Request) -> Response:
        """Begin: a secret for the app. It counts once a code of it was confirmed."""
        self.given()
        step_up.require_strongest(self.grant)
        enrolment = totp.begin(self.grant.user_id, account_name=self._account_name())
        return Response(self.shown(enrolment), status=201)

    @extend_schema(request=TotpCodeSerializer, responses={200: RecoveryCodesSerializer, **refusals(409)})
    @action(detail=False, methods=["post"])
    def confirm(self, request: Request) -> Response:
        """Show that the app works. Answers ten recovery codes, once. It counts as a second proof on this device."""
        code = self.given()["code"]
        step_up.require_strongest(self.grant)
        try:
            codes = totp.confirm(self.grant.user_id, code, source=self.source, device_id=self.grant.device_id)
        except InvalidCode as refusal:
            # A field of the form, not the caller's token: a 401 would make apps refresh it.
            raise InvalidInput("code", refusal.code, refusal.detail) from refusal
        step_up.enrolled(self.grant, source=self.source)
        return Response({"recovery_codes": codes})

    @extend_schema(responses={204: None, **refusals(409)})
    def destroy(self, request: Request) -> Response:
        """Remove it, and the recovery codes with it; not where one's role demands it. Devices stay signed in."""
        step_up.require_strongest(self.grant)
        with steps.removing(totp.FACTOR, self.grant.user_id):
            totp.remove(self.grant.user_id, actor_id=self.grant.user_id, source=self.source, device_id=self.grant.device_id)
        return Response(status=204)

    def _account_name(self) -> str:
        """What the app will call the account. Raises `NotFound` when the account went while its token lived."""
        user = User.objects.filter(id=self.grant.user_id).first()
        if user is None:
            raise NotFound("account is gone")
        return str(user)
