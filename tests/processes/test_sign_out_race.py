"""Refreshes that race a sign-out: when it has returned, nothing that they were given works (SECURITY R-18, R-19)."""

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import partial

import pytest
from django.db import connection
from django.utils import timezone

from accounts.core.errors import DeviceRevoked, TokenInvalid, TokenStale
from accounts.core.proofs import Proof
from accounts.core.requests import Source
from accounts.devices import registry
from accounts.devices.models import Device
from accounts.lifecycle import suspension
from accounts.signin.complete import complete
from accounts.signin.entry import Entry
from accounts.tokens import access, pair, refresh, refresh_token
from accounts.users.models import User
from tests.support.server import Server

from .conftest import Phones
from .crowd import closing_connections, of_this_run, results, together
from .phone import Answer
from .tables import connect, literal

pytestmark = [pytest.mark.processes, pytest.mark.both_databases]


def test_R18_no_refresh_survives_the_revocation_it_raced(server: Server, person: str, phones: Phones) -> None:
    owner, *racers = phones(server.url, 7)
    given: list[str] = []
    for _ in range(40):
        assert owner.sign_in(person).status == 200
        calls = [partial(owner.sign_out, owner.refresh), *(partial(one.rotate, owner.refresh) for one in racers)]
        answers = results(together(calls))
        assert {answer.status for answer in answers} <= {200, 204, 401}, Counter(answer.status for answer in answers)
        assert {owner.rotate(token).body["code"] for token in successors_of(answers) | {owner.refresh}} == {"device_revoked"}
        given += [owner.access, *(answer.body["access"] for answer in answers if answer.status == 200)]
    time.sleep(1.0)
    assert {owner.ask(token).status for token in given} == {401}


def test_R18_control_without_a_revocation_the_racers_stay_signed_in(server: Server, person: str, phones: Phones) -> None:
    owner, *racers = phones(server.url, 7)
    assert owner.sign_in(person).status == 200
    answers = results(together([partial(one.rotate, owner.refresh) for one in racers]))
    assert {answer.status for answer in answers} == {200}
    assert {one.ask().status for one in racers} == {200}
    assert {one.rotate().status for one in racers} == {200}


def successors_of(answers: list[Answer]) -> set[str]:
    return {answer.body["refresh"] for answer in answers if answer.status == 200}


@pytest.mark.usefixtures("transactional_db")
def test_R19_a_refresh_that_looked_before_the_sign_out_committed_is_refused(alice: User) -> None:
    token = _install(alice)
    device = literal(str(refresh_token.read(token).device_id))
    with closing(connect(of_this_run())) as holder, ThreadPoolExecutor() as crowd:
        holder.execute(f"UPDATE accounts_device SET revoked_at = '2026-01-01 00:00:00' WHERE id = {device}")
        refreshing = crowd.submit(closing_connections, partial(_refresh, token))
        time.sleep(0.3)
        assert not refreshing.done()
        holder.commit()
        assert isinstance(refreshing.exception(), DeviceRevoked)


@pytest.mark.usefixtures("transactional_db")
def test_R19_no_token_of_the_old_epoch_works_after_sign_out_everywhere(alice: User, superuser: User) -> None:
    for _ in range(5):
        tokens = [_install(alice) for _ in range(25)]
        racing = [partial(_refresh, token) for token in tokens for _ in range(2)]
        end = partial(suspension.sign_out_everywhere, alice.id, actor_id=superuser.id, source=Source())
        *refreshed, ended = together([*racing, end])
        assert ended.result() == len(tokens)
        for made in results(refreshed, tolerated=DeviceRevoked):
            assert _refused(made["access"]) in {DeviceRevoked, TokenStale}
            tokens.append(made["refresh"])
        assert {_refused_refresh(token) for token in tokens} == {DeviceRevoked}
        alice.refresh_from_db()


@pytest.mark.usefixtures("transactional_db")
def test_R19_control_a_new_sign_in_is_of_the_new_epoch(alice: User, superuser: User) -> None:
    suspension.sign_out_everywhere(alice.id, actor_id=superuser.id, source=Source())
    made = _refresh(_install(alice))
    assert access.verify(made["access"]).grant.epoch == 2


@pytest.mark.usefixtures("transactional_db")
def test_R19_two_sign_outs_of_all_devices_wait_for_each_other_in_one_order(alice: User) -> None:
    if connection.vendor == "sqlite":
        pytest.skip("SQLite has one writer: nothing to order")
    first, second = (Device.objects.filter(id=refresh_token.read(_install(alice)).device_id) for _ in range(2))
    first.update(last_seen_at=timezone.now())
    end_all = partial(registry.revoke_all, alice.id, Device.Ended.SIGNED_OUT, actor=alice.id, source=Source())
    with closing(connect(of_this_run())) as holder, ThreadPoolExecutor() as crowd:
        holder.execute(f"SELECT 1 FROM accounts_device WHERE id = {literal(str(first.get().id))} FOR UPDATE")
        ending = [crowd.submit(closing_connections, end_all)]
        time.sleep(0.3)
        second.update(last_seen_at=timezone.now())
        ending.append(crowd.submit(closing_connections, end_all))
        time.sleep(0.3)
        holder.rollback()
        assert [one.result() for one in ending] == [2, 0]


def _install(user: User) -> str:
    """A new device of this person; answers its refresh token."""
    epoch = User.objects.get(id=user.id).epoch
    proof = Proof(user_id=user.id, epoch=epoch, amr=("pwd",), acr="aal1", auth_time=int(time.time()))
    admission, device = complete(proof, Entry(Source(), scope="profile:read"))
    return str(pair.make(admission, device)["refresh"])


def _refresh(token: str) -> dict[str, str]:
    rotation = refresh.rotate(token, retry_key="", source=Source())
    return pair.make(rotation.admission, rotation.device)


def _refused(token: str) -> type[Exception] | None:
    try:
        access.verify(token)
    except TokenInvalid as refusal:
        return type(refusal)
    return None


def _refused_refresh(token: str) -> type[Exception] | None:
    try:
        _refresh(token)
    except TokenInvalid as refusal:
        return type(refusal)
    return None
