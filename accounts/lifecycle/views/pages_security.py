"""/account/security/: what opens the account, where it is open, what happened lately."""

import uuid

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from accounts.devices import registry
from accounts.federation import identities
from accounts.federation.providers import label_of
from accounts.lifecycle import activity
from accounts.lifecycle.own_page import OwnPage
from accounts.mfa import factors, recovery_codes
from accounts.passkeys import collection
from accounts.passkeys.providers import name_of
from accounts.tokens.permissions import is_fresh, require_fresh
from accounts.users.models import User

_HOW_MANY_EVENTS = 20


class SecurityView(OwnPage):
    def get(self, request: HttpRequest) -> HttpResponse:
        devices = list(registry.live(self.user.id))
        for device in devices:
            device.is_current = device.id == self.device.id  # type: ignore[attr-defined]
        shown = {
            "here": "security",
            "adds_passkey": request.GET.get("add") == "passkey" and is_fresh(self.grant),
            "devices": devices,
            "activity": activity.of(self.user.id, newest=_HOW_MANY_EVENTS),
            **_ways(self.user),
        }
        return render(request, "lifecycle/security.html", shown)


class SignDeviceOutView(OwnPage):
    """Ending another device wants a recent proof, in the browser as in the API (SECURITY R-27)."""

    def post(self, request: HttpRequest, device_id: uuid.UUID) -> HttpResponse:
        if device_id != self.device.id:
            require_fresh(self.grant)
        registry.sign_out(self.user.id, device_id, asking=self.device.id, source=self.source)
        return self.done(request, _("The device has been signed out."))


class SignOthersOutView(OwnPage):
    def post(self, request: HttpRequest) -> HttpResponse:
        require_fresh(self.grant)
        registry.sign_out_others(self.user.id, asking=self.device.id, source=self.source)
        return self.done(request, _("All other devices have been signed out."))


def _ways(user: User) -> dict[str, object]:
    """Everything that opens the account."""
    passkeys, linked = list(collection.of(user.id)), list(identities.of(user.id))
    for passkey in passkeys:
        passkey.provider = name_of(passkey.aaguid)  # type: ignore[attr-defined]
    for identity in linked:
        identity.label = label_of(identity.provider)  # type: ignore[attr-defined]
    return {
        "has_password": user.has_usable_password(),
        "has_address": bool(user.email),
        "passkeys": passkeys,
        "identities": linked,
        "offers_identities": bool(linked or settings.FEDERATED_PROVIDERS),
        "has_authenticator": factors.has_authenticator(user.id),
        "recovery_codes_left": recovery_codes.left(user.id),
    }
