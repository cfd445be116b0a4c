"""The doors take so many threads of a process and no more (SECURITY P-04, S-06)."""

import re
import threading
from collections.abc import Iterator

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from pytest_django import Settings

from accounts.management.commands.serve import THREADS
from project.middleware.doors import DoorMiddleware, is_door
from tests.project.environments import ROOT

PLACES = 10
POST = RequestFactory().post("/auth/token/")
UPSTREAM = RequestFactory().post("/auth/federated/google/")


class Slow:
    """A view that does not end before it is told to."""

    def __init__(self) -> None:
        self.inside, self.go_on = threading.Semaphore(0), threading.Event()

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path == "/auth/token/":
            self.inside.release()
            assert self.go_on.wait(10)
        return HttpResponse("done")


@pytest.fixture
def slow() -> Slow:
    return Slow()


@pytest.fixture
def doors(settings: Settings, slow: Slow) -> Iterator[DoorMiddleware]:
    """Every place is taken."""
    settings.SIGN_IN_CONCURRENCY = PLACES
    middleware = DoorMiddleware(slow)
    crowd = [threading.Thread(target=middleware, args=[POST]) for _ in range(PLACES)]
    for one in crowd:
        one.start()
    for _ in crowd:
        assert slow.inside.acquire(timeout=10)
    yield middleware
    slow.go_on.set()
    for one in crowd:
        one.join()


def test_S06_the_eleventh_is_refused_at_once(doors: DoorMiddleware, slow: Slow) -> None:
    refused = doors(POST)
    assert (refused.status_code, refused["Retry-After"]) == (503, "5")
    assert b'"unavailable"' in refused.content


def test_S06_a_place_is_free_again_after_each(settings: Settings, slow: Slow) -> None:
    settings.SIGN_IN_CONCURRENCY = 1
    slow.go_on.set()
    doors = DoorMiddleware(slow)
    assert {doors(POST).status_code for _ in range(3)} == {200}


def test_S06_a_place_is_free_again_after_an_error(settings: Settings) -> None:
    def broken(request: HttpRequest) -> HttpResponse:
        raise RuntimeError

    settings.SIGN_IN_CONCURRENCY = 1
    doors = DoorMiddleware(broken)
    for _ in range(3):
        with pytest.raises(RuntimeError):
            doors(POST)


@pytest.mark.parametrize(
    "path", ["/auth/token/refresh/", "/auth/token/revoke/", "/api/v1/me/password/", "/account/sign-out/", "/oauth/token"]
)
def test_S06_whoever_has_a_token_passes_by(doors: DoorMiddleware, path: str) -> None:
    assert doors(RequestFactory().post(path)).status_code == 200


def test_S06_readers_pass_by(doors: DoorMiddleware) -> None:
    assert doors(RequestFactory().get("/account/sign-in/")).status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/auth/register/",
        "/auth/code/",
        "/auth/guest/",
        "/auth/federated/google/",
        "/account/sign-in/",
        "/oauth/device",
        "/oauth/par",
    ],
)
def test_S06_every_way_in_is_a_door(path: str) -> None:
    assert is_door("POST", path)


def test_F13_half_of_the_places_are_not_for_those_who_lean_on_an_issuer(settings: Settings) -> None:
    settings.SIGN_IN_CONCURRENCY = PLACES
    inside: list[HttpRequest] = []

    def view(request: HttpRequest) -> HttpResponse:
        """Each visitor lets the next one in before leaving, and whoever is refused tries the password."""
        if request.path == POST.path:
            return HttpResponse("done")
        inside.append(request)
        after = doors(UPSTREAM)
        return doors(POST) if after.status_code == 503 else after

    doors = DoorMiddleware(view)
    assert doors(UPSTREAM).content == b"done"
    assert len(inside) == PLACES // 2
    assert doors(UPSTREAM).content == b"done", "the places are free again"


@pytest.mark.parametrize("path", ["/account/federated/google/", "/account/federated/google/callback/", "/oauth/authorize"])
def test_S06_what_waits_for_an_issuer_is_a_door_though_it_comes_by_get(path: str) -> None:
    assert is_door("GET", path)
    assert not is_door("GET", "/account/sign-in/")


def test_S06_what_is_not_at_the_doors_has_threads_left() -> None:
    [default] = re.findall(r"`SIGN_IN_CONCURRENCY` \| number \| `(\d+)`", (ROOT / "docs" / "settings.md").read_text())
    assert int(default) <= THREADS - 4
