"""What a client of Signet would hold: access tokens for userinfo, and authorization codes, made by the code that makes them."""

from accounts.core.clock import now
from accounts.core.requests import Source
from accounts.devices.models import Device
from accounts.oidc import authorization, clients, codes, consents, scopes
from accounts.oidc.grants.signing_in import Allowed, sign_in
from accounts.oidc.models import AuthorizationCode, Client
from accounts.oidc.registration import Registration
from accounts.tokens import for_clients

from .relying_party import CHALLENGE, NONCE, REDIRECT_URI, SIGN_IN_SCOPE, USERINFO_SCOPE

_AN_HOUR = 3600


def register() -> Client:
    """Makes the keys of its ID tokens too, which takes its time: not within a transaction."""
    registration = Registration(
        name="Shop",
        authentication=Client.Authentication.NONE,
        redirect_uris=(REDIRECT_URI,),
        grants=(Client.Grant.AUTHORIZATION_CODE, Client.Grant.REFRESH_TOKEN),
        scopes=("openid", "email", "offline_access"),
    )
    return clients.register(registration)[0]


def bearer(client: Client, browser: Device, source: Source) -> str:
    """An Authorization value that opens userinfo for the owner of this browser."""
    _consent(client, browser, USERINFO_SCOPE, source)
    allowed = Allowed(browser.user_id, browser.id, USERINFO_SCOPE, claims={})
    admission, device = sign_in(client, allowed, source=source, proof=None)
    token = for_clients.access_token(admission, device, scope=USERINFO_SCOPE, audience=scopes.userinfo())
    return f"Bearer {token}"


def code(client: Client, browser: Device, source: Source) -> str:
    """An authorization code for the owner of this browser, who agreed."""
    _consent(client, browser, SIGN_IN_SCOPE, source)
    parameters = {
        "client_id": client.id,
        "redirect_uri": REDIRECT_URI,
        "response_type": "code",
        "scope": SIGN_IN_SCOPE,
        "nonce": NONCE,
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
    }
    return codes.issue(authorization.read(authorization.addressee(parameters), parameters), browser)


def let_codes_wait() -> None:
    """Their minute would be over before their turn; a long life costs nothing."""
    AuthorizationCode.objects.update(expires_at=now() + _AN_HOUR)


def _consent(client: Client, browser: Device, scope: str, source: Source) -> None:
    consents.give(browser, client, scope.split(), source=source)
