"""The staff directory: pages, filters, invitations (SECURITY S-05)."""

import re
from collections.abc import Callable, Iterable
from typing import Any

import pytest
from django.core import mail
from django.db import DataError, connection
from django.test import Client
from django.utils import timezone

from accounts.management.commands.worker import work
from accounts.users.models import User
from tests.support.app import App

URL = re.compile(r"http://testserver(/account/reset/\?token=\S+)")


@pytest.fixture
def crowd(make_user: Callable[..., User]) -> list[User]:
    return [User.objects.create(email=f"person{number:02}@example.com", name=f"Person {number}") for number in range(30)]


@pytest.fixture
def guests(db: None) -> list[User]:
    """They have no address. All began at one moment, as people do who come by an import."""
    began = timezone.now()
    return [User.objects.create(joined_by=User.JoinedBy.GUEST, created_at=began) for _ in range(9)]


def emails(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.content
    return [row["email"] for row in answer.json()["results"]]


def ids(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.content
    return [row["id"] for row in answer.json()["results"]]


def joined(pages: Iterable[tuple[str, list[str]]]) -> list[str]:
    return [id for _, found in pages for id in found]


def walk(app: App, path: str) -> list[str]:
    """The id of every row."""
    return joined(pages(app, path, "next"))


def pages(app: App, path: str, link: str) -> list[tuple[str, list[str]]]:
    """The path of each page and the ids of its rows."""
    met: list[tuple[str, list[str]]] = []
    for _ in range(50):
        answer = app.get(path)
        met.append((path, ids(answer)))
        if not (following := answer.json()[link]):
            return met
        assert following.startswith("http://testserver/api/v1/users/?")
        path = following.removeprefix("http://testserver")
    raise AssertionError("the pages do not end")


@pytest.mark.both_databases
@pytest.mark.parametrize("ordering", ["created_at", "-created_at", "email", "-email"])
@pytest.mark.parametrize("size", [1, 7, 31, 100])
def test_pages_hold_everybody_once_and_in_order(
    root_app: App, crowd: list[User], guests: list[User], ordering: str, size: int
) -> None:
    found = walk(root_app, f"/api/v1/users/?ordering={ordering}&page_size={size}")
    word, backwards = ordering.removeprefix("-"), ordering.startswith("-")
    everybody = sorted(User.objects.all(), key=lambda user: (getattr(user, word) or str(user.id), user.id), reverse=backwards)
    assert found == [str(user.id) for user in everybody]


@pytest.mark.both_databases
@pytest.mark.parametrize("ordering", ["created_at", "email", "-email"])
@pytest.mark.parametrize("size", [4, 10])
def test_pages_lead_back(root_app: App, crowd: list[User], guests: list[User], ordering: str, size: int) -> None:
    first = root_app.get(f"/api/v1/users/?ordering={ordering}&page_size={size}").json()
    second = root_app.get(first["next"].removeprefix("http://testserver")).json()
    back = root_app.get(second["previous"].removeprefix("http://testserver")).json()
    assert back["results"] == first["results"]
    assert (first["previous"], back["previous"]) == (None, None)


@pytest.mark.slow
@pytest.mark.both_databases
@pytest.mark.parametrize("ordering", ["created_at", "-created_at", "email", "-email"])
@pytest.mark.parametrize("size", [3, 4])
def test_the_way_back_holds_everybody_once_and_in_order(
    root_app: App, crowd: list[User], guests: list[User], ordering: str, size: int
) -> None:
    forth = pages(root_app, f"/api/v1/users/?ordering={ordering}&page_size={size}", "next")
    for number, (path, _) in enumerate(forth):
        back = pages(root_app, path, "previous")
        assert joined(reversed(back)) == joined(forth[: number + 1])
    assert joined(pages(root_app, back[-1][0], "next")) == joined(forth)


def test_page_that_has_emptied_leads_back(root_app: App, crowd: list[User]) -> None:
    first = root_app.get("/api/v1/users/?page_size=20").json()
    User.objects.filter(id__gt=first["results"][-1]["id"]).delete()
    second = root_app.get(first["next"].removeprefix("http://testserver")).json()
    assert (second["results"], second["next"]) == ([], None)
    last = root_app.get(second["previous"].removeprefix("http://testserver")).json()
    assert last["results"] == first["results"]


def test_pages_do_not_slip_when_somebody_joins(root_app: App, crowd: list[User], make_user: Callable[..., User]) -> None:
    first = root_app.get("/api/v1/users/?ordering=email&page_size=10").json()
    make_user("aaron@example.com")
    second = root_app.get(first["next"].removeprefix("http://testserver")).json()
    assert not {row["id"] for row in first["results"]} & {row["id"] for row in second["results"]}


def test_S05_page_has_25_rows_and_never_more_than_100(root_app: App, crowd: list[User]) -> None:
    User.objects.bulk_create(User(email=f"more{number}@example.com") for number in range(100))
    assert len(emails(root_app.get("/api/v1/users/"))) == 25
    assert len(emails(root_app.get("/api/v1/users/?page_size=100"))) == 100
    assert root_app.get("/api/v1/users/?page_size=101").status_code == 400


def test_S05_page_costs_the_same_however_many_rows(root_app: App, crowd: list[User], django_assert_max_num_queries: Any) -> None:
    root_app.get("/api/v1/users/")
    with django_assert_max_num_queries(3):
        root_app.get("/api/v1/users/?page_size=30")


def test_cursor_of_one_list_opens_no_other(root_app: App, crowd: list[User]) -> None:
    following = root_app.get("/api/v1/users/?ordering=email&page_size=5").json()["next"].removeprefix("http://testserver")
    assert root_app.get(following).status_code == 200
    assert "example" not in following
    for other in (following.replace("ordering=email", "ordering=created_at"), following.replace("/users/", "/me/devices/")):
        assert root_app.get(other.replace("ordering=email&", "")).status_code == 400


def test_filters_and_search_narrow_the_list(root_app: App, manager: App, crowd: list[User]) -> None:
    User.objects.filter(email="person07@example.com").update(is_active=False)
    assert emails(root_app.get("/api/v1/users/?is_active=false")) == ["person07@example.com"]
    assert emails(root_app.get("/api/v1/users/?is_staff=true")) == ["root@example.com"]
    assert emails(root_app.get("/api/v1/users/?role=managers")) == ["bob@example.com"]
    assert emails(root_app.get("/api/v1/users/?role=nobody")) == []
    assert emails(root_app.get("/api/v1/users/?search=PERSON+12")) == ["person12@example.com"]
    assert emails(root_app.get("/api/v1/users/?search=person&is_active=false&role=")) == ["person07@example.com"]


def test_invitation_ends_in_a_signed_in_person(manager: App) -> None:
    made = manager.post("/api/v1/users/", {"email": " Carol@Example.com ", "name": "Carol", "groups": ["managers"]})
    assert (made.status_code, made.json()["email"], made.json()["groups"]) == (201, "carol@example.com", ["managers"])
    assert made.json()["email_verified_at"] is None
    assert work() == 1
    assert mail.outbox[0].to == ["carol@example.com"]
    found = URL.search(str(mail.outbox[0].body))
    assert found is not None
    page = Client().post("/account/reset/", {"token": found[1].partition("token=")[2], "new_password": "carols own passphrase"})
    assert page.status_code == 200
    carol = App()
    assert carol.sign_in("carol@example.com", "carols own passphrase").status_code == 200
    assert carol.get("/api/v1/groups/").status_code == 200


def test_taken_address_is_refused_in_any_spelling(manager: App, alice: User) -> None:
    for address in (alice.email, "ALICE@EXAMPLE.COM", " alice@example.com"):
        assert manager.post("/api/v1/users/", {"email": address}).json()["errors"]["email"][0]["code"] == "unique"
    assert work() == 0


@pytest.mark.parametrize("address", ["", "x", "a@b", "a@@b.com", 12, None, ["a@b.com"], "a b@c.com", "x" * 250 + "@e.com"])
def test_address_must_be_one(manager: App, address: Any) -> None:
    assert "email" in manager.post("/api/v1/users/", {"email": address}).json()["errors"]
    assert work() == 0


# The first is longer than its column once its host is written as IDNA knows it, the second begins with a Cyrillic letter.
NOT_ACCEPTABLE = ["a@" + "üäöüäöüäöüäöüäöüäöüäö." * 10 + "com", "\u0430lice@example.com", '"a"@example.com']


@pytest.mark.both_databases
@pytest.mark.parametrize("address", NOT_ACCEPTABLE)
def test_L19_invitation_goes_to_an_acceptable_address(manager: App, address: str) -> None:
    refused = manager.post("/api/v1/users/", {"email": address})
    assert (refused.status_code, refused.json()["errors"]["email"][0]["code"]) == (400, "invalid")
    assert manager.post("/api/v1/users/", {"email": "a@üäöüäö.com"}).json()["email"] == "a@xn--4caa7cb0ac.com"


def test_value_that_the_database_refuses_is_malformed_and_not_worth_a_retry(manager: App) -> None:
    def refuse(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith('INSERT INTO "accounts_user"'):
            raise DataError("value too long for type character varying(254)")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(refuse):
        refused = manager.post("/api/v1/users/", {"email": "carol@example.com"})
    assert (refused.status_code, refused.json()["code"], "Retry-After" in refused) == (400, "malformed", False)
    assert manager.post("/api/v1/users/", {"email": "carol@example.com"}).status_code == 201


def test_password_link_is_mailed_to_the_stored_address(manager: App, alice: User) -> None:
    answer = manager.post(f"/api/v1/users/{alice.id}/send-password-link/")
    assert (answer.status_code, answer.content) == (202, b"")
    assert work() == 1
    assert mail.outbox[0].to == [alice.email]
    assert URL.search(str(mail.outbox[0].body))


def test_password_link_for_a_disabled_account_is_refused(manager: App, alice: User) -> None:
    User.objects.filter(id=alice.id).update(is_active=False)
    refused = manager.post(f"/api/v1/users/{alice.id}/send-password-link/")
    assert (refused.status_code, refused.json()["code"]) == (409, "account_disabled")


@pytest.mark.parametrize("act", ["disable", "enable"])
def test_doing_it_twice_is_no_error(root_app: App, alice: User, act: str) -> None:
    answers = [root_app.post(f"/api/v1/users/{alice.id}/{act}/") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].json() == answers[1].json()


@pytest.mark.parametrize("act", ["disable", "enable", "sign-out-everywhere", "send-password-link"])
def test_acts_want_a_person_that_exists_and_no_words(root_app: App, alice: User, act: str) -> None:
    assert root_app.post(f"/api/v1/users/01890a5d-ac96-774b-bcce-b302099a8057/{act}/").status_code == 404
    assert root_app.post(f"/api/v1/users/{alice.id}/{act}/", {"because": "x"}).status_code == 400
