"""When a client was last given something: whatever it asks for, and written down seldom."""

from collections.abc import Callable
from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest
import time_machine
from django.apps import apps
from django.db import connection
from django.test import Client as Http
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.devices.models import Device
from accounts.oidc.models import Client, Service
from accounts.users.models import User
from tests.oidc.flow import Flow, basic, post, signed_in
from tests.oidc.parties import Party, party, serving
from tests.oidc.test_device import GRANT as DEVICE
from tests.oidc.test_device import choose, poll, started, typed
from tests.oidc.test_token_exchange import FILES
from tests.oidc.test_token_exchange import ask as go_on
from tests.oidc.test_token_exchange import files as files
from tests.support.browser import Browser

NOBODY: dict[str, Any] = {"redirect_uris": (), "post_logout_redirect_uris": ()}


@pytest.fixture
def browser(alice: User) -> Browser:
    return signed_in(alice)


@pytest.fixture
def robot(notes: Service) -> Party:
    return party("Robot", **NOBODY, grants=("client_credentials",), scopes=("notes:read",))


def ask(robot: Party, **form: str) -> int:
    return int(Flow(robot).token({"grant_type": "client_credentials", **form}).status_code)


def last_use(of: Party) -> Any:
    return Client.objects.get(id=of.id).last_used_at


def by_code(browser: Browser) -> Party:
    flow = Flow(party("Shop"))
    flow.tokens(browser)
    return flow.party


def by_refresh(browser: Browser) -> Party:
    flow = Flow(party("Shop"), {"scope": "openid offline_access"})
    token = flow.tokens(browser)["refresh_token"]
    Client.objects.update(last_used_at=None)
    assert flow.refresh(token).status_code == 200
    return flow.party


def by_device(browser: Browser) -> Party:
    television = party("Television", **NOBODY, grants=(DEVICE,), scopes=("openid", "email"))
    told = started(television)
    choose(browser, typed(browser, told["user_code"]), "allow")
    assert last_use(television) is None
    assert poll(television, told["device_code"]).status_code == 200
    return television


@pytest.mark.parametrize("grant", [by_code, by_refresh, by_device])
def test_client_that_signs_people_in_was_used_by_every_grant(browser: Browser, grant: Callable[[Browser], Party]) -> None:
    before = timezone.now()
    assert last_use(grant(browser)) >= before


def test_client_that_acts_as_itself_was_used(robot: Party) -> None:
    assert last_use(robot) is None
    assert ask(robot) == 200
    assert last_use(robot) is not None


def test_service_that_goes_on_to_another_was_used(notes: Service, files: Service, browser: Browser) -> None:
    service = serving(notes, "Notes service", ("files:read", "notes:read"))
    reader = party("Reader", scopes=("openid", "offline_access", "notes:read", "files:read"))
    Flow(reader, {"scope": "openid files:read"}).code(browser)
    token = Flow(reader, {"scope": "openid notes:read"}).tokens(browser)["access_token"]
    assert last_use(service) is None
    assert go_on(service, token, resource=FILES).status_code == 200
    assert last_use(service) is not None


def test_service_that_only_asks_about_tokens_was_used(web: Party) -> None:
    assert post(Http(), "/oauth/introspect", {"token": "x"}, **basic(web)).status_code == 200
    assert last_use(web) is not None


def test_refusal_is_no_use_whoever_caused_it(robot: Party, native: Party) -> None:
    assert ask(robot, scope="notes:write") == 400
    assert (
        post(Http(), "/oauth/token", {"client_id": native.id, "grant_type": "refresh_token", "refresh_token": "x"}).status_code
        == 400
    )
    assert (last_use(robot), last_use(native)) == (None, None)


@pytest.mark.both_databases
def test_it_is_written_once_in_five_minutes(robot: Party) -> None:
    with time_machine.travel(timezone.now(), tick=False) as clock:
        ask(robot)
        first = last_use(robot)
        clock.shift(timedelta(minutes=5))
        with CaptureQueriesContext(connection) as made:
            ask(robot)
        assert last_use(robot) == first
        assert not [query["sql"] for query in made if query["sql"].startswith("UPDATE")]
        clock.shift(timedelta(seconds=1))
        ask(robot)
        assert last_use(robot) == timezone.now()


@pytest.mark.both_databases
def test_client_of_before_was_used_when_somebody_was_last_seen_there(robot: Party, browser: Browser) -> None:
    """What the migration writes down for it."""
    shop, newest = by_refresh(browser), timezone.now() - timedelta(days=2)
    Flow(shop, {"scope": "openid offline_access"}).tokens(browser)
    for days, device in enumerate(Device.objects.filter(client_id=shop.id).order_by("id")):
        Device.objects.filter(id=device.id).update(last_seen_at=newest - timedelta(days=days))
    assert Device.objects.filter(client_id=shop.id).count() == 2
    Client.objects.update(last_used_at=None)
    import_module("accounts.migrations.0009_client_was_last_used_at").take_over(apps, connection.schema_editor())
    assert (last_use(shop), last_use(robot)) == (newest, None)
