"""The pages behind mailed links that need nobody to be signed in: GET shows for whom, POST acts (SECURITY L-02)."""

from abc import ABC, abstractmethod
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.generic import View

from accounts.browser import languages
from accounts.browser.redirects import SeeOther
from accounts.core.errors import InvalidInput, TokenInvalid
from accounts.core.requests import Source, source
from accounts.lifecycle import deletion, email_change, takeover
from accounts.links.mailed import MailedAct
from accounts.users.models import User


class MailedPage(ABC, View):
    """The token is in the query of the mail's link, and goes on in the body alone (SECURITY L-11)."""

    template = ""

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._shown(request, request.GET.get("token", ""))

    def post(self, request: HttpRequest) -> HttpResponse:
        token = request.POST.get("token", "")
        try:
            languages.speak(self.owner(token).language)
            return self.act(request, token, source(request))
        except TokenInvalid:
            return self._invalid(request)
        except InvalidInput as refusal:
            return self._shown(request, token, refusal=_(refusal.says), status=400)

    @abstractmethod
    def owner(self, token: str) -> User:
        """Whose link it is. Raises `TokenInvalid`."""

    def facts(self, token: str) -> dict[str, Any]:
        """What the page says beside `account`. Raises `TokenInvalid`."""
        return {}

    @abstractmethod
    def act(self, request: HttpRequest, token: str, where: Source) -> HttpResponse:
        """Do it, once. Raises `TokenInvalid` or `InvalidInput`."""

    def _shown(self, request: HttpRequest, token: str, refusal: str = "", status: int = 200) -> HttpResponse:
        try:
            account, facts = self.owner(token), self.facts(token)
        except TokenInvalid:
            return self._invalid(request)
        languages.speak(account.language)
        shown = {"account": account, "token": token, "refusal": refusal, **facts}
        return render(request, self.template, shown, status=status)

    def _invalid(self, request: HttpRequest) -> HttpResponse:
        return render(request, "lifecycle/link_invalid.html", status=400)


class EmailConfirmView(MailedPage):
    template = "lifecycle/email_confirm.html"

    def owner(self, token: str) -> User:
        return email_change.change_of(token, MailedAct.CHANGE_EMAIL).user

    def facts(self, token: str) -> dict[str, Any]:
        return {"email": email_change.change_of(token, MailedAct.CHANGE_EMAIL).address}

    def act(self, request: HttpRequest, token: str, where: Source) -> HttpResponse:
        email_change.confirm_by_link(token, source=where)
        messages.success(request, _("Your e-mail address has been changed."))
        return SeeOther(reverse("account-profile"))


class EmailUndoView(MailedPage):
    template = "lifecycle/email_undo.html"

    def owner(self, token: str) -> User:
        return email_change.change_of(token, MailedAct.UNDO_EMAIL_CHANGE).user

    def facts(self, token: str) -> dict[str, Any]:
        return {"email": email_change.change_of(token, MailedAct.UNDO_EMAIL_CHANGE).address}

    def act(self, request: HttpRequest, token: str, where: Source) -> HttpResponse:
        is_open = email_change.undo(token, source=where)
        messages.success(request, _("Your old address is back and every device is signed out."))
        messages.info(request, _("We have mailed you a link to choose a new password.") if is_open else _closed())
        return SeeOther(reverse("sign-in"))


class NotMeView(MailedPage):
    """Ends in the form for a new password."""

    template = "lifecycle/not_me.html"

    def owner(self, token: str) -> User:
        return takeover.whose(token)

    def act(self, request: HttpRequest, token: str, where: Source) -> HttpResponse:
        if link := takeover.report(token, source=where):
            return SeeOther(link)
        messages.info(request, _closed())
        return SeeOther(reverse("sign-in"))


def _closed() -> str:
    """Their role demands two factors, and none of before is left."""
    return _("Your account is closed until an administrator opens it again.")


class DeletionCancelView(MailedPage):
    template = "lifecycle/delete_cancel.html"

    def owner(self, token: str) -> User:
        return deletion.whose(token)

    def act(self, request: HttpRequest, token: str, where: Source) -> HttpResponse:
        deletion.cancel(token, source=where)
        messages.success(request, _("Your account stays. Sign in to go on."))
        return SeeOther(reverse("sign-in"))
