"""A row that is read on many requests, by SQL that is written once.

The ORM takes longer to build such a SELECT than a database to run it. What is not named is deferred, so Django reads it if
somebody touches it.
"""

from collections.abc import Callable, Iterator
from functools import cached_property
from itertools import islice
from typing import Any, Generic, TypeAlias, TypeVar

from django.db import connection
from django.db.models import Field, ForeignKey, Model

M = TypeVar("M", bound=Model)
_Field: TypeAlias = "Field[Any, Any]"
_Key: TypeAlias = "ForeignKey[Any, Any]"
_Convert = Callable[[Any], Any]


class Reading(Generic[M]):
    """`names` and `by` are columns of the model, by attribute and apart by spaces; `related` those of rows that it points to.
    Without any name, every column."""

    def __init__(self, model: type[M], names: str = "", *, by: str, **related: str) -> None:
        self._model, self._names, self._by, self._related = model, names, by, related

    def first(self, *by: Any) -> M | None:
        """The row whose columns have these values."""
        with connection.cursor() as cursor:
            wanted = zip(self._conditions, by, strict=True)
            cursor.execute(self._sql, [field.get_db_prep_value(value, connection) for field, value in wanted])
            row = cursor.fetchone()
        return None if row is None else self._made(row)

    def _made(self, row: tuple[Any, ...]) -> M:
        values = iter([convert(value) if convert else value for convert, value in zip(self._converters, row, strict=True)])
        found = _from_row(self._model, self._own, values)
        for key, fields in self._beside:
            setattr(found, key.name, _from_row(key.related_model, fields, values))
        return found

    @cached_property
    def _own(self) -> list[_Field]:
        return _fields(self._model, self._names)

    @cached_property
    def _beside(self) -> list[tuple[_Key, list[_Field]]]:
        keys = [(field, field.name) for field in self._model._meta.concrete_fields if isinstance(field, ForeignKey)]
        return [(key, _fields(key.related_model, self._related[name])) for key, name in keys if name in self._related]

    @cached_property
    def _conditions(self) -> list[_Field]:
        return [next(field for field in self._model._meta.concrete_fields if field.attname == name) for name in self._by.split()]

    @cached_property
    def _sql(self) -> str:
        columns = ", ".join(_column(field) for field in self._columns())
        where = " AND ".join(f"{_column(field)} = %s" for field in self._conditions)
        # Names of our own tables and columns.
        return f"SELECT {columns} FROM {self._model._meta.db_table}{''.join(self._joins())} WHERE {where}"  # noqa: S608

    def _joins(self) -> Iterator[str]:
        for key, _ in self._beside:
            yield f" JOIN {key.related_model._meta.db_table} ON {_column(key.target_field)} = {_column(key)}"

    @cached_property
    def _converters(self) -> list[_Convert | None]:
        """What Django does with each column of this database: SQLite has neither UUIDs nor times."""
        return [_converter(field) for field in self._columns()]

    def _columns(self) -> list[_Field]:
        return [*self._own, *(field for _, fields in self._beside for field in fields)]


def _from_row(model: type[M], fields: list[_Field], values: Iterator[Any]) -> M:
    """Takes as many of the values as there are fields."""
    return model.from_db(connection.alias, [field.attname for field in fields], list(islice(values, len(fields))))


def _fields(model: type[Model], names: str) -> list[_Field]:
    """In the order of the model's columns, as `Model.from_db` wants them."""
    wanted = names.split()
    return [field for field in model._meta.concrete_fields if not wanted or field.attname in wanted]


def _column(field: _Field) -> str:
    return f"{field.model._meta.db_table}.{field.column}"


def _converter(field: _Field) -> _Convert | None:
    column = field.get_col(field.model._meta.db_table)
    steps = [*connection.ops.get_db_converters(column), *column.get_db_converters(connection)]
    if not steps:
        return None

    def convert(value: Any) -> Any:
        for step in steps:
            value = step(value, column, connection)
        return value

    return convert
