"""A fresh install has no administrator and no default password: a one-use link makes the first."""

from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_noop as _

from accounts.audit.events import Event
from accounts.audit.record import record
from accounts.core import gates
from accounts.core.errors import InvalidInput, TokenInvalid
from accounts.core.requests import Source
from accounts.passwords import hashing, policy
from accounts.tokens import sealed
from accounts.tokens.claims import Claims
from accounts.users.models import User

PURPOSE = sealed.SealedPurpose("first-administrator+jwt", 24 * 3600)


def is_needed() -> bool:
    """Nobody can administer: no superuser may sign in. People who were imported do not count."""
    return not User.objects.filter(is_superuser=True, is_active=True).exists()


def url() -> str:
    """Good for a day and for one use, and only while there is no administrator."""
    return f"{settings.PUBLIC_URL}/account/reset/?token={sealed.seal(PURPOSE, {})}"


def is_setup_token(token: str) -> bool:
    """Whether this link was printed by a fresh install, in time or not."""
    try:
        sealed.unseal(PURPOSE, token, may_be_expired=True)
    except TokenInvalid:
        return False
    return True


def require_open(token: str) -> Claims:
    """Raises `TokenInvalid` once there is an administrator."""
    claims = sealed.unseal(PURPOSE, token)
    if not is_needed():
        raise TokenInvalid("there is an administrator already")
    return claims


def create(token: str, fields: dict[str, Any], source: Source) -> User:
    """Raises `TokenInvalid`, Django's `ValidationError` for the password, or `InvalidInput` for an address that is taken."""
    claims = require_open(token)
    policy.require_acceptable(fields["new_password"], User(email=fields["email"], name=fields["name"]))
    encoded = hashing.hashed(fields["new_password"])
    with transaction.atomic():
        # One fixed gate, not one per link: two printed links still make one administrator.
        if not gates.consume("first-administrator", "", expires_at=claims.integer("exp")) or not is_needed():
            raise TokenInvalid("somebody was faster")
        user = _insert(fields["email"], fields["name"])
        User.objects.filter(id=user.id).update(password=encoded)
        record(Event.USER_CREATED, subject=user.id, actor=user.id, source=source, first_administrator=True)
    return user


def _insert(email: str, name: str) -> User:
    try:
        with transaction.atomic():
            return User.objects.create_superuser(email, None, name=name)
    except IntegrityError:
        raise InvalidInput("email", "unique", _("Somebody has this address already.")) from None
