"""Relying parties as the tests play them."""

import json
from dataclasses import dataclass
from typing import Any

from accounts.oidc import audiences, clients
from accounts.oidc.audiences import Described
from accounts.oidc.models import Client, Service
from accounts.oidc.registration import Registration
from tests.support.app import App

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


_USUAL: dict[str, Any] = {
    "redirect_uris": (CALLBACK,),
    "post_logout_redirect_uris": (SIGNED_OUT,),
    "grants": ("authorization_code", "refresh_token"),
    "scopes": ALL_ABOUT_PEOPLE,
}


def party(name: str, **asked: Any) -> Party:
    """Registered for all that is about people."""
    return Party(*clients.register(Registration(name, **{**_USUAL, **asked})))


def registered_by(superuser: App, name: str, **asked: Any) -> Party:
    """The same by API, at whichever server the app talks to."""
    answer = superuser.post("/api/v1/clients/", {"name": name, **_USUAL, **asked})
    assert answer.status_code == 201, answer.content
    told = json.loads(answer.content)
    return Party(Client(id=told["id"], authentication=told["authentication"]), told["client_secret"])


def serving(service: Service, name: str, scopes: tuple[str, ...], **asked: Any) -> Party:
    """The client as which a service asks and exchanges."""
    nobody = {"redirect_uris": (), "post_logout_redirect_uris": ()}
    asking = party(name, grants=(Client.Grant.TOKEN_EXCHANGE.value,), scopes=scopes, **{**nobody, **asked})
    described = dict(service.scopes.values_list("name", "description"))
    audiences.update(service.pk, Described(service.audience, service.name, described, asking.id))
    return asking
