"""CSV, one row a line.

A line break inside quotes is allowed by RFC 4180 §2 and refused here, with every line that the quotes hold together: taken line
by line, such a row could bring others along that somebody wrote into a name; taken whole, one stray quote would swallow
whoever stands below it.
"""

import csv
import sys
from collections.abc import Iterator
from enum import Enum
from pathlib import Path

from .reading import Entries, Entry, UnreadableExport

_ENDS_TOO_EARLY = "unexpected end of data"
# The library's own limit is of fields, and would break a row in its middle; what is too long is refused by what it is.
_LONGEST_FIELD = sys.maxsize


class _Form(Enum):
    WHOLE = "a row"
    OPEN = "its last quotes do not close on this line"
    BROKEN = "no CSV"


def csv_table(path: Path, *, needed: frozenset[str], known: frozenset[str] | None = None) -> Entries:
    """Raises `UnreadableExport` for a header without the needed columns, with one twice, or with one that is not known."""
    csv.field_size_limit(_LONGEST_FIELD)
    header = _header(path)
    if missing := needed - set(header):
        raise UnreadableExport(f"The header lacks {', '.join(sorted(missing))}.")
    if len(header) != len(set(header)):
        raise UnreadableExport("The header names a column twice.")
    if known is not None and (unknown := set(header) - known):
        raise UnreadableExport(f"The header has unknown columns: {', '.join(sorted(unknown))}.")
    return Entries(sum(1 for _ in _lines(path)), _rows(path, header))


def _header(path: Path) -> list[str]:
    with path.open("rb") as file:
        first = file.readline()
    try:
        return [name.strip() for name in next(csv.reader([first.decode("utf-8-sig").rstrip("\r\n")], strict=True), [])]
    except (UnicodeDecodeError, csv.Error):
        raise UnreadableExport("The header is not CSV in UTF-8.") from None


def _lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """Those below the header that hold something."""
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            if number > 1 and line.strip():
                yield number, line.rstrip(b"\r\n")


def _rows(path: Path, header: list[str]) -> Iterator[Entry]:
    begun_in = _rows_of_several_lines(path)
    for number, line in _lines(path):
        if number in begun_in:
            yield Entry(number, {}, _one_of_several(number, begun_in[number]))
        else:
            yield _row(number, header, line)


def _one_of_several(number: int, begun: int) -> str:
    return "the row goes on in the next line" if number == begun else f"the line belongs to the row that begins in line {begun}"


def _row(number: int, header: list[str], line: bytes) -> Entry:
    try:
        row = next(csv.reader([line.decode()], strict=True))
    except UnicodeDecodeError:
        return Entry(number, {}, "the line is not UTF-8")
    except csv.Error:
        return Entry(number, {}, "the line is not CSV: a quote that is not closed, or text behind one that is")
    if len(row) != len(header):
        return Entry(number, {}, f"the line has {len(row)} columns, the header {len(header)}")
    return Entry(number, dict(zip(header, row, strict=True)))


def _rows_of_several_lines(path: Path) -> dict[int, int]:
    """Their lines, and in which line each row begins.

    Quotes that open on one line and are closed properly on a later one make a row. Where they are not, the first was a
    stray one, and its line alone is broken.
    """
    found: dict[int, int] = {}
    begun = 0
    within: list[int] = []
    for number, line in _lines(path):
        form = _Form.OPEN if begun and b'"' not in line else _form(line, inside=bool(begun))
        if begun and form is _Form.BROKEN:
            begun, within, form = 0, [], _form(line)
        if form is _Form.OPEN:
            begun = begun or number
            within.append(number)
        elif begun:
            found |= dict.fromkeys([*within, number], begun)
            begun, within = 0, []
    return found


def _form(line: bytes, *, inside: bool = False) -> _Form:
    """`inside`: quotes of a line above are still open."""
    if b'"' not in line:
        return _Form.OPEN if inside else _Form.WHOLE
    text = line.decode(errors="replace")
    try:
        next(csv.reader([f'"{text}' if inside else text], strict=True))
    except csv.Error as error:
        return _Form.OPEN if _ENDS_TOO_EARLY in str(error) else _Form.BROKEN
    return _Form.WHOLE
