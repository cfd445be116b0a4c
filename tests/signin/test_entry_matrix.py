"""THE matrix: every way that can end in tokens, against everything that must stop it (SECURITY X-01, P-09, P-21).

Each way is walked up to its last request; then the state comes; then the last request is sent.
"""

import ipaddress
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from accounts.audit.events import Event
from accounts.audit.models import AuditEvent
from accounts.core.requests import NOWHERE
from accounts.devices.models import Device
from accounts.federation import identities, jwks, providers
from accounts.federation.id_token import Identity
from accounts.lifecycle import deletion
from accounts.passwords import throttle
from accounts.revocations import publish
from accounts.users.models import User
from tests.conftest import signed_in
from tests.support.app import PASSWORD, App
from tests.support.authenticator import Authenticator
from tests.support.browser import Browser
from tests.support.issuer import Issuer, serving
from tests.support.mailbox import last_letter
from tests.support.news import news_is_due
from tests.support.phone import Phone, enrolled
from tests.support.ways import (
    AUTHENTICATE,
    ENROL,
    MFA,
    SIGN_UP,
    SIGN_UP_OPTIONS,
    STEP_UP,
    TOKEN,
    VERIFY,
    VERIFY_CODE,
    WITHOUT_UV,
    ask_code,
    outcome,
    passkey_answer,
    passkey_of,
    password,
    register,
)

Last = Callable[[], HttpResponse]
CAROL = "carol@example.com"
ROLE = "treasurers"


@dataclass
class World:
    """Alice, in a role that may begin to demand two factors; `setting` changes what the server demands."""

    user: User
    setting: Any
    issuer: Issuer
    kept: dict[str, Any] = field(default_factory=dict)

    def upstream(self) -> str:
        """An ID token of her linked account elsewhere."""
        self.setting.FETCH_ALLOWED_NETWORKS = [ipaddress.ip_network("127.0.0.0/8")]
        told = json.dumps({"upstream": self.issuer.setting()})
        self.setting.FEDERATED_PROVIDERS = providers.parse(told, allow_http=True)
        jwks.forget()
        linked = Identity(
            "upstream", "Upstream", self.issuer.url, "upstream-1", "", email_verified=False, name="", auth_time=None
        )
        identities.link(self.user, linked, NOWHERE)
        nonce = App().post("/auth/federated/upstream/nonce/").json()["nonce"]
        return self.issuer.id_token(nonce=nonce, email=None)


@pytest.fixture(scope="module")
def issuer() -> Iterator[Issuer]:
    with serving(Issuer()) as running:
        yield running


@pytest.fixture
def world(alice: User, settings: Any, issuer: Issuer) -> World:
    alice.groups.add(Group.objects.create(name=ROLE))
    return World(alice, settings, issuer)


def by_password(world: World) -> Last:
    return lambda: password(world.user)


def by_code(world: World) -> Last:
    asked = ask_code(str(world.user.email))
    return lambda: App().post(VERIFY_CODE, asked)


def by_passkey(world: World) -> Last:
    answer = passkey_answer(passkey_of(world.user))
    return lambda: App().post(AUTHENTICATE, answer)


def by_passkey_without_verification(world: World) -> Last:
    answer = passkey_answer(passkey_of(world.user, flags=WITHOUT_UV))
    return lambda: App().post(AUTHENTICATE, answer)


def by_totp(world: World) -> Last:
    phone = enrolled(world.user)
    body = {"challenge": password(world.user).json()["challenge"], "method": "totp", "code": phone.code()}
    return lambda: App().post(MFA, body)


def by_recovery_code(world: World) -> Last:
    phone = enrolled(world.user)
    body = {"challenge": password(world.user).json()["challenge"], "method": "recovery_code", "code": phone.recovery_codes[0]}
    return lambda: App().post(MFA, body)


def by_enrolment(world: World) -> Last:
    world.setting.MFA_REQUIRED_ROLES = [ROLE]
    token = password(world.user).json()["challenge"]
    phone = Phone(App().post(ENROL, {"challenge": token}).json()["secret"])
    return lambda: App().post(ENROL + "confirm/", {"challenge": token, "code": phone.code()})


def by_upstream(world: World) -> Last:
    token = world.upstream()
    return lambda: App().post("/auth/federated/upstream/", {"id_token": token})


def by_refresh(world: World) -> Last:
    app = signed_in(world.user)
    return lambda: App().post("/auth/token/refresh/", {"refresh": app.refresh})


def by_cookie(world: World) -> Last:
    browser = Browser()
    browser.send("POST", TOKEN, {"email": world.user.email, "password": PASSWORD}, X_Token_Transport="cookie")
    headers = {"X_Token_Transport": "cookie", "X_CSRFToken": browser.csrf}
    return lambda: browser.send("POST", "/auth/token/refresh/", **headers)


def by_step_up(world: World) -> Last:
    app = signed_in(world.user)
    return lambda: app.post(STEP_UP, {"password": PASSWORD})


def by_step_up_with_passkey(world: World) -> Last:
    app, key = signed_in(world.user), passkey_of(world.user)
    answer = passkey_answer(key)
    return lambda: app.post(STEP_UP, answer)


def by_registration_code(world: World) -> Last:
    handle = register(CAROL)
    world.user = joining(CAROL)
    body = {"email": CAROL, "code": last_letter(CAROL).code, "registration": handle}
    return lambda: App().post(VERIFY, body)


def by_registration_link(world: World) -> Last:
    register(CAROL)
    world.user = joining(CAROL)
    body = {"token": last_letter(CAROL).token}
    return lambda: App().post(VERIFY, body)


def by_passkey_sign_up(world: World) -> Last:
    key, asked = Authenticator(), App().post(SIGN_UP_OPTIONS, {"email": CAROL}).json()
    App().post(SIGN_UP, {"challenge": asked["challenge"], "credential": key.create(asked["publicKey"])})
    world.user = joining(CAROL)
    body = {"email": CAROL, "code": last_letter(CAROL).code}
    return lambda: App().post(VERIFY, body)


def by_guest(world: World) -> Last:
    return lambda: App().post("/auth/guest/")


def joining(email: str) -> User:
    user = User.objects.get(email=email)
    user.groups.add(Group.objects.get(name=ROLE))
    return user


def healthy(world: World) -> None:
    """The control."""


def inactive(world: World) -> None:
    User.objects.filter(id=world.user.id).update(is_active=False)
    publish.users_stale([world.user.id])
    news_is_due()


def inactive_before_the_news(world: World) -> None:
    """Disabled by hand in the database: no epoch, no feed tells of it."""
    User.objects.filter(id=world.user.id).update(is_active=False)


def leaving(world: World) -> None:
    deletion.request(world.user, actor_id=world.user.id, source=NOWHERE)
    news_is_due()


def erased(world: World) -> None:
    leaving(world)
    User.objects.filter(id=world.user.id).update(deletion_due_at=timezone.now())
    assert deletion.erase(world.user.id)


def throttled(world: World) -> None:
    for number in range(throttle.ACCOUNT.free + 1):
        body = {"email": world.user.email, "password": "wrong password"}
        Client(REMOTE_ADDR=f"198.51.{number}.1").post(TOKEN, body, content_type="application/json")


def unverified(world: World) -> None:
    User.objects.filter(id=world.user.id).update(email_verified_at=None)


def factor_missing(world: World) -> None:
    world.setting.MFA_REQUIRED_ROLES = [ROLE]


def epoch_old(world: World) -> None:
    publish.users_stale([world.user.id])
    news_is_due()


STATES = {
    found.__name__: found
    for found in (healthy, inactive, inactive_before_the_news, leaving, erased, throttled, unverified, factor_missing, epoch_old)
}
OK = (200, "")
INVALID, GONE, UNVERIFIED = (401, "invalid_credentials"), (401, "account_unavailable"), (401, "email_unverified")
NO_CODE, NO_CHALLENGE, NO_TOKEN = (401, "invalid_code"), (401, "challenge_invalid"), (401, "token_invalid")
ENDED, STALE, WAIT = (401, "device_revoked"), (401, "token_stale"), (429, "too_many_attempts")
SECOND, ENROLMENT = (401, "mfa_required"), (401, "mfa_enrolment_required")
UNKNOWN = (400, "invalid_credential")
STRONGER = (401, "insufficient_user_authentication")
# In the order of STATES. Who was erased and comes by an issuer is somebody new.
MATRIX: dict[Callable[[World], Last], tuple[tuple[int, str], ...]] = {
    by_password: (OK, INVALID, INVALID, INVALID, INVALID, WAIT, UNVERIFIED, ENROLMENT, OK),
    by_code: (OK, NO_CODE, GONE, NO_CODE, NO_CODE, OK, OK, INVALID, NO_CODE),
    by_passkey: (OK, GONE, GONE, GONE, UNKNOWN, OK, UNVERIFIED, OK, OK),
    by_passkey_without_verification: (OK, GONE, GONE, GONE, UNKNOWN, OK, UNVERIFIED, SECOND, OK),
    by_totp: (OK, NO_CHALLENGE, GONE, NO_CHALLENGE, NO_CHALLENGE, OK, UNVERIFIED, OK, NO_CHALLENGE),
    by_recovery_code: (OK, NO_CHALLENGE, GONE, NO_CHALLENGE, NO_CHALLENGE, OK, UNVERIFIED, OK, NO_CHALLENGE),
    by_enrolment: (OK, NO_CHALLENGE, GONE, NO_CHALLENGE, NO_CHALLENGE, OK, UNVERIFIED, OK, NO_CHALLENGE),
    by_upstream: (OK, GONE, GONE, GONE, OK, OK, UNVERIFIED, ENROLMENT, OK),
    by_refresh: (OK, GONE, GONE, ENDED, NO_TOKEN, OK, UNVERIFIED, STRONGER, OK),
    by_cookie: (OK, GONE, GONE, ENDED, ENDED, OK, UNVERIFIED, STRONGER, OK),
    by_step_up: (OK, STALE, GONE, ENDED, ENDED, OK, UNVERIFIED, STRONGER, STALE),
    by_step_up_with_passkey: (OK, STALE, GONE, ENDED, ENDED, OK, UNVERIFIED, OK, STALE),
    by_registration_code: (OK, NO_CODE, GONE, NO_CODE, NO_CODE, OK, OK, INVALID, NO_CODE),
    by_registration_link: (OK, NO_TOKEN, NO_TOKEN, NO_TOKEN, NO_TOKEN, OK, OK, INVALID, NO_TOKEN),
    by_passkey_sign_up: (OK, NO_CODE, GONE, NO_CODE, NO_CODE, OK, OK, INVALID, NO_CODE),
    by_guest: (OK, OK, OK, OK, OK, OK, OK, OK, OK),
}
CELLS = [
    pytest.param(way, state, expected, id=f"{way.__name__}-{state}")
    for way, row in MATRIX.items()
    for state, expected in zip(STATES, row, strict=True)
]


@pytest.mark.parametrize(("way", "state", "expected"), CELLS)
def test_X01_tokens_come_only_where_the_table_says_so(
    world: World, way: Callable[[World], Last], state: str, expected: tuple[int, str]
) -> None:
    send = way(world)
    STATES[state](world)
    devices = Device.objects.filter(revoked_at=None).count()
    answer = send()
    assert outcome(answer) == expected
    text = answer.content.decode()
    if expected != OK:
        assert '"access"' not in text
        assert '"refresh"' not in text
        assert "signet" not in {name for name, cookie in answer.cookies.items() if cookie.value}
        assert Device.objects.filter(revoked_at=None).count() <= devices


_RENEWING = {by_refresh, by_cookie, by_step_up, by_step_up_with_passkey}
JUDGED = [
    cell
    for cell in CELLS
    # Of somebody erased there is nobody to tell of.
    if cell.values[0] not in _RENEWING
    and cell.values[1] != "erased"
    and cell.values[2] in {OK, INVALID, GONE, UNVERIFIED, SECOND}
]


@pytest.mark.parametrize(("way", "state", "expected"), JUDGED)
def test_G04_right_proof_that_opens_nothing_leaves_one_event(
    world: World, way: Callable[[World], Last], state: str, expected: tuple[int, str]
) -> None:
    send = way(world)
    failed = AuditEvent.objects.filter(event=Event.SIGN_IN_FAILED, subject_id=world.user.id)
    STATES[state](world)
    before = failed.count()
    assert outcome(send()) == expected
    assert failed.count() - before == (expected not in {OK, SECOND})


ANSWERED_BY = {
    "/auth/token/": by_password,
    "/auth/token/mfa/": by_totp,
    "/auth/token/mfa/enrol/confirm/": by_enrolment,
    "/auth/token/refresh/": by_refresh,
    "/auth/code/verify/": by_code,
    "/auth/email/verify/": by_registration_code,
    "/auth/passkeys/authenticate/": by_passkey,
    "/auth/federated/{provider}/": by_upstream,
    "/auth/guest/": by_guest,
    "/auth/step-up/": by_step_up,
}


def test_L12_who_was_erased_and_comes_by_an_issuer_is_somebody_new(world: World) -> None:
    send = by_upstream(world)
    erased(world)
    assert outcome(send()) == OK
    assert not User.objects.filter(id=world.user.id).exists()
    assert User.objects.get(identities__subject="upstream-1").id != world.user.id


def test_X01_every_endpoint_that_answers_tokens_is_in_the_matrix() -> None:
    document = json.loads(Client().get("/api/schema/").content)
    schemas = document["components"]["schemas"]
    bring_tokens = {f"#/components/schemas/{name}" for name, found in schemas.items() if "access" in found.get("properties", {})}
    assert len(bring_tokens) >= 3
    answering = {
        path
        for path, methods in document["paths"].items()
        for operation in methods.values()
        if isinstance(operation, dict) and any(reference in json.dumps(operation["responses"]) for reference in bring_tokens)
    }
    assert answering == set(ANSWERED_BY)
    assert set(ANSWERED_BY.values()) <= set(MATRIX)


def test_X01_second_factor_of_nobody_ends_in_nothing(world: World) -> None:
    """An account erased between the two steps."""
    send = by_totp(world)
    User.objects.filter(id=world.user.id).delete()
    assert outcome(send()) == NO_CHALLENGE
