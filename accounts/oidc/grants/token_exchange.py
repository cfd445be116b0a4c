"""grant_type=urn:ietf:params:oauth:grant-type:token-exchange (RFC 8693): a service goes on to another for the same person.

Never wider than what the person's own client was let in for, never longer than the token that is shown, and never by default:
what is not said is refused (SECURITY O-42).
"""

from typing import Any

from accounts.core.errors import Problem, TokenInvalid, Unavailable
from accounts.devices.models import Device
from accounts.oidc import consents, scopes, standing
from accounts.oidc.errors import InvalidRequest, InvalidScope, InvalidTarget, UnauthorizedClient
from accounts.oidc.models import Client, Service
from accounts.oidc.parameters import Parameters, required
from accounts.tokens import for_clients, gate, issued
from accounts.tokens.claims import Claims

from . import answer
from .asked import Asked, bind

ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token"
_MOST_ACTORS = 3


def exchange(client: Client, parameters: Parameters, asked: Asked) -> dict[str, Any]:
    """For the service the token is for. Raises `UnauthorizedClient`, `InvalidRequest`, `InvalidScope`, `InvalidTarget`."""
    service = Service.objects.filter(client=client).first()
    if service is None:
        raise UnauthorizedClient("not a service")
    _require_plain(parameters)
    found = _shown(required(parameters, "subject_token"), service)
    target, wanted = _target(parameters), required(parameters, "scope").split()
    device = _device(found, wanted)
    _require_narrow(client, service, target, wanted)
    proof = asked.proof()
    if "cnf" in found and proof is None:
        raise InvalidRequest("a bound token would become a bearer token")
    act, admission = _act(found, client), gate.admit_again(device.user, acr=device.acr)
    scope, jkt = " ".join(dict.fromkeys(wanted)), bind(proof)
    token, lifetime = for_clients.exchanged_token(
        admission, device, scope=scope, audience=target, act=act, ends_at=found.integer("exp"), jkt=jkt
    )
    told = answer.given(token, scope, jkt=jkt)
    return {**told, "expires_in": lifetime, "issued_token_type": ACCESS_TOKEN}


def _require_plain(parameters: Parameters) -> None:
    if required(parameters, "subject_token_type") != ACCESS_TOKEN:
        raise InvalidRequest("subject_token_type")
    if parameters.get("requested_token_type", ACCESS_TOKEN) != ACCESS_TOKEN:
        raise InvalidRequest("requested_token_type")
    if {"actor_token", "actor_token_type"} & parameters.keys():
        raise InvalidRequest("actor_token")


def _shown(token: str, service: Service) -> Claims:
    """A live token about somebody, made for this very service."""
    try:
        found = issued.access_token(token)
        if not issued.is_about_a_person(found) or service.audience not in found.words("aud"):
            raise TokenInvalid("aud")
    except TokenInvalid as error:
        raise InvalidRequest("subject_token") from error
    return found


def _target(parameters: Parameters) -> str:
    """`resource` (RFC 8707) or `audience`, which mean the same here."""
    named = {parameters[name] for name in ("resource", "audience") if name in parameters}
    if len(named) != 1:
        raise InvalidTarget("say one")
    return named.pop()


def _device(found: Claims, wanted: list[str]) -> Device:
    """The sign-in that the token came of; its client must have been let in for what is wanted now."""
    try:
        origin = standing.client_of(found)
        device = standing.device_of(found, origin)
    except Unavailable:
        raise
    except Problem as problem:
        raise InvalidRequest("subject_token") from problem
    if not set(wanted) <= set(origin.scopes) or not consents.covers(device.user_id, origin, wanted):
        raise InvalidScope("beyond the grant")
    return device


def _require_narrow(client: Client, service: Service, target: str, wanted: list[str]) -> None:
    if not wanted or not set(wanted) <= set(client.scopes):
        raise InvalidScope("beyond the registration")
    if scopes.audiences_of(wanted) != {target} or scopes.for_audience(wanted, target) != wanted or target == service.audience:
        raise InvalidTarget("scopes of another service")


def _act(found: Claims, client: Client) -> dict[str, Any]:
    """Who acts now, and who acted before (RFC 8693 §4.1)."""
    before, depth, inner = found.get("act"), 1, found.get("act")
    while isinstance(inner, dict):
        depth, inner = depth + 1, inner.get("act")
    if depth > _MOST_ACTORS:
        raise InvalidRequest("too many actors")
    return {"sub": client.id, **({"act": before} if before else {})}
