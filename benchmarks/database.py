"""Looks into a contender's SQLite file from outside, and at the disk below it."""

import sqlite3
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

from .contender import Contender


def count_rows(contender: Contender) -> int:
    """All rows of all tables."""
    connection = sqlite3.connect(f"file:{contender.database}?mode=ro", uri=True)
    try:
        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        # The names come from the file's own catalogue.
        return sum(connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in tables)
    finally:
        connection.close()


def commit_probe(file: Path, commits: int = 100) -> Callable[[], float]:
    """A function that measures one bare commit with synchronous=FULL, in seconds: what the disk charges just now."""
    connection = sqlite3.connect(file, isolation_level=None)
    connection.executescript(
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE probe (n INTEGER); INSERT INTO probe VALUES (0)"
    )

    def measure() -> float:
        started = perf_counter()
        for _ in range(commits):
            connection.execute("UPDATE probe SET n = n + 1")
        return (perf_counter() - started) / commits

    return measure
