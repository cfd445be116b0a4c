"""Where the time of one contender goes, in process: `run.py --profile NAME` prints it, nothing is written.

The profiler slows small functions down more than large ones: read the order, take the times from the table.
"""

import cProfile
import io
import json
import pstats
import sys
from typing import Any

from django.core.wsgi import get_wsgi_application

from .in_process import Calls, environ

CALLS = 3000
LINES = 45


def guarded(application: Any, path: str, credentials: list[str]) -> str:
    """Statistics of `CALLS` guarded calls."""
    calls = Calls(application, [environ(path, authorization) for authorization in credentials])
    profile = cProfile.Profile()
    profile.runcall(lambda: [calls.block() for _ in range(CALLS // 20)])
    return _text(profile)


def refreshing(application: Any, path: str, token: str) -> str:
    """Statistics of a tenth as many refreshes of one device."""
    profile = cProfile.Profile()
    for _ in range(CALLS // 10):
        body = json.dumps({"refresh": token}).encode()
        sent = {
            **environ(path, None),
            "REQUEST_METHOD": "POST",
            "CONTENT_TYPE": "application/json",
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.input": io.BytesIO(body),
        }
        response = profile.runcall(application, sent, lambda _status, _headers: None)
        token = json.loads(b"".join(response))["refresh"]
        profile.runcall(response.close)
    return _text(profile)


def _text(profile: cProfile.Profile) -> str:
    out = io.StringIO()
    statistics = pstats.Stats(profile, stream=out)
    statistics.strip_dirs().sort_stats("tottime").print_stats(LINES)
    statistics.sort_stats("cumulative").print_stats(LINES)
    return out.getvalue()


def main(guarded_path: str, refresh_path: str, given: dict[str, list[str]]) -> None:
    """Print both."""
    application = get_wsgi_application()
    print(guarded(application, guarded_path, given["credentials"]))
    if given["refresh_tokens"]:
        print(refreshing(application, refresh_path, given["refresh_tokens"][0]))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], json.load(sys.stdin))
