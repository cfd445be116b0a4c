"""How much mail one address and one network may cause: silently, so that nobody learns which addresses exist (SECURITY E-11).

Each kind of mail is counted for the address and whoever asks, so that what a stranger asks for delays nobody else's mail, nor
another kind of their own. A device of the owner is on no stranger's account (SECURITY E-03).
"""

import uuid

from accounts.core import secrets
from accounts.core.limits import Limit

from . import budget
from .asker import Asker
from .budget import Budget, Key
from .codes import CodePurpose

_PACE = Limit("mail/pace", free=3, first_wait=300, longest_wait=3600)
_NETWORK = Limit("mail/network", free=30, first_wait=60, longest_wait=3600, memory=3600)
_MAILS = Budget("mail/day", total=40, share=20)
_CODES = Budget("mail/codes", total=10, share=5)
"""Ten challenges a day for devices that are not known, so that guessing stays hopeless (SECURITY P-24)."""


def allowed(purpose: CodePurpose, address: str, asker: Asker, *, user_id: uuid.UUID | None = None) -> bool:
    """Count one mail to this address, whose owner is `user_id` if anybody. False: send nothing, and answer as always."""
    return budget.take(_keys(purpose, secrets.fingerprint("mail", address), asker, user_id))


def _keys(purpose: CodePurpose, address: str, asker: Asker, user_id: uuid.UUID | None) -> list[Key]:
    device = asker.device_of(user_id)
    pace = (_PACE, f"{purpose}/{address}/{device or asker.network}")
    keys = [pace, *_MAILS.keys(address, asker, user_id)]
    if device:
        return keys
    codes = _CODES.keys(address, asker, user_id) if purpose is CodePurpose.SIGN_IN else []
    return [*keys, *codes, (_NETWORK, asker.network)]
