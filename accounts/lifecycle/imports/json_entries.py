"""JSON, as one list of entries or as one entry a line."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .reading import Entries, Entry, UnreadableExport, entry

_NOT_JSON = "the entry is not JSON, or is nested too deeply"
# Texts, so that what stands in them is no mark; and what a document is structured by.
_MARK = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[\[\]{},]', re.DOTALL)


def json_lines(path: Path) -> Entries:
    with path.open("rb") as file:
        total = sum(1 for line in file if line.strip())
    return Entries(total, _lines(path))


def json_list(path: Path, member: str = "") -> Entries:
    """A list, or the list under `member` of an object. Raises `UnreadableExport`."""
    raw = path.read_bytes()
    try:
        document = json.loads(raw)
    except (ValueError, RecursionError):
        # A name in the wrong encoding, a number of a million digits: one of these must not stop the others.
        found = list(_one_by_one(raw.decode("utf-8-sig", errors="replace"), member))
        return Entries(len(found), iter(found))
    listed = document.get(member) if member and isinstance(document, dict) else document
    if not isinstance(listed, list):
        raise UnreadableExport(f"The file holds no list{f' under `{member}`' if member else ''}.")
    return Entries(len(listed), (entry(position, data) for position, data in enumerate(listed, 1)))


def begins_with_json(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(64).lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in {b"[", b"{"}


def _lines(path: Path) -> Iterator[Entry]:
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            if line.strip():
                yield _parsed(number, line, "the line is not JSON")


def _one_by_one(document: str, member: str) -> Iterator[Entry]:
    position = 0
    for start, end in _spans(document, member):
        if written := document[start:end].strip():
            position += 1
            yield _parsed(position, written, _NOT_JSON)


def _parsed(line: int, written: str | bytes, otherwise: str) -> Entry:
    try:
        data: Any = json.loads(written)
    except (ValueError, RecursionError):
        return Entry(line, {}, otherwise)
    return entry(line, data)


def _spans(document: str, member: str) -> Iterator[tuple[int, int]]:
    """Where the items of the list stand. Raises `UnreadableExport` when there is no such list, or no end of it."""
    depth, listed, begun, name = 0, 0, 0, ""
    for found in _MARK.finditer(document):
        mark = found[0]
        if mark in {"[", "{"}:
            depth += 1
            if not listed and mark == "[" and (depth == 1 or (depth == 2 and name == f'"{member}"')):
                listed, begun = depth, found.end()
        elif mark == "," and listed and depth == listed:
            yield begun, found.start()
            begun = found.end()
        elif mark in {"]", "}"}:
            if listed and depth == listed:
                yield begun, found.start()
                return
            depth -= 1
        elif depth == 1:
            name = mark
    raise UnreadableExport("The file is not JSON, or ends in the middle.")
