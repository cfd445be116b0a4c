"""A lost phone: superusers take the second factor away, nobody else, and its owner is told."""

from django.core.management import call_command

from accounts.mfa import factors
from accounts.outbox.models import OutboxMessage
from accounts.users.models import User
from tests.support.app import App
from tests.support.phone import enrolled


def path(user: User) -> str:
    return f"/api/v1/users/{user.id}/remove-second-factors/"


def test_superuser_removes_it_and_every_device_ends(app: App, root_app: App, alice: User) -> None:
    enrolled(alice)
    OutboxMessage.objects.all().delete()
    assert root_app.post(path(alice)).status_code == 200
    assert not factors.has_authenticator(alice.id)
    assert app.rotate().status_code == 401
    assert OutboxMessage.objects.filter(kind="notice").count() == 1
    assert App().sign_in(alice.email or "").status_code == 200


def test_manager_may_not(manager: App, alice: User) -> None:
    enrolled(alice)
    assert manager.post(path(alice)).status_code == 403
    assert factors.has_authenticator(alice.id)


def test_nobody_does_it_to_themself(root_app: App, superuser: User) -> None:
    enrolled(superuser)
    assert root_app.post(path(superuser)).json()["code"] == "not_on_oneself"


def test_command_helps_the_last_superuser(superuser: User) -> None:
    enrolled(superuser)
    call_command("remove_second_factors", superuser.email)
    assert not factors.has_authenticator(superuser.id)
