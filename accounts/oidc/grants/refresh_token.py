"""grant_type=refresh_token (RFC 6749 §6): the rotation of our own app, for the client that the token was made for."""

from typing import Any

from accounts.core.errors import InvalidDpopProof, InvalidInput, TokenInvalid, Unauthenticated
from accounts.devices.models import Device
from accounts.oidc import consents
from accounts.oidc.errors import InvalidGrant, InvalidScope
from accounts.oidc.models import Client
from accounts.oidc.parameters import Parameters, required
from accounts.tokens import refresh

from . import answer
from .asked import Asked


def rotate(client: Client, parameters: Parameters, asked: Asked) -> dict[str, Any]:
    """Raises `InvalidRequest`, `InvalidScope`, `InvalidTarget`, and `InvalidGrant` with one body for every state of the account
    and the token (SECURITY R-11)."""
    token, wanted = required(parameters, "refresh_token"), parameters.get("scope", "")

    def permit(device: Device) -> None:
        """Before anything is used up."""
        if client.dpop_bound_access_tokens and not device.jkt:
            raise InvalidGrant("from before it was registered for bound tokens")
        granted = device.scope.split()
        consents.require(device.user_id, client, granted)
        answer.chosen_audience(wanted.split() or granted, parameters)

    try:
        done = refresh.rotate(
            token,
            retry_key=asked.retry_key,
            source=asked.source,
            scope=wanted,
            shown=asked.shown,
            client_id=client.id,
            permit=permit,
        )
    except InvalidDpopProof:
        raise
    except InvalidInput as problem:
        raise InvalidScope("scope") from problem
    except (TokenInvalid, Unauthenticated) as problem:
        raise InvalidGrant(problem.code) from problem
    asked.answered["X-Refresh"] = done.outcome.value
    return answer.about_a_person(client, done.admission, done.device, scope=done.scope, parameters=parameters)
