"""Measures, inside one Django process, a guarded view against a bare one behind the same middleware.

Run as a child: reads one line (seconds) per turn, answers one line of JSON (seconds per call of either view).
"""

import io
import json
import statistics
import sys
from collections.abc import Iterator
from itertools import cycle
from time import perf_counter, thread_time
from typing import Any

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from .answer import BODY

BLOCK = 20
WARM_UP = 500
FEWEST_PAIRS = 5


def environ(path: str, authorization: str | None) -> dict[str, Any]:
    """The environ of one GET, with the keys that a server sets."""
    made = {
        "REQUEST_METHOD": "GET",
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
        "QUERY_STRING": "",
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "8000",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": "127.0.0.1:8000",
        "HTTP_ACCEPT": "application/json",
        "HTTP_USER_AGENT": "benchmark",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    return made if authorization is None else {**made, "HTTP_AUTHORIZATION": authorization}


class Calls:
    """Calls one path again and again as a server would: a fresh environ, the body read, the answer closed."""

    def __init__(self, application: Any, environs: list[dict[str, Any]]) -> None:
        self._application = application
        self._environs: Iterator[dict[str, Any]] = cycle(environs)
        self._statuses: list[str] = []
        for _ in range(min(WARM_UP, len(environs))):
            self._check()

    def _check(self) -> None:
        body = self._call()
        if self._statuses[-1] != "200 OK" or body != BODY:
            raise SystemExit(f"wrong answer: {self._statuses[-1]} {body[:300]!r}")

    def _start(self, status: str, _headers: list[tuple[str, str]]) -> None:
        self._statuses.append(status)

    def _call(self) -> bytes:
        response = self._application(dict(next(self._environs)), self._start)
        body = b"".join(response)
        response.close()
        return body

    def block(self) -> float:
        """Seconds per call over one block; a refusal in it is an error."""
        self._statuses.clear()
        # Processor time of this thread: what other programs do on the same core does not count.
        started = thread_time()
        for _ in range(BLOCK):
            self._call()
        spent = thread_time() - started
        if set(self._statuses) != {"200 OK"}:
            raise SystemExit(f"a call was refused: {sorted(set(self._statuses))}")
        return spent / BLOCK


def turn(bare: Calls, guarded: Calls, seconds: float) -> dict[str, float]:
    """Alternate blocks of both for `seconds`; the medians, so that a block the machine interrupted does not count."""
    pairs: list[tuple[float, float]] = []
    until = perf_counter() + seconds
    while perf_counter() < until or len(pairs) < FEWEST_PAIRS:
        pairs.append((bare.block(), guarded.block()))
    return {
        "bare": statistics.median(pair[0] for pair in pairs),
        "guarded": statistics.median(pair[1] for pair in pairs),
    }


def main(bare_path: str, guarded_path: str, credentials: list[str]) -> None:
    """Serve turns until the parent closes the pipe."""
    application = get_wsgi_application()
    bare = Calls(application, [environ(bare_path, None)])
    guarded = Calls(application, [environ(guarded_path, authorization) for authorization in credentials])
    database = settings.DATABASES["default"]
    hello = {name: database.get(name) for name in ("ENGINE", "OPTIONS", "CONN_MAX_AGE")}
    print(json.dumps(hello), flush=True)
    for line in sys.stdin:
        print(json.dumps(turn(bare, guarded, float(line))), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], json.loads(sys.stdin.readline()))
