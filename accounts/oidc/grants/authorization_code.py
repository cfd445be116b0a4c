"""grant_type=authorization_code (RFC 6749 §4.1.3): one code, once, for tokens. A code that comes back ends what it gave."""

from typing import Any

from django.db import transaction

from accounts.audit.events import Event
from accounts.audit.record import record
from accounts.core.errors import Problem
from accounts.core.requests import Source
from accounts.devices import registry
from accounts.devices.models import Device
from accounts.oidc import codes, consents
from accounts.oidc.errors import InvalidGrant
from accounts.oidc.models import AuthorizationCode, Client
from accounts.oidc.parameters import Parameters, required
from accounts.oidc.scopes import Scope
from accounts.tokens import gate
from accounts.tokens.gate import Admission
from accounts.users.models import User

from . import answer


def exchange(client: Client, parameters: Parameters, *, source: Source, retry_key: str = "") -> dict[str, Any]:
    """Raises `InvalidRequest`, `InvalidTarget` and `InvalidGrant`. A code is used up by the try, right or wrong."""
    code, redirect_uri = required(parameters, "code"), required(parameters, "redirect_uri")
    refusal: Problem | None = None
    with transaction.atomic(durable=True):
        kept = codes.take(client, code)
        try:
            if kept is None:
                raise InvalidGrant("unknown, or used before")
            codes.require_fit(kept, redirect_uri=redirect_uri, verifier=parameters.get("code_verifier", ""))
            answer.chosen_audience(kept.scope.split(), parameters)
            admission, device = _signed_in(client, kept, source)
        except Problem as problem:
            # Not out of the block: what is used up stays so.
            refusal = problem
    if kept is None:
        _end_what_it_gave(client, code, source)
    if refusal is not None:
        raise refusal
    assert kept is not None  # noqa: S101 - for the reader and the type checker
    return answer.about_a_person(client, admission, device, scope=kept.scope, parameters=parameters, nonce=kept.nonce)


def _signed_in(client: Client, kept: AuthorizationCode, source: Source) -> tuple[Admission, Device]:
    """The gate is asked now, whatever it said when the code was made (SECURITY X-01). Raises `InvalidGrant`."""
    # In the order in which a suspension locks them.
    user = User.objects.select_for_update().get(id=kept.user_id)
    browser = Device.objects.select_for_update().get(id=kept.browser_id)
    if not browser.is_live:
        raise InvalidGrant("signed out meanwhile")
    try:
        admission = gate.admit_again(user, acr=browser.acr)
    except Problem as problem:
        raise InvalidGrant(problem.code) from problem
    consents.require(user.id, client, kept.scope.split())
    stays = Scope.OFFLINE_ACCESS in kept.scope.split()
    device = registry.remember_client(browser, client.id, client.name, kept.scope, stays=stays, source=source)
    AuthorizationCode.objects.filter(digest=kept.digest).update(device=device)
    _record(Event.CLIENT_SIGNED_IN, client, device, source, actor=user.id)
    return admission, device


def _end_what_it_gave(client: Client, code: str, source: Source) -> None:
    """Somebody has a copy of it (RFC 6749 §4.1.2, SECURITY O-03)."""
    device = codes.given_by(client, code)
    if device is None:
        return
    with transaction.atomic(durable=True):
        if registry.revoke(device, Device.Ended.CODE_REUSED, actor=None, source=source):
            _record(Event.CODE_REUSED, client, device, source, succeeded=False)


def _record(event: Event, client: Client, device: Device, source: Source, **more: Any) -> None:
    record(event, subject=device.user_id, device=device.id, source=source, client=client.id, client_name=client.name, **more)
