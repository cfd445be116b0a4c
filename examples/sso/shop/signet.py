"""What the shop knows of Signet: where it is, who has signed in through it, and who has signed out again."""

import json
import time
from dataclasses import dataclass
from typing import Any

from authlib.integrations.django_client import OAuth
from django.conf import settings
from joserfc.errors import InvalidKeyIdError
from joserfc.jwk import KeySet

from .logout_token import sid_of

SCOPE = "openid notes:read notes:write"
CLAIMS = json.dumps({"id_token": {"name": None}})
"""The access token is for the notes service, so userinfo does not take it. The name comes in the ID token."""

client = OAuth().register(
    "signet",
    server_metadata_url=f"{settings.ISSUER}/.well-known/openid-configuration",
    client_kwargs={"code_challenge_method": "S256"},
)


@dataclass
class Visitor:
    """Somebody who is signed in. `runs_out` in Unix seconds is about `access_token`."""

    name: str
    id_token: str
    access_token: str
    runs_out: float

    @property
    def needs_token(self) -> bool:
        return time.time() > self.runs_out - 5


visitors: dict[str, Visitor] = {}
"""By `sid`, so that a sign-out elsewhere finds its visitor. A shop with several processes has a table for it."""


def hear(logout_token: str) -> None:
    """Raises `JoseError`, `ValueError` for what Signet did not sign, or not for this shop."""
    known: dict[str, Any] = {"issuer": settings.ISSUER, "client_id": client.client_id}
    try:
        sid = sid_of(logout_token, KeySet.import_key_set(client.fetch_jwk_set()), **known)
    except InvalidKeyIdError:
        # Signet has a new key.
        sid = sid_of(logout_token, KeySet.import_key_set(client.fetch_jwk_set(force=True)), **known)
    visitors.pop(sid, None)
