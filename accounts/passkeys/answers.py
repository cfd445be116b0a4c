"""What a client sends back is anything at all: its outer shape, and one refusal for whatever is wrong with it."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from webauthn.helpers import base64url_to_bytes

from accounts.core import strict_json
from accounts.core.errors import InvalidCredential, Problem

_LONGEST_ID = 1364
"""Characters of base64url: an id has at most 1023 bytes (Web Authentication §7.1)."""
_ID = re.compile(rf"[A-Za-z0-9_-]{{1,{_LONGEST_ID}}}", re.ASCII)
_CLIENT_DATA_DEPTH = 4


@contextmanager
def one_refusal() -> Iterator[None]:
    """Around parsing and arithmetic alone: every exception of theirs means that the answer does not hold."""
    try:
        yield
    except Problem:
        raise
    except Exception as error:
        raise InvalidCredential(type(error).__name__) from error


def id_of(credential: Any) -> str:
    """The credential id, as it is stored. Raises `InvalidCredential`."""
    found = credential.get("id") if isinstance(credential, dict) else None
    if not isinstance(found, str) or not _ID.fullmatch(found):
        raise InvalidCredential("id")
    return found


def refuse_framed(credential: dict[str, Any]) -> None:
    """An answer from inside a page of another origin is refused (Web Authentication §7.1, §7.2 `crossOrigin`, `topOrigin`)."""
    raw = base64url_to_bytes(credential["response"]["clientDataJSON"])
    client_data = strict_json.loads(raw, max_depth=_CLIENT_DATA_DEPTH)
    if client_data.get("crossOrigin", False) is not False or "topOrigin" in client_data:
        raise InvalidCredential("crossOrigin")
