"""The sources by the name that the command gives them."""

from pathlib import Path

from . import auth0, cognito, django_dump, firebase, keycloak, supabase, table
from .origin import Origin
from .source import Source

NAMES = ("auth0", "firebase", "supabase", "keycloak", "cognito", "csv", "django")

_PLAIN = {
    "firebase": firebase.opened,
    "supabase": supabase.opened,
    "keycloak": keycloak.opened,
    "cognito": cognito.opened,
    "csv": table.opened,
}


def opened(origin: Origin, path: Path, *, passwords: Path | None = None, model: str = "auth.user") -> Source:
    """`passwords` is Auth0's second file, `model` the user model of a Django dump. Raises `UnreadableExport`, `OSError`."""
    if origin.source == "auth0":
        return auth0.opened(path, origin, passwords)
    if origin.source == "django":
        return django_dump.opened(path, origin, model)
    return _PLAIN[origin.source](path, origin)
