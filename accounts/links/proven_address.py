"""Somebody has shown that an address is theirs. What was set up before that may be an attacker's, who typed it first."""

from django.db import transaction
from django.utils import timezone

from accounts.audit.events import Event
from accounts.audit.record import record
from accounts.core.requests import Source
from accounts.devices import registry
from accounts.devices.models import Device
from accounts.revocations import publish
from accounts.users.models import User

_UNPROVEN = {User.JoinedBy.REGISTRATION, User.JoinedBy.IMPORT}


def accept(user: User, *, keep_credentials: bool, source: Source) -> User:
    """Verify the address of `user`; for one that is verified already nothing changes.

    What was typed before goes, here or at the place an import came from, unless the same person is known to have chosen it
    (`keep_credentials`): password, passkeys, identities and devices (SECURITY L-10). What staff set up stays. Answers the account
    as it is now.
    """
    with transaction.atomic():
        unverified = User.objects.select_for_update().filter(id=user.id, email_verified_at=None).first()
        if unverified is not None:
            if unverified.joined_by in _UNPROVEN and not keep_credentials:
                _drop_what_came_before(unverified, source)
            User.objects.filter(id=user.id).update(email_verified_at=timezone.now())
            record(Event.EMAIL_VERIFIED, subject=user.id, actor=user.id, source=source, kept=keep_credentials)
        user.refresh_from_db()
    return user


def _drop_what_came_before(user: User, source: Source) -> None:
    user.set_unusable_password()
    User.objects.filter(id=user.id).update(password=user.password)
    user.passkeys.all().delete()
    user.identities.all().delete()
    publish.users_stale([user.id])
    registry.revoke_all(user.id, Device.Ended.ADDRESS_PROVEN, actor=None, source=source)
