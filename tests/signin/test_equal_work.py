"""What is asked of the database at the doors that take an address: the same for a known and an unknown one (SECURITY E-02)."""

import re
from collections.abc import Callable

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.users.models import User
from tests.support.app import App
from tests.support.authenticator import Authenticator
from tests.support.ways import (
    CODE,
    OPTIONS,
    REGISTER,
    RESET,
    RESET_CONFIRM,
    SIGN_UP,
    SIGN_UP_OPTIONS,
    TOKEN,
    VERIFY,
    VERIFY_CODE,
)

pytestmark = pytest.mark.django_db
ALICE, NOBODY = "alice@example.com", "cecil@example.com"
PHRASE = "correct horse battery staple 2"
Knock = Callable[[], HttpResponse]
_TABLE = re.compile(r'(?:FROM|INTO|UPDATE) "?(\w+)')


def post(path: str, **body: str) -> Callable[[str], Knock]:
    return lambda email: lambda: App().post(path, {"email": email, **body})


def passkey_sign_up(email: str) -> Knock:
    asked = App().post(SIGN_UP_OPTIONS, {"email": email}).json()
    body = {"challenge": asked["challenge"], "credential": Authenticator().create(asked["publicKey"])}
    return lambda: App().post(SIGN_UP, body)


def wrong_code(asking: Callable[[str], Knock], path: str, **body: str) -> Callable[[str], Knock]:
    """Where a code was asked for before."""

    def prepared(email: str) -> Knock:
        challenge = asking(email)().json().get("challenge")
        named = {"challenge": challenge} if challenge else {"email": email}
        return lambda: App().post(path, {**named, "code": "0000000", **body})

    return prepared


DOORS: dict[str, Callable[[str], Knock]] = {
    "register": post(REGISTER, password=PHRASE),
    "sign up with a passkey": passkey_sign_up,
    "passkey options of a sign-up": post(SIGN_UP_OPTIONS),
    "resend": post("/auth/email/resend/"),
    "code": post(CODE),
    "reset": post(RESET),
    "passkey options": post(OPTIONS),
    "wrong password": post(TOKEN, password="wrong password"),
    "wrong code after a registration": wrong_code(post(REGISTER, password=PHRASE), VERIFY),
    "wrong code after a sign-up with a passkey": wrong_code(passkey_sign_up, VERIFY),
    "wrong code after asking for another": wrong_code(post("/auth/email/resend/"), VERIFY),
    "wrong code to sign in": wrong_code(post(CODE), VERIFY_CODE),
    "wrong code of a reset": wrong_code(post(RESET), RESET_CONFIRM, new_password=PHRASE),
}


def asked(knock: Knock) -> list[str]:
    """Verb and tables of each statement, but for savepoints: they touch no row, and what is undone needs another one."""
    with CaptureQueriesContext(connection) as captured:
        assert knock().status_code < 500
    statements = [query["sql"] for query in captured]
    touching = [statement for statement in statements if statement.split()[0] not in {"SAVEPOINT", "RELEASE", "ROLLBACK"}]
    return [" ".join([statement.split()[0], *_TABLE.findall(statement)]) for statement in touching]


@pytest.mark.parametrize("door", DOORS, ids=[door.replace(" ", "-") for door in DOORS])
def test_E02_known_address_costs_what_an_unknown_one_costs(alice: User, door: str) -> None:
    unknown, known = asked(DOORS[door](NOBODY)), asked(DOORS[door](ALICE))
    assert known == unknown


@pytest.mark.parametrize("door", DOORS, ids=[door.replace(" ", "-") for door in DOORS])
def test_E02_account_that_is_leaving_costs_what_an_unknown_one_costs(alice: User, door: str) -> None:
    User.objects.filter(id=alice.id).update(deletion_due_at=timezone.now())
    unknown, known = asked(DOORS[door](NOBODY)), asked(DOORS[door](ALICE))
    assert known == unknown
