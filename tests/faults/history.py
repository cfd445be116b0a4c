"""What happened, as seen from outside the server: a JSON line an event, for the checker."""

import hashlib
import json
import threading
import time
from pathlib import Path
from typing import Any


class History:
    """Written by many threads; tokens and keys appear as fingerprints."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = path.open("w")
        self._lock = threading.Lock()
        self._began = time.monotonic()

    def now(self) -> float:
        """Seconds since the run began."""
        return round(time.monotonic() - self._began, 4)

    def write(self, kind: str, **facts: Any) -> None:
        line = json.dumps({"kind": kind, "at": self.now(), **facts})
        with self._lock:
            self._file.write(line + "\n")

    def close(self) -> None:
        self._file.close()


def fingerprint(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()[:20] if secret else ""
