"""Measures examples/verifiers/python: one line (seconds) a turn in, one line (processor seconds for a token) out.

The first line brings the issuer's keys, its list of what ended, and a token. The clock stands where they are valid; keys and
list are asked for as in a service, and answered "not changed" from memory.
"""

import json
import sys
from collections.abc import Callable
from time import perf_counter, process_time
from typing import Any

from examples.verifiers.python.verifier import Verifier

BLOCK = 50


def verifying(book: dict[str, Any], token: str) -> Callable[[], dict[str, Any]]:
    """Verifies this token once; answers its claims."""

    def fetch(url: str, etag: str) -> tuple[bytes, str] | None:
        if etag:
            return None
        body = book["revocations"] if url.endswith("/revocations") else json.dumps(book["jwks"])
        return body.encode(), "unchanged"

    verifier = Verifier(book["issuer"], audience=book["audience"], fetch=fetch, clock=lambda: float(book["now"]))
    return lambda: verifier.verify(token)


def turn(verify: Callable[[], object], seconds: float) -> float:
    """Processor seconds for a token."""
    tokens = 0
    until, before = perf_counter() + seconds, process_time()
    while perf_counter() < until:
        for _ in range(BLOCK):
            verify()
        tokens += BLOCK
    return (process_time() - before) / tokens


def main() -> None:
    """Serve turns until the parent closes the pipe."""
    asked = json.loads(sys.stdin.readline())
    verify = verifying(asked["book"], asked["token"])
    print(json.dumps(verify()["sub"]), flush=True)
    for line in sys.stdin:
        print(json.dumps(turn(verify, float(line))), flush=True)


if __name__ == "__main__":
    main()
