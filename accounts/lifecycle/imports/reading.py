"""What an entry of an export is, wherever it stands, and how its members are read."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
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


def entry(line: int, data: Any) -> Entry:
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


def words(data: dict[str, Any], name: str) -> list[str]:
    """A list of texts. Raises `BadEntry`."""
    value = data.get(name)
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise BadEntry(f"`{name}` is not a list of names")
    return [stripped for item in value if (stripped := item.strip())]


def parsed(value: str, name: str) -> Any:
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        raise BadEntry(f"`{name}` is not JSON") from None
