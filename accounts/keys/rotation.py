"""Rotate signing keys: next → active → retired → gone, one winner however many ask at once.

A key is published long before it signs, so that every verifier that caches the JWK Set knows it already, and verifies
until the last token it signed has run out. One algorithm signs at a time: the first key of another one waits like any
other, and then takes over. All of it goes by the database's clock (SECURITY K-11).
"""

import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet

from accounts.audit.events import Event
from accounts.audit.record import record
from accounts.core.clock import database_now
from accounts.core.requests import NOWHERE, Source
from accounts.revocations import publish

from . import ring
from .material import encrypted_record, generate, opens, rewrapped
from .models import SigningKey

State = SigningKey.State
_SKEW = timedelta(minutes=1)


class NotRipe(Exception):
    """The next key was published too recently to sign; `ready_at` says when it may."""

    def __init__(self, ready_at: datetime) -> None:
        super().__init__(f"the next key may sign from {ready_at:%Y-%m-%d %H:%M:%S} UTC")
        self.ready_at = ready_at


@dataclass(slots=True)
class Report:
    """What a rotation did, by kid."""

    activated: list[str] = field(default_factory=list)
    retired: list[str] = field(default_factory=list)
    published: list[str] = field(default_factory=list)
    unpublished: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.activated or self.retired or self.published or self.unpublished or self.gone)


def ensure(algorithm: str, purpose: str = SigningKey.Purpose.ACCESS) -> Report:
    """First start: an active key at once (nobody has cached anything yet), and the next one.

    While a key of another algorithm signs, the next one alone: it takes over when it is ripe.
    """
    report = Report()
    if not SigningKey.objects.filter(purpose=purpose, state=State.ACTIVE).exists():
        _add(report, purpose, algorithm, State.ACTIVE)
    if not _in_state(purpose, algorithm, State.NEXT).exists():
        _add(report, purpose, algorithm, State.NEXT)
    if report:
        _announce(report)
    return report


def rotate(
    algorithm: str, purpose: str = SigningKey.Purpose.ACCESS, *, actor: uuid.UUID | None = None, source: Source = NOWHERE
) -> Report:
    """The next key becomes active, a new next one is published; what signed before is retired, keys of another algorithm too.

    Raises `NotRipe` and changes nothing while the next key is too young.
    """
    successor = generate(algorithm)
    report = Report()
    with transaction.atomic():
        living = _locked(purpose)
        waiting = next((key for key in living if (key.algorithm, key.state) == (algorithm, State.NEXT)), None)
        if waiting is None:
            _add(report, purpose, algorithm, State.NEXT)
            if report:
                _announce(report, actor, source)
            return report
        if (ready_at := waiting.published_at + publication_lead()) > (moment := database_now()):
            raise NotRipe(ready_at)
        for key in living:
            if key.kid != waiting.kid:
                _retire(key, moment, report)
        _activate(waiting, moment, report)
        fresh = encrypted_record(successor, purpose, algorithm, State.NEXT)
        fresh.published_at = moment
        fresh.save(force_insert=True)
        report.published.append(fresh.kid)
        _announce(report, actor, source)
    return report


def rotate_if_due(algorithm: str, purpose: str = SigningKey.Purpose.ACCESS) -> Report:
    """For the worker: rotate a key that has signed for `SIGNING_KEY_LIFETIME` or whose algorithm is no longer the wanted one,
    destroy those that have run out."""
    report = destroy_expired()
    active = _in_state(purpose, algorithm, State.ACTIVE).first()
    if active and active.activated_at and active.activated_at + settings.SIGNING_KEY_LIFETIME > database_now():
        return report
    try:
        return ensure(algorithm, purpose) or rotate(algorithm, purpose)
    except NotRipe:
        return report


def rotate_due_id_tokens() -> None:
    """As `rotate_if_due`, for the algorithms that some client wanted."""
    wanted = SigningKey.objects.exclude(purpose=SigningKey.Purpose.ACCESS).exclude(state=State.GONE)
    for purpose, algorithm in wanted.order_by().values_list("purpose", "algorithm").distinct():
        rotate_if_due(algorithm, purpose)


def pull(kid: str, *, actor: uuid.UUID | None = None, source: Source = NOWHERE) -> Report:
    """Emergency: trust this key no more, from now. Its successor signs at once, ripe or not. Raises `SigningKey.DoesNotExist`."""
    report = Report()
    with transaction.atomic():
        # All of them, in the order of every rotation: nobody waits for somebody who waits for them.
        every = {key.kid: key for key in SigningKey.objects.select_for_update().order_by("kid")}
        if (key := every.get(kid)) is None:
            raise SigningKey.DoesNotExist
        purpose, algorithm, was_active = key.purpose, key.algorithm, key.state == State.ACTIVE
        moment = database_now()
        _destroy(key, moment, report)
        publish.key_pulled(kid)
        if was_active:
            waiting = _in_state(purpose, algorithm, State.NEXT).first()
            if waiting is None:
                _add(report, purpose, algorithm, State.ACTIVE)
            else:
                _activate(waiting, moment, report)
        if not _in_state(purpose, algorithm, State.NEXT).exists():
            _add(report, purpose, algorithm, State.NEXT)
        record(Event.KEY_PULLED, actor=actor, source=source, kid=kid)
        _announce(report, actor, source)
    return report


def destroy_expired() -> Report:
    """Retired keys whose last token has run out lose their private half, and are published and trusted no more.

    But ID tokens are hints for as long as a sign-in lasts: keys of theirs go on to verify here (SECURITY K-05).
    """
    report = Report()
    moment = database_now()
    last_token, last_hint = moment - settings.ACCESS_TOKEN_LIFETIME - _SKEW, moment - settings.REFRESH_ABSOLUTE_LIFETIME
    is_over = Q(purpose=SigningKey.Purpose.ACCESS, retired_at__lte=last_token) | Q(retired_at__lte=last_hint)
    is_shown = Q(retired_at__lte=last_token) & ~Q(private_key_encrypted="")
    with transaction.atomic():
        # In the order of every rotation (see `pull`).
        for key in SigningKey.objects.select_for_update().filter(is_over | is_shown, state=State.RETIRED).order_by("kid"):
            if key.purpose == SigningKey.Purpose.ACCESS or (key.retired_at and key.retired_at <= last_hint):
                _destroy(key, moment, report)
            else:
                _unpublish(key, report)
        if report:
            _announce(report)
    return report


def rewrap() -> int:
    """Encrypt every private half with the first of `ENCRYPTION_KEYS`; answers how many."""
    keys = SigningKey.objects.exclude(private_key_encrypted="")
    return sum(keys.filter(kid=key.kid).update(private_key_encrypted=rewrapped(key)) for key in keys)


def unopenable() -> list[SigningKey]:
    """Those of the living whose private half does not open with `ENCRYPTION_KEYS` (SECURITY K-15)."""
    return [key for key in SigningKey.objects.exclude(private_key_encrypted="").order_by("kid") if not opens(key)]


def give_up() -> int:
    """Pull what cannot be opened: its key is lost. Answers how many."""
    return len([pull(key.kid) for key in unopenable()])


def publication_lead() -> timedelta:
    """How long a key is published before it signs: two cache lifetimes of the JWK Set, and ten minutes at least."""
    return max(2 * settings.JWKS_MAX_AGE, timedelta(minutes=10))


def _in_state(purpose: str, algorithm: str, state: str) -> QuerySet[SigningKey]:
    return SigningKey.objects.filter(purpose=purpose, algorithm=algorithm, state=state)


def _locked(purpose: str) -> list[SigningKey]:
    """The active and next keys, locked, so that of twenty callers nineteen find a young next key."""
    living = SigningKey.objects.select_for_update().filter(purpose=purpose, state__in=[State.ACTIVE, State.NEXT])
    return list(living.order_by("kid"))


def _add(report: Report, purpose: str, algorithm: str, state: str) -> None:
    """Insert a new key; somebody who was faster is no error (the unique constraint decides)."""
    key = encrypted_record(generate(algorithm), purpose, algorithm, state)
    key.published_at = database_now()
    if state == State.ACTIVE:
        key.activated_at = key.published_at
    try:
        with transaction.atomic():
            key.save(force_insert=True)
    except IntegrityError:
        return
    (report.activated if state == State.ACTIVE else report.published).append(key.kid)


def _activate(key: SigningKey, moment: datetime, report: Report) -> None:
    key.state, key.activated_at = State.ACTIVE, moment
    key.save(update_fields=["state", "activated_at"])
    report.activated.append(key.kid)


def _retire(key: SigningKey, moment: datetime, report: Report) -> None:
    key.state, key.retired_at = State.RETIRED, moment
    key.save(update_fields=["state", "retired_at"])
    report.retired.append(key.kid)


def _unpublish(key: SigningKey, report: Report) -> None:
    key.private_key_encrypted = ""
    key.save(update_fields=["private_key_encrypted"])
    report.unpublished.append(key.kid)


def _destroy(key: SigningKey, moment: datetime, report: Report) -> None:
    key.state, key.gone_at, key.private_key_encrypted = State.GONE, moment, ""
    key.save(update_fields=["state", "gone_at", "private_key_encrypted"])
    report.gone.append(key.kid)


def _announce(report: Report, actor: uuid.UUID | None = None, source: Source = NOWHERE) -> None:
    publish.keys_changed()
    done = {name: getattr(report, name) for name in ("activated", "retired", "unpublished", "gone")}
    record(Event.KEYS_ROTATED, actor=actor, source=source, **done)
    transaction.on_commit(ring.outdate)
