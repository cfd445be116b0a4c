"""/api/v1/me/export/: everything that is held about oneself, by a one-use link."""

from django.conf import settings
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.audit.events import Event
from accounts.audit.record import record
from accounts.core.shapes import NothingSerializer
from accounts.lifecycle import export
from accounts.links import download
from accounts.signin.step_up import require_strongest
from accounts.tokens import sealed
from api.viewsets import GuardedViewSet

from .links import LinkSerializer

_PATH = "/api/v1/me/export/"


class ExportViewSet(GuardedViewSet):
    """POST asks for a link, the link downloads the document: a browser or phone saves it without any header."""

    resource = "export"
    serializer_class = LinkSerializer
    inputs = {"create": NothingSerializer}

    @extend_schema(operation_id="me_export_create", request=NothingSerializer, responses={201: LinkSerializer})
    def create(self, request: Request) -> Response:
        """A URL that opens once, within a minute."""
        self.given()
        me = self.grant
        require_strongest(me)
        record(Event.EXPORT_MADE, subject=me.user_id, actor=me.user_id, device=me.device_id, source=self.source)
        url = settings.PUBLIC_URL + download.url(me, _PATH)
        return Response({"url": url, "expires_in": sealed.DOWNLOAD_LINK.lifetime}, status=201)

    @extend_schema(operation_id="me_export_retrieve", responses={200: OpenApiTypes.OBJECT})
    def list(self, request: Request) -> Response:
        """The document itself."""
        require_strongest(self.grant)
        return Response(export.collect(self.grant.user_id), headers=export.ATTACHMENT)
