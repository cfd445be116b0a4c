"""Promise one: authenticating and authorising a request costs no query, and the feed one a second for a whole process."""

import time

import pytest
from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from rest_framework.response import Response

from accounts.revocations import feed
from accounts.users.models import User
from api import routes
from api.viewsets import GuardedViewSet
from tests.conftest import signed_in
from tests.support import forge
from tests.support.app import App
from tests.support.at_once import at_once
from tests.support.browser import Browser
from tests.support.news import news_is_due

REQUESTS = 300


class Bare(GuardedViewSet):
    """Has the rule of the directory, and does nothing once it is let in."""

    resource = "users"

    def list(self, request: object) -> Response:
        return Response({})

    create = retrieve = partial_update = list


def ask(app: App, method: str = "GET", action: str = "list") -> int:
    request = RequestFactory().generic(method, "/", b"{}", "application/json", headers=app._headers({}))
    answer = Bare.as_view({method.lower(): action})(request)
    assert answer.status_code == 200, answer.data
    return int(answer.status_code)


@pytest.fixture
def warm(root_app: App, manager: App, app: App) -> list[App]:
    """A superuser's, a manager's and a person's app; the process has heard the news."""
    for caller in (root_app, manager, app):
        ask(caller)
    feed.bring_up_to_date()
    return [root_app, manager, app]


def test_warm_process_authenticates_and_authorises_without_a_query(warm: list[App]) -> None:
    with CaptureQueriesContext(connection) as queries:
        for caller in warm:
            ask(caller)
        for caller in warm[:2]:
            ask(caller, "POST", "create")
            ask(caller, "PATCH", "partial_update")
    assert [query["sql"] for query in queries] == []


def test_first_sight_of_a_token_costs_no_query_either(warm: list[App], alice: User) -> None:
    fresh = [signed_in(alice) for _ in range(3)]
    feed.bring_up_to_date()
    with CaptureQueriesContext(connection) as queries:
        for caller in fresh:
            ask(caller)
    assert [query["sql"] for query in queries] == []


def test_refused_requests_cost_no_query(warm: list[App]) -> None:
    person = warm[2]
    with CaptureQueriesContext(connection) as queries:
        for path in ("/api/v1/groups/", "/api/v1/users/?x=1", "/api/v1/nothing/"):
            assert person.get(path).status_code in {400, 403, 404}
        assert App().get("/api/v1/me/").status_code == 401
        assert person.get("/api/v1/me/", Authorization=f"Bearer {forge.altered(person.access)}").status_code == 401
    assert [query["sql"] for query in queries] == []


def test_amortised_at_most_one_query_a_second(warm: list[App], monkeypatch: pytest.MonkeyPatch) -> None:
    start = feed.time.monotonic()
    seconds, counted = 10, 0
    for number in range(REQUESTS):
        monkeypatch.setattr(feed.time, "monotonic", lambda number=number: start + 1 + seconds * number / REQUESTS)
        with CaptureQueriesContext(connection) as queries:
            ask(warm[number % 3])
        counted += len(queries)
    assert 0 < counted <= seconds + 1


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_sixteen_threads_ask_for_news_once_a_second_together(app: App) -> None:
    ask(app)
    news_is_due()
    began = time.monotonic()

    def work() -> int:
        with CaptureQueriesContext(connection) as queries:
            for _ in range(20):
                ask(app)
        return len(queries)

    counted = at_once(16, work)
    assert len(counted) == 16
    assert 1 <= sum(counted) <= 1 + (time.monotonic() - began) / feed.POLL_INTERVAL


def test_warm_cookie_costs_no_query(alice: User) -> None:
    browser = Browser()
    browser.sign_in(alice.email)
    browser.get("/api/v1/me/access/", Accept="application/json")
    feed.bring_up_to_date()
    with CaptureQueriesContext(connection) as queries:
        assert browser.get("/api/v1/me/access/", Accept="application/json").status_code == 200
    assert [query["sql"] for query in queries] == []


def test_own_resources_cost_what_their_rows_cost(app: App) -> None:
    costs = {"/api/v1/": 0, "/api/v1/me/": 2, "/api/v1/me/access/": 0, "/api/v1/me/devices/": 1, "/api/v1/users/": 2}
    for path in costs:
        app.get(path)
    feed.bring_up_to_date()
    for path, cost in costs.items():
        with CaptureQueriesContext(connection) as queries:
            assert app.get(path).status_code == 200
        assert len(queries) <= cost, (path, [query["sql"] for query in queries])
    assert len(routes.guarded()) > len(costs)
