"""What a new password must be, what the meter says about it, and where password managers are sent (SECURITY P-01, P-02)."""

import unicodedata

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from pytest_django import Settings

from accounts.passwords import policy, strength
from accounts.users.models import User

pytestmark = pytest.mark.django_db


def codes(password: str, user: User | None) -> list[str]:
    try:
        policy.require_acceptable(password, user)
    except ValidationError as refused:
        return [str(error.code) for error in refused.error_list]
    return []


@pytest.mark.parametrize(
    "password", ["password1234567", "PASSWORD1234567", "passwordpassword", "qwertyuiop123", "iloveyou123456", " password1234567 "]
)
def test_P01_common_value_with_a_common_tail_is_refused(alice: User, password: str) -> None:
    assert codes(password, alice) == ["password_too_common"]


@pytest.mark.parametrize(
    "password",
    [
        " " * 64,
        "plain lowercase words in a row",
        "my password1234567",
        "password of my first dog",
        "111 222 333 444 555 67",
        "ы" * 12,
    ],
)
def test_P01_lists_are_compared_as_whole_values(alice: User, password: str) -> None:
    assert codes(password, alice) == []


def test_P01_product_name_and_local_part_are_refused(alice: User, settings: Settings) -> None:
    settings.PRODUCT_NAME = "Wonderful Service"
    alice.email = "alice.in.wonderland@example.com"
    for word in ("wonderful service", "Wonderful Service", "alice.in.wonderland", "ALICE.IN.WONDERLAND"):
        assert codes(word, alice) == ["password_is_own_word"]
    assert codes("alice.in.wonderland is asleep", alice) == []


@pytest.mark.parametrize(("shortest", "length", "wanted"), [
    (12, 11, ["password_too_short"]), (12, 12, []), (15, 14, ["password_too_short"]), (15, 15, []), (8, 8, []),
    (12, 256, []), (12, 257, ["password_too_long"]),
])  # fmt: skip
def test_P02_length_is_counted_in_characters(
    alice: User, settings: Settings, shortest: int, length: int, wanted: list[str]
) -> None:
    settings.PASSWORD_MIN_LENGTH = shortest
    assert codes("🔑é" * (length // 2) + "x" * (length % 2), alice) == wanted


def test_P02_composed_and_decomposed_are_two_passwords(alice: User) -> None:
    alice.name = unicodedata.normalize("NFC", "Zoé Zoé Zoé Zoé")
    assert codes(alice.name, alice) == ["password_is_own_word"]
    assert codes(unicodedata.normalize("NFD", alice.name), alice) == []


def test_P01_meter_tells_weak_from_strong(alice: User) -> None:
    weak = strength.judge("password1234", alice)
    strong = strength.judge("plough-velvet-comet-arcade-9", alice)
    assert (weak.score, strong.score) == (0, 4) or (weak.score < 2 and strong.score == 4)
    assert weak.advice
    assert strong.advice == ()


def test_P01_meter_knows_the_persons_own_words(alice: User) -> None:
    alice.email = "kwyjibo.quixotl@example.com"
    assert strength.judge("kwyjibo.quixotl", alice).score < strength.judge("kwyjibo.quixotl", None).score


@pytest.mark.parametrize("password", ["", "x" * 73, "xy" * 128, "🔑" * 256, "a" * 100_000])
def test_P01_meter_judges_any_length(alice: User, password: str) -> None:
    assert 0 <= strength.judge(password, alice).score <= 4


def test_P01_meter_refuses_nothing(alice: User) -> None:
    assert strength.judge("x" * 24, alice).score < 2
    assert codes("x" * 24, alice) == []


def test_password_managers_are_sent_to_the_page() -> None:
    answer = Client().get("/.well-known/change-password")
    assert answer.status_code == 302
    assert answer["Location"] == "/account/security/password/"
    assert Client().post("/.well-known/change-password").status_code == 405
