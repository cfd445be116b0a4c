"""One spelling for one person, and none that passes for another's (SECURITY E-06, L-04, L-19)."""

import pytest
from django.core.exceptions import ValidationError

from accounts.users.email import acceptable, normalise
from accounts.users.models import User
from tests.support.app import App
from tests.support.mailbox import letters
from tests.support.ways import RESET, outcome, register

SAME = [
    "mike@example.com",
    "MIKE@EXAMPLE.COM",
    "Mike@Example.Com",
    " mike@example.com\t",
    "mike@example.com.",
    "ｍｉｋｅ@ｅｘａｍｐｌｅ．ｃｏｍ",
    "mike＠example.com",
    "𝓶𝓲𝓴𝓮@example.com",
]
LOOK_ALIKE = {
    "dotless i": "m\u0131ke@example.com",
    "Cyrillic i": "m\u0456ke@example.com",
    "Greek iota": "m\u03b9ke@example.com",
    "Cyrillic e": "mik\u0435@example.com",
    "Armenian": "\u0574ike@example.com",
    "accent": "mik\u00e9@example.com",
    "combining accent": "mike\u0301@example.com",
    "zero width space": "mi\u200bke@example.com",
    "zero width joiner": "mi\u200dke@example.com",
    "soft hyphen": "mi\u00adke@example.com",
    "right to left": "\u202emike@example.com",
    "no-break space inside": "mi\u00a0ke@example.com",
    "NUL": "mi\0ke@example.com",
    "line break": "mike@example.com\nBcc: eve@evil.example",
    "carriage return inside": "mi\rke@example.com",
    "quoted": '"mike"@example.com',
    "quoted with a space": '"mike "@example.com',
    "quoted at": '"mike@evil.example"@example.com',
    "two at": "mike@evil.example@example.com",
    "escaped at": "mike\\@evil.example@example.com",
    "source route": "@evil.example:mike@example.com",
    "comment": "mike(evil)@example.com",
    "display name": "Mike <mike@example.com>",
    "list": "mike@example.com,eve@evil.example",
    "semicolon": "mike@example.com;eve@evil.example",
    "address literal without brackets": "mike@127.0.0.1:25",
    "no host": "mike@",
    "no name": "@example.com",
    "dot first": ".mike@example.com",
    "dots in a row": "mi..ke@example.com",
    "dots in the host": "mike@example..com",
    "hyphen first in the host": "mike@-example.com",
    "empty": "",
    "too long": "m" * 250 + "@example.com",
    "label too long": "mike@" + "e" * 64 + ".com",
}
OTHER_HOST = {
    "Cyrillic a": "mike@ex\u0430mple.com",
    "Cyrillic whole": "mike@\u0435\u0445\u0430\u043c\u0440\u04cf\u0435.com",
    "Greek omicron": "mike@example.c\u03bfm",
    "dotless i": "mike@examp\u0131e.com",
}


@pytest.mark.parametrize("address", SAME)
def test_E06_one_person_has_one_spelling(address: str) -> None:
    assert normalise(address) == acceptable(address) == "mike@example.com"


@pytest.mark.parametrize("address", LOOK_ALIKE.values(), ids=LOOK_ALIKE)
def test_L19_what_looks_like_an_address_is_none(address: str) -> None:
    with pytest.raises(ValidationError):
        acceptable(address)
    assert acceptable("mike@example.com") == "mike@example.com"


@pytest.mark.parametrize("address", OTHER_HOST.values(), ids=OTHER_HOST)
def test_L19_host_in_another_script_is_seen_for_what_it_is(address: str) -> None:
    found = acceptable(address)
    assert "xn--" in found
    assert found.isascii()
    assert found != "mike@example.com"


@pytest.mark.parametrize("address", ["mike+tag@example.com", "m.ike@example.com", "mike@sub.example.com", "mike_@example.com"])
def test_other_address_is_another_person(address: str) -> None:
    assert acceptable(address) == address


@pytest.mark.parametrize("address", list(LOOK_ALIKE.values()))
def test_L04_look_alike_gets_no_mail_about_somebody_elses_account(make_user, address: str) -> None:
    make_user("mike@example.com")
    answer = App().post(RESET, {"email": address})
    assert answer.status_code in {202, 400}
    assert letters("mike@example.com") == letters(address) == []


@pytest.mark.parametrize("address", SAME[:5])
def test_L04_mail_goes_to_the_stored_address(make_user, address: str) -> None:
    make_user("mike@example.com")
    assert App().post(RESET, {"email": address}).status_code == 202
    assert len(letters("mike@example.com")) == 1


@pytest.mark.parametrize("address", list(OTHER_HOST.values()))
def test_L19_look_alike_host_registers_as_itself(make_user, address: str) -> None:
    make_user("mike@example.com")
    answer = App().post("/auth/register/", {"email": address, "password": "correct horse battery staple"})
    assert outcome(answer) in {(202, ""), (400, "invalid")}
    assert letters("mike@example.com") == []


def test_E06_every_spelling_registers_the_same_account(db: None) -> None:
    register("Mike@Example.com")
    register("mike@example.com")
    assert [user.email for user in User.objects.all()] == ["mike@example.com"]
