"""The one read of a refresh: a device together with its user.

Written as SQL, like the swap: the ORM takes longer to build this SELECT than a database to run it. What a refresh does not
need is deferred, so Django reads it if somebody touches it.
"""

import uuid
from collections.abc import Callable
from functools import cache
from typing import Any

from django.db import connection
from django.db.models import Field, Model

from accounts.users.models import User

from .models import Device

_Convert = Callable[[Any], Any]


def _read(model: type[Model], names: str) -> list["Field[Any, Any]"]:
    """In the order of the model's columns, as `Model.from_db` wants them."""
    wanted = set(names.split())
    return [field for field in model._meta.concrete_fields if field.attname in wanted]


_DEVICE = _read(
    Device,
    "id user_id client_id transport scope claims auth_time acr amr jkt counter mac_key_id rotated_at retry_key_hash "
    "rescued_at_counter rescue_streak created_at idle_expires_at expires_at revoked_at ended_because",
)
_USER = _read(User, "id email is_active is_staff is_superuser email_verified_at epoch deletion_due_at")
_DEVICE_NAMES = [field.attname for field in _DEVICE]
_USER_NAMES = [field.attname for field in _USER]
_COLUMNS = ", ".join(f"{field.model._meta.db_table}.{field.column}" for field in [*_DEVICE, *_USER])
_JOIN = "accounts_device JOIN accounts_user ON accounts_user.id = accounts_device.user_id"
_SELECT = f"SELECT {_COLUMNS} FROM {_JOIN} WHERE accounts_device.id = %s"  # noqa: S608 - names of our own columns


def with_user(device_id: uuid.UUID) -> Device | None:
    with connection.cursor() as cursor:
        cursor.execute(_SELECT, [_DEVICE[0].get_db_prep_value(device_id, connection)])
        row = cursor.fetchone()
    if row is None:
        return None
    values = [convert(value) if convert else value for convert, value in zip(_converters(connection.vendor), row, strict=True)]
    device = Device.from_db(connection.alias, _DEVICE_NAMES, values[: len(_DEVICE)])
    device.user = User.from_db(connection.alias, _USER_NAMES, values[len(_DEVICE) :])
    return device


@cache
def _converters(vendor: str) -> list[_Convert | None]:
    """What Django does with each column of this database, once: SQLite has neither UUIDs nor times."""
    return [_converter(field) for field in [*_DEVICE, *_USER]]


def _converter(field: "Field[Any, Any]") -> _Convert | None:
    column = field.get_col(field.model._meta.db_table)
    steps = [*connection.ops.get_db_converters(column), *column.get_db_converters(connection)]
    if not steps:
        return None

    def convert(value: Any) -> Any:
        for step in steps:
            value = step(value, column, connection)
        return value

    return convert
