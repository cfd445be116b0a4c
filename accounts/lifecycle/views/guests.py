"""POST /auth/guest/: begin without any proof."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.browser.languages import asked_for
from accounts.core.dispatch import LeanView
from accounts.core.shapes import refusals
from accounts.lifecycle import guests
from accounts.lifecycle.serializers import GuestSerializer
from accounts.signin import transport
from accounts.signin.complete import complete
from accounts.signin.serializers import DPOP, TokenPairSerializer


class GuestView(LeanView):
    """An account of its own: `acr` is `guest`. Any way to sign in that is added later keeps its `sub`."""

    authentication_classes = ()
    permission_classes = ()

    @extend_schema(
        operation_id="guest",
        tags=["Joining"],
        parameters=DPOP,
        request=GuestSerializer,
        responses={200: TokenPairSerializer, **refusals(400, 401, 403, 429, 503)},
    )
    def post(self, request: Request) -> Response:
        asked = GuestSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        entry = transport.entry(request, asked.validated_data)
        proof = guests.create(language=asked.validated_data["language"] or asked_for(request._request), source=entry.source)
        return transport.answer(request, *complete(proof, entry))
