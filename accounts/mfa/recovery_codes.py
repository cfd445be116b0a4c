"""Ten codes for the day the phone is gone: 80 bits each, good for one use, kept as Argon2id hashes.

Two digits in clear name the row, so that one try costs one hash and not ten (SECURITY P-22).
"""

import re
import secrets
import threading
import unicodedata
import uuid
from dataclasses import dataclass

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.audit.events import Event
from accounts.audit.record import record
from accounts.core.errors import NotEnrolled
from accounts.core.requests import Source
from accounts.outbox import enqueue
from accounts.outbox.enqueue import Notice

from . import factors
from .models import RecoveryCode

FACTOR = "recovery_codes"
HOW_MANY = 10
_LENGTH = 16  # of 5 bits each
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base32: no I, L, O, U
_MISREAD = str.maketrans("ILO", "110")
_CODE = re.compile(rf"([0-9]{{2}})([{_ALPHABET}]{{{_LENGTH}}})", re.ASCII)
_LONGEST_TYPED = 100
# OWASP's smallest memory is enough, and never more than a password's: 80 random bits are out of reach of guessing.
_hasher = PasswordHasher(time_cost=1, memory_cost=min(7168, settings.ARGON2_MEMORY_COST), parallelism=1)
_hashing = threading.BoundedSemaphore(4)


@dataclass(frozen=True, slots=True)
class Code:
    """`text` is shown once; `hash` is kept."""

    row: int
    text: str
    hash: str


def generate() -> list[Code]:
    """A new set; make it before the transaction that stores it, for it costs ten hashes."""
    return [_code(row) for row in range(HOW_MANY)]


def _code(row: int) -> Code:
    secret = "".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH))
    groups = [secret[start : start + 4] for start in range(0, _LENGTH, 4)]
    with _hashing:
        return Code(row, "-".join([f"{row + 1:02}", *groups]), _hasher.hash(secret))


def store(user_id: uuid.UUID, codes: list[Code]) -> None:
    """In the place of the old set, which is void. The caller holds its owner's row in its transaction."""
    RecoveryCode.objects.filter(user_id=user_id).delete()
    RecoveryCode.objects.bulk_create(RecoveryCode(user_id=user_id, row=code.row, code_hash=code.hash) for code in codes)


def renew(user_id: uuid.UUID, *, source: Source, device_id: uuid.UUID | None = None) -> list[str]:
    """Ten new codes; the old ones are void. Raises `NotEnrolled` without an authenticator app."""
    codes = generate()
    with transaction.atomic():
        # Two renewals follow each other, and none outlives a removal.
        factors.lock(user_id)
        if not factors.has_authenticator(user_id):
            raise NotEnrolled("authenticator")
        store(user_id, codes)
        record(Event.RECOVERY_CODES_RENEWED, subject=user_id, actor=user_id, device=device_id, source=source)
        enqueue.notice(Notice.FACTOR_ADDED, user_id, source=source, factor=FACTOR)
    return [code.text for code in codes]


def accept(user_id: uuid.UUID, code: str, *, source: Source) -> bool:
    """True for the first use of a code of the newest set; its owner is told. Call it under `attempts.guarded`."""
    typed = _CODE.fullmatch(_tidy(code))
    if typed is None:
        return False
    held = RecoveryCode.objects.filter(user_id=user_id, row=int(typed[1]) - 1).first()
    if not _matches(held, typed[2]) or held is None:
        return False
    with transaction.atomic():
        # SECURITY P-12: of many at once the row count names one.
        if not RecoveryCode.objects.filter(id=held.id, used_at=None).update(used_at=timezone.now()):
            return False
        remaining = left(user_id)
        record(Event.RECOVERY_CODE_USED, subject=user_id, actor=user_id, source=source, left=remaining)
        enqueue.notice(Notice.RECOVERY_CODE_USED, user_id, source=source, left=remaining)
    return True


def left(user_id: uuid.UUID) -> int:
    """How many codes of the newest set are unused."""
    return RecoveryCode.objects.filter(user_id=user_id, used_at=None).count()


def _matches(held: RecoveryCode | None, secret: str) -> bool:
    """One hash, whether or not there is such a row and whether or not it was used."""
    with _hashing:
        if held is None:
            _hasher.hash(secret)
            return False
        try:
            return _hasher.verify(held.code_hash, secret)
        except (VerificationError, InvalidHashError):
            return False


def _tidy(typed: str) -> str:
    """Capitals without spaces and dashes; letters that are left out of the alphabet are read as what they look like."""
    kept = (sign for sign in typed[:_LONGEST_TYPED] if not sign.isspace() and unicodedata.category(sign) != "Pd")
    return "".join(kept).upper().translate(_MISREAD)
