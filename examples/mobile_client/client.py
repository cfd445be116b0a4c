"""A reference client for apps, to be carried over to Swift, Kotlin or Dart: standard library only.

It refreshes in single flight, stores a retry key before the first try, and gives tokens up only when the server says so.
docs/tokens-for-mobile.md explains each step.
"""

import secrets
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from random import SystemRandom
from typing import TypeVar

from .storage import Storage, Tokens
from .wire import Answer, Body, NoAnswer, Send

T = TypeVar("T")
RENEWABLE = {"token_expired", "token_stale", "token_invalid"}
"""Codes of a 401 on a call that a new access token may cure."""
ENDS = {
    *("token_invalid", "token_expired", "token_reused", "device_revoked", "account_unavailable", "email_unverified"),
    "insufficient_user_authentication",
}
"""Codes of a 401 on a refresh after which this sign-in is over; any other decides nothing about the tokens."""
NOT_NOW = {502, 503, 504}
"""Nothing was decided: keep the tokens, come back."""


class SignedOut(Exception):
    """The server has ended this sign-in: show the sign-in page. `code` says why; `token_reused` deserves a warning."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Refused(Exception):
    """Any other 4xx or 5xx: the app's business."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(f"{answer.status} {answer.code}")
        self.answer = answer


class Client:
    """One per process, for all its threads. Every method raises `NoAnswer` once `tries` are used up; tokens are kept then."""

    def __init__(
        self,
        send: Send,
        storage: Storage,
        *,
        tries: int = 8,
        first_pause: float = 0.5,
        longest_pause: float = 30.0,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._send, self._storage, self._sleep = send, storage, sleep
        self._pauses = [min(first_pause * 2**count, longest_pause) for count in range(tries - 1)]
        self._single_flight = threading.Lock()

    def sign_in(self, email: str, password: str, *, name: str = "", platform: str = "") -> Tokens:
        """Raises `Refused`. The last refresh token, dead or alive, shows a known device: strangers cannot lock it out."""
        before = self._storage.load()
        device = {"name": name, "platform": platform, **({"refresh": before.refresh} if before else {})}
        credentials = {"email": email, "password": password, "device": device}
        answer = self._insist(lambda: self._once("POST", "/auth/token/", credentials))
        if answer.status != 200:
            raise Refused(answer)
        return self._storage.replace(before, _tokens(answer))

    def call(self, method: str, path: str, body: Body = None) -> Answer:
        """Call the API; refreshes and repeats once when the access token has run out. Raises `SignedOut`, `Refused`."""
        tokens = self._signed_in()
        answer = self._authorized(tokens, method, path, body)
        if answer.status == 401 and answer.code in RENEWABLE:
            tokens = self.refresh(tokens)
            answer = self._authorized(tokens, method, path, body)
        if answer.status == 401 and answer.code == "device_revoked":
            self._end(tokens, answer.code)
        if answer.status >= 400:
            raise Refused(answer)
        return answer

    def refresh(self, seen: Tokens | None = None) -> Tokens:
        """New tokens in place of `seen`. Threads queue here, and all but the first find the work done. Raises `SignedOut`."""
        worn = seen or self._signed_in()
        with self._single_flight:
            return self._insist(lambda: self._try_refresh(worn))

    def sign_out(self) -> None:
        """Ends the device on the server first: a token that is only forgotten lives on for whoever copied it."""
        tokens = self._signed_in()
        self._insist(lambda: self._once("POST", "/auth/token/revoke/", {"refresh": tokens.refresh}))
        self._storage.replace(tokens, tokens.ended())

    def _try_refresh(self, worn: Tokens) -> Tokens:
        """Each try reads the storage anew: another process of the app may have been faster, or have stored its key first."""
        tokens = self._signed_in()
        if tokens.access != worn.access:
            return tokens
        if not tokens.retry_key:
            self._storage.replace(tokens, replace(tokens, retry_key=secrets.token_urlsafe(16)))
            return self._try_refresh(worn)
        answer = self._once("POST", "/auth/token/refresh/", {"refresh": tokens.refresh}, {"Idempotency-Key": tokens.retry_key})
        if answer.status == 200:
            return self._storage.replace(tokens, _tokens(answer))
        if answer.status == 401 and answer.code in ENDS:
            return self._end(tokens, answer.code)
        raise Refused(answer)

    def _authorized(self, tokens: Tokens, method: str, path: str, body: Body) -> Answer:
        def attempt() -> Answer:
            return self._once(method, path, body, {"Authorization": f"Bearer {tokens.access}"})

        # Only what may safely happen twice is repeated: a POST whose answer was lost may have been done.
        return self._insist(attempt) if method in {"GET", "PUT", "DELETE"} else attempt()

    def _once(self, method: str, path: str, body: Body = None, headers: dict[str, str] | None = None) -> Answer:
        answer = self._send(method, path, body, headers or {})
        if answer.status in NOT_NOW:
            raise NoAnswer(f"{answer.status} {answer.code}", retry_after=answer.retry_after)
        return answer

    def _insist(self, attempt: Callable[[], T]) -> T:
        """Try again after growing, uneven pauses, so that a fleet does not come back all at once."""
        for pause in self._uneven_pauses():
            try:
                return attempt()
            except NoAnswer as lost:
                self._sleep(max(pause, lost.retry_after))
        return attempt()

    def _uneven_pauses(self) -> Iterator[float]:
        return (pause * SystemRandom().uniform(0.5, 1.0) for pause in self._pauses)

    def _signed_in(self) -> Tokens:
        tokens = self._storage.load()
        if tokens is None or not tokens.access:
            raise SignedOut("not_authenticated")
        return tokens

    def _end(self, tokens: Tokens, code: str) -> Tokens:
        """Signed out, unless somebody has signed in again meanwhile."""
        stored = self._storage.replace(tokens, tokens.ended())
        if stored.access:
            return stored
        raise SignedOut(code)


def _tokens(answer: Answer) -> Tokens:
    return Tokens(access=answer.body["access"], refresh=answer.body["refresh"], device=answer.body["device"])
