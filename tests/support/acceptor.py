"""One place that takes a token: what a forgery test asks of it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import ClassVar

from django.http import HttpResponse

from accounts.core import secrets

from . import forge
from .app import App
from .forge import Part

ALICE = "alice@example.com"


@dataclass
class Acceptor:
    """`app` is Alice's. `accepts` and `refusals` are the statuses by which this place says yes and no.

    `trims`: white space around a token is the request's, not the token's.
    """

    app: App
    name: ClassVar[str]
    typ: ClassVar[str]
    accepts: ClassVar[int] = 200
    refusals: ClassVar[set[int]] = {401}
    trims: ClassVar[bool] = False

    def genuine(self) -> str:
        raise NotImplementedError

    def present(self, token: str) -> HttpResponse:
        raise NotImplementedError

    def signed(self, header: Part | None = None, claims: Part | None = None) -> str:
        """Made by the server's own key; what is left out is as in the genuine token."""
        own_header, own_claims, _ = forge.opened(self.genuine())
        return forge.signed(own_header if header is None else header, own_claims if claims is None else claims, self.signer())

    def signer(self) -> forge.Signer:
        return forge.sealer(self.typ)

    def takes(self, token: str) -> bool:
        return self.present(token).status_code == self.accepts

    def assert_takes_genuine(self) -> None:
        answer = self.present(self.genuine())
        assert answer.status_code == self.accepts, answer.content

    def assert_refuses(self, forgeries: Iterable[str] | Mapping[str, str]) -> None:
        """Each of them, between two controls; a mapping gives them names. What we sign by hand is taken too, as it is."""
        self.assert_takes_genuine()
        assert self.takes(self.signed())
        named = dict(forgeries) if isinstance(forgeries, Mapping) else {token: token for token in forgeries}
        assert named
        for name, token in named.items():
            answer = self.present(token)
            assert answer.status_code in self.refusals, (answer.status_code, name[:200])
            self.assert_says_no_more(answer)
        self.assert_takes_genuine()

    def assert_says_no_more(self, answer: HttpResponse) -> None:
        """The refusal tells nothing of its cause."""


def sealed_header(typ: str) -> dict[str, str]:
    return {"alg": "HS256", "kid": secrets.primary_key_id(), "typ": typ}
