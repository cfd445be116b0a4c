"""`request.user` made from a verified token: a real `User`, without a query.

Only what the token says is set; every other field is deferred, so Django reads it if somebody touches it. Foreign keys
and `filter(owner=request.user)` work as always.
"""

import uuid
from collections.abc import Iterable

from django.db.models.base import ModelState

from .models import User


def claimed_user(user_id: uuid.UUID, *, epoch: int, superuser: bool, permissions: Iterable[str] | None) -> User:
    """`permissions=None` when the token does not carry them: then Django asks the database on the first `has_perm`."""
    # What `User.from_db` ends in. That one walks every column to find those to defer, on every request.
    user = User.__new__(User)
    user._state = ModelState()
    user._state.adding, user._state.db = False, "default"
    user.__dict__.update(id=user_id, is_active=True, is_superuser=superuser, epoch=epoch)
    if permissions is not None:
        # Django's own ModelBackend answers has_perm from this cache.
        user._perm_cache = frozenset(permissions)  # type: ignore[attr-defined]
    return user
