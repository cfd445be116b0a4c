"""The parameters of an OAuth request, form or query: each once, empty is left out, unknown ones are passed over.

RFC 6749 §3.1 and §3.2; SECURITY O-28, O-34.
"""

from collections.abc import Mapping

from django.http import QueryDict

from .errors import InvalidRequest

LONGEST = 8192
Parameters = Mapping[str, str]


def read(values: QueryDict) -> dict[str, str]:
    """Raises `InvalidRequest` for one that is repeated, too long, or holds what no database takes."""
    found = {}
    for name, given in values.lists():
        if len(given) != 1:
            raise InvalidRequest("repeated")
        if len(given[0]) > LONGEST or "\0" in given[0]:
            raise InvalidRequest("value")
        if given[0]:
            found[name] = given[0]
    return found


def required(parameters: Parameters, name: str) -> str:
    """Raises `InvalidRequest`."""
    if name not in parameters:
        raise InvalidRequest(f"no {name}")
    return parameters[name]
