"""One grant a file: each answers the tokens that its request is worth (RFC 6749 §1.3)."""

from collections.abc import Callable
from typing import Any

from accounts.oidc.models import Client

from . import authorization_code, client_credentials, device_code, refresh_token, token_exchange

BY_NAME: dict[str, Callable[..., dict[str, Any]]] = {
    Client.Grant.AUTHORIZATION_CODE.value: authorization_code.exchange,
    Client.Grant.REFRESH_TOKEN.value: refresh_token.rotate,
    Client.Grant.CLIENT_CREDENTIALS.value: client_credentials.issue,
    Client.Grant.DEVICE_CODE.value: device_code.poll,
    Client.Grant.TOKEN_EXCHANGE.value: token_exchange.exchange,
}
"""What the token endpoint knows, and the metadata tells."""
