"""An invitation gives what staff wrote into it, to the address it went to, and nothing else (SECURITY L-14)."""

import pytest
from django.core import mail
from django.core.management import call_command
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from accounts.lifecycle import deletion
from accounts.users.models import User
from tests.api.conftest import make_group, manager
from tests.support.app import App
from tests.support.mailbox import last_letter

__all__ = ["make_group", "manager"]
CAROL, CAROLS = "carol@example.com", "carols own passphrase"
POWERS = {"groups": "admins", "is_staff": "on", "is_superuser": "on", "email": "mallory@example.com", "role": "admins"}


@pytest.fixture
def token(manager: App) -> str:
    assert manager.post("/api/v1/users/", {"email": CAROL, "groups": ["managers"]}).status_code == 201
    return last_letter(CAROL).token


def accept(token: str, **more: str) -> HttpResponse:
    return Client().post("/account/reset/", {"token": token, "new_password": CAROLS, **more})


def test_L14_who_accepts_writes_no_powers_beside_the_password(token: str) -> None:
    assert accept(token, **POWERS).status_code == 200
    carol = User.objects.get(email=CAROL)
    assert (list(carol.groups.values_list("name", flat=True)), carol.is_staff, carol.is_superuser) == (["managers"], False, False)
    assert App().sign_in(CAROL, CAROLS).status_code == 200
    assert not User.objects.filter(email="mallory@example.com").exists()


def test_L14_invitation_is_for_the_address_it_went_to(token: str) -> None:
    User.objects.filter(email=CAROL).update(email="mallory@example.com")
    assert accept(token).status_code == 400
    User.objects.filter(email="mallory@example.com").update(email=CAROL)
    assert accept(token).status_code == 200


@pytest.mark.parametrize(
    ("inviter_goes", "subject"), [(False, "Root invites you to Signet"), (True, "You are invited to Signet")]
)
def test_L12_invitation_that_waits_names_nobody_who_is_erased_meanwhile(
    root_app: App, superuser: User, inviter_goes: bool, subject: str
) -> None:
    assert root_app.post("/api/v1/users/", {"email": CAROL}).status_code == 201
    if inviter_goes:
        User.objects.filter(id=superuser.id).update(deletion_due_at=timezone.now())
        assert deletion.erase_due() == 1
    call_command("worker", "--once")
    assert [(message.to, message.subject) for message in mail.outbox] == [([CAROL], subject)]


def test_mail_counts_a_week_in_days(token: str) -> None:
    call_command("worker", "--once")
    (message,) = mail.outbox
    for part in (str(message.body), str(message.alternatives[0].content)):  # type: ignore[attr-defined]
        assert "within 7 days" in part
