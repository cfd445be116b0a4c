"""The token pair: what every way of signing in, and every refresh, ends in."""

from typing import Any

from django.conf import settings
from django.utils import timezone

from accounts.devices.models import Device

from . import access, refresh
from .gate import Admission


def make(admission: Admission, device: Device, *, scope: str | None = None) -> dict[str, Any]:
    """`scope` narrows this access token; the device keeps what it was given."""
    granted = device.scope if scope is None else scope
    return {
        "access": access.issue(admission, device, scope=granted),
        "refresh": refresh.current_token(device),
        "token_type": token_type(device),
        **without_tokens(device, granted),
    }


def access_only(admission: Admission, device: Device, scope: str) -> dict[str, Any]:
    """What a step up answers: the refresh token did not change."""
    return {
        "access": access.issue(admission, device, scope=scope),
        "token_type": token_type(device),
        "expires_in": int(settings.ACCESS_TOKEN_LIFETIME.total_seconds()),
        "scope": scope,
    }


def token_type(device: Device) -> str:
    """The scheme under which its access tokens are shown."""
    return "DPoP" if device.jkt else "Bearer"


def without_tokens(device: Device, scope: str) -> dict[str, Any]:
    """What a browser that keeps its tokens in a cookie is told."""
    ends_at = min(device.idle_expires_at, device.expires_at)
    return {
        "expires_in": int(settings.ACCESS_TOKEN_LIFETIME.total_seconds()),
        "refresh_expires_in": int((ends_at - timezone.now()).total_seconds()),
        "scope": scope,
        "device": str(device.id),
    }
