"""What somebody has shown: the answer of every sign-in method."""

import uuid
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Proof:
    """`amr` are RFC 8176 values, `acr` is CONTRACT's scale (`email`, `aal1` …), `auth_time` Unix seconds."""

    user_id: uuid.UUID
    amr: tuple[str, ...]
    acr: str
    auth_time: int
