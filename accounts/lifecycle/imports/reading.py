"""Exports as files: JSON, JSON lines, CSV. Each entry carries where it stands, for the report."""

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .person import BadEntry


class UnreadableExport(Exception):
    """The file as a whole is not what it should be."""


@dataclass(frozen=True, slots=True)
class Entry:
    """`line` is the line in a file of lines, and the position in a JSON list, both from 1. `broken` says why there is no data."""

    line: int
    data: dict[str, Any]
    broken: str = ""


@dataclass(frozen=True, slots=True)
class Entries:
    total: int
    stream: Iterator[Entry]


def json_lines(path: Path) -> Entries:
    with path.open("rb") as file:
        total = sum(1 for line in file if line.strip())
    return Entries(total, _json_lines(path))


def json_list(path: Path, member: str = "") -> Entries:
    """A list, or the list under `member` of an object. Raises `UnreadableExport`."""
    try:
        document = json.loads(path.read_bytes())
    except (ValueError, RecursionError) as error:
        raise UnreadableExport("The file is not JSON.") from error
    found = document.get(member) if member and isinstance(document, dict) else document
    if not isinstance(found, list):
        raise UnreadableExport(f"The file holds no list{f' under `{member}`' if member else ''}.")
    return Entries(len(found), (_entry(position, data) for position, data in enumerate(found, 1)))


def csv_table(path: Path, *, needed: frozenset[str], known: frozenset[str] | None = None) -> Entries:
    """Raises `UnreadableExport` for a header without the needed columns, or with one that is not known."""
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        header = [name.strip() for name in next(csv.reader(file), [])]
    if missing := needed - set(header):
        raise UnreadableExport(f"The header lacks {', '.join(sorted(missing))}.")
    if known is not None and (unknown := set(header) - known):
        raise UnreadableExport(f"The header has unknown columns: {', '.join(sorted(unknown))}.")
    return Entries(sum(1 for _ in _csv_rows(path, header)), _csv_rows(path, header))


def begins_with_json(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(64).lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in {b"[", b"{"}


def _json_lines(path: Path) -> Iterator[Entry]:
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            if not line.strip():
                continue
            try:
                data = json.loads(line)
            except (ValueError, RecursionError):
                yield Entry(number, {}, "the line is not JSON")
                continue
            yield _entry(number, data)


def _csv_rows(path: Path, header: list[str]) -> Iterator[Entry]:
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        rows = csv.reader(file)
        next(rows, None)
        while True:
            try:
                row = next(rows, None)
            except csv.Error:
                yield Entry(rows.line_num, {}, "the line is not CSV")
                continue
            if row is None:
                return
            if row:
                yield _row(rows.line_num, header, row)


def _row(line: int, header: list[str], row: list[str]) -> Entry:
    if len(row) != len(header):
        return Entry(line, {}, f"the line has {len(row)} columns, the header {len(header)}")
    return Entry(line, dict(zip(header, row, strict=True)))


def _entry(line: int, data: Any) -> Entry:
    return Entry(line, data) if isinstance(data, dict) else Entry(line, {}, "the entry is not an object")


def text(data: dict[str, Any], name: str) -> str:
    """Empty when missing or null. Raises `BadEntry` for something that is not text."""
    value = data.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise BadEntry(f"`{name}` is not text")
    return value.strip()


def flag(data: dict[str, Any], name: str) -> bool:
    """JSON's true, and the words of databases and spreadsheets. Raises `BadEntry`."""
    value = data.get(name)
    if value is None or isinstance(value, bool):
        return bool(value)
    word = str(value).strip().lower()
    if word not in {"", "true", "t", "1", "yes", "false", "f", "0", "no"}:
        raise BadEntry(f"`{name}` is neither true nor false")
    return word in {"true", "t", "1", "yes"}


def objects(data: dict[str, Any], name: str) -> list[dict[str, Any]]:
    """A list of objects, or the same as JSON in a text. Raises `BadEntry`."""
    value = data.get(name)
    if isinstance(value, str):
        value = parsed(value, name) if value.strip() else None
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise BadEntry(f"`{name}` is not a list of objects")
    return value


def parsed(value: str, name: str) -> Any:
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        raise BadEntry(f"`{name}` is not JSON") from None
