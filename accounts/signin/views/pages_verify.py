"""/account/verify/: show that an address is one's own, by the code or the link of the mail."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods
from django.views.generic import View

from accounts.browser import pending
from accounts.browser.pending import Pending
from accounts.browser.redirects import SeeOther, own_account, to_sign_in
from accounts.core.errors import InvalidCredentials, Problem, TokenInvalid
from accounts.core.proofs import Proof
from accounts.signin import in_browser, mailed_pages, verification
from accounts.signin.forms import AddressedCodeForm, AddressForm, CodeForm
from accounts.users.models import User

_ACCOUNT = "/account/"


@method_decorator(never_cache, name="dispatch")
class VerifyView(View):
    """Six digits; or, with the token of the mail, GET says whose it is and POST acts (SECURITY L-02, L-18)."""

    def get(self, request: HttpRequest) -> HttpResponse:
        if token := request.GET.get("token", ""):
            return mailed_pages.ask(request, "signin/verify_link.html", token, verification.whose, again=Pending.REGISTRATION)
        return _page(request, _form_of(request)())

    def post(self, request: HttpRequest) -> HttpResponse:
        token = request.POST.get("token", "")
        return self._by_link(request, token) if token else self._by_code(request)

    def _by_code(self, request: HttpRequest) -> HttpResponse:
        form, waiting = _form_of(request)(request.POST), pending.recall(request, Pending.REGISTRATION)
        if not form.is_valid():
            return _page(request, form)
        email = waiting.get("email") or form.cleaned_data["email"]
        # Somebody may type a code that they never asked for: a browser that did not register counts as somebody else.
        handle, where = waiting.get("registration") or verification.NO_HANDLE, in_browser.terms(request).source
        try:
            code = form.cleaned_data["code"]
            return _finished(request, verification.by_code(email, code, registration=handle, source=where).proof)
        except Problem as problem:
            return _page(request, form, problem)

    def _by_link(self, request: HttpRequest, token: str) -> HttpResponse:
        """The handle of the registration is in the cookie of the browser that registered, and nowhere else (SECURITY L-10)."""
        handle, where = _handle(request), in_browser.terms(request).source
        try:
            return _finished(request, verification.by_link(token, registration=handle, source=where).proof)
        except TokenInvalid:
            return mailed_pages.invalid(request, again=Pending.REGISTRATION)


@require_http_methods(["GET", "HEAD", "POST"])
def resend(request: HttpRequest) -> HttpResponse:
    """The same answer for every address. GET leads to the page that has the button."""
    if request.method != "POST":
        return SeeOther(reverse("verify"))
    waiting, form = pending.recall(request, Pending.REGISTRATION), AddressForm(request.POST)
    email = waiting.get("email") or (form.cleaned_data["email"] if form.is_valid() else "")
    if not email:
        return SeeOther(reverse("verify"))
    messages.info(request, _("If the address is still to be confirmed, a new code is on its way."))
    return in_browser.to_verification(request, email, target=waiting.get("next") or own_account())


def _handle(request: HttpRequest) -> str:
    return pending.recall(request, Pending.REGISTRATION).get("registration", "")


def _finished(request: HttpRequest, proof: Proof) -> HttpResponse:
    """Signed in; by way of choosing a password where the one that was typed before may have been somebody else's."""
    target = pending.recall(request, Pending.REGISTRATION).get("next") or own_account()
    user = User.objects.get(id=proof.user_id)
    if not user.has_usable_password() and not user.passkeys.exists():
        target = f"{reverse('choose-password')}?{urlencode({'next': target})}"
    try:
        response = in_browser.enter(request, proof, in_browser.terms(request), target=target)
        if target.startswith(_ACCOUNT):  # An application says it in its own way, and here it would come up too late.
            messages.success(request, _("Your address is confirmed."))
    except InvalidCredentials:  # The role wants more than a mailbox.
        messages.success(request, _("Your address is confirmed. Sign in to go on."))
        response = to_sign_in(target)
    pending.forget(response, Pending.REGISTRATION)
    return response


def _form_of(request: HttpRequest) -> type[CodeForm]:
    return CodeForm if pending.recall(request, Pending.REGISTRATION) else AddressedCodeForm


def _page(request: HttpRequest, form: CodeForm, problem: Problem | None = None) -> HttpResponse:
    waiting = pending.recall(request, Pending.REGISTRATION)
    known = {"email": waiting.get("email", ""), "next": waiting.get("next", "")}
    return in_browser.show(request, "signin/verify.html", form, problem=problem, field="code", **known)
