"""What a client's page shows beside its registration: who has let it in, who is signed in, when it was used."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import pytest
import time_machine
from django.test import Client as Http
from django.utils import timezone

from accounts.devices.models import Device
from accounts.oidc import audiences, troubles
from accounts.oidc.audiences import Described
from accounts.oidc.models import Consent
from accounts.users.models import User
from tests.oidc.flow import Flow, signed_in
from tests.oidc.parties import CALLBACK, Party, party
from tests.support.browser import Browser, rows

ORDINARY: dict[str, Any] = {"id_token_algorithm": "ES256"}


@pytest.fixture
def shop(db: None) -> Party:
    audiences.register(Described("https://notes.example", "Notes", {"notes:read": "Read your notes"}))
    scopes = ("openid", "profile", "email", "offline_access", "notes:read")
    return party("Shop", scopes=scopes, **ORDINARY)


@pytest.fixture
def clerks(make_staff: Callable[..., User]) -> Browser:
    """Staff who may look at clients, and not at people."""
    return signed_in(make_staff("view_client", email="clerk@example.com"))


def page(staff: Browser, client: Party) -> str:
    answer = staff.get(f"/admin/accounts/client/{client.id}/change/")
    assert answer.status_code == 200
    return unescape(answer.content.decode())


def section(staff: Browser, client: Party, name: str) -> str:
    """Empty where there is none."""
    return page(staff, client).partition(f'id="{name}"')[2].partition("</section>")[0]


def link(person: User) -> str:
    return f'<a href="/admin/accounts/user/{person.id}/change/">{person.email}</a>'


def figure(staff: Browser, client: Party, label: str) -> str:
    """The number under its label."""
    value = page(staff, client).partition(f">{label}</p>")[2].partition('figure-value">')[2].partition("</p>")[0]
    return value.partition('">')[2].partition("<")[0] or value


def come(client: Party, address: str) -> None:
    """To the authorization endpoint, with an address that is wrong."""
    Http().get("/oauth/authorize", {"client_id": client.id, "redirect_uri": address})


# --- Consents -------------------------------------------------------------------------------------------------------


def test_page_says_who_agreed_to_what_and_since_when(roots: Browser, shop: Party, alice: User, bob: User) -> None:
    Flow(party("Blog", **ORDINARY)).tokens(signed_in(alice))
    assert section(roots, shop, "consents") == ""
    Flow(shop, {"scope": "openid email notes:read"}).tokens(signed_in(alice))
    Consent.objects.filter(client=shop.client).update(given_at=datetime(2026, 3, 5, 12, tzinfo=UTC))
    Flow(shop, {"scope": "openid", "claims": '{"userinfo": {"name": null}}'}).tokens(signed_in(bob))
    shown = section(roots, shop, "consents")
    bobs, alices = shown.partition(link(bob))[2].split(link(alice))
    assert "Recognise you when you come back · Your e-mail address · Notes: Read your notes" in alices
    assert "email notes:read openid" in alices
    assert "since 5 Mar 2026" in alices
    assert "Recognise you when you come back · Your name" in bobs
    assert "e-mail" not in bobs
    assert figure(roots, shop, "People who have let it in") == "2"


def test_page_shows_the_newest_consents_and_says_of_how_many(roots: Browser, shop: Party, make_user: Callable[..., User]) -> None:
    people = [make_user(f"person{number}@example.com") for number in range(12)]
    for number, person in enumerate(people):
        Consent.objects.create(
            user=person, client=shop.client, scopes=["openid"], given_at=timezone.now() - timedelta(days=number)
        )
    shown = section(roots, shop, "consents")
    assert [person for person in people if link(person) in shown] == people[:10]
    assert "The newest 10 of 12." in shown


def test_withdrawn_consent_is_gone_from_the_page(roots: Browser, shop: Party, alice: User) -> None:
    browser = signed_in(alice)
    Flow(shop).tokens(browser)
    assert link(alice) in section(roots, shop, "consents")
    browser.post(f"/account/security/apps/{Consent.objects.get().id}/withdraw/")
    assert section(roots, shop, "consents") == ""


def test_staff_who_may_not_see_people_are_told_how_many_there_are(
    clerks: Browser, roots: Browser, shop: Party, alice: User
) -> None:
    Flow(shop).tokens(signed_in(alice))
    for label in ("People who have let it in", "People signed in now"):
        assert (figure(clerks, shop, label), figure(roots, shop, label)) == ("1", "1")
    assert alice.email not in page(clerks, shop)
    assert str(alice.id) not in page(clerks, shop)
    assert page(roots, shop).count(link(alice)) == 2


def test_page_names_who_is_signed_in_once_and_leads_to_them(roots: Browser, shop: Party, alice: User) -> None:
    trusted = party("Intranet", asks_consent=False, **ORDINARY)
    assert section(roots, trusted, "signed-in") == ""
    browsers = [signed_in(alice), signed_in(alice)]
    for browser in browsers:
        Flow(trusted).tokens(browser)
    assert section(roots, trusted, "signed-in").count(link(alice)) == 1
    assert figure(roots, trusted, "People signed in now") == "1"
    assert link(alice) not in page(roots, shop)
    assert "it does not ask" in page(roots, trusted)
    for browser in browsers:
        browser.post("/account/sign-out/")
    assert section(roots, trusted, "signed-in") == ""


def test_page_names_who_was_seen_last_and_says_of_how_many(roots: Browser, shop: Party, make_user: Callable[..., User]) -> None:
    people, current = [make_user(f"person{number}@example.com") for number in range(12)], timezone.now()
    until = {"idle_expires_at": current + timedelta(days=1), "expires_at": current + timedelta(days=1)}
    for number, person in enumerate(people):
        seen: dict[str, Any] = {"last_seen_at": current - timedelta(days=number), **until}
        Device.objects.create(user=person, client_id=shop.id, acr="aal1", auth_time=0, mac_key_id="k", **seen)
    shown = section(roots, shop, "signed-in")
    assert [person for person in people if link(person) in shown] == people[:10]
    assert "The 10 of 12 who were seen last." in shown


# --- Last use -------------------------------------------------------------------------------------------------------


def test_page_says_when_a_client_that_acts_as_itself_was_used(roots: Browser, shop: Party) -> None:
    nobody: dict[str, Any] = {"redirect_uris": (), "post_logout_redirect_uris": ()}
    robot = party("Robot", **nobody, grants=("client_credentials",), scopes=("notes:read",), **ORDINARY)

    def last_used() -> str:
        return page(roots, robot).partition("Last used")[2].partition("Secrets in force")[0]

    assert "–" in last_used()
    Flow(robot).token({"grant_type": "client_credentials"})
    assert "just now" in last_used()


# --- Refusals -------------------------------------------------------------------------------------------------------


def test_two_mistakes_within_an_hour_are_two_lines_and_each_comes_once(roots: Browser, shop: Party) -> None:
    for _ in range(2):
        come(shop, f"{CALLBACK}/")
        come(shop, CALLBACK.upper())
    shown = section(roots, shop, "refused")
    assert shown.count("redirect_uri differs in the trailing slash") == 1
    assert shown.count("redirect_uri differs in upper and lower case") == 1
    assert figure(roots, shop, "Refused in the last day") == "2"


def test_mistake_of_yesterday_is_gone_and_one_that_goes_on_is_told_as_it_came_last(roots: Browser, shop: Party) -> None:
    current = timezone.now()
    for hours, names in ((25, "old"), (5, "again"), (0, "again")):
        with time_machine.travel(current - timedelta(hours=hours), tick=False):
            come(shop, f"https://evil.example/{names}")
    shown = section(roots, shop, "refused")
    assert "evil.example/old" not in shown
    assert shown.count("evil.example/again") == 1
    assert "just now" in shown


def test_S03_page_stays_short_though_a_flood_goes_on(roots: Browser, shop: Party) -> None:
    current = timezone.now()
    for hours in (3, 2, 1):
        with time_machine.travel(current - timedelta(hours=hours), tick=False):
            for number in range(troubles.MOST):
                come(shop, f"https://evil.example/{hours}/{number}")
    shown = section(roots, shop, "refused")
    assert [shown.count(f"evil.example/{hours}/") for hours in (3, 2, 1)] == [0, troubles.MOST, troubles.MOST]
    assert "The newest 40 of 60." in shown


@pytest.mark.both_databases
def test_S03_same_mistake_is_written_down_once_an_hour(shop: Party) -> None:
    with time_machine.travel(timezone.now(), tick=False) as clock:
        before = rows()
        for _ in range(troubles.MOST):
            come(shop, "https://evil.example/")
            Http().get("/oauth/authorize", {"client_id": "c_nobody", "redirect_uri": "x"})
        assert grown(before) == {"accounts.AuditEvent": 1, "accounts.Gate": 1, "accounts.Counter": 1}
        come(shop, "https://evil.example/another")
        assert grown(before)["accounts.AuditEvent"] == 2, "what comes again uses nothing up"
        clock.shift(timedelta(hours=1))
        come(shop, "https://evil.example/")
        assert grown(before)["accounts.AuditEvent"] == 3


def test_S03_made_up_addresses_hide_no_other_mistake(shop: Party) -> None:
    with time_machine.travel(timezone.now(), tick=False):
        for number in range(troubles.MOST + 5):
            come(shop, f"https://evil.example/{number}")
        Flow(shop, {"prompt": "x"}).begin(Browser())
        said = [event.details["what"] for event in troubles.of_last_day(shop.client)]
    assert len(said) == troubles.MOST + 1
    assert any(line.startswith("prompt is not one") for line in said)


@pytest.mark.slow
def test_S03_a_thousand_made_up_addresses_are_a_few_lines_and_leave_other_clients_theirs(shop: Party) -> None:
    other = party("Blog", **ORDINARY)
    with time_machine.travel(timezone.now(), tick=False) as clock:
        before = rows()
        for number in range(1000):
            come(shop, f"https://evil.example/{number}")
        assert grown(before) == {"accounts.AuditEvent": troubles.MOST, "accounts.Gate": troubles.MOST, "accounts.Counter": 1}
        come(other, "https://evil.example/")
        assert len(troubles.of_last_day(other.client)) == 1
        clock.shift(timedelta(hours=1))
        come(shop, "https://evil.example/of-the-next-hour")
        assert len(troubles.of_last_day(shop.client)) == troubles.MOST + 1


def grown(before: dict[str, int]) -> dict[str, int]:
    """By how many rows, table by table."""
    return {name: count - before[name] for name, count in rows().items() if count != before[name]}
