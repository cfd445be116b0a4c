"""Evidence of a known device in a request: the browser's mark, or the app's last refresh token."""

from django.conf import settings
from django.http import HttpRequest

from accounts.browser.cookies import single_cookie

from . import known_device
from .known_device import KnownDevice


def in_request(request: HttpRequest, refresh_token: str = "") -> KnownDevice | None:
    """None when the request shows nothing, or nothing genuine."""
    if refresh_token:
        return known_device.from_refresh_token(refresh_token)
    mark = single_cookie(request, settings.KNOWN_DEVICE_COOKIE_NAME)
    return known_device.from_mark(mark) if mark else None
