"""Which permissions the admin offers: those that mean something here, named `app | model | what`."""

from django import forms
from django.contrib.auth.models import Permission
from django.db.models import QuerySet

# Tables that no page and no endpoint edits: a permission on them would promise something that does not exist.
_INNER_MODELS = {
    *("counter", "gate", "logentry", "contenttype", "permission", "outboxmessage", "revocation", "clientsecret", "servicescope"),
    *("consent", "authorizationcode", "authorizationrequest", "deviceauthorization"),
}


class PermissionsField(forms.ModelMultipleChoiceField):  # type: ignore[type-arg] # as in Django
    """Shows a permission as code and tokens spell it."""

    def label_from_instance(self, obj: Permission) -> str:
        return f"{obj.content_type.app_label}.{obj.codename}"


def offered() -> QuerySet[Permission]:
    """Those that a page or an endpoint asks for."""
    meaningful = Permission.objects.exclude(content_type__model__in=_INNER_MODELS)
    return meaningful.select_related("content_type").order_by("content_type__app_label", "content_type__model", "codename")


def names(permissions: QuerySet[Permission]) -> set[str]:
    """As `has_perm` and tokens name them."""
    return {f"{app}.{codename}" for app, codename in permissions.values_list("content_type__app_label", "codename")}
