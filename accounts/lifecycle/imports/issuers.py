"""The issuers behind the names that other systems give to their social connections."""

from .person import Identity

_GOOGLE = ("google", "https://accounts.google.com")
_APPLE = ("apple", "https://appleid.apple.com")
_KNOWN = {
    "google": _GOOGLE,
    "google.com": _GOOGLE,
    "google-oauth2": _GOOGLE,
    "apple": _APPLE,
    "apple.com": _APPLE,
    "signinwithapple": _APPLE,
}


def identity(connection: str, subject: str) -> Identity | None:
    """None for a connection that is no OpenID issuer here: its owner signs in by password, code or reset instead."""
    found = _KNOWN.get(connection.casefold())
    return Identity(*found, subject) if found and subject else None


def identities(pairs: list[tuple[str, str]]) -> tuple[Identity, ...]:
    return tuple(dict.fromkeys(found for connection, subject in pairs if (found := identity(connection, subject))))
