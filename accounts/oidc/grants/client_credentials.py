"""grant_type=client_credentials (RFC 6749 §4.4): a client that acts as itself, at one service, with scopes of that service."""

from typing import Any

from accounts.oidc import scopes
from accounts.oidc.errors import InvalidScope, InvalidTarget
from accounts.oidc.models import Client
from accounts.oidc.parameters import Parameters
from accounts.oidc.scopes import Scope
from accounts.tokens import for_clients

from . import answer
from .asked import Asked, bind


def issue(client: Client, parameters: Parameters, asked: Asked) -> dict[str, Any]:
    """All that it was given at that service, or the part it asks for. No refresh token: it asks again. Raises `InvalidScope` and
    `InvalidTarget`."""
    given = [name for name in client.scopes if name not in set(Scope)]
    wanted = list(dict.fromkeys(parameters.get("scope", "").split())) or given
    if not wanted or not set(wanted) <= set(given):
        raise InvalidScope("scope")
    audiences = scopes.audiences_of(wanted)
    audience = parameters.get("resource") or next(iter(sorted(audiences)), "")
    if audience not in audiences or ("resource" not in parameters and len(audiences) > 1):
        raise InvalidTarget("resource")
    there = scopes.for_audience(wanted, audience)
    if "scope" in parameters and there != wanted:
        raise InvalidTarget("scopes of another service")
    scope, jkt = " ".join(there), bind(asked.proof())
    token = for_clients.machine_token(client.id, scope=scope, audience=audience, jkt=jkt)
    return answer.given(token, scope, jkt=jkt)
