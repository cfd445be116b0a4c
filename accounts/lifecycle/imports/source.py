"""An opened export: its entries, how to read one, and what is left when all were read."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from .person import ImportedUser
from .reading import Entries, Entry


def _nothing() -> Iterable[Entry]:
    return ()


@dataclass(frozen=True, slots=True)
class Source:
    """`read` raises `BadEntry` or `UnusableHash`. `afterwards`: entries of a second file that came to nothing, as broken ones."""

    entries: Entries
    read: Callable[[dict[str, Any]], ImportedUser]
    afterwards: Callable[[], Iterable[Entry]] = _nothing
