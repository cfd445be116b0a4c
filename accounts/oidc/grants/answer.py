"""What the token endpoint answers (RFC 6749 §5.1, OpenID Connect Core §3.1.3.3)."""

from typing import Any

from django.conf import settings

from accounts.devices.models import Device
from accounts.oidc import claims_asked, scopes
from accounts.oidc.errors import InvalidTarget
from accounts.oidc.models import Client
from accounts.oidc.parameters import Parameters
from accounts.oidc.scopes import Scope
from accounts.tokens import for_clients, refresh
from accounts.tokens.gate import Admission


def about_a_person(
    client: Client, admission: Admission, device: Device, *, scope: str, parameters: Parameters, nonce: str = ""
) -> dict[str, Any]:
    """Tokens of one sign-in. Of `scope`, the grant, what the client has lost since is left out; the access token carries what
    counts at its audience."""
    granted = [name for name in scope.split() if name in client.scopes]
    audience = chosen_audience(granted, parameters)
    access_token = for_clients.access_token(
        admission, device, scope=" ".join(scopes.for_audience(granted, audience)), audience=audience
    )
    answer = given(access_token, " ".join(granted), jkt=device.jkt)
    if not device.ends_with_browser:
        answer["refresh_token"] = refresh.current_token(device)
    if Scope.OPENID in granted:
        answer["id_token"] = for_clients.id_token(
            admission,
            device,
            algorithm=client.id_token_algorithm,
            access_token=access_token,
            nonce=nonce,
            asked=claims_asked.for_id_token(device, admission.user, client),
        )
    return answer


def given(access_token: str, scope: str, *, jkt: str) -> dict[str, Any]:
    """`jkt`: the thumbprint of the key that it is bound to; empty for a bearer token."""
    lifetime = int(settings.ACCESS_TOKEN_LIFETIME.total_seconds())
    token_type = "DPoP" if jkt else "Bearer"
    return {"access_token": access_token, "token_type": token_type, "expires_in": lifetime, "scope": scope}


def chosen_audience(granted: list[str], parameters: Parameters) -> str:
    """The service that the scopes are for; `resource` may choose userinfo instead, where somebody signed in (RFC 8707 §2.2).
    Raises `InvalidTarget` for any other (SECURITY O-35)."""
    usual = scopes.audience_of(granted)
    asked = parameters.get("resource", usual)
    if asked != usual and not (asked == scopes.userinfo() and Scope.OPENID in granted):
        raise InvalidTarget("resource")
    return asked
