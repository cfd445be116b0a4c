"""From somebody's yes to a client's sign-in: the last step of every grant about a person, in the transaction of its code."""

import uuid
from dataclasses import dataclass

from accounts.audit.events import Event
from accounts.audit.record import record
from accounts.core.errors import Problem
from accounts.core.requests import Source
from accounts.devices import registry
from accounts.devices.models import Device
from accounts.devices.registry import ClientSignIn
from accounts.oidc import claims_asked, consents
from accounts.oidc.claims_asked import Kept
from accounts.oidc.errors import InvalidGrant
from accounts.oidc.models import Client
from accounts.oidc.scopes import Scope
from accounts.tokens import gate
from accounts.tokens.dpop import DpopProof
from accounts.tokens.gate import Admission
from accounts.users.models import User

from .asked import bind


@dataclass(frozen=True, slots=True)
class Allowed:
    """By whom, in which browser, and what."""

    user_id: uuid.UUID
    browser_id: uuid.UUID
    scope: str
    claims: Kept


def sign_in(client: Client, allowed: Allowed, *, source: Source, proof: DpopProof | None) -> tuple[Admission, Device]:
    """Through the browser in which the yes was said. The gate and the consent are asked now, whatever they said then (SECURITY
    X-01, O-36). The tokens will be bound to the key of `proof`, which is used up. Raises `InvalidGrant`, `InvalidDpopProof`."""
    # In the order in which a suspension locks them.
    user = User.objects.select_for_update().get(id=allowed.user_id)
    browser = Device.objects.select_for_update().get(id=allowed.browser_id)
    if not browser.is_live:
        raise InvalidGrant("signed out meanwhile")
    try:
        admission = gate.admit_again(user, acr=browser.acr)
    except Problem as problem:
        raise InvalidGrant(problem.code) from problem
    consents.require(user.id, client, allowed.scope.split(), claims_asked.names(allowed.claims))
    # The client may have lost it since it was allowed.
    stays = Scope.OFFLINE_ACCESS in {*allowed.scope.split()} & {*client.scopes} and Client.Grant.REFRESH_TOKEN in client.grants
    asked = ClientSignIn(client.id, client.name, allowed.scope, allowed.claims, stays, jkt=bind(proof))
    device = registry.remember_client(browser, asked, source=source)
    record(
        Event.CLIENT_SIGNED_IN,
        subject=user.id,
        actor=user.id,
        device=device.id,
        source=source,
        client=client.id,
        client_name=client.name,
    )
    return admission, device
