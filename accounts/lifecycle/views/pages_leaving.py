"""/account/export/ and /account/delete/: take everything along, leave."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.browser import cookies
from accounts.browser.redirects import SeeOther
from accounts.lifecycle import deletion, export
from accounts.lifecycle.forms import LeavingForm
from accounts.lifecycle.own_page import OwnPage
from accounts.signin import step_up


class ExportView(OwnPage):
    home = "account-profile"

    def get(self, request: HttpRequest) -> HttpResponse:
        return render(request, "lifecycle/export.html")

    def post(self, request: HttpRequest) -> HttpResponse:
        step_up.require_strongest(self.grant)
        found = export.document(self.user.id, actor_id=self.user.id, source=self.source)
        return JsonResponse(found, json_dumps_params={"indent": 2, "ensure_ascii": False}, headers=export.ATTACHMENT)


class DeleteView(OwnPage):
    home = "account-profile"

    def get(self, request: HttpRequest) -> HttpResponse:
        step_up.require_strongest(self.grant)
        return self._page(request, LeavingForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        step_up.require_strongest(self.grant)
        form = LeavingForm(request.POST)
        if form.is_valid() and not deletion.matches_account(self.user, form.cleaned_data["confirm"]):
            form.add_error("confirm", _("That is not what it says above."))
        if not form.is_valid():
            return self._page(request, form, status=400)
        deletion.request(self.user, actor_id=self.user.id, source=self.source)
        response = SeeOther(reverse("account-deleted"))
        cookies.clear_sign_in(response)
        return response

    def _page(self, request: HttpRequest, form: LeavingForm, status: int = 200) -> HttpResponse:
        shown = {"form": form, "account": self.user, "days": settings.DELETION_GRACE_PERIOD.days}
        return render(request, "lifecycle/delete.html", shown, status=status)


@require_safe
def deleted(request: HttpRequest) -> HttpResponse:
    """Says nothing about anybody: whoever sees it is signed out."""
    return render(request, "lifecycle/deleted.html", {"days": settings.DELETION_GRACE_PERIOD.days})
