"""An opened export: its entries, and how to read one."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .person import ImportedUser
from .reading import Entries


@dataclass(frozen=True, slots=True)
class Source:
    """`read` raises `BadEntry` or `UnusableHash`."""

    entries: Entries
    read: Callable[[dict[str, Any]], ImportedUser]
