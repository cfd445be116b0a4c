"""Device authorization (RFC 8628): a device shows a code, somebody types it in their own browser, and the device is signed in.

A person can be talked into typing a stranger's code. So they type it themselves, see which application asks, since when and from
where, and no link carries the code (BCP 247, SECURITY O-43).
"""

import hashlib
import secrets

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from accounts.core.clock import now
from accounts.core.limits import Limit, take
from accounts.core.requests import Source
from accounts.core.sweep import delete as sweep_rows
from accounts.devices.models import Device

from . import consents, crowds
from .errors import AccessDenied, AuthorizationPending, ExpiredToken, InvalidGrant, SlowDown
from .models import Client, DeviceAuthorization, new_handle

LIFETIME = 600
"""Seconds."""
_LETTERS = "BCDFGHJKLMNPQRSTVWXZ"
"""No vowels, so no words; 20 to the eighth: 25 thousand million codes (RFC 8628 §6.1)."""
_LENGTH = 8
_SLOWER = 5
_HEARD = 60
"""Seconds in which a device that still asks hears that its code ran out."""
_KEPT = 86_400
"""Seconds, for one that somebody answered."""
_TRIES = Limit("device-code/person", free=10, first_wait=30, longest_wait=900, memory=3600)
"""Each code is looked up twice: when it is typed, and when it is answered."""


def begin(client: Client, scopes: tuple[str, ...], *, source: Source) -> tuple[str, DeviceAuthorization]:
    """The device code, told this once, and what waits. Raises `TooManyAttempts` where a network begins too many for clients that
    show no secret."""
    if client.is_public:
        crowds.take(crowds.DEVICES, source)
    code = new_handle()
    while True:
        try:
            with transaction.atomic():
                return code, DeviceAuthorization.objects.create(
                    digest=_digest(code),
                    user_code="".join(secrets.choice(_LETTERS) for _ in range(_LENGTH)),
                    client=client,
                    scope=" ".join(scopes),
                    network=source.network,
                    expires_at=now() + LIFETIME,
                )
        except IntegrityError:
            # Somebody else waits under the same letters.
            continue


def shown(user_code: str) -> str:
    """As people read and type it."""
    return f"{user_code[:4]}-{user_code[4:]}"


def find(typed: str, device: Device) -> DeviceAuthorization | None:
    """What waits under these letters, however they were typed. Counted before the look (SECURITY E-09): `TooManyAttempts`."""
    take(_TRIES, str(device.user_id))
    letters = "".join(letter for letter in typed.upper()[:40] if letter in _LETTERS)
    waiting = DeviceAuthorization.objects.select_related("client")
    return waiting.filter(user_code=letters, browser=None, is_denied=False, expires_at__gt=now(), client__is_active=True).first()


def allow(waiting: DeviceAuthorization, device: Device, *, source: Source) -> bool:
    """By the one who is first (a compare-and-swap); False for anybody after them."""
    with transaction.atomic():
        if _open(waiting).update(browser=device) != 1:
            return False
        consents.give(device, waiting.client, waiting.scope.split(), source=source)
    return True


def deny(waiting: DeviceAuthorization) -> bool:
    return _open(waiting).update(is_denied=True) == 1


def ask(client: Client, code: str) -> tuple[DeviceAuthorization, Device]:
    """The answer to one question of a device, and in which browser the yes was said.

    Raises `AuthorizationPending`, `SlowDown`, `AccessDenied`, `ExpiredToken`; `InvalidGrant` for a code that is unknown or used.
    """
    ours = DeviceAuthorization.objects.filter(digest=_digest(code), client=client)
    waiting = ours.select_related("browser").first()
    if waiting is None or waiting.used_at is not None:
        raise InvalidGrant("unknown, or used before")
    current = now()
    if waiting.expires_at <= current:
        raise ExpiredToken
    if current - waiting.polled_at < waiting.interval:
        ours.update(polled_at=current, interval=waiting.interval + _SLOWER)
        raise SlowDown
    ours.update(polled_at=current)
    if waiting.is_denied:
        raise AccessDenied("the person")
    if waiting.browser is None:
        raise AuthorizationPending
    return waiting, waiting.browser


def use(waiting: DeviceAuthorization) -> None:
    """Once, by a compare-and-swap. Raises `InvalidGrant`."""
    unused = DeviceAuthorization.objects.filter(digest=waiting.digest, used_at=None)
    if unused.update(used_at=now()) != 1:
        raise InvalidGrant("used before")


def sweep() -> int:
    """Those that ran out unanswered, and the others of the day before (SECURITY S-03); answers how many went."""
    ours, current = DeviceAuthorization.objects, now()
    unanswered = ours.filter(browser=None, is_denied=False, expires_at__lt=current - _HEARD)
    return sweep_rows(unanswered) + sweep_rows(ours.filter(expires_at__lt=current - _KEPT))


def _open(waiting: DeviceAuthorization) -> QuerySet[DeviceAuthorization]:
    same = DeviceAuthorization.objects.filter(digest=waiting.digest)
    return same.filter(browser=None, is_denied=False, expires_at__gt=now())


def _digest(code: str) -> str:
    return hashlib.sha256(code.encode("utf-8", "surrogatepass")).hexdigest()
