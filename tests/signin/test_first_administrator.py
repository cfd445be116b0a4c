"""The one-use link of a fresh install: it opens until there is an administrator, and once (SECURITY Y-07)."""

import re
from urllib.parse import urlsplit

import pytest
from django.http import HttpResponse
from django.test import Client

from accounts.audit.events import Event
from accounts.audit.models import AuditEvent
from accounts.signin import first_administrator
from accounts.users.models import User
from tests.support.app import PASSWORD, App

pytestmark = pytest.mark.django_db


def link() -> str:
    parts = urlsplit(first_administrator.url())
    return f"{parts.path}?{parts.query}"


def used(link: str, email: str = "boss@example.com") -> HttpResponse:
    fields = {"token": link.partition("token=")[2], "email": email, "name": "Boss", "new_password": PASSWORD}
    return Client().post("/account/reset/", fields)


def test_Y07_people_who_were_imported_do_not_close_the_door(alice: User, bob: User) -> None:
    assert Client().get(link()).status_code == 200
    assert used(link()).status_code == 200
    boss = User.objects.get(is_superuser=True)
    assert App().sign_in(boss.email).status_code == 200
    assert AuditEvent.objects.filter(event=Event.USER_CREATED, subject_id=boss.id).count() == 1


def test_Y07_two_printed_links_make_one_administrator(alice: User) -> None:
    first, second = link(), link()
    assert used(first).status_code == 200
    for again in (first, second):
        assert Client().get(again).status_code == 400
        assert used(again, "another@example.com").status_code == 400
    assert User.objects.filter(is_superuser=True).count() == 1


def test_Y07_used_once_even_if_the_administrator_goes(alice: User) -> None:
    first = link()
    assert used(first).status_code == 200
    User.objects.filter(is_superuser=True).delete()
    assert used(first).status_code == 400
    assert not User.objects.filter(is_superuser=True).exists()


def test_Y07_disabled_administrator_does_not_count(superuser: User) -> None:
    assert Client().get(link()).status_code == 400
    User.objects.filter(id=superuser.id).update(is_active=False)
    assert Client().get(link()).status_code == 200


def test_address_and_password_are_judged_in_one_answer(db: None) -> None:
    fields = {"token": link().partition("token=")[2], "email": "x", "new_password": "short"}
    page = Client().post("/account/reset/", fields).content.decode()
    assert 'id="id_email-error"' in page
    assert 'id="id_new_password-error"' in page
    assert re.findall(r'id="(\w+)"[^>]*autofocus', page)[0] == "id_email"


def test_taken_address_makes_no_administrator_and_keeps_the_link(alice: User) -> None:
    mine = link()
    assert used(mine, "Alice@Example.com").status_code == 400
    assert not User.objects.filter(is_superuser=True).exists()
    assert used(mine).status_code == 200
