"""What the endpoints for clients share: a form in, JSON out, nothing kept by caches, refusals in the words of OAuth."""

from typing import Any

from django.http import QueryDict
from rest_framework.parsers import FormParser
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.core.dispatch import LeanView
from accounts.core.errors import InvalidDpopProof
from accounts.core.requests import source
from accounts.oidc import client_authentication, cross_origin, parameters, reasons, troubles
from accounts.oidc.errors import OAuthProblem, in_words_of_oauth
from accounts.oidc.models import Client

NO_STORE = {"Cache-Control": "no-store", "Pragma": "no-cache"}


class ClientEndpoint(LeanView):
    """`client` is who has authenticated, `given` what it sent."""

    authentication_classes = ()
    permission_classes = ()
    parser_classes: Any = (FormParser,)
    client: Client
    given: dict[str, str]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if request.method == "POST":
            # Where there is no body, DRF makes an empty dictionary of it.
            form = request.data if isinstance(request.data, QueryDict) else QueryDict()
            self.given = parameters.given_once(form)
            self.given = parameters.read(form)
            self.client = client_authentication.authenticate(request.headers.get("Authorization", ""), self.given)

    def handle_exception(self, exc: Exception) -> Response:
        """A proof of a key that does not hold is 400 here, in the words of OAuth (RFC 9449 §5, §8). Developers read the rest."""
        if isinstance(exc, OAuthProblem | InvalidDpopProof) and "given" in self.__dict__:
            troubles.note(self._client_id(), exc, self.given, source=source(self.request._request))
        if isinstance(exc, InvalidDpopProof):
            description = reasons.in_public(exc.code, exc.reason) or exc.detail
            return Response({"error": exc.code, "error_description": description}, status=400)
        refused = super().handle_exception(exc)
        refused.data = in_words_of_oauth(refused.data)
        return refused

    def _client_id(self) -> str:
        if "client" in self.__dict__:
            return self.client.id
        return client_authentication.claimed(self.request.headers.get("Authorization", ""), self.given)

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Response:
        answer, client = super().finalize_response(request, response, *args, **kwargs), self.__dict__.get("client")
        is_nobodys = client is None and answer.status_code >= 400
        readable = cross_origin.OF_REFUSAL if is_nobodys else cross_origin.headers(request._request, client)
        for name, value in {**NO_STORE, **readable}.items():
            answer[name] = value
        return answer
