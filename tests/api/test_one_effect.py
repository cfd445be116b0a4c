"""What each permission over people opens, alone (SECURITY A-16)."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import Group

from accounts.users.models import User
from tests.conftest import signed_in

ACTS: dict[str, tuple[str, str]] = {
    "add": ("post", "/api/v1/users/"),
    "change": ("patch", "/api/v1/users/{id}/"),
    "disable": ("post", "/api/v1/users/{id}/disable/"),
    "enable": ("post", "/api/v1/users/{id}/enable/"),
    "sign out": ("post", "/api/v1/users/{id}/sign-out-everywhere/"),
    "password link": ("post", "/api/v1/users/{id}/send-password-link/"),
    "second factors": ("post", "/api/v1/users/{id}/remove-second-factors/"),
    "delete": ("delete", "/api/v1/users/{id}/"),
    "export": ("post", "/api/v1/users/{id}/export/"),
}
OPENED: dict[str, set[str]] = {
    "accounts.view_user": set(),
    "accounts.add_user": {"add"},
    "accounts.change_user": {"change", "disable", "enable", "sign out", "password link"},
    "accounts.delete_user": {"delete"},
    "accounts.export_user": {"export"},
    "accounts.change_device": set(),
    "auth.change_group": set(),
}
BODIES = {"add": {"email": "carol@example.com"}, "change": {"name": "Alicia"}}


@pytest.mark.parametrize("permission", OPENED)
@pytest.mark.parametrize("act", ACTS)
def test_A16_permission_opens_what_it_names_and_nothing_else(
    alice: User, bob: User, make_group: Callable[..., Group], permission: str, act: str
) -> None:
    # Nobody manages whom they cannot see.
    make_group("staff", *{permission, "accounts.view_user"}, members=(bob,))
    method, path = ACTS[act]
    arguments = [BODIES.get(act, {})] if method != "delete" else []
    answer = getattr(signed_in(bob), method)(path.format(id=alice.id), *arguments)
    assert (answer.status_code < 300) == (act in OPENED[permission]), answer.content
    assert answer.status_code < 300 or answer.status_code == 403


@pytest.mark.parametrize("act", ACTS)
def test_A16_superuser_may_do_each(alice: User, superuser: User, act: str) -> None:
    method, path = ACTS[act]
    arguments = [BODIES.get(act, {})] if method != "delete" else []
    assert getattr(signed_in(superuser), method)(path.format(id=alice.id), *arguments).status_code < 300
