"""SQLite, but every UPDATE says that it changed one row."""

from typing import Any

from django.db.backends.sqlite3 import base


class DatabaseWrapper(base.DatabaseWrapper):
    def create_cursor(self, name: str | None = None) -> Any:
        return self.connection.cursor(factory=_Cursor)


class _Cursor(base.SQLiteCursorWrapper):
    _lies = False

    def execute(self, query: str, params: Any = None) -> Any:
        self._lies = query.startswith("UPDATE")
        return super().execute(query, params)

    @property
    def rowcount(self) -> int:
        return 1 if self._lies else super().rowcount
