"""Pushed authorization requests (RFC 9126): the client tells this server directly, and sends the browser with a reference."""

from accounts.core.clock import now
from accounts.core.requests import Source
from accounts.tokens import dpop
from accounts.tokens.dpop import DpopProof, Shown

from . import authorization, crowds
from .authorization import UnknownAddressee
from .errors import InvalidRequest, InvalidRequestUri
from .models import AuthorizationRequest, Client
from .parameters import Parameters

PREFIX = "urn:ietf:params:oauth:request_uri:"
LIFETIME = 60
"""Seconds."""


def push(client: Client, parameters: Parameters, shown: Shown, *, source: Source) -> str:
    """The `request_uri`. What would be refused later is refused here; how the client authenticated is not kept. A proof is used
    up last. Raises `InvalidDpopProof`, and `TooManyAttempts` where a network pushes too much for clients that show no secret."""
    proof = _key_shown(parameters, shown)
    asked = {**authorization.known(parameters), "client_id": client.id, **({"dpop_jkt": proof.jkt} if proof else {})}
    if "request_uri" in asked:
        raise InvalidRequest("request_uri inside")
    try:
        authorization.read(authorization.addressee(asked), asked)
    except UnknownAddressee as error:
        raise InvalidRequest("redirect_uri") from error
    if client.is_public:
        crowds.take(crowds.PUSHED, source)
    if proof:
        proof.spend()
    current = now()
    kept = AuthorizationRequest.objects.create(
        client=client, parameters=asked, is_pushed=True, asked_at=current, expires_at=current + LIFETIME
    )
    return PREFIX + kept.id


def _key_shown(parameters: Parameters, shown: Shown) -> DpopProof | None:
    """Of the key that the code is to be bound to (RFC 9449 §10.1), not used up; None without a `DPoP` header.

    Raises `InvalidDpopProof`, and `InvalidRequest` when `dpop_jkt` names another key.
    """
    proof = None if shown.proof is None else dpop.verify(shown)
    if proof and parameters.get("dpop_jkt", proof.jkt) != proof.jkt:
        raise InvalidRequest("dpop_jkt")
    return proof


def is_reference(parameters: Parameters) -> bool:
    return parameters.get("request_uri", "").startswith(PREFIX)


def take(parameters: Parameters) -> Parameters:
    """What was pushed, for its one use and by a compare-and-swap (SECURITY O-38). What else the browser brings is nothing. Raises
    `InvalidRequestUri`."""
    handle, current = parameters["request_uri"].removeprefix(PREFIX), now()
    ours = AuthorizationRequest.objects.filter(id=handle, is_pushed=True, client_id=parameters.get("client_id", ""))
    if ours.filter(used_at=None, expires_at__gt=current).update(used_at=current) != 1:
        raise InvalidRequestUri("used, run out, or of another client")
    found: Parameters = ours.get().parameters
    return found
