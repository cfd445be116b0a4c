"""One set of token vectors for a run of the tests, as `manage.py token_vectors` prints it."""

import io
import json
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.core.management import call_command


@cache
def book() -> dict[str, Any]:
    out = io.StringIO()
    call_command("token_vectors", stdout=out)
    found: dict[str, Any] = json.loads(out.getvalue())
    return found


@dataclass
class Publisher:
    """Answers as the issuer of the vectors would, counts who asks, and can be away."""

    jwks: bytes
    document: bytes
    asked: int = 0
    away: bool = False
    changed: bool = True

    def __call__(self, url: str, etag: str) -> tuple[bytes, str] | None:
        if url.endswith("/.well-known/jwks.json"):
            return self.jwks, '"keys"'
        self.asked += 1
        if self.away:
            raise OSError("away")
        return (self.document, '"list"') if self.changed or not etag else None


def publisher() -> Publisher:
    return Publisher(json.dumps(book()["jwks"]).encode(), book()["revocations"].encode())
