"""Who asks for a mail, or types what it says: a device of the account's owner, or a stranger on some network."""

import uuid
from dataclasses import dataclass

from accounts.core import secrets
from accounts.core.requests import Source


@dataclass(frozen=True, slots=True)
class Asker:
    """`device`: one on which `owner` was signed in before. Whoever shows none, or somebody else's, is a stranger."""

    source: Source
    device: uuid.UUID | None = None
    owner: uuid.UUID | None = None

    @property
    def network(self) -> str:
        return self.source.network or "unknown"

    @property
    def mark(self) -> str:
        """The network and the program that a request came from, as a keyed hash."""
        return secrets.fingerprint("asker", f"{self.source.network} {self.source.user_agent}")

    def device_of(self, user_id: uuid.UUID | None) -> str:
        """As a keyed hash, so that no counter names it; empty when it is not known to be a device of this person."""
        is_theirs = self.device is not None and user_id is not None and user_id == self.owner
        return secrets.fingerprint("asker", str(self.device)) if is_theirs else ""
