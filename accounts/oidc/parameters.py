"""The parameters of an OAuth request, form or query: each once, empty is left out, and not without end.

RFC 6749 §3.1 and §3.2; SECURITY O-28, O-34.
"""

from collections.abc import Mapping

from django.http import QueryDict

from .errors import InvalidRequest, InvalidTarget
from .reasons import named

LONGEST, LONGEST_TOGETHER = 8192, 32_768
Parameters = Mapping[str, str]


def read(values: QueryDict) -> dict[str, str]:
    """Raises `InvalidRequest` for one that is repeated, too long, or holds what no database takes, and for too much of all.

    `resource` may be repeated (RFC 8707 §2): such a list, which is no address, is for `require_one_resource` to refuse.
    """
    found = {}
    for name, given in values.lists():
        if len(given) != 1 and name != "resource":
            raise InvalidRequest(named("repeated", name))
        value = " ".join(filter(None, given))
        if not _is_sound(name, value):
            raise InvalidRequest(named("value", name))
        if value:
            found[name] = value
    if sum(map(len, found.values())) > LONGEST_TOGETHER:
        raise InvalidRequest("too much")
    return found


def given_once(values: QueryDict) -> dict[str, str]:
    """What can be read of a request that is refused: whose it says to be."""
    each = ((name, given[0]) for name, given in values.lists() if len(given) == 1)
    return {name: value for name, value in each if value and _is_sound(name, value)}


def _is_sound(name: str, value: str) -> bool:
    return len(value) <= LONGEST and _is_text(name + value)


def _is_text(value: str) -> bool:
    """Half a surrogate pair is none: some character sets bring it."""
    return "\0" not in value and value.encode(errors="replace").decode() == value


def require_one_resource(parameters: Parameters) -> None:
    """Raises `InvalidTarget`."""
    if " " in parameters.get("resource", ""):
        raise InvalidTarget("several")


def required(parameters: Parameters, name: str) -> str:
    """Raises `InvalidRequest`."""
    if name not in parameters:
        raise InvalidRequest(named("missing", name))
    return parameters[name]
