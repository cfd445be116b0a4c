"""grant_type=urn:ietf:params:oauth:grant-type:device_code (RFC 8628 §3.4): the device asks until somebody has said yes or no."""

from typing import Any

from django.db import transaction

from accounts.oidc import device_codes
from accounts.oidc.models import Client
from accounts.oidc.parameters import Parameters, required

from . import answer
from .asked import Asked
from .signing_in import Allowed, sign_in


def poll(client: Client, parameters: Parameters, asked: Asked) -> dict[str, Any]:
    """Raises what `device_codes.ask` does, and `InvalidTarget`. Who said yes is who is signed in (SECURITY O-26)."""
    proof = asked.proof()
    waiting, browser = device_codes.ask(client, required(parameters, "device_code"))
    answer.chosen_audience(waiting.scope.split(), parameters)
    with transaction.atomic(durable=True):
        device_codes.use(waiting)
        allowed = Allowed(browser.user_id, browser.id, waiting.scope, claims={})
        admission, device = sign_in(client, allowed, source=asked.source, proof=proof)
    return answer.about_a_person(client, admission, device, scope=waiting.scope, parameters=parameters)
