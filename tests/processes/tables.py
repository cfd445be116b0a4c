"""Look into a database from outside, past the project, which this does not import: SQLite or PostgreSQL by its URL."""

import sqlite3
from contextlib import closing
from typing import Any

import psycopg


def rows(database_url: str, query: str) -> list[tuple[Any, ...]]:
    """All rows of a query; dates come as the driver gives them."""
    with closing(connect(database_url)) as opened:
        return list(opened.execute(query).fetchall())


def write(database_url: str, statement: str) -> None:
    with closing(connect(database_url)) as opened:
        opened.execute(statement)
        opened.commit()


def connect(database_url: str) -> Any:
    if database_url.startswith("sqlite:///"):
        return sqlite3.connect(database_url.removeprefix("sqlite:///"), timeout=10)
    return psycopg.connect(database_url)


def is_sqlite(database_url: str) -> bool:
    return database_url.startswith("sqlite:")


def literal(identifier: str) -> str:
    """A UUID as both databases read it: SQLite keeps its 32 digits, PostgreSQL takes them."""
    return f"'{identifier.replace('-', '')}'"
