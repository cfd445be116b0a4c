"""grant_type=urn:ietf:params:oauth:grant-type:device_code (RFC 8628 §3.4): the device asks until somebody has said yes or no."""

from typing import Any

from django.db import transaction

from accounts.core.requests import Source
from accounts.oidc import device_codes
from accounts.oidc.models import Client
from accounts.oidc.parameters import Parameters, required

from . import answer
from .signing_in import sign_in


def poll(client: Client, parameters: Parameters, *, source: Source, retry_key: str = "") -> dict[str, Any]:
    """Raises what `device_codes.ask` does, and `InvalidTarget`. Who said yes is who is signed in (SECURITY O-26)."""
    waiting = device_codes.ask(client, required(parameters, "device_code"))
    answer.chosen_audience(waiting.scope.split(), parameters)
    with transaction.atomic(durable=True):
        device_codes.use(waiting)
        browser = waiting.browser
        assert browser is not None  # noqa: S101 - `ask` has seen it
        admission, device = sign_in(client, user_id=browser.user_id, browser_id=browser.id, scope=waiting.scope, source=source)
    return answer.about_a_person(client, admission, device, scope=waiting.scope, parameters=parameters)
