"""Where the app keeps its tokens: one item, replaced as a whole, and only if nobody else has changed it."""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Tokens:
    """`retry_key` is made for the next refresh and kept until its answer is stored. Without `access`: signed out."""

    access: str
    refresh: str
    device: str
    retry_key: str = ""

    def ended(self) -> "Tokens":
        """What stays after a sign-out: the refresh token, which now only shows that this device is known."""
        return replace(self, access="", retry_key="")


class Storage(Protocol):
    """The Keychain, or a file encrypted by a key of the Android Keystore."""

    def load(self) -> Tokens | None: ...

    def replace(self, seen: Tokens | None, new: Tokens) -> Tokens:
        """Store `new` if `seen` is still what is stored; answers what is stored then. Atomic, across processes too."""
        ...


class FileStorage:
    """A file that only its owner may read. A real app encrypts it."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def load(self) -> Tokens | None:
        try:
            return Tokens(**json.loads(self._path.read_text()))
        except FileNotFoundError:
            return None

    def replace(self, seen: Tokens | None, new: Tokens) -> Tokens:
        """The lock is held for the write alone, never while the network is waited for."""
        with self._locked():
            stored = self.load()
            if stored is not None and stored != seen:
                return stored
            draft = self._path.with_suffix(".new")
            with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
                json.dump(asdict(new), file)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(self._path)
            return new

    @contextmanager
    def _locked(self) -> Iterator[None]:
        with open(os.open(self._path.with_suffix(".lock"), os.O_WRONLY | os.O_CREAT, 0o600), "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


class MemoryStorage:
    """For tests, and for an app that forgets when it ends."""

    def __init__(self) -> None:
        self._tokens: Tokens | None = None

    def load(self) -> Tokens | None:
        return self._tokens

    def replace(self, seen: Tokens | None, new: Tokens) -> Tokens:
        if self._tokens is None or self._tokens == seen:
            self._tokens = new
        return self._tokens
