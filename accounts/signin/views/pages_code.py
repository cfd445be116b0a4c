"""/account/code/: sign in by a code or a link in a mail."""

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.generic import View

from accounts.browser import pending
from accounts.browser.pending import Pending
from accounts.browser.redirects import SeeOther, hinted, own_account, own_path
from accounts.core.errors import Problem, TokenInvalid
from accounts.core.requests import source
from accounts.signin import in_browser, mailed_code, mailed_pages
from accounts.signin.forms import AddressForm, CodeForm


@method_decorator(never_cache, name="dispatch")
class CodePage(View):
    """Ask for a code; or, with the token of the mail, GET says whose it is and POST signs in (SECURITY L-02, L-18)."""

    def get(self, request: HttpRequest) -> HttpResponse:
        if token := request.GET.get("token", ""):
            return mailed_pages.ask(request, "signin/code_link.html", token, mailed_code.whose, again=Pending.CODE)
        form = AddressForm(initial={"email": hinted(request)})
        return in_browser.show(request, "signin/code_ask.html", form, next=own_path(request))

    def post(self, request: HttpRequest) -> HttpResponse:
        if token := request.POST.get("token", ""):
            return self._by_link(request, token)
        form, target = AddressForm(request.POST), own_path(request)
        if not form.is_valid():
            return in_browser.show(request, "signin/code_ask.html", form, next=target)
        email, entry = form.cleaned_data["email"], in_browser.terms(request)
        try:
            asked = mailed_code.ask(email, evidence=entry.evidence, source=entry.source)
        except Problem as problem:
            return in_browser.show(request, "signin/code_ask.html", form, problem=problem, next=target)
        response = SeeOther(reverse("sign-in-code-enter"))
        pending.remember(response, Pending.CODE, email=email, challenge=str(asked.challenge), next=target)
        return response

    def _by_link(self, request: HttpRequest, token: str) -> HttpResponse:
        target = pending.recall(request, Pending.CODE).get("next") or own_account()
        try:
            proof = mailed_code.prove_by_link(token, source=source(request))
        except TokenInvalid:
            return mailed_pages.invalid(request, again=Pending.CODE)
        response = in_browser.enter(request, proof, in_browser.terms(request), target=target)
        pending.forget(response, Pending.CODE)
        return response


@method_decorator(never_cache, name="dispatch")
class CodeEnterView(View):
    """The six digits, in the browser that asked for them."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._page(request, CodeForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        form, waiting = CodeForm(request.POST), pending.recall(request, Pending.CODE)
        if not waiting or not form.is_valid():
            return self._page(request, form)
        entry = in_browser.terms(request)
        try:
            code = form.cleaned_data["code"]
            proof = mailed_code.prove(waiting["challenge"], code, evidence=entry.evidence, source=entry.source)
            response = in_browser.enter(request, proof, entry, target=waiting["next"])
        except Problem as problem:
            return self._page(request, form, problem)
        pending.forget(response, Pending.CODE)
        return response

    def _page(self, request: HttpRequest, form: CodeForm, problem: Problem | None = None) -> HttpResponse:
        waiting = pending.recall(request, Pending.CODE)
        if not waiting:
            return SeeOther(reverse("sign-in-code"))
        context = {"email": waiting["email"], "next": waiting["next"]}
        return in_browser.show(request, "signin/code_enter.html", form, problem=problem, field="code", **context)
