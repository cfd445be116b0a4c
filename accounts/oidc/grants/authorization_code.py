"""grant_type=authorization_code (RFC 6749 §4.1.3): one code, once, for tokens. A code that comes back ends what it gave."""

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
from .signing_in import Allowed, sign_in


def exchange(client: Client, parameters: Parameters, asked: Asked) -> dict[str, Any]:
    """Raises `InvalidRequest`, `InvalidTarget`, `InvalidGrant` and `InvalidDpopProof`. A code is used up by the try, right or
    wrong."""
    code, proof = required(parameters, "code"), asked.proof()
    required(parameters, "redirect_uri")
    with transaction.atomic(durable=True):
        outcome = _outcome(client, code, parameters, asked.source, proof)
    if isinstance(outcome, Problem):
        _end_what_it_gave(client, code, asked.source)
        raise outcome
    kept, admission, device = outcome
    return answer.about_a_person(client, admission, device, scope=kept.scope, parameters=parameters, nonce=kept.nonce)


def _outcome(
    client: Client, code: str, parameters: Parameters, source: Source, proof: DpopProof | None
) -> tuple[AuthorizationCode, Admission, Device] | Problem:
    """A refusal is answered and not raised: that would undo that the code is used up."""
    try:
        kept = codes.take(client, code)
        if kept is None:
            raise InvalidGrant("unknown, or used before")
        codes.require_fit(kept, redirect_uri=parameters["redirect_uri"], verifier=parameters.get("code_verifier", ""))
        codes.require_key(kept, proof)
        answer.chosen_audience(kept.scope.split(), parameters)
        allowed = Allowed(kept.user_id, kept.browser_id, kept.scope, kept.claims)
        admission, device = sign_in(client, allowed, source=source, proof=proof)
        AuthorizationCode.objects.filter(digest=kept.digest).update(device=device)
        return kept, admission, device
    except Problem as problem:
        return problem


def _end_what_it_gave(client: Client, code: str, source: Source) -> None:
    """Before, if it gave anything: then somebody has a copy of it (RFC 6749 §4.1.2, SECURITY O-03)."""
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
