"""The doors: whatever is proved or written under /auth/, on pages and for strangers' clients, mostly without an access token yet.

Each of these acts hashes, or waits for the database's writer, for seconds if it must. They may take so many threads of a
process and no more; the others keep checking tokens (SECURITY P-04, S-06). Who finds every place taken is answered at once.
Half of the places are out of reach for whatever leans on an upstream issuer, which may be slow (SECURITY F-13).
"""

import threading
from collections.abc import Callable
from contextlib import ExitStack

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from accounts.core import metrics
from accounts.core.errors import Unavailable
from project.errors import answer_problem

_DOORS = ("/auth/", "/account/", "/oauth/device", "/oauth/par")
# They end or keep what somebody has, and cost no hash: a storm at the doors must not sign people out, or keep them in.
_PASSED_BY = (
    *("/auth/token/refresh/", "/auth/token/revoke/", "/auth/token/verify/"),
    *("/account/sign-out/", "/account/sign-out/confirmed/"),
)
_PAGES = ("/account/", "/oauth/authorize")
_SAFE = ("GET", "HEAD", "OPTIONS")
_UPSTREAM = ("/auth/federated/", "/account/federated/")
# A page goes to the issuer by GET, and its answer comes back by GET (SECURITY F-06).
# A question of a client comes by GET, and waits in a row.
_WHATEVER_THE_METHOD = ("/account/federated/", "/oauth/authorize")


class DoorMiddleware:
    """So many at once in each process, nobody waits outside."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self._places = threading.BoundedSemaphore(settings.SIGN_IN_CONCURRENCY)
        self._upstream = threading.BoundedSemaphore(max(1, settings.SIGN_IN_CONCURRENCY // 2))

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not is_door(request.method or "", request.path_info):
            return self.get_response(request)
        with ExitStack() as held:
            for places in self._needed(request.path_info):
                if not places.acquire(blocking=False):
                    metrics.doors_full.labels("page" if request.path_info.startswith(_PAGES) else "app").inc()
                    return answer_problem(request, Unavailable("every place at the doors is taken"))
                held.callback(places.release)
            return self.get_response(request)

    def _needed(self, path: str) -> tuple[threading.BoundedSemaphore, ...]:
        return (self._upstream, self._places) if path.startswith(_UPSTREAM) else (self._places,)


def is_door(method: str, path: str) -> bool:
    if path.startswith(_WHATEVER_THE_METHOD):
        return True
    return path.startswith(_DOORS) and method not in _SAFE and path not in _PASSED_BY
