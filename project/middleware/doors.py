"""The doors: whatever is proved or written under /auth/ and on pages, mostly by people who have no access token yet.

Each of these acts hashes, or waits for the database's writer, for seconds if it must. They may take so many threads of a
process and no more; the others keep checking tokens (SECURITY P-04, S-06). Who finds every place taken is answered at once.
"""

import threading
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from accounts.core import metrics
from accounts.core.errors import Unavailable
from project.errors import answer_problem

_DOORS = ("/auth/", "/account/")
# They end or keep what somebody has, and cost no hash: a storm at the doors must not sign people out, or keep them in.
_PASSED_BY = ("/auth/token/refresh/", "/auth/token/revoke/", "/auth/token/verify/", "/account/sign-out/")
_SAFE = ("GET", "HEAD", "OPTIONS")


class DoorMiddleware:
    """So many at once in each process, nobody waits outside."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self._places = threading.BoundedSemaphore(settings.SIGN_IN_CONCURRENCY)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not is_door(request.method or "", request.path_info):
            return self.get_response(request)
        if not self._places.acquire(blocking=False):
            metrics.doors_full.labels("app" if request.path_info.startswith("/auth/") else "page").inc()
            return answer_problem(request, Unavailable("every place at the doors is taken"))
        try:
            return self.get_response(request)
        finally:
            self._places.release()


def is_door(method: str, path: str) -> bool:
    return path.startswith(_DOORS) and method not in _SAFE and path not in _PASSED_BY
