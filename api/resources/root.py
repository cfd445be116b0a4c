"""GET /api/v1/: where to go from here."""

from django.conf import settings
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from api import permissions, routes
from api.viewsets import GuardedViewSet


class RootViewSet(GuardedViewSet):
    """The resources that this very credential may read."""

    resource = "root"
    pagination_class = None
    filter_backends = ()

    @extend_schema(responses={200: OpenApiTypes.OBJECT})
    def list(self, request: Request) -> Response:
        readable = (route for route in routes.guarded() if route.method == "GET" and "{" not in route.path)
        paths = {
            route.path: f"{settings.PUBLIC_URL}{route.path}"
            for route in readable
            if route.rule is not None and permissions.allows(route.rule, self.grant, request.user)
        }
        root = request._request.path
        return Response({path.removeprefix(root).strip("/"): url for path, url in paths.items() if path != root})
