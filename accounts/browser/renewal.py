"""Renew a browser's sign-in on request, and end it: always against the device row."""

from django.http import HttpRequest

from accounts.core.errors import DeviceRevoked, TokenInvalid
from accounts.devices.models import Device
from accounts.tokens import gate
from accounts.tokens.gate import Admission

from . import cookies
from .presence import live_device


def device_of(request: HttpRequest) -> Device:
    """The live device that the cookie names. Raises `TokenInvalid` or `DeviceRevoked`."""
    claims = cookies.read_sign_in(request)
    if claims is None:
        raise TokenInvalid("no cookie")
    device = live_device(claims["sid"])
    if device is None or str(device.user_id) != claims["sub"]:
        raise DeviceRevoked("cookie of an ended device")
    return device


def renew(request: HttpRequest) -> tuple[Admission, Device]:
    """Raises `TokenInvalid`, `DeviceRevoked`, `AccountUnavailable`, `InsufficientUserAuthentication`."""
    device = device_of(request)
    return gate.admit_again(device.user, acr=device.acr), device
