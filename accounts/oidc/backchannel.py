"""The handler of `client_sign_out` messages: tell a client that its sign-in is over (OpenID Connect Back-Channel Logout 1.0).

The address is the client's: it is called by the guarded way out alone, without redirects, for three seconds (SECURITY O-19).
"""

from typing import Any

from accounts.core import fetch
from accounts.core.errors import Unavailable
from accounts.tokens import for_clients

from . import clients

_ALSO_FINE = 204


def deliver(payload: dict[str, Any]) -> None:
    """Raises `Unavailable` when it did not arrive; the outbox tries again."""
    client = clients.find(payload["client_id"])
    if client is None or not client.backchannel_logout_uri:
        return
    token = for_clients.logout_token(
        client.id, sub=payload["user_id"], sid=payload["device_id"], algorithm=client.id_token_algorithm
    )
    try:
        fetch.post_form(client.backchannel_logout_uri, {"logout_token": token}, {})
    except Unavailable as trouble:
        if trouble.upstream_status != _ALSO_FINE:
            raise
