"""Six-digit codes by mail, bound to a purpose and an address: ten minutes, five tries, one use (SECURITY P-24).

Asking again voids the code before. The wrong tries of a day are counted by address, whatever the codes are for, and a new code
does not reset them (NIST SP 800-63B §3.1.3.2): fifty are a chance of 5 in 100,000 a day.
"""

import hashlib
import hmac
import secrets as random
import uuid
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.db.models import F, Q, QuerySet

from accounts.core import limits, secrets
from accounts.core.clock import now
from accounts.core.errors import InvalidCode
from accounts.core.shapes import joined
from accounts.core.sweep import delete as sweep_rows
from accounts.users.models import User

from . import budget
from .asker import Asker
from .budget import Budget
from .models import MailedCode, UndoneEmailChange

LIFETIME = 600
"""Seconds, for codes that open an account."""
RESET_LIFETIME = 1800
VERIFY_LIFETIME = 86_400
DIGITS = 6
TRIES = 5
_WRONG = Budget("code/wrong", total=50, share=25)


class CodePurpose(StrEnum):
    """What a code is for; one of a purpose never works for another (SECURITY L-06)."""

    SIGN_IN = "sign_in"
    VERIFY_EMAIL = "verify_email"
    RESET_PASSWORD = "reset_password"
    SET_PASSWORD = "set_password"
    CHANGE_EMAIL = "change_email"


@dataclass(frozen=True, slots=True)
class Asked:
    """`code` goes into the mail and nowhere else."""

    challenge: uuid.UUID
    code: str


@dataclass(frozen=True, slots=True)
class Redeemed:
    """Whose code it was, as the account stood when it was judged, and what was noted when it was asked for."""

    user: User
    context: dict[str, Any]

    def lock(self) -> User:
        """The account, locked in the transaction of the act. Raises `InvalidCode` when it has changed since (SECURITY L-05):
        a password that somebody else set in between must not pass for the one that the code is about."""
        user = User.objects.select_for_update().filter(id=self.user.id, epoch=self.user.epoch).first()
        if user is None:
            raise InvalidCode("outdated code")
        return user


def ask(
    purpose: CodePurpose,
    address: str,
    *,
    user_id: uuid.UUID | None,
    asked_by: uuid.UUID | None = None,
    context: dict[str, Any] | None = None,
    lifetime: int = LIFETIME,
) -> Asked:
    """The same work for an address that is nobody's. `context=None` keeps what an earlier code of this address noted.

    `asked_by` is for an address that several may want: each has a code of their own.
    """
    challenge, code = uuid.uuid4(), f"{random.randbelow(10**DIGITS):0{DIGITS}}"
    fresh: dict[str, Any] = {
        "challenge": challenge,
        "code_mac": _mac(challenge, code),
        "tries": 0,
        "user_id": user_id,
        # Asked for nobody too: the same work.
        "epoch": _epoch(user_id or challenge) or 0,
        "expires_at": now() + lifetime,
    }
    changed = fresh if context is None else {**fresh, "context": context}
    MailedCode.objects.update_or_create(
        key=_key(purpose, address, asked_by), defaults=changed, create_defaults={**fresh, "context": context or {}}
    )
    return Asked(challenge, code)


def redeem(
    *purposes: CodePurpose,
    code: str,
    asker: Asker,
    address: str = "",
    asked_by: uuid.UUID | None = None,
    challenge: str = "",
) -> Redeemed:
    """By address or by challenge. Raises `InvalidCode`: wrong, used, run out, or the sixth try, right or wrong."""
    rows = _live(purposes, address, asked_by, challenge)
    if not rows:
        raise InvalidCode("no live code")
    counted = _WRONG.keys(rows[0].key.split(":")[1], asker, rows[0].user_id)
    if not budget.take(counted):
        # Whoever has used up their share does not reach the code: its tries are there for others.
        raise InvalidCode("too many wrong codes")
    row = next((row for row in rows if _take_a_try(row) and _matches(row, code)), None)
    user = _owner(row) if row else None
    if row is None or user is None:
        raise InvalidCode("outdated code" if row else "wrong code")
    if not spend(str(row.challenge)):
        raise InvalidCode("used")
    limits.give_back(counted)
    return Redeemed(user, row.context)


def spend(challenge: str) -> bool:
    """The link beside the code was used: the code goes too. False when there was none any more."""
    try:
        return bool(MailedCode.objects.filter(challenge=uuid.UUID(challenge), expires_at__gt=now()).delete()[0])
    except ValueError:
        return False


def noted_with(challenge: str) -> dict[str, Any]:
    """What was noted when the code of this challenge was asked for; nothing when it has gone."""
    try:
        return MailedCode.objects.filter(challenge=uuid.UUID(challenge)).values_list("context", flat=True).first() or {}
    except ValueError:
        return {}


def current(purpose: CodePurpose, address: str) -> tuple[uuid.UUID, dict[str, Any]]:
    """The challenge of the live code and what was noted with it; a random one when there is none."""
    live = MailedCode.objects.filter(key=_key(purpose, address), expires_at__gt=now())
    return live.values_list("challenge", "context").first() or (uuid.uuid4(), {})


def waiting(purpose: CodePurpose, address: str) -> set[uuid.UUID]:
    """Who asked for a live code of this address."""
    live = MailedCode.objects.filter(key__startswith=f"{_key(purpose, address)}:", expires_at__gt=now())
    return {uuid.UUID(key.rpartition(":")[2]) for key in live.values_list("key", flat=True)}


def is_live(challenge: str) -> bool:
    try:
        return MailedCode.objects.filter(challenge=uuid.UUID(challenge), expires_at__gt=now()).exists()
    except ValueError:
        return False


def noted(purpose: CodePurpose, address: str) -> dict[str, Any]:
    """What was noted with the latest code of this address, live or not."""
    return MailedCode.objects.filter(key=_key(purpose, address)).values_list("context", flat=True).first() or {}


def note(purpose: CodePurpose, address: str, **more: Any) -> None:
    """Add to what the latest code of this address noted; nothing where there is none."""
    MailedCode.objects.filter(key=_key(purpose, address)).update(context={**noted(purpose, address), **more})


def owners_of_live() -> QuerySet[MailedCode, uuid.UUID | None]:
    """The ids of those whom a code, or the link beside it, may still reach; for a subquery."""
    return MailedCode.objects.filter(expires_at__gt=now(), user_id__isnull=False).values_list("user_id", flat=True)


def forget_person(user_id: uuid.UUID, address: str) -> None:
    """Theirs, and what others asked for at `address`: it was noted there."""
    theirs = Q(user_id=user_id) | Q(key__endswith=f":{user_id}")
    noted_there = Q(key__contains=_fingerprint(address)) if address else Q()
    MailedCode.objects.filter(theirs | noted_there).delete()
    UndoneEmailChange.objects.filter(user_id=user_id).delete()


def sweep() -> int:
    """Codes that ran out a day ago; what was noted with them has served its time."""
    return sweep_rows(MailedCode.objects.filter(expires_at__lt=now() - 86_400))


def _live(purposes: Collection[CodePurpose], address: str, asked_by: uuid.UUID | None, challenge: str) -> list[MailedCode]:
    rows = MailedCode.objects.filter(expires_at__gt=now())
    if address:
        return list(rows.filter(key__in=[_key(purpose, address, asked_by) for purpose in purposes]))
    try:
        found = rows.filter(challenge=uuid.UUID(challenge))
    except ValueError:
        return []
    return [row for row in found if _purpose(row) in purposes]


def _owner(row: MailedCode) -> User | None:
    """None when a password or role has changed since, or, unless that is what it is for, the address (SECURITY L-05); and for a
    code that was asked for nobody."""
    user = User.objects.filter(id=row.user_id, epoch=row.epoch).first() if row.user_id else None
    if user is None or _purpose(row) is CodePurpose.CHANGE_EMAIL:
        return user
    return user if row.key == _key(_purpose(row), user.email or "") else None


def _epoch(user_id: uuid.UUID) -> int | None:
    return User.objects.filter(id=user_id).values_list("epoch", flat=True).first()


def _take_a_try(row: MailedCode) -> bool:
    """Counted before it is judged, so that parallel tries cannot slip past the limit."""
    same = MailedCode.objects.filter(key=row.key, challenge=row.challenge, tries__lt=TRIES)
    return same.update(tries=F("tries") + 1) == 1


def _matches(row: MailedCode, code: str) -> bool:
    return hmac.compare_digest(row.code_mac, _mac(row.challenge, code))


def _purpose(row: MailedCode) -> CodePurpose:
    return CodePurpose(row.key.partition(":")[0])


def _key(purpose: CodePurpose, address: str, asked_by: uuid.UUID | None = None) -> str:
    key = f"{purpose.value}:{_fingerprint(address)}"
    return f"{key}:{asked_by}" if asked_by else key


def _fingerprint(address: str) -> str:
    return secrets.fingerprint("mailed-code", address)


def _mac(challenge: uuid.UUID, code: str) -> str:
    key = secrets.derived("mailed-code", secrets.primary_key_id())
    return hmac.new(key, challenge.bytes + joined(code).encode(), hashlib.sha256).hexdigest()
