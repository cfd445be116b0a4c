"""POST /api/v1/links/: a URL that opens one GET once, for downloads and images, where no header can be sent."""

import re
from typing import Any

from django.conf import settings
from django.http import QueryDict
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.audit.events import Event
from accounts.audit.record import record
from accounts.core.errors import InvalidInput
from accounts.core.shapes import StrictCharField, StrictSerializer
from accounts.links import download
from accounts.tokens import sealed
from accounts.tokens.grant import CredentialKind
from api import permissions, routes
from api.viewsets import GuardedViewSet

_PLAIN_PATH = re.compile(r"/api/v1/(?:[A-Za-z0-9_-]+/)*", re.ASCII)
LONGEST_PATH = 500


class LinkRequestSerializer(StrictSerializer):
    path = StrictCharField(max_length=LONGEST_PATH, help_text="Of an own GET endpoint, with its query if it has one.")


class LinkSerializer(serializers.Serializer[Any]):
    url = serializers.URLField()
    expires_in = serializers.IntegerField(help_text="Seconds.")


class LinkViewSet(GuardedViewSet):
    """Bound to method, path and device; dead after its first use, or with the device."""

    resource = "links"
    serializer_class = LinkSerializer
    inputs = {"create": LinkRequestSerializer}

    @extend_schema(request=LinkRequestSerializer, responses={201: LinkSerializer})
    def create(self, request: Request) -> Response:
        """A one-use URL with the powers of this token."""
        path = self._openable(request, self.given()["path"])
        url = settings.PUBLIC_URL + download.url(self.grant, path)
        me = self.grant
        record(Event.LINK_ISSUED, subject=me.user_id, actor=me.user_id, device=me.device_id, source=self.source, path=path)
        return Response({"url": url, "expires_in": sealed.DOWNLOAD_LINK.lifetime}, status=201)

    def _openable(self, request: Request, asked: str) -> str:
        """The path as the link will be compared with. Raises `InvalidInput` unless a link may open it for this caller."""
        path, _, query = asked.partition("?")
        route = routes.at(path, "GET") if _PLAIN_PATH.fullmatch(path) else None
        rule = route.rule if route else None
        if rule is None or CredentialKind.LINK not in rule.credentials:
            raise InvalidInput("path", "not_linkable", "Not a path that a link can open.")
        if not permissions.allows(rule, self.grant, request.user):
            raise InvalidInput("path", "permission_denied", "This token may not read that path.")
        parameters = QueryDict(query)
        if download.PARAMETER in parameters:
            raise InvalidInput("path", "not_linkable", "A link cannot hold another one.")
        return path + (f"?{parameters.urlencode()}" if parameters else "")
