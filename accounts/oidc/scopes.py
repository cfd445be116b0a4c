"""What a client may be given: the scopes of OpenID Connect, about the person, and those of the services."""

from collections.abc import Iterable
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from .models import ServiceScope


class Scope(StrEnum):
    """OpenID Connect Core §5.4 and §11. None of them counts at a service."""

    OPENID = "openid"
    PROFILE = "profile"
    EMAIL = "email"
    OFFLINE_ACCESS = "offline_access"


_PLAIN_WORDS: dict[str, str | Promise] = {
    Scope.OPENID: _("Recognise you when you come back"),
    Scope.PROFILE: _("Your name and your language"),
    Scope.EMAIL: _("Your e-mail address"),
    Scope.OFFLINE_ACCESS: _("Keep you signed in when you are away"),
}


def known() -> set[str]:
    """Everything that there is to give."""
    return {*Scope, *ServiceScope.objects.values_list("name", flat=True)}


def in_plain_words(names: Iterable[str]) -> list[str]:
    """For the page that asks: what each of them lets the client do, in the order of this file, services last."""
    wanted = set(names)
    own = [str(words) for name, words in _PLAIN_WORDS.items() if name in wanted]
    of_services = ServiceScope.objects.filter(name__in=wanted).order_by("service__name", "name")
    return [*own, *(f"{scope.service.name}: {scope.description}" for scope in of_services.select_related("service"))]
