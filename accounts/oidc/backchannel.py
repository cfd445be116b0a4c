"""The handler of `client_sign_out` messages: tell a client that its sign-in is over (OpenID Connect Back-Channel Logout 1.0).

The address is the client's: it is called by the guarded way out alone, without redirects, for three seconds (SECURITY O-19).
"""

from functools import partial
from typing import Any

from accounts.core import fetch
from accounts.core.errors import Unavailable
from accounts.outbox.errands import Errand
from accounts.tokens import for_clients

from . import clients

_ALSO_FINE = 204


def deliver(payload: dict[str, Any]) -> Errand | None:
    """The call itself is left for the outbox, which makes several at once."""
    client = clients.find(payload["client_id"])
    if client is None or not client.backchannel_logout_uri:
        return None
    token = for_clients.logout_token(
        client.id, sub=payload["user_id"], sid=payload["device_id"], algorithm=client.id_token_algorithm
    )
    return Errand(client.id, partial(_call, client.backchannel_logout_uri, token))


def _call(uri: str, token: str) -> None:
    """Raises `Unavailable` when it did not arrive; the outbox tries again."""
    try:
        fetch.post_form(uri, {"logout_token": token}, {})
    except Unavailable as trouble:
        if trouble.upstream_status != _ALSO_FINE:
            raise
