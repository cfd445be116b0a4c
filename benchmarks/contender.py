"""One thing that is measured: how to start it and which credentials it accepts."""

from dataclasses import dataclass
from pathlib import Path

from .answer import GUARDED_PATH, REFRESH_PATH


@dataclass(frozen=True)
class Contender:
    """`credentials` are whole Authorization values, one per caller; `refresh_tokens` one per device."""

    name: str
    label: str
    environ: dict[str, str]
    target: str
    credentials: tuple[str, ...]
    interface: str = "wsgi"
    server: str = "granian"
    database: Path | None = None
    guarded_path: str = GUARDED_PATH
    refresh_path: str = REFRESH_PATH
    refresh_tokens: tuple[str, ...] = ()
