"""What is counted is labelled by our own words."""

from prometheus_client import REGISTRY

from accounts.users.models import User
from tests.support.app import App


def series() -> int:
    return sum(len(family.samples) for family in REGISTRY.collect() if family.name.startswith("signet"))


def attempt(number: int, email: str) -> None:
    App(access=f"junk{number}").get("/api/v1/me/")
    App().rotate(f"rt1.junk{number}")
    App().sign_in(f"junk{number}@example.com")
    App().sign_in(email, f"junk{number}")


def test_G09_input_makes_no_new_series(alice: User) -> None:
    attempt(0, alice.email)
    before = series()
    for number in range(1, 4):
        attempt(number, alice.email)
    assert series() == before > 0
