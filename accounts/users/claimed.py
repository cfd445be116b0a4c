"""`request.user` made from a verified token: a real `User`, without a query.

Only what the token says is set; every other field is deferred, so Django reads it if somebody touches it. Foreign keys
and `filter(owner=request.user)` work as always.
"""

import uuid
from collections.abc import Iterable

from .models import User

# Django wants the values in the order of the model's columns.
_CLAIMED = tuple(
    field.attname for field in User._meta.concrete_fields if field.attname in {"id", "is_active", "is_superuser", "epoch"}
)


def claimed_user(user_id: uuid.UUID, *, epoch: int, superuser: bool, permissions: Iterable[str] | None) -> User:
    """`permissions=None` when the token does not carry them: then Django asks the database on the first `has_perm`."""
    claimed = {"id": user_id, "is_active": True, "is_superuser": superuser, "epoch": epoch}
    user = User.from_db("default", _CLAIMED, [claimed[name] for name in _CLAIMED])
    if permissions is not None:
        # Django's own ModelBackend answers has_perm from this cache.
        user._perm_cache = frozenset(permissions)  # type: ignore[attr-defined]
    return user
