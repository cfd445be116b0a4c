"""Which account an upstream identity opens: its own, a new one, or none before the owner has linked it."""

import threading
from typing import Any

import pytest
from django.core import mail
from django.db import connection

from accounts.audit.events import Event
from accounts.audit.models import AuditEvent
from accounts.core.errors import ChallengeInvalid, IdentityInUse, InvalidIdToken, LinkRequired
from accounts.core.requests import NOWHERE
from accounts.federation import identities, sign_in
from accounts.federation.id_token import Identity
from accounts.federation.models import FederatedIdentity
from accounts.outbox.models import OutboxMessage
from accounts.users.models import User
from tests.support.mailbox import notices
from tests.support.ways import register

from .conftest import Configure, SignIn


def identity(**changes: Any) -> Identity:
    told = {"provider": "upstream", "label": "Upstream", "issuer": "https://issuer.example", "subject": "upstream-1"}
    rest = {"email": "carol@example.com", "email_verified": True, "name": "Carol", "auth_time": None}
    return Identity(**{**told, **rest, **changes})


def resolved(**changes: Any) -> User:
    return User.objects.get(id=sign_in.resolve(identity(**changes), name="", source=NOWHERE).user_id)


@pytest.mark.django_db
def test_somebody_new_gets_an_account_with_a_verified_address() -> None:
    user = resolved(email="Carol@Example.com")
    assert (user.email, user.name, user.has_usable_password()) == ("carol@example.com", "Carol", False)
    assert user.email_verified_at is not None
    assert AuditEvent.objects.filter(event=Event.USER_REGISTERED, subject_id=user.id).count() == 1
    assert AuditEvent.objects.filter(event=Event.IDENTITY_LINKED, subject_id=user.id).count() == 1


@pytest.mark.django_db
def test_name_that_the_app_was_told_counts_once() -> None:
    first = sign_in.resolve(identity(name=""), name="Carol Apple", source=NOWHERE)
    second = sign_in.resolve(identity(name=""), name="Somebody Else", source=NOWHERE)
    assert first.user_id == second.user_id
    assert User.objects.get().name == "Carol Apple"


@pytest.mark.django_db
def test_F08_O25_person_is_known_by_subject_whatever_the_address() -> None:
    first = resolved()
    assert resolved(email="new@example.com") == first
    assert resolved(email="", email_verified=False) == first
    assert resolved(subject="upstream-2", email="other@example.com") != first
    assert resolved(issuer="https://other.example", email="third@example.com") != first


@pytest.mark.django_db
def test_F08_subject_is_compared_exactly() -> None:
    first = resolved(subject="abc")
    assert resolved(subject="ABC", email="other@example.com") != first


@pytest.mark.parametrize("verified", [None, False, "true", "false", "True", 1, [True]], ids=repr)
def test_F09_address_that_is_not_verified_opens_and_makes_nothing(sign_in: SignIn, alice: User, verified: Any) -> None:
    for email in (alice.email, "carol@example.com"):
        answer = sign_in(email=email, email_verified=verified)
        assert (answer.status_code, answer.json()["code"]) == (401, "invalid_id_token")
    assert User.objects.count() == 1
    assert sign_in().status_code == 200


def test_F09_apple_may_say_true_as_text(configure: Configure, sign_in: SignIn) -> None:
    configure("apple")
    assert sign_in(name="apple", email_verified="false").status_code == 401
    assert sign_in(name="apple", email_verified="true").status_code == 200


@pytest.mark.parametrize("registered", [False, True])
def test_joining_is_no_news_and_the_next_device_is(sign_in: SignIn, registered: bool) -> None:
    if registered:
        register("carol@example.com")
    for told in (0, 1):
        assert sign_in(email="carol@example.com").status_code == 200
        assert len(notices("new_device")) == told


@pytest.mark.parametrize("spelling", ["alice@example.com", "ALICE@Example.com"])
def test_F09_address_of_an_account_asks_its_owner(sign_in: SignIn, alice: User, spelling: str) -> None:
    answer = sign_in(email=spelling)
    assert (answer.status_code, answer.json()["code"]) == (409, "link_required")
    assert answer.json().keys() >= {"challenge", "methods", "expires_in"}
    assert "password" in answer.json()["methods"]
    assert not FederatedIdentity.objects.exists()


@pytest.mark.parametrize(
    "spelling",
    [
        *("\uff41lice@example.com", "alice@\uff45xample.com", "ali\u00adce@example.com", "\u212aate@example.com"),
        *("alice@ex\u00e4mple.com", "alice@fa\u00df.de", "al\u00ef@example.com", " alice@example.com", "alice@example.com."),
        *('"alice"@example.com', "alice@example.com@example.com"),
    ],
    ids=ascii,
)
def test_F09_address_that_is_another_in_our_spelling_makes_and_opens_nothing(sign_in: SignIn, alice: User, spelling: str) -> None:
    answer = sign_in(email=spelling)
    assert (answer.status_code, answer.json()["code"]) == (401, "invalid_id_token")
    assert User.objects.get() == alice
    assert sign_in(email="Carol@XN--EXMPLE-CUA.com").status_code == 200
    assert User.objects.filter(email="carol@xn--exmple-cua.com").exists()


def challenge_for(user: User, **changes: Any) -> str:
    with pytest.raises(LinkRequired) as refusal:
        sign_in.resolve(identity(email=user.email, **changes), name="", source=NOWHERE)
    return str(refusal.value.extra["challenge"])


def test_F09_owner_links_once_and_is_told(alice: User) -> None:
    challenge = challenge_for(alice)
    sign_in.accept_link(challenge, alice.id, source=NOWHERE)
    assert resolved(email=alice.email) == alice
    assert OutboxMessage.objects.filter(kind="notice").count() == 1
    identities.unlink(alice.id, identities.of(alice.id).get().id, NOWHERE)
    with pytest.raises(ChallengeInvalid):
        sign_in.accept_link(challenge, alice.id, source=NOWHERE)
    assert not identities.of(alice.id).exists()


def test_F09_challenge_serves_its_own_account_alone(alice: User, bob: User) -> None:
    challenge = challenge_for(alice)
    for forged in (challenge[:-4] + "AAAA", "", "x.y.z"):
        with pytest.raises(ChallengeInvalid):
            sign_in.accept_link(forged, alice.id, source=NOWHERE)
    with pytest.raises(ChallengeInvalid):
        sign_in.accept_link(challenge, bob.id, source=NOWHERE)
    sign_in.accept_link(challenge, alice.id, source=NOWHERE)
    assert resolved() == alice


def test_identity_opens_one_account(alice: User, bob: User) -> None:
    identities.link(alice, identity(), NOWHERE)
    with pytest.raises(IdentityInUse):
        identities.link(bob, identity(), NOWHERE)
    assert resolved() == alice


@pytest.mark.django_db
def test_somebody_without_any_address_gets_an_account_without_one() -> None:
    user = resolved(email="", email_verified=False)
    assert user.email is None
    assert resolved(email="", email_verified=False) == user


@pytest.mark.django_db
@pytest.mark.parametrize(
    "email", ["carol", "carol@", "@example.com", "a b@example.com", "carol@example.com\nBcc: x@y.z", "x" * 250 + "@a.bc"]
)
def test_F09_text_that_is_no_address_makes_nothing(email: str) -> None:
    with pytest.raises(InvalidIdToken):
        resolved(email=email)
    assert not User.objects.exists()


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_first_sign_ins_at_once_make_one_account() -> None:
    found: list[User] = []

    def work() -> None:
        try:
            found.append(resolved())
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert User.objects.count() == FederatedIdentity.objects.count() == 1


def test_disabled_account_stays_shut(sign_in: SignIn) -> None:
    assert sign_in().status_code == 200
    User.objects.update(is_active=False)
    answer = sign_in()
    assert (answer.status_code, answer.json()["code"]) == (401, "account_unavailable")


def test_F10_staff_are_still_asked_for_a_second_factor(sign_in: SignIn, settings: Any) -> None:
    settings.REQUIRE_MFA_FOR_STAFF = True
    assert sign_in().status_code == 200
    User.objects.update(is_staff=True)
    answer = sign_in(acr="aal3", amr=["mfa"])
    assert (answer.status_code, answer.json()["code"]) == (401, "mfa_enrolment_required")
    assert len(mail.outbox) == 0
