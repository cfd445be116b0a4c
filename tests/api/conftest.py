"""People with powers, and apps in the states that the tests of the API begin with."""

import time
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission

from accounts.devices.models import Device
from accounts.oidc import audiences, clients
from accounts.oidc.audiences import Described
from accounts.oidc.registration import Registration
from accounts.users.models import User
from tests.conftest import signed_in
from tests.support.app import App

DIRECTORY = ("accounts.view_user", "accounts.add_user", "accounts.change_user")
GROUPS = ("auth.view_group", "auth.add_group", "auth.change_group", "auth.delete_group")


@pytest.fixture
def make_group(db: None) -> Callable[..., Group]:
    def make(name: str, *permissions: str, members: tuple[User, ...] = ()) -> Group:
        group = Group.objects.create(name=name)
        group.permissions.set(named(permissions))
        for member in members:
            member.groups.add(group)
        return group

    return make


@pytest.fixture
def manager(bob: User, make_group: Callable[..., Group]) -> App:
    """Bob, who keeps the directory and the groups, and holds the role `managers`."""
    make_group("managers", *DIRECTORY, *GROUPS, members=(bob,))
    return signed_in(bob)


@pytest.fixture
def registered(db: None) -> dict[str, Any]:
    """The ids of a client and a service, by resource."""
    asked = Registration("Shop", "none", ("https://shop.example/cb",), id_token_algorithm="ES256")
    service = audiences.register(Described("https://notes.example", "Notes"))
    return {"clients": clients.register(asked)[0].id, "services": service.id}


def named(permissions: tuple[str, ...]) -> list[Permission]:
    return [
        Permission.objects.get(content_type__app_label=app, codename=codename)
        for app, codename in (name.split(".") for name in permissions)
    ]


def proved_long_ago(app: App) -> App:
    """The same app, its proof an hour old."""
    Device.objects.filter(id=app.device).update(auth_time=int(time.time()) - 3600)
    app.rotate()
    return app
