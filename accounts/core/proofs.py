"""What somebody has shown: the answer of every sign-in method."""

import uuid
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Proof:
    """`amr` are RFC 8176 values, `acr` is one of `email`, `aal1`, `aal2`, `aal3`, `auth_time` Unix seconds.

    `epoch` is the user's when the proof was judged: a password changed since then makes it worthless.
    """

    user_id: uuid.UUID
    epoch: int
    amr: tuple[str, ...]
    acr: str
    auth_time: int
