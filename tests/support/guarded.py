"""The project's paths and one guarded view, which takes bearer, cookie and one-use link alike."""

from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response

from api.viewsets import GuardedViewSet
from project.urls import handler400, handler403, handler404, handler500
from project.urls import urlpatterns as of_the_project

__all__ = ["PATH", "handler400", "handler403", "handler404", "handler500", "urlpatterns"]
PATH = "/guarded/"


class GuardedView(GuardedViewSet):
    """Has the rule `me.retrieve`; says who was let in."""

    resource = "me"

    def retrieve(self, request: Request) -> Response:
        return Response({"id": str(request.user.id)})


urlpatterns = [*of_the_project, path("guarded/", GuardedView.as_view({"get": "retrieve"}))]
