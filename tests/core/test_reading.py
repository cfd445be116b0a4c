"""A row that is read by SQL of our own is the row that Django would read."""

import uuid
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from accounts.core.reading import Reading
from accounts.devices import lookup
from accounts.devices.models import Device
from accounts.oidc.models import Client
from accounts.users.models import User
from tests.conftest import signed_in

pytestmark = pytest.mark.both_databases


def loaded(row: Any) -> dict[str, Any]:
    """Without what is deferred."""
    deferred = row.get_deferred_fields()
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields if field.attname not in deferred}


def test_every_value_is_of_the_type_that_django_gives_it(alice: User) -> None:
    Device.objects.filter(id=signed_in(alice).device).update(claims={"userinfo": ["name"]}, amr=["pwd", "otp"])
    device = Device.objects.select_related("user").get()
    found = lookup.with_user(device.id)
    assert found is not None
    for read, by_django in ((found, device), (found.user, device.user)):
        values = loaded(read)
        assert len(values) > 9
        assert values == {name: getattr(by_django, name) for name in values}
        assert [type(value) for value in values.values()] == [type(getattr(by_django, name)) for name in values]


def test_row_and_the_one_it_points_to_come_by_one_query(alice: User, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    device_id = uuid.UUID(signed_in(alice).device)
    with django_assert_num_queries(1):
        found = lookup.with_user(device_id)
        assert found is not None
        assert found.user.email == alice.email


def test_what_is_not_named_is_read_when_somebody_touches_it(alice: User) -> None:
    device = Device.objects.get(id=signed_in(alice).device)
    found = Reading(Device, "id", by="id").first(device.id)
    assert found is not None
    assert "user_agent" in found.get_deferred_fields()
    assert found.user_agent == device.user_agent


@pytest.mark.parametrize(("name", "is_active", "is_found"), [("c_a", True, True), ("c_a", False, False), ("c_b", True, False)])
def test_all_conditions_must_hold(db: None, name: str, is_active: bool, is_found: bool) -> None:
    Client.objects.create(id="c_a", name="A")
    assert (Reading(Client, by="id is_active").first(name, is_active) is not None) is is_found
