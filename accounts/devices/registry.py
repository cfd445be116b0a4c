"""The rules of a device's life: remembered at sign-in, seen, renamed, ended."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.audit.events import Event
from accounts.audit.record import record
from accounts.core import secrets
from accounts.core.proofs import Proof
from accounts.core.requests import Source
from accounts.core.sweep import delete as sweep_rows
from accounts.outbox import enqueue
from accounts.revocations import publish
from accounts.users.models import User

from .models import FIRST_PARTY, Device

Ended = Device.Ended


@dataclass(frozen=True, slots=True)
class Description:
    """How an installation describes itself at sign-in."""

    name: str = ""
    platform: str = ""


@dataclass(frozen=True, slots=True)
class ClientSignIn:
    """What a client was let in for. One that `stays` is a device of its own, with refresh tokens. `jkt` is its key's."""

    client_id: str
    name: str
    scope: str
    claims: Mapping[str, list[str]]
    stays: bool
    jkt: str


def remember(proof: Proof, scope: str, transport: str, description: Description, source: Source, *, jkt: str = "") -> Device:
    """A new row for a new sign-in. Its id is ours, never the client's (SECURITY R-20). `jkt` is its key's, and never changes."""
    current = timezone.now()
    return Device.objects.create(
        user_id=proof.user_id,
        transport=transport,
        name=description.name,
        platform=description.platform,
        user_agent=source.user_agent,
        last_network=source.network,
        scope=scope,
        auth_time=proof.auth_time,
        acr=proof.acr,
        amr=list(proof.amr),
        jkt=jkt,
        mac_key_id=secrets.primary_key_id(),
        rotated_at=current,
        idle_expires_at=current + settings.REFRESH_IDLE_LIFETIME,
        expires_at=current + settings.REFRESH_ABSOLUTE_LIFETIME,
    )


def remember_client(browser: Device, asked: ClientSignIn, *, source: Source) -> Device:
    """As strong as the sign-in of the browser that it came through, which is locked by the caller.

    One that does not stay ends with its browser, and there is one of it for each client, key and set of claims, however often
    somebody is sent back and forth.
    """
    current = timezone.now()
    shown: dict[str, Any] = {
        "scope": asked.scope,
        "claims": dict(asked.claims) or None,
        "auth_time": browser.auth_time,
        "acr": browser.acr,
        "amr": browser.amr,
        "last_seen_at": current,
        "last_network": source.network,
    }
    if not asked.stays:
        carried = Device.objects.filter(browser=browser, client_id=asked.client_id, jkt=asked.jkt, ends_with_browser=True)
        known = next((one for one in carried.filter(revoked_at=None) if one.claims == shown["claims"]), None)
        # It may end at this moment: its client can do that without the lock of the browser.
        if known is not None and Device.objects.filter(id=known.id, revoked_at=None).update(**shown):
            known.refresh_from_db()
            return known
    ends_at = current + settings.REFRESH_ABSOLUTE_LIFETIME if asked.stays else browser.expires_at
    return Device.objects.create(
        user_id=browser.user_id,
        client_id=asked.client_id,
        browser=browser,
        ends_with_browser=not asked.stays,
        jkt=asked.jkt,
        name=asked.name,
        mac_key_id=secrets.primary_key_id(),
        rotated_at=current,
        idle_expires_at=current + settings.REFRESH_IDLE_LIFETIME if asked.stays else ends_at,
        expires_at=ends_at,
        **shown,
    )


def live(user_id: uuid.UUID) -> QuerySet[Device]:
    """The devices somebody is signed in on, the last used first. What ends with a browser is not one of its own."""
    current = timezone.now()
    mine = Device.objects.filter(user_id=user_id, revoked_at=None, ends_with_browser=False)
    return mine.filter(idle_expires_at__gt=current, expires_at__gt=current)


def rename(device: Device, name: str, source: Source) -> None:
    """The name is its owner's; it travels into mails and pages, checked before it comes here."""
    with transaction.atomic():
        Device.objects.filter(id=device.id).update(name=name)
        record(Event.DEVICE_RENAMED, subject=device.user_id, actor=device.user_id, device=device.id, source=source)
    device.name = name


def revoke(device: Device, because: str, *, actor: uuid.UUID | None, source: Source) -> bool:
    """End one device; True for the call that ended it, False when it was over already."""
    return bool(_end(Device.objects.filter(id=device.id), because, actor, source))


def sign_out(user_id: uuid.UUID, device_id: uuid.UUID, *, asking: uuid.UUID, source: Source) -> None:
    """One of its owner's devices, by themselves: on it, or from `asking`, another one. Nothing happens to somebody else's."""
    because = Ended.SIGNED_OUT if device_id == asking else Ended.SIGNED_OUT_ELSEWHERE
    end(Device.objects.filter(id=device_id, user_id=user_id), because, actor=user_id, source=source)


def sign_out_others(user_id: uuid.UUID, *, asking: uuid.UUID, source: Source) -> int:
    """All of its owner's devices but the one that asks; answers how many ended."""
    return revoke_all(user_id, Ended.SIGNED_OUT_ELSEWHERE, actor=user_id, source=source, keep=asking)


def revoke_all(
    user_id: uuid.UUID, because: str, *, actor: uuid.UUID | None, source: Source, keep: uuid.UUID | None = None
) -> int:
    """End every device of a user, except `keep` and what ends with it; answers how many ended."""
    mine = Device.objects.filter(user_id=user_id)
    kept = Q(id=keep) | Q(browser=keep, ends_with_browser=True)
    with transaction.atomic():
        # A sign-in under way ends first and is seen, or begins when nobody is there any more.
        User.objects.select_for_update().filter(id=user_id).exists()
        return end(mine.exclude(kept) if keep else mine, because, actor=actor, source=source)


def end(devices: QuerySet[Device], because: str, *, actor: uuid.UUID | None, source: Source) -> int:
    """Row, feed and audit in one transaction, and with a browser whatever ends with it. A device that already ended is left as
    it is. Answers how many ended; what ends with a browser is not counted."""
    return sum(not device.ends_with_browser for device in _end(devices, because, actor, source))


def _end(devices: QuerySet[Device], because: str, actor: uuid.UUID | None, source: Source) -> list[Device]:
    with transaction.atomic():
        ending = _locked(devices)
        carried = Device.objects.filter(browser__in=[device.id for device in ending], ends_with_browser=True)
        ending += _locked(carried.exclude(id__in=[device.id for device in ending]))
        ids = [device.id for device in ending]
        Device.objects.filter(id__in=ids).update(revoked_at=timezone.now(), ended_because=because)
        publish.device_ended(*ids)
        for device in ending:
            record(Event.DEVICE_REVOKED, subject=device.user_id, actor=actor, device=device.id, source=source, because=because)
        _tell_clients(ending)
    return ending


def _tell_clients(ended: list[Device]) -> None:
    """Those whose sign-in is over, and those that stay but came through a browser that is signed out: nobody is there now."""
    ids = [device.id for device in ended]
    staying = Device.objects.filter(browser__in=ids, revoked_at=None).only("id", "user_id", "client_id")
    for device in [*(device for device in ended if device.client_id != FIRST_PARTY), *staying]:
        enqueue.client_sign_out(device.client_id, device.id, device.user_id)


def _locked(devices: QuerySet[Device]) -> list[Device]:
    """Those that have not ended, in one order: the model's own, by last use, changes with every refresh, and two callers would
    deadlock."""
    known = devices.filter(revoked_at=None).select_for_update(of=("self",)).order_by("id")
    return list(known.only("id", "user_id", "client_id", "ends_with_browser"))


def sweep() -> int:
    """Delete devices past their absolute end. Until then an ended one is kept, so that a late replay is recognised."""
    return sweep_rows(Device.objects.filter(expires_at__lt=timezone.now() - timedelta(days=1)))
