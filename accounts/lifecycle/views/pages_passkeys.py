"""/account/security/passkeys/… and …/identities/…: add, rename and remove what opens one's own account."""

import uuid

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _

from accounts.lifecycle.forms import PasskeyNameForm
from accounts.lifecycle.own_page import OwnPage
from accounts.passkeys import collection, registration
from accounts.passkeys.models import Passkey
from accounts.passkeys.providers import name_of
from accounts.signin import browsers, in_browser, step_up, steps
from accounts.users.models import User


class PasskeyAddView(OwnPage):
    """What the script of the page sends: the challenge, and the credential as JSON."""

    def post(self, request: HttpRequest) -> HttpResponse:
        step_up.require_strongest(self.grant)
        registration.register(
            self.user,
            request.POST.get("challenge", ""),
            in_browser.credential_in(request.POST.get("credential", "")),
            made_in=browsers.name_of_passkey(self.source.user_agent),
            source=self.source,
            device_id=self.device.id,
        )
        return self.done(request, _("The passkey has been added. You can sign in with it from now on."))


class PasskeyView(OwnPage):
    """One passkey: POST renames it."""

    def get(self, request: HttpRequest, passkey_id: uuid.UUID) -> HttpResponse:
        passkey = _own(self.user, passkey_id)
        return _passkey_page(request, passkey, PasskeyNameForm({"name": passkey.name}))

    def post(self, request: HttpRequest, passkey_id: uuid.UUID) -> HttpResponse:
        passkey, form = _own(self.user, passkey_id), PasskeyNameForm(request.POST)
        if not form.is_valid():
            return _passkey_page(request, passkey, form, status=400)
        collection.rename(passkey, form.cleaned_data["name"], source=self.source, device_id=self.device.id)
        return self.done(request, _("The passkey has a new name."))


class PasskeyRemoveView(OwnPage):
    def get(self, request: HttpRequest, passkey_id: uuid.UUID) -> HttpResponse:
        step_up.require_strongest(self.grant)
        return render(request, "lifecycle/passkey_remove.html", {"passkey": _own(self.user, passkey_id)})

    def post(self, request: HttpRequest, passkey_id: uuid.UUID) -> HttpResponse:
        step_up.require_strongest(self.grant)
        passkey = _own(self.user, passkey_id)
        with steps.removing(collection.FACTOR, self.user.id):
            collection.remove(passkey, actor_id=self.user.id, source=self.source, device_id=self.device.id)
        return self.done(request, _("The passkey has been removed."))


def _own(user: User, passkey_id: uuid.UUID) -> Passkey:
    return get_object_or_404(collection.of(user.id), id=passkey_id)


def _passkey_page(request: HttpRequest, passkey: Passkey, form: PasskeyNameForm, status: int = 200) -> HttpResponse:
    shown = {"passkey": passkey, "provider": name_of(passkey.aaguid), "form": form}
    return render(request, "lifecycle/passkey.html", shown, status=status)
