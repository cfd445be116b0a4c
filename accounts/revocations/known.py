"""What this process knows to be revoked: dictionaries only, no I/O."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from accounts.core.errors import DeviceRevoked, TokenInvalid, TokenStale

from .models import Revocation

Kind = Revocation.Kind
# Plain strings: on every request, and an enum's members hash several times slower.
_KEY, _DEVICE, _USER, _DEVICE_STALE = (kind.value for kind in (Kind.KEY, Kind.DEVICE, Kind.USER, Kind.DEVICE_STALE))
_CLIENT = Kind.CLIENT.value
_NO_MARK = (0, 0)
Entry = tuple[str, str, int, int]
"""kind, value, not_before, expires_at."""


@dataclass(slots=True)
class Known:
    """Marks only ever rise: where several match a token, the strictest holds (SECURITY R-23)."""

    marks: dict[str, dict[str, tuple[int, int]]] = field(default_factory=lambda: {kind: {} for kind in Kind.values})

    def learn(self, entries: Iterable[Entry]) -> bool:
        """True when the key ring has changed since we last heard; an entry may be told many times."""
        keys_changed = False
        for kind, value, not_before, expires_at in entries:
            keys_changed |= kind == Kind.KEYS and value not in self.marks[kind]
            mark, until = self.marks[kind].get(value, (0, 0))
            self.marks[kind][value] = (max(mark, not_before), max(until, expires_at))
        return keys_changed

    def forget_expired(self, now: int) -> None:
        for marks in self.marks.values():
            for value in [value for value, (_, until) in list(marks.items()) if until < now]:
                marks.pop(value, None)

    def by_kind(self) -> dict[str, dict[str, int]]:
        # From copies: other threads may learn meanwhile.
        return {kind: {value: mark for value, (mark, _) in list(marks.items())} for kind, marks in self.marks.items()}

    def is_pulled(self, kid: str) -> bool:
        return kid in self.marks[_KEY]

    def refuse_client(self, client_id: str, issued_at: int) -> None:
        """Raises `TokenInvalid` for what a client was given before it was stopped."""
        mark = self.marks[_CLIENT].get(client_id)
        if mark is not None and issued_at <= mark[0]:
            raise TokenInvalid("client stopped")

    def refuse(self, *, kid: str, sid: str, sub: str, epoch: int, auth_time: int) -> None:
        """Raises `TokenInvalid`, `DeviceRevoked` or `TokenStale`."""
        marks = self.marks
        if kid in marks[_KEY]:
            raise TokenInvalid("signing key pulled")
        if sid in marks[_DEVICE]:
            raise DeviceRevoked("device ended")
        if epoch < marks[_USER].get(sub, _NO_MARK)[0]:
            raise TokenStale("older than the user's epoch")
        if auth_time < marks[_DEVICE_STALE].get(sid, _NO_MARK)[0]:
            raise TokenStale("older than the device's last proof")
