"""Passwords known from breaches, looked up in a file of sorted SHA-1 hashes (SECURITY P-01)."""

import hashlib
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from pytest_django import Settings

from accounts.core.errors import Unavailable
from accounts.passwords import breached, policy
from project import checks

LISTED = [f"breached password {number}" for number in range(500)]
UNLISTED = [f"private password {number}" for number in range(500)]


def line(password: str, count: int) -> str:
    return f"{hashlib.sha1(password.encode()).hexdigest().upper()}:{count}"


def written(path: Path, passwords: list[str], ends: str = "\r\n", last: str = "\r\n") -> str:
    lines = sorted(line(password, 10**number % 9_999_999 + 1) for number, password in enumerate(passwords))
    path.write_bytes((ends.join(lines) + (last if lines else "")).encode())
    return str(path)


@pytest.mark.parametrize("ends", ["\r\n", "\n"])
@pytest.mark.parametrize("closed", [True, False])
@pytest.mark.parametrize("size", [1, 2, 3, 500])
def test_P01_every_line_is_found_and_nothing_else(tmp_path: Path, ends: str, closed: bool, size: int) -> None:
    path = written(tmp_path / "hashes", LISTED[:size], ends, ends if closed else "")
    assert [password for password in LISTED[:size] if not breached.is_breached(password, path)] == []
    assert [password for password in UNLISTED if breached.is_breached(password, path)] == []


def test_P01_empty_file_holds_nothing(tmp_path: Path) -> None:
    assert not breached.is_breached("anything", written(tmp_path / "hashes", []))


def test_P01_breached_password_is_refused_as_a_whole_value(tmp_path: Path, settings: Settings) -> None:
    settings.BREACHED_PASSWORDS_FILE = written(tmp_path / "hashes", LISTED)
    with pytest.raises(ValidationError) as refused:
        policy.require_acceptable(LISTED[7], None)
    assert [error.code for error in refused.value.error_list] == ["password_breached"]
    policy.require_acceptable(LISTED[7] + " and more", None)
    policy.require_acceptable(LISTED[7].upper(), None)


def test_P01_without_the_setting_nothing_is_looked_up(settings: Settings) -> None:
    assert settings.BREACHED_PASSWORDS_FILE == ""
    policy.require_acceptable(LISTED[7], None)


def test_P01_list_that_went_away_is_not_taken_for_a_clean_password(tmp_path: Path, settings: Settings) -> None:
    settings.BREACHED_PASSWORDS_FILE = str(tmp_path / "gone")
    with pytest.raises(Unavailable):
        policy.require_acceptable("a password like any other", None)


ODD = {
    "missing": (None, "cannot be read"),
    "empty": (b"", "lines of the form"),
    "prose": (b"these are not hashes\n", "lines of the form"),
    "NTLM": (b"0000000A1D4B746FAA3FD526FF6D5BC8:1\r\n", "lines of the form"),
    "lower case": (line("x", 1).lower().encode() + b"\n", "lines of the form"),
    "by count": (b"F" * 40 + b":9\r\n" + b"A" * 40 + b":1\r\n", "not in the order"),
}


@pytest.mark.parametrize("name", ODD)
def test_P01_odd_file_is_an_error_at_the_start(tmp_path: Path, settings: Settings, name: str) -> None:
    content, sentence = ODD[name]
    path = tmp_path / "hashes"
    if content is not None:
        path.write_bytes(content)
    settings.BREACHED_PASSWORDS_FILE = str(path)
    [message] = checks.check_passwords(None)
    assert message.id == "signet.E012"
    assert sentence in message.msg


def test_P01_sound_file_is_no_error_at_the_start(tmp_path: Path, settings: Settings) -> None:
    settings.BREACHED_PASSWORDS_FILE = written(tmp_path / "hashes", LISTED)
    assert checks.check_passwords(None) == []


@pytest.mark.parametrize(
    ("name", "value"), [("FIREBASE_HASH_CONFIG", {"rounds": 8}), ("FIREBASE_HASH_CONFIG", [1]), ("PASSWORD_DECOY", "x")]
)
def test_unusable_parameters_of_imported_hashes_are_an_error_at_the_start(settings: Settings, name: str, value: object) -> None:
    setattr(settings, name, value)
    [message] = checks.check_passwords(None)
    assert message.id == "signet.E013"
    assert name in message.msg
