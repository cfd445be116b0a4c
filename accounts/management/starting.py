"""What must hold before anything is served or delivered: the database counts right, and what it holds can be opened."""

from django.core.management.base import CommandError

from accounts.core.self_test import RowsAreMiscounted, prove_gates
from accounts.keys import rotation
from accounts.mfa import totp
from accounts.outbox import enqueue


def require_sound_database() -> None:
    """Raises `CommandError` with a sentence that says what to set, or `DatabaseError`."""
    try:
        prove_gates()
    except RowsAreMiscounted as error:
        raise CommandError(f"Signet cannot run on this database. {error}") from None
    _require_opening()


def _require_opening() -> None:
    """Without the right keys nobody could sign in, and apps would sign out whoever is (SECURITY K-02, K-15)."""
    stored = {
        "signing keys": len(rotation.unopenable()),
        "authenticator secrets": totp.unopenable().count(),
        "waiting messages": enqueue.unopenable().count(),
    }
    if closed := [f"{count} {what}" for what, count in stored.items() if count]:
        raise CommandError(
            f"ENCRYPTION_KEYS does not open {', '.join(closed)}. Put the key that encrypted them back, at the end of the list. "
            "Only if it is lost: manage.py rotate_keys --lost (docs/operating.md)."
        )
