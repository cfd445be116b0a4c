"""What somebody has shown: the answer of every sign-in method."""

import uuid
from dataclasses import dataclass
from enum import StrEnum

MULTI_FACTOR = "mfa"
"""RFC 8176 §2: more than one factor was shown."""


class Acr(StrEnum):
    """How strongly somebody has proved who they are, weakest first; the last three are NIST SP 800-63B's levels."""

    GUEST = "guest"
    EMAIL = "email"
    AAL1 = "aal1"
    AAL2 = "aal2"
    AAL3 = "aal3"


_ORDER = {acr.value: strength for strength, acr in enumerate(Acr)}


def at_least(shown: str, wanted: str) -> bool:
    """An unknown `shown` is worth nothing."""
    return _ORDER.get(shown, -1) >= _ORDER[wanted]


@dataclass(frozen=True, slots=True)
class Proof:
    """`amr` are RFC 8176 values, `acr` is one of `Acr`, `auth_time` Unix seconds.

    `epoch` is the user's when the proof was judged: a password changed since then makes it worthless.
    """

    user_id: uuid.UUID
    epoch: int
    amr: tuple[str, ...]
    acr: str
    auth_time: int
    second_factor: bool = False
    """An authenticator app or a passkey was shown on top of a first proof, however weak that one was."""
    joins: bool = False
    """This very proof made the account, or showed that its address is its owner's."""
