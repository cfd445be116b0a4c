"""What foreign clients find at a server: Alice, a client of each kind, and a service. `manage.py shell` runs `tell`."""

import json
from typing import Any

from django.utils import timezone
from joserfc.jwk import ECKey

from accounts.oidc import audiences, clients
from accounts.oidc.audiences import Described
from accounts.oidc.models import Client
from accounts.oidc.registration import Registration
from accounts.users.models import User
from tests.support.server import Server

ALICE = {"email": "alice@example.com", "password": "correct horse battery staple"}
BACK, SIGNED_OUT, NOTES = "http://127.0.0.1:9/cb", "http://127.0.0.1:9/bye", "https://notes.example"
_SIGNS_IN: dict[str, Any] = {
    "redirect_uris": (BACK,),
    "post_logout_redirect_uris": (SIGNED_OUT,),
    "grants": (Client.Grant.AUTHORIZATION_CODE.value, Client.Grant.REFRESH_TOKEN.value),
    "scopes": ("openid", "profile", "email", "offline_access", "notes:read"),
}
_KEYED = {**_SIGNS_IN, "authentication": "private_key_jwt", "id_token_algorithm": "Ed25519"}
_TELEVISION = (Client.Grant.DEVICE_CODE.value, Client.Grant.REFRESH_TOKEN.value)
_KINDS: dict[str, dict[str, Any]] = {
    "public": {**_SIGNS_IN, "authentication": "none"},
    "basic": {**_SIGNS_IN, "id_token_algorithm": "ES256"},
    "post": {**_SIGNS_IN, "authentication": "client_secret_post"},
    "pushing": {**_SIGNS_IN, "requires_par": True},
    "television": {"authentication": "none", "grants": _TELEVISION, "scopes": ("openid", "profile", "offline_access")},
    "robot": {"grants": (Client.Grant.CLIENT_CREDENTIALS.value,), "scopes": ("notes:read",)},
}


def world(server: Server) -> dict[str, Any]:
    """What `tell` told, with the issuer."""
    printed = server.manage("shell", "-c", "from tests.interop.registered import tell; tell()")
    found: dict[str, Any] = json.loads(printed.splitlines()[-1])
    return {"issuer": server.url, **found}


def tell() -> None:
    """Registers all of it and prints it as JSON on one line: secrets and the key of the client that has one, too."""
    sign_up_alice()
    asks = _registered("notes", {"grants": (), "scopes": ()})
    audiences.register(Described(NOTES, "Notes", {"notes:read": "Read your notes"}, asks["id"]))
    key = ECKey.generate_key("P-256", {"kid": "of-the-client"}, private=True)
    keyed = _registered("keyed", {**_KEYED, "jwks": {"keys": [key.as_dict(private=False)]}})
    told = {name: _registered(name, kind) for name, kind in _KINDS.items()}
    told |= {"notes": asks, "keyed": {**keyed, "key": key.as_dict(private=True)}}
    print(json.dumps({"person": ALICE, "back": BACK, "signedOut": SIGNED_OUT, "notes": NOTES, "clients": told}))


def alice_joins(server: Server) -> None:
    server.manage("shell", "-c", "from tests.interop.registered import sign_up_alice; sign_up_alice()")


def sign_up_alice() -> None:
    User.objects.create_user(ALICE["email"], ALICE["password"], email_verified_at=timezone.now(), name="Alice")


def _registered(name: str, kind: dict[str, Any]) -> dict[str, Any]:
    client, secret = clients.register(Registration(name=name, **kind))
    return {"id": client.id, "secret": secret}
