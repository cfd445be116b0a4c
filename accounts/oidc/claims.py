"""What can be told about a person, claim by claim (OpenID Connect Core §5.1), and under which scope."""

from collections.abc import Iterable
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.users.models import User

from .scopes import Scope

CLAIMS: dict[Scope, tuple[str, ...]] = {
    Scope.OPENID: ("sub",),
    Scope.PROFILE: ("name", "locale"),
    Scope.EMAIL: ("email", "email_verified"),
}
_SCOPE_OF: dict[str, Scope] = {name: scope for scope, names in CLAIMS.items() for name in names}
_PLAIN_WORDS: dict[str, Promise] = {
    "name": _("Your name"),
    "locale": _("Your language"),
    "email": _("Your e-mail address"),
    "email_verified": _("Whether your e-mail address is confirmed"),
}


def under(scopes: Iterable[str]) -> set[str]:
    """What these scopes give, nothing of it twice."""
    return {name for scope in scopes if scope in CLAIMS for name in CLAIMS[Scope(scope)]}


def in_plain_words(names: Iterable[str]) -> list[str]:
    """For the page that asks, in the order of this file."""
    wanted = set(names)
    return [str(words) for name, words in _PLAIN_WORDS.items() if name in wanted]


def about(user: User, names: Iterable[str]) -> dict[str, Any]:
    """As the row is now, and without what it does not have. `email_verified` is about the address of now, which its owner has
    proved (SECURITY O-24)."""
    known = {
        "sub": str(user.id),
        **({"name": user.name} if user.name else {}),
        **({"locale": user.language} if user.language else {}),
        **({"email": user.email, "email_verified": user.email_verified_at is not None} if user.email else {}),
    }
    wanted = set(names)
    return {name: value for name, value in known.items() if name in wanted}
