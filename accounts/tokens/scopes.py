"""Scopes (RFC 6749 §3.3): what an app was given, as `resource:action`."""

from enum import StrEnum

from accounts.core.errors import InvalidInput


class Scope(StrEnum):
    """What an app may be given, as `resource:action`."""

    PROFILE_READ = "profile:read"
    PROFILE_WRITE = "profile:write"
    DEVICES_READ = "devices:read"
    DEVICES_WRITE = "devices:write"
    USERS_READ = "users:read"
    USERS_WRITE = "users:write"
    GROUPS_READ = "groups:read"
    GROUPS_WRITE = "groups:write"
    LINKS_WRITE = "links:write"
    CLIENTS_READ = "clients:read"
    CLIENTS_WRITE = "clients:write"


EVERYTHING = " ".join(Scope)
"""What a first-party app gets unless it asks for less."""


def requested(asked: str, *, granted: str = EVERYTHING) -> str:
    """The scope to give: all that was granted, or the part of it that was asked for. Never more (RFC 6749 §6)."""
    words = asked.split()
    if not words:
        return granted
    beyond = [word for word in words if word not in granted.split()]
    if beyond:
        raise InvalidInput("scope", "invalid_scope", f"Not available: {' '.join(sorted(beyond))[:100]}.")
    return " ".join(dict.fromkeys(words))
