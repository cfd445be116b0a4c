"""grant_type=authorization_code (RFC 6749 §4.1.3): one code, once, for tokens. A code that comes back ends what it gave."""

import uuid
from typing import Any

from django.db import transaction

from accounts.audit.events import Event
from accounts.audit.record import record
from accounts.core.errors import Problem
from accounts.core.requests import Source
from accounts.devices import registry
from accounts.devices.models import Device
from accounts.oidc import codes
from accounts.oidc.errors import InvalidGrant
from accounts.oidc.models import AuthorizationCode, Client
from accounts.oidc.parameters import Parameters, required
from accounts.tokens.dpop import DpopProof
from accounts.tokens.gate import Admission

from . import answer
from .asked import Asked
from .signing_in import sign_in


def exchange(client: Client, parameters: Parameters, asked: Asked) -> dict[str, Any]:
    """Raises `InvalidRequest`, `InvalidTarget` and `InvalidGrant`. A code is used up by the try, right or wrong."""
    code, redirect_uri = required(parameters, "code"), required(parameters, "redirect_uri")
    proof = asked.proof()
    refusal: Problem | None = None
    with transaction.atomic(durable=True):
        kept = codes.take(client, code)
        try:
            if kept is None:
                raise InvalidGrant("unknown, or used before")
            codes.require_fit(kept, redirect_uri=redirect_uri, verifier=parameters.get("code_verifier", ""))
            answer.chosen_audience(kept.scope.split(), parameters)
            if kept.dpop_jkt and (proof is None or proof.jkt != kept.dpop_jkt):
                raise InvalidGrant("another key than was asked for")
            admission, device = _signed_in(client, kept, asked.source, proof)
        except Problem as problem:
            # Not out of the block: what is used up stays so.
            refusal = problem
    if kept is None:
        _end_what_it_gave(client, code, asked.source)
    if refusal is not None:
        raise refusal
    assert kept is not None  # noqa: S101 - for the reader and the type checker
    return answer.about_a_person(client, admission, device, scope=kept.scope, parameters=parameters, nonce=kept.nonce)


def _signed_in(client: Client, kept: AuthorizationCode, source: Source, proof: DpopProof | None) -> tuple[Admission, Device]:
    """Raises `InvalidGrant`."""
    whose: dict[str, uuid.UUID] = {"user_id": kept.user_id, "browser_id": kept.browser_id}
    admission, device = sign_in(client, **whose, scope=kept.scope, source=source, proof=proof)
    AuthorizationCode.objects.filter(digest=kept.digest).update(device=device)
    return admission, device


def _end_what_it_gave(client: Client, code: str, source: Source) -> None:
    """Somebody has a copy of it (RFC 6749 §4.1.2, SECURITY O-03)."""
    device = codes.given_by(client, code)
    if device is None:
        return
    with transaction.atomic(durable=True):
        if registry.revoke(device, Device.Ended.CODE_REUSED, actor=None, source=source):
            _record(client, device, source)


def _record(client: Client, device: Device, source: Source) -> None:
    record(
        Event.CODE_REUSED,
        subject=device.user_id,
        device=device.id,
        source=source,
        succeeded=False,
        client=client.id,
        client_name=client.name,
    )
