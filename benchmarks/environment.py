"""Where children run, and what they see of the caller's environment."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def environ(extra: dict[str, str]) -> dict[str, str]:
    """With nothing of the caller's but what a program needs to start: a stray variable must not favour anybody."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
    return {**kept, **extra}
