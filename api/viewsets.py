"""Base classes of the API's viewsets: a resource's name, and with it its rules."""

from typing import Any, ClassVar

from rest_framework.viewsets import GenericViewSet

from accounts.tokens.grant import Grant


class GuardedViewSet(GenericViewSet[Any]):
    """`resource` names the rules in `api/access_rules.py`; without one nothing is allowed."""

    resource: ClassVar[str] = ""

    @property
    def grant(self) -> Grant:
        """The verified grant; the permission class has made sure that there is one."""
        return self.request.auth.grant  # type: ignore[no-any-return, union-attr]
