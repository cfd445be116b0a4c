"""Relying parties as the tests play them."""

from dataclasses import dataclass
from typing import Any

from accounts.oidc import clients
from accounts.oidc.models import Client
from accounts.oidc.registration import Registration

CALLBACK = "https://shop.example/cb"
SIGNED_OUT = "https://shop.example/bye"
ALL_ABOUT_PEOPLE = ("openid", "profile", "email", "offline_access")


@dataclass
class Party:
    """`client` as registered, and the secret that it was told."""

    client: Client
    secret: str

    @property
    def id(self) -> str:
        return self.client.id


def party(name: str, **asked: Any) -> Party:
    """Registered for all that is about people."""
    wanted = {
        "redirect_uris": (CALLBACK,),
        "post_logout_redirect_uris": (SIGNED_OUT,),
        "grants": ("authorization_code", "refresh_token"),
        "scopes": ALL_ABOUT_PEOPLE,
        **asked,
    }
    return Party(*clients.register(Registration(name, **wanted)))
