"""Thirty-two at once with the same link: one wins (SECURITY L-01, L-16)."""

from collections.abc import Callable
from functools import partial

import pytest
from django.test import Client

from accounts.audit.models import AuditEvent
from accounts.core.errors import TokenInvalid
from accounts.devices.models import Device
from accounts.links import download, mailed
from accounts.links.mailed import MailedAct
from accounts.tokens import access
from accounts.users.models import User
from tests.support.app import App

from .crowd import results, together

pytestmark = [pytest.mark.processes, pytest.mark.both_databases, pytest.mark.usefixtures("transactional_db")]
TIMES = 32


def set_password(token: str, password: str) -> int:
    return Client().post("/account/reset/", {"token": token, "new_password": password}).status_code


def test_L01_one_of_32_uses_of_a_mailed_link_sets_the_password(alice: User) -> None:
    token = mailed.url(MailedAct.SET_PASSWORD, alice).partition("token=")[2]
    passwords = [f"a new password, number {number}" for number in range(TIMES)]
    statuses = results(together([partial(set_password, token, password) for password in passwords]))
    assert sorted(statuses) == [200, *[400] * (TIMES - 1)]
    alice.refresh_from_db()
    assert alice.check_password(passwords[statuses.index(200)])
    assert alice.epoch == 2
    assert AuditEvent.objects.filter(event="password.changed").count() == 1


def sign_in(token: str) -> int:
    return Client().post("/account/code/", {"token": token}).status_code


def test_L01_one_of_32_uses_of_a_mailed_link_signs_in(alice: User) -> None:
    """A sign-in changes nothing about the account, and this link has no code beside it: the gate alone refuses the others."""
    token = mailed.url(MailedAct.SIGN_IN, alice).partition("token=")[2]
    statuses = results(together([partial(sign_in, token)] * TIMES))
    assert sorted(statuses) == [303, *[400] * (TIMES - 1)]
    assert Device.objects.filter(user=alice).count() == 1


def test_L16_one_of_32_uses_of_a_download_link_opens_it(app: App) -> None:
    path = "/api/v1/me/export/"
    token = download.url(access.verify(app.access).grant, path).partition("link=")[2]
    opened = results(together([partial(download.redeem, token, path)] * TIMES), tolerated=TokenInvalid)
    assert [grant.sid for grant in opened] == [app.device]


def test_L01_control_each_of_32_links_is_good_for_its_own_use(app: App) -> None:
    grant, path = access.verify(app.access).grant, "/api/v1/me/export/"
    calls: list[Callable[[], object]] = []
    for _ in range(TIMES):
        calls.append(partial(download.redeem, download.url(grant, path).partition("link=")[2], path))
    assert len(results(together(calls))) == TIMES
