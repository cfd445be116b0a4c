"""Thirty-two at once with the same link, or the same proof: one wins (SECURITY L-01, L-16, D-04)."""

from collections.abc import Callable
from functools import partial

import pytest
from django.test import Client

from accounts.audit.models import AuditEvent
from accounts.core.errors import TokenInvalid
from accounts.devices.models import Device
from accounts.links import download, mailed
from accounts.links.mailed import MailedAct
from accounts.tokens import access, dpop_nonce
from accounts.users.models import User
from tests.support.app import PASSWORD, App
from tests.support.key_holder import BoundApp

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


def test_D04_one_of_32_uses_of_a_proof_opens_a_guarded_view(alice: User) -> None:
    bound = BoundApp()
    bound.sign_in(alice.email)
    headers = {"Authorization": f"DPoP {bound.access}", "DPoP": bound.proof("GET", "/api/v1/me/access/")}
    statuses = results(together([partial(ask, headers)] * TIMES))
    assert sorted(statuses) == [200, *[401] * (TIMES - 1)]


def ask(headers: dict[str, str]) -> int:
    return Client().get("/api/v1/me/access/", headers=headers).status_code


def post(path: str, body: dict[str, str], headers: dict[str, str]) -> str:
    """The code of the answer; none when it went well."""
    answer = Client().post(path, body, content_type="application/json", headers=headers)
    return str(answer.json().get("code", ""))


def test_D04_one_of_32_uses_of_a_proof_signs_in(alice: User) -> None:
    """So many passwords at once are too many for the limits too."""
    bound, path = BoundApp(nonce=dpop_nonce.current()), "/auth/token/"
    body = {"email": str(alice.email), "password": PASSWORD}
    codes = results(together([partial(post, path, body, {"DPoP": bound.proof("POST", path)})] * TIMES))
    assert codes.count("") == 1
    assert "invalid_dpop_proof" in set(codes) - {""} <= {"invalid_dpop_proof", "too_many_attempts"}
    assert Device.objects.filter(user=alice).count() == 1


def test_D04_one_of_32_uses_of_a_proof_refreshes(alice: User) -> None:
    bound, path = BoundApp(), "/auth/token/refresh/"
    bound.sign_in(alice.email)
    shown = {"DPoP": bound.proof("POST", path)}
    codes = results(together([partial(post, path, {"refresh": bound.refresh}, shown)] * TIMES))
    assert sorted(codes) == ["", *["invalid_dpop_proof"] * (TIMES - 1)]
    assert Device.objects.get(id=bound.device).counter == 1


def test_D04_control_each_of_32_proofs_is_good_for_its_own_use(alice: User) -> None:
    bound = BoundApp()
    bound.sign_in(alice.email)
    shown = [{"Authorization": f"DPoP {bound.access}", "DPoP": bound.proof("GET", "/api/v1/me/access/")} for _ in range(TIMES)]
    assert results(together([partial(ask, headers) for headers in shown])) == [200] * TIMES
