"""Whether a token still stands for somebody: asked of the rows, at every endpoint of ours that a token is shown to."""

import uuid

from accounts.core.errors import TokenInvalid
from accounts.devices import lookup
from accounts.devices.models import Device
from accounts.tokens import gate, issued
from accounts.tokens.claims import Claims

from . import clients, consents
from .models import Client


def client_of(found: Claims) -> Client:
    """Raises `TokenInvalid` when it was stopped, or a service that acts in its place."""
    client = clients.find(found.text("client_id"))
    if client is None or any(clients.find(actor) is None for actor in issued.actors_of(found)):
        raise TokenInvalid("client stopped")
    return client


def device_of(found: Claims, client: Client) -> Device:
    """Of a token about a person: the sign-in that it was made for. Raises `TokenInvalid` when that has ended, or when its owner
    may not have tokens, or no longer lets the client in."""
    if not issued.is_about_a_person(found):
        raise TokenInvalid("about nobody")
    device = lookup.with_user(uuid.UUID(found.text("sid")))
    if device is None or str(device.user_id) != found.text("sub") or not device.is_live:
        raise TokenInvalid("ended meanwhile")
    if not consents.covers(device.user_id, client, scopes_of(found)):
        raise TokenInvalid("no consent any more")
    gate.admit_again(device.user, acr=device.acr)
    return device


def scopes_of(found: Claims) -> list[str]:
    return str(found.get("scope", "")).split()
