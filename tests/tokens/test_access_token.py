"""What an access token says, and that only the gate leads to one (SECURITY G-07, B-13, X-01)."""

import time
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from pytest_django import DjangoAssertNumQueries, Settings

from accounts.revocations import publish
from accounts.tokens import access, compact
from accounts.users.models import User
from tests.support import forge
from tests.support.acceptors import ACCEPTORS, Acceptor
from tests.support.app import PASSWORD, App
from tests.support.news import news_is_due

pytestmark = pytest.mark.django_db
FRAME = {"iss", "sub", "aud", "exp", "iat", "jti", "epoch", "client_id", "scope", "sid", "auth_time", "acr", "amr"}


def test_G07_header_has_three_members(app: App) -> None:
    header = forge.opened(app.access)[0]
    assert header == {"alg": "ES256", "kid": forge.active_key().kid, "typ": "at+jwt"}


def test_G07_claims_are_exactly_the_contracts(app: App) -> None:
    claims = forge.opened(app.access)[1]
    assert set(claims) == FRAME | {"roles", "permissions"}


def test_G07_superuser_has_a_flag_instead_of_permissions(root_app: App) -> None:
    claims = forge.opened(root_app.access)[1]
    assert set(claims) == FRAME | {"roles", "superuser"}
    assert claims["superuser"] is True


def test_G07_claims_say_what_is_true(app: App, alice: User) -> None:
    claims, now = forge.opened(app.access)[1], int(time.time())
    fixed = {"iss": "http://testserver", "aud": ["http://testserver"], "client_id": "first-party", "acr": "aal1", "amr": ["pwd"]}
    assert fixed.items() <= claims.items()
    assert (claims["sub"], claims["sid"], claims["epoch"]) == (str(alice.id), app.device, 1)
    assert claims["exp"] == claims["iat"] + 600
    assert now - 5 <= claims["auth_time"] <= claims["iat"] <= now


def test_G07_no_personal_data_in_any_token(app: App) -> None:
    for name in ("bearer", "cookie", "link", "mailed"):
        text = str(forge.opened(ACCEPTORS[name](app).genuine())[1]).lower()
        assert "alice" not in text
        assert "@" not in text


def test_every_token_has_an_id_of_its_own(app: App) -> None:
    first = forge.opened(app.access)[1]["jti"]
    app.rotate()
    assert forge.opened(app.access)[1]["jti"] != first


def test_roles_and_permissions_travel_in_the_token(alice: User) -> None:
    group = Group.objects.create(name="Support")
    group.permissions.add(Permission.objects.get(codename="view_user"))
    alice.groups.add(group)
    publish.users_stale([alice.id])
    app = App()
    app.sign_in(alice.email)
    claims = forge.opened(app.access)[1]
    assert (claims["roles"], claims["permissions"], claims["epoch"]) == (["Support"], ["accounts.view_user"], 2)


def give_permissions(user: User, count: int) -> None:
    kind, held = ContentType.objects.get_for_model(User), user.user_permissions.count()
    names = [f"right_{held + number:04}" for number in range(count)]
    made = [Permission(content_type=kind, codename=name, name=name) for name in names]
    user.user_permissions.add(*Permission.objects.bulk_create(made))
    publish.users_stale([user.id])


def test_B13_no_number_of_permissions_makes_a_token_that_is_refused(bearer: Acceptor, alice: User) -> None:
    app = bearer.app
    bytes_left = access.LARGEST_CLAIMS - len(forge.unb64(app.access.split(".")[1]))
    give_permissions(alice, bytes_left // len('"accounts.right_0000",') - 3)
    carried = []
    for _ in range(6):
        app.rotate()
        assert bearer.takes(app.access), len(app.access)
        carried.append("permissions" in forge.opened(app.access)[1])
        give_permissions(alice, 1)
    assert (carried[0], carried[-1]) == (True, False)


def test_B13_largest_token_has_six_kibibytes() -> None:
    rsa_signature, header = 512, 120
    assert access.LARGEST_CLAIMS * 4 // 3 + header + rsa_signature + 2 <= 6 * 1024 < compact.MAX_BYTES


def test_B13_permissions_too_many_for_the_token_still_hold(
    alice: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    give_permissions(alice, 1_000)
    app = App()
    app.sign_in(alice.email)
    verified = access.verify(app.access)
    assert "permissions" not in verified.payload
    assert verified.grant.user().has_perm("accounts.right_0999")
    assert not verified.grant.user().has_perm("accounts.delete_user")
    with django_assert_num_queries(0):
        assert access.verify(app.access).grant.user().has_perm("accounts.right_0500")


def test_caller_is_a_user_without_a_query(
    bearer: Acceptor, alice: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    bearer.assert_takes_genuine()
    with django_assert_num_queries(0):
        user = access.verify(bearer.genuine()).grant.user()
        assert (user.pk, user.is_authenticated, user.is_active, user.has_perm("accounts.add_user")) == (
            alice.id,
            True,
            True,
            False,
        )
    with django_assert_num_queries(1):
        assert user.email == alice.email


def test_guarded_view_runs_no_query(bearer: Acceptor, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    bearer.assert_takes_genuine()
    with django_assert_num_queries(0):
        for _ in range(20):
            bearer.assert_takes_genuine()


def test_X01_no_token_is_made_around_the_gate(alice: User) -> None:
    with pytest.raises(TypeError):
        access.AccessToken.for_user(alice)


def test_X01_token_cannot_be_read_unverified(bearer: Acceptor) -> None:
    forged = forge.unsigned(*forge.opened(bearer.genuine())[:2])
    for verify in (True, False):
        with pytest.raises(access.TokenInvalid):
            access.AccessToken(forged, verify=verify)


REFUSED: dict[str, tuple[dict[str, Any], int, str]] = {
    "disabled": ({"is_active": False}, 401, "invalid_credentials"),
    "unverified": ({"email_verified_at": None}, 401, "email_unverified"),
    "disabled and unverified": ({"is_active": False, "email_verified_at": None}, 401, "invalid_credentials"),
}


@pytest.mark.parametrize("state", REFUSED)
def test_X01_gate_is_asked_at_sign_in(alice: User, state: str) -> None:
    fields, status, code = REFUSED[state]
    assert App().sign_in(alice.email).status_code == 200
    User.objects.filter(id=alice.id).update(**fields)
    answer = App().sign_in(alice.email)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


@pytest.mark.parametrize("state", REFUSED)
def test_X01_gate_is_asked_when_a_cookie_is_renewed(bearer: Acceptor, alice: User, state: str) -> None:
    cookie = ACCEPTORS["cookie"](bearer.app)
    token = cookie.genuine()
    publish.users_stale([alice.id])
    news_is_due()
    assert cookie.takes(token)
    User.objects.filter(id=alice.id).update(**REFUSED[state][0])
    assert not cookie.takes(token)


def test_audience_of_somebody_else_is_refused_at_sign_in(alice: User, settings: Settings) -> None:
    assert App().sign_in(alice.email, audience=settings.API_AUDIENCE).status_code == 200
    assert App().sign_in(alice.email, audience="https://elsewhere.example.com").status_code == 400


def test_scope_beyond_what_there_is_is_refused_at_sign_in(alice: User) -> None:
    answer = App().post("/auth/token/", {"email": alice.email, "password": PASSWORD, "scope": "profile:read admin:all"})
    assert (answer.status_code, answer.json()["errors"]["scope"][0]["code"]) == (400, "invalid_scope")
