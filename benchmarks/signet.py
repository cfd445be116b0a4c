"""Sets Signet up for the run: a database of its own, signing keys, users, tokens of many devices."""

from pathlib import Path

from .contender import Contender


def prepare(folder: Path) -> Contender:
    """Not written yet."""
    raise NotImplementedError(folder)
