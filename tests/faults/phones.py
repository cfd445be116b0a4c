"""Storage as phones have it: shared by the processes of an app, and lost when the app is killed at the wrong moment."""

import threading
from dataclasses import replace
from random import Random

from examples.mobile_client.storage import Tokens


class Killed(Exception):
    """The system ended the app between the answer and the write."""


class Flash:
    """What all processes of an app share. Replaced atomically."""

    def __init__(self) -> None:
        self._tokens: Tokens | None = None
        self._lock = threading.Lock()

    def load(self) -> Tokens | None:
        return self._tokens

    def replace(self, seen: Tokens | None, new: Tokens) -> Tokens:
        with self._lock:
            if self._tokens is None or self._tokens == seen:
                self._tokens = new
            return self._tokens


class MortalStorage:
    """The storage of one process; now and then it is killed before it has saved what it got."""

    def __init__(self, flash: Flash, random: Random, killed_share: float) -> None:
        self._flash, self._random, self._killed_share = flash, random, killed_share

    def load(self) -> Tokens | None:
        return self._flash.load()

    def replace(self, seen: Tokens | None, new: Tokens) -> Tokens:
        is_answer = seen is not None and new.refresh != seen.refresh
        if is_answer and self._random.random() < self._killed_share:
            raise Killed
        return self._flash.replace(seen, new)


class OwnKeyStorage:
    """A process that shares the tokens but keeps its retry key to itself: the app was not careful."""

    def __init__(self, shared: MortalStorage) -> None:
        self._shared = shared
        self._key, self._key_is_for = "", ""

    def load(self) -> Tokens | None:
        stored = self._shared.load()
        if stored is None:
            return None
        return replace(stored, retry_key=self._key if stored.refresh == self._key_is_for else "")

    def replace(self, seen: Tokens | None, new: Tokens) -> Tokens:
        if seen is not None and new.refresh == seen.refresh and new.access:
            self._key, self._key_is_for = new.retry_key, new.refresh
            return new
        return self._shared.replace(seen and replace(seen, retry_key=""), replace(new, retry_key=""))
