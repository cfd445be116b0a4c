"""/account/security/apps/: which applications somebody has let in, and out with them (ASVS 10.7.3)."""

import uuid

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from accounts.lifecycle.own_page import OwnPage
from accounts.oidc import consents


class AppsView(OwnPage):
    home = "account-apps"

    def get(self, request: HttpRequest) -> HttpResponse:
        given = [(consent, consents.in_plain_words(consent)) for consent in consents.of(self.user.id)]
        return render(request, "oidc/apps.html", {"here": "security", "given": given})


class WithdrawView(OwnPage):
    home = "account-apps"

    def post(self, request: HttpRequest, consent_id: uuid.UUID) -> HttpResponse:
        consents.withdraw(self.user.id, consent_id, device_id=self.device.id, source=self.source)
        return self.done(request, _("It is out, and will ask again."))
