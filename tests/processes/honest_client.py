"""An honest app under fire: signs in, refreshes, signs out; after silence it asks the same again until it is answered."""

import random
import threading
import time
from collections.abc import Callable
from functools import partial

from .history import Entry, History, digits
from .phone import Answer, Phone, Silence

_PATIENCE = 0.05


class Abandoned(Exception):
    """The server will not come back: the test has failed elsewhere."""


class HonestClient(threading.Thread):
    """Runs until `stop` is set and its last request has been answered, or until it is `abandoned`.

    It sends while `free` is set. `ended` are the access and refresh tokens that it had when it heard that it is signed out.
    """

    def __init__(self, number: int, url: str, email: str, history: History, stop: threading.Event, free: threading.Event) -> None:
        super().__init__(name=f"client-{number}")
        self.number, self.email, self.history, self.stop, self.free = number, email, history, stop, free
        self.abandoned = threading.Event()
        self.ended: list[tuple[str, str]] = []
        # From a network of its own: a sign-in that is cut off counts as a try, and a whole crowd's are too many for one.
        self.phone = Phone(url, address=f"127.0.{number + 1}.1")
        self.random = random.Random(number)

    def run(self) -> None:
        try:
            while not self.stop.is_set():
                self._live()
        except Abandoned:
            pass
        finally:
            self.phone.close()

    def _live(self) -> None:
        """One device, from sign-in to sign-out."""
        self._until_answered("sign_in", "", partial(self.phone.sign_in, self.email))
        while not self.stop.is_set():
            token = self.phone.refresh
            if self.random.random() < 0.1:
                self._until_answered("sign_out", token, partial(self.phone.sign_out, token))
                self.ended.append((self.phone.access, token))
                return
            self._until_answered("refresh", token, partial(self.phone.rotate, token))

    def _until_answered(self, action: str, presented: str, ask: Callable[[], Answer]) -> None:
        while not self._succeeds(action, presented, ask):
            if self.abandoned.wait(_PATIENCE):
                raise Abandoned

    def _succeeds(self, action: str, presented: str, ask: Callable[[], Answer]) -> bool:
        """Write down what came. Any answer but 503 is final, as it would be to an app."""
        while not self.free.wait(_PATIENCE):
            if self.abandoned.is_set():
                raise Abandoned
        sent = time.time()
        try:
            answer = ask()
        except Silence as silence:
            note = "refused" if isinstance(silence.__cause__, ConnectionRefusedError) else "cut off"
            self.history.write(Entry(self.number, action, presented, sent, time.time(), None, note))
            return False
        self.history.write(
            Entry(
                *(self.number, action, presented, sent, time.time(), answer.status),
                note=answer.headers.get("X-Refresh") or answer.body.get("code", ""),
                given=answer.body.get("refresh", ""),
                device=digits(answer.body.get("device", "")),
            )
        )
        return answer.status != 503
