"""/account/security/identities/…: link what an upstream sign-in found, and unlink it."""

import uuid

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from accounts.browser import pending
from accounts.browser.pending import Pending
from accounts.federation import identities, sign_in
from accounts.lifecycle.own_page import OwnPage
from accounts.signin import step_up, steps


class IdentityLinkView(OwnPage):
    """The account has proved itself: now, and only if its owner says so, the identity that asked for it is linked."""

    def get(self, request: HttpRequest) -> HttpResponse:
        noted = pending.recall(request, Pending.LINK)
        if not noted:
            return self.done(request, _("There is nothing to link any more."))
        return render(request, "lifecycle/identity_link.html", {"label": noted["label"]})

    def post(self, request: HttpRequest) -> HttpResponse:
        step_up.require_strongest(self.grant)
        noted = pending.recall(request, Pending.LINK)
        sign_in.accept_link(noted.get("challenge", ""), self.user.id, source=self.source)
        response = self.done(request, _("Linked. From now on it opens your account."))
        pending.forget(response, Pending.LINK)
        return response


class IdentityUnlinkView(OwnPage):
    def post(self, request: HttpRequest, identity_id: uuid.UUID) -> HttpResponse:
        step_up.require_strongest(self.grant)
        if not identities.of(self.user.id).filter(id=identity_id).exists():
            raise Http404
        with steps.removing(identities.FACTOR, self.user.id):
            identities.unlink(self.user.id, identity_id, self.source)
        return self.done(request, _("It no longer opens your account."))
