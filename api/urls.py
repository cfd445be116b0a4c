"""The paths of the API: one router, no format suffixes (SECURITY B-11, B-16)."""

from typing import NoReturn

from django.http import HttpRequest
from django.urls import include, path, re_path
from django.views.decorators.csrf import csrf_exempt
from rest_framework.routers import DynamicRoute, Route, SimpleRouter

from accounts.core.errors import NotFound

from .documents import ReferenceView, SchemaView
from .resources.devices import DeviceViewSet
from .resources.groups import GroupViewSet
from .resources.links import LinkViewSet
from .resources.me import MeViewSet
from .resources.root import RootViewSet
from .resources.users import UserViewSet


class SingletonRouter(SimpleRouter):
    """For what there is one of: `me/` itself is the object."""

    routes = [
        Route("{prefix}/", {"get": "retrieve", "patch": "partial_update"}, "{basename}-detail", detail=False, initkwargs={}),
        DynamicRoute("{prefix}/{url_path}/", "{basename}-{url_name}", detail=False, initkwargs={}),
    ]


@csrf_exempt
def nothing_here(request: HttpRequest) -> NoReturn:
    """404 in our shape, in development too, and no redirect of a POST to the same path with a slash."""
    raise NotFound("no such path")


singletons = SingletonRouter(use_regex_path=False)
singletons.register("me", MeViewSet, basename="me")

collections = SimpleRouter(use_regex_path=False)
collections.register("me/devices", DeviceViewSet, basename="device")
collections.register("links", LinkViewSet, basename="link")
collections.register("users", UserViewSet, basename="user")
collections.register("groups", GroupViewSet, basename="group")

urlpatterns = [
    path("schema/", SchemaView.as_view(), name="api-schema"),
    path("docs/", ReferenceView.as_view(url_name="api-schema"), name="api-docs"),
    path("v1/", RootViewSet.as_view({"get": "list"}, basename="root", detail=False), name="api-root"),
    path("v1/", include(singletons.urls)),
    path("v1/", include(collections.urls)),
    re_path("", nothing_here),
]
