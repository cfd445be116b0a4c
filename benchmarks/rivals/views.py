"""The guarded view of the DRF rivals; authentication and permission come from each one's settings."""

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from benchmarks.answer import MESSAGE


class GreetingViewSet(ViewSet):
    """Says hello to whoever is signed in."""

    def list(self, request: Request) -> Response:
        """Answer the common body."""
        return Response({"message": MESSAGE, "signed_in": request.user.is_authenticated})
