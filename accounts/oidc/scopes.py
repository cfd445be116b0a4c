"""What a client may be given: the scopes of OpenID Connect, about the person, and those of the services."""

from collections.abc import Iterable
from enum import StrEnum

from django.conf import settings
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


def audiences_of(names: Iterable[str]) -> set[str]:
    """The services that these count at."""
    return set(ServiceScope.objects.filter(name__in=set(names) - set(Scope)).values_list("service__audience", flat=True))


def audience_of(granted: Iterable[str]) -> str:
    """Whom a token with these scopes is for, unless somebody says otherwise: the service of one of them, else userinfo.
    Scopes of one service alone are ever granted together (`authorization`)."""
    return next(iter(audiences_of(granted)), userinfo())


def for_audience(granted: Iterable[str], audience: str) -> list[str]:
    """The part of a grant that counts at one audience."""
    if audience == userinfo():
        about_people = set(Scope) - {Scope.OFFLINE_ACCESS}
        return [name for name in granted if name in about_people]
    known_there = set(ServiceScope.objects.filter(service__audience=audience).values_list("name", flat=True))
    return [name for name in granted if name in known_there]


def userinfo() -> str:
    """The audience of tokens that say who somebody is, and its address."""
    return f"{settings.PUBLIC_URL}/oauth/userinfo"
