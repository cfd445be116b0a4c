"""Sign out: end the device that the credential names. Doing it twice is no error."""

from django.http import HttpRequest

from accounts.browser.renewal import device_of
from accounts.core.errors import TokenInvalid
from accounts.core.requests import Source
from accounts.devices import registry
from accounts.devices.models import FIRST_PARTY, Device
from accounts.tokens import refresh_token


def by_refresh_token(token: str, source: Source) -> None:
    """Any generation will do: whoever holds one was signed in on this device. A forged token ends nothing."""
    try:
        presented = refresh_token.read(token)
    except TokenInvalid:
        return
    device = Device.objects.filter(id=presented.device_id, client_id=FIRST_PARTY).first()
    if device is not None:
        registry.revoke(device, Device.Ended.SIGNED_OUT, actor=device.user_id, source=source)


def by_cookie(request: HttpRequest, source: Source) -> None:
    """A cookie that names no device ends nothing."""
    try:
        device = device_of(request)
    except TokenInvalid:
        return
    registry.revoke(device, Device.Ended.SIGNED_OUT, actor=device.user_id, source=source)
