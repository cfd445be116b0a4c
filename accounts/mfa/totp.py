"""Codes of an authenticator app (RFC 6238): SHA-1, six digits, 30 seconds, one step of drift either way.

SHA-1, because it is what every app computes; HMAC does not lean on its collision resistance (RFC 6238 §1.2, RFC 4226 B.2).
"""

import hmac
import io
import re
import uuid
from dataclasses import dataclass

import pyotp
import segno
from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext

from accounts.audit.events import Event
from accounts.audit.record import record
from accounts.core import crypto
from accounts.core.clock import now
from accounts.core.errors import AlreadyEnrolled, InvalidCode, Unavailable
from accounts.core.requests import Source
from accounts.core.shapes import joined
from accounts.outbox import enqueue
from accounts.outbox.enqueue import Notice

from . import factors, recovery_codes
from .models import Authenticator, RecoveryCode

FACTOR = "totp"
PERIOD = 30
_DRIFT = 1
_SECRET_LENGTH = 32  # characters of base32: 160 bits, the output length of SHA-1 (RFC 4226 §4, R6)
_CODE = re.compile(r"[0-9]{6}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Enrolment:
    """Shown once, for an app to scan or to type; afterwards the secret cannot be read again (SECURITY P-11)."""

    secret: str
    otpauth_uri: str
    qr_svg: str


def begin(user_id: uuid.UUID, *, account_name: str) -> Enrolment:
    """A new secret in the place of one that was never confirmed. Raises `AlreadyEnrolled`."""
    secret = pyotp.random_base32(_SECRET_LENGTH)
    fresh = Authenticator(user_id=user_id, secret_encrypted=crypto.encrypt(secret.encode(), context=_context(user_id)))
    Authenticator.objects.bulk_create([fresh], ignore_conflicts=True)
    unconfirmed = Authenticator.objects.filter(user_id=user_id, confirmed_at=None)
    if not unconfirmed.update(secret_encrypted=fresh.secret_encrypted, created_at=fresh.created_at):
        raise AlreadyEnrolled("authenticator")
    uri = pyotp.TOTP(secret).provisioning_uri(name=account_name, issuer_name=settings.PRODUCT_NAME)
    return Enrolment(secret, uri, _qr_svg(uri))


def confirm(user_id: uuid.UUID, code: str, *, source: Source, device_id: uuid.UUID | None = None) -> list[str]:
    """The app works: from now on it counts. Answers ten recovery codes. Raises `InvalidCode`, `AlreadyEnrolled`."""
    held = Authenticator.objects.filter(user_id=user_id).first()
    if held is not None and held.confirmed_at is not None:
        raise AlreadyEnrolled("authenticator")
    step = _step_of(held, code) if held else None
    if held is None or step is None:
        raise InvalidCode("enrolment")
    codes = recovery_codes.generate()
    with transaction.atomic():
        factors.lock(user_id)
        _mark_confirmed(held, step)
        recovery_codes.store(user_id, codes)
        record(Event.TOTP_ENROLLED, subject=user_id, actor=user_id, device=device_id, source=source)
        enqueue.notice(Notice.FACTOR_ADDED, user_id, source=source, factor=FACTOR)
    return [code.text for code in codes]


def _mark_confirmed(held: Authenticator, step: int) -> None:
    """A compare-and-swap on the secret that was judged; its step is used up. Raises `InvalidCode`."""
    judged = Authenticator.objects.filter(user_id=held.user_id, confirmed_at=None, secret_encrypted=held.secret_encrypted)
    if not judged.update(confirmed_at=timezone.now(), last_step=step):
        raise InvalidCode("enrolment was begun anew or confirmed meanwhile")


def accept(user_id: uuid.UUID, code: str) -> bool:
    """True once for each time step: an accepted step, or one before it, is never accepted again (RFC 6238 §5.2).

    Call it under `attempts.guarded`. Raises `Unavailable` when the secret does not open.
    """
    held = Authenticator.objects.filter(user_id=user_id, confirmed_at__isnull=False).first()
    step = _step_of(held, code) if held else None
    if held is None or step is None:
        return False
    # SECURITY P-06: the condition on `last_step` makes it a compare-and-swap.
    unused = Authenticator.objects.filter(user_id=user_id, secret_encrypted=held.secret_encrypted, last_step__lt=step)
    return unused.update(last_step=step, last_used_at=timezone.now()) == 1


def remove(user_id: uuid.UUID, *, actor_id: uuid.UUID | None = None, source: Source, device_id: uuid.UUID | None = None) -> None:
    """The app and its recovery codes go; devices stay signed in. Nothing happens where there is none. `actor_id`: its owner
    when nobody is named."""
    with transaction.atomic():
        factors.lock(user_id)
        held = Authenticator.objects.filter(user_id=user_id).first()
        if held is None:
            return
        Authenticator.objects.filter(user_id=user_id).delete()
        if held.confirmed_at is None:
            return
        RecoveryCode.objects.filter(user_id=user_id).delete()
        record(Event.TOTP_REMOVED, subject=user_id, actor=actor_id, device=device_id, source=source)
        enqueue.notice(Notice.FACTOR_REMOVED, user_id, source=source, factor=FACTOR)


def rewrap() -> int:
    """Encrypt every secret with the first of `ENCRYPTION_KEYS`; answers how many (SECURITY K-15)."""
    return sum(_rewrapped(held) for held in Authenticator.objects.iterator())


def _rewrapped(held: Authenticator) -> int:
    return _put(held, crypto.decrypt(held.secret_encrypted, context=_context(held.user_id)))


def _put(held: Authenticator, secret: bytes) -> int:
    """Unless it has been changed meanwhile."""
    fresh = crypto.encrypt(secret, context=_context(held.user_id))
    unchanged = Authenticator.objects.filter(user_id=held.user_id, secret_encrypted=held.secret_encrypted)
    return unchanged.update(secret_encrypted=fresh)


def unopenable() -> QuerySet[Authenticator]:
    """Those whose secret was made with none of `ENCRYPTION_KEYS`."""
    return Authenticator.objects.filter(crypto.unopenable("secret_encrypted"))


def give_up() -> int:
    """A secret that nobody has, in the place of each whose key is lost; answers how many.

    The factor is still asked for: its owner goes on with a recovery code or a passkey, or staff remove it.
    """
    return sum(_put(held, pyotp.random_base32(_SECRET_LENGTH).encode()) for held in unopenable())


def _step_of(held: Authenticator, code: str) -> int | None:
    """The newest time step, of those in reach, whose code this is."""
    typed = joined(code)
    if not _CODE.fullmatch(typed):
        return None
    app, current = pyotp.TOTP(_secret(held)), now() // PERIOD
    in_reach = range(current - _DRIFT, current + _DRIFT + 1)
    matching = [step for step in in_reach if hmac.compare_digest(app.generate_otp(step), typed)]
    return max(matching, default=None)


def _secret(held: Authenticator) -> str:
    """Raises `Unavailable`: with a key missing nobody's code is wrong."""
    try:
        return crypto.decrypt(held.secret_encrypted, context=_context(held.user_id)).decode()
    except crypto.CannotDecrypt as error:
        raise Unavailable("an authenticator's secret does not open") from error


def _context(user_id: uuid.UUID) -> str:
    """What the secret's encryption is bound to."""
    return f"totp/{user_id}"


def _qr_svg(uri: str) -> str:
    """Black on a white quiet zone of its own, so that it can be scanned on a dark page too (ISO/IEC 18004 §6.3.8)."""
    drawn = io.BytesIO()
    code = segno.make(uri, error="m", micro=False)
    code.save(
        drawn,
        kind="svg",
        border=4,
        dark="#000",
        light="#fff",
        title=gettext("QR code for an authenticator app"),
        xmldecl=False,
        nl=False,
        omitsize=True,
        svgclass=None,
        lineclass=None,
    )
    return drawn.getvalue().decode().replace("<svg ", '<svg role="img" ', 1)
