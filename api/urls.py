"""The paths of the API: one router, no format suffixes (SECURITY B-11, B-16)."""

from django.urls import include, path
from rest_framework.routers import DynamicRoute, Route, SimpleRouter

from .documents import ReferenceView, SchemaView
from .resources.clients import ClientViewSet
from .resources.devices import DeviceViewSet
from .resources.export import ExportViewSet
from .resources.groups import GroupViewSet
from .resources.identities import IdentityViewSet
from .resources.links import LinkViewSet
from .resources.me import MeViewSet
from .resources.passkeys import PasskeyViewSet
from .resources.recovery_codes import RecoveryCodesViewSet
from .resources.resource_servers import ServiceViewSet
from .resources.root import RootViewSet
from .resources.totp import TotpViewSet
from .resources.users import UserViewSet

_OF_ONE = {"get": "retrieve", "post": "create", "patch": "partial_update", "delete": "destroy"}


class SingletonRouter(SimpleRouter):
    """For what there is one of: `me/` itself is the object."""

    routes = [
        Route("{prefix}/", _OF_ONE, "{basename}-detail", detail=False, initkwargs={}),
        DynamicRoute("{prefix}/{url_path}/", "{basename}-{url_name}", detail=False, initkwargs={}),
    ]


singletons = SingletonRouter(use_regex_path=False)
singletons.register("me", MeViewSet, basename="me")
singletons.register("me/totp", TotpViewSet, basename="totp")
singletons.register("me/recovery-codes", RecoveryCodesViewSet, basename="recovery-codes")

collections = SimpleRouter(use_regex_path=False)
collections.register("me/devices", DeviceViewSet, basename="device")
collections.register("me/export", ExportViewSet, basename="export")
collections.register("me/passkeys", PasskeyViewSet, basename="passkey")
collections.register("me/identities", IdentityViewSet, basename="identity")
collections.register("links", LinkViewSet, basename="link")
collections.register("users", UserViewSet, basename="user")
collections.register("groups", GroupViewSet, basename="group")
collections.register("clients", ClientViewSet, basename="client")
collections.register("services", ServiceViewSet, basename="service")

urlpatterns = [
    path("schema/", SchemaView.as_view(), name="api-schema"),
    path("docs/", ReferenceView.as_view(url_name="api-schema"), name="api-docs"),
    path("v1/", RootViewSet.as_view({"get": "list"}, basename="root", detail=False), name="api-root"),
    path("v1/", include(singletons.urls)),
    path("v1/", include(collections.urls)),
]
