"""Write a `.env` for development with secrets of its own. Run by `make run`; needs nothing installed."""

import base64
import os
import secrets
import sys
from pathlib import Path

_TEXT = """\
# Made for this machine by `make run`. Not for production: see docs/operating.md and docs/settings.md.
DEBUG=true
SECRET_KEY={secret_key}
ENCRYPTION_KEYS={encryption_key}
EMAIL_URL=consolemail://
"""


def text() -> str:
    """Fresh secrets each time."""
    encryption_key = base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
    return _TEXT.format(secret_key=secrets.token_urlsafe(48), encryption_key=encryption_key)


def write(path: Path) -> None:
    """Readable by its owner only; an existing file is never touched."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text())


if __name__ == "__main__":
    write(Path(sys.argv[1]))
