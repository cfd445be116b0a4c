"""Sign-out begun by a client (OpenID Connect RP-Initiated Logout 1.0), judged before anybody is signed out or sent anywhere.

With a hint that names a sign-in of this very browser it happens at once; without one the person is asked, since anybody can make
somebody's browser come here (SECURITY C-05).
"""

from dataclasses import dataclass
from urllib.parse import urlencode

from accounts.core.errors import TokenInvalid
from accounts.core.requests import Source
from accounts.devices import registry
from accounts.devices.models import Device
from accounts.tokens import compact, issued

from . import clients
from .errors import InvalidRequest
from .models import Client
from .parameters import Parameters


@dataclass(frozen=True, slots=True)
class SignOut:
    """`sid` is that of the hint; empty without one. `back` is where the browser goes afterwards; empty for a page of ours."""

    client: Client | None
    sid: str
    back: str


def read(parameters: Parameters) -> SignOut:
    """Raises `InvalidRequest`: then nothing happens, and the browser stays here (SECURITY O-18)."""
    client_id, sid = parameters.get("client_id", ""), ""
    if hint := parameters.get("id_token_hint", ""):
        client_id = client_id or _audience_of(hint)
    client = clients.find(client_id) if client_id else None
    if client_id and client is None:
        raise InvalidRequest("client")
    if hint and client is not None:
        sid = _sid_of(hint, client)
    return SignOut(client, sid, _back(client, parameters))


def claimed(parameters: Parameters) -> str:
    """Whose request this says to be, right or wrong; empty where it does not say."""
    try:
        return parameters.get("client_id") or _audience_of(parameters.get("id_token_hint", ""))
    except InvalidRequest:
        return ""


def is_certain(asked: SignOut, browser: Device) -> bool:
    """The hint names a sign-in that was made with this browser."""
    return bool(asked.sid) and Device.objects.filter(id=asked.sid, browser=browser, client_id=asked.client.id).exists()  # type: ignore[union-attr]


def sign_out(asked: SignOut, browser: Device, *, source: Source) -> None:
    """The browser, with all that ends with it, and the sign-in of the client that asks."""
    registry.revoke(browser, Device.Ended.SIGNED_OUT, actor=browser.user_id, source=source)
    if asked.sid:
        own = Device.objects.filter(id=asked.sid, browser=browser)
        registry.end(own, Device.Ended.SIGNED_OUT, actor=browser.user_id, source=source)


def _back(client: Client | None, parameters: Parameters) -> str:
    uri, state = parameters.get("post_logout_redirect_uri", ""), parameters.get("state", "")
    if not uri:
        return ""
    if client is None or uri not in client.post_logout_redirect_uris:
        raise InvalidRequest("post_logout_redirect_uri")
    return f"{uri}{'&' if '?' in uri else '?'}{urlencode({'state': state})}" if state else uri


def _audience_of(hint: str) -> str:
    """Whose it claims to be, before anything of it is believed."""
    try:
        audience = compact.take_apart(hint)[1].get("aud")
    except TokenInvalid as error:
        raise InvalidRequest("id_token_hint") from error
    if not isinstance(audience, str) or not audience:
        raise InvalidRequest("id_token_hint")
    return audience


def _sid_of(hint: str, client: Client) -> str:
    """SECURITY O-17."""
    try:
        return issued.id_token(hint, client_id=client.id).text("sid")
    except TokenInvalid as error:
        raise InvalidRequest("id_token_hint") from error
