"""Base classes of the API's viewsets: a resource's name, and with it its rules."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.http import HttpRequest
from rest_framework.request import Request
from rest_framework.serializers import BaseSerializer
from rest_framework.viewsets import GenericViewSet

from accounts.core.dispatch import LeanView
from accounts.core.requests import Source, source
from accounts.tokens.grant import Grant

from . import parameters
from .metadata import AccessMetadata


class GuardedViewSet(LeanView, GenericViewSet[Any]):
    """`resource` names the rules in `api/access_rules.py`; without one nothing is allowed.

    `inputs` maps an action to the serializer of its request body; answers use `serializer_class`.
    """

    resource: ClassVar[str] = ""
    inputs: ClassVar[Mapping[str, type[BaseSerializer[Any]]]] = {}
    lookup_field = "id"
    lookup_value_converter = "uuid"
    metadata_class = AccessMetadata

    def initialize_request(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Request:
        method = (request.method or "").lower()
        self.action = "metadata" if method == "options" else self.action_map.get(method, "")
        return super().initialize_request(request, *args, **kwargs)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Who asks and whether they may; then nothing in the query string that this action does not know."""
        super().initial(request, *args, **kwargs)
        if request._request.META.get("QUERY_STRING"):
            parameters.refuse_unknown(request, self)

    @property
    def grant(self) -> Grant:
        """The verified grant; the permission class has made sure that there is one."""
        return self.request.auth.grant  # type: ignore[no-any-return, union-attr]

    @property
    def source(self) -> Source:
        return source(self.request._request)

    def get_serializer_class(self) -> type[BaseSerializer[Any]]:
        return self.inputs.get(self.action or "") or super().get_serializer_class()

    def given(self) -> dict[str, Any]:
        """The request body, checked against the input of this action."""
        asked = self.get_serializer(data=self.request.data, partial=self.action == "partial_update")
        asked.is_valid(raise_exception=True)
        return asked.validated_data  # type: ignore[no-any-return]

    def shown(self, instance: Any) -> Any:
        """The answer: `instance` in the shape of `serializer_class`."""
        return super().get_serializer_class()(instance, context=self.get_serializer_context()).data
