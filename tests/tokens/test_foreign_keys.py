"""The JWK Set of somebody else: what is malformed in it is passed over by itself, and the rest works (SECURITY J-15)."""

from typing import Any

import pytest

from accounts.core.errors import TokenInvalid
from accounts.tokens import foreign
from tests.support import forge
from tests.support.issuer import ec_key, rsa_key

GOOD = ec_key("good").jwk
BASES = {"RSA": rsa_key("odd").jwk, "EC": ec_key("odd").jwk}
ODD: list[Any] = [
    *(None, True, False, 0, -1, 7, 1.5, 2**70, "", "x", "AQAB==", "AQ AB", "\u00e9", "\ud800", "\x00", "A" * 20_000, "-" * 43),
    *([], ["RS256"], ["verify", {}], [[]], {}, {"RS256": 1}, [None] * 1000),
]
MEMBERS = [(kind, name) for kind, jwk in BASES.items() for name in (*jwk, "key_ops") if name != "kid"]


def _short(value: Any) -> str:
    return ascii(value)[:20]


@pytest.mark.parametrize(("kind", "name"), MEMBERS)
def test_J15_malformed_member_costs_its_own_key_alone(kind: str, name: str) -> None:
    assert set(foreign.keys_of({"keys": [BASES[kind], GOOD]})) == {"odd", "good"}
    for value in ODD:
        verifies = name == "key_ops" and value == ["verify", {}]
        found = set(foreign.keys_of({"keys": [{**BASES[kind], name: value}, GOOD]}))
        assert found == ({"odd", "good"} if verifies else {"good"}), value


@pytest.mark.parametrize("kind", BASES)
def test_J15_member_that_is_missing_costs_its_own_key_alone(kind: str) -> None:
    for name in BASES[kind].keys() - {"use", "alg"}:
        rest = {member: value for member, value in BASES[kind].items() if member != name}
        assert set(foreign.keys_of({"keys": [rest, GOOD]})) == {"good"}, name


@pytest.mark.parametrize("kid", [value for value in ODD if not isinstance(value, str)], ids=_short)
def test_J15_key_without_a_name_is_passed_over(kid: Any) -> None:
    assert set(foreign.keys_of({"keys": [{**BASES["RSA"], "kid": kid}, GOOD]})) == {"good"}


def test_J15_what_is_no_key_is_passed_over() -> None:
    assert set(foreign.keys_of({"keys": [*ODD, GOOD]})) == {"good"}


def test_J15_modulus_that_would_take_long_is_not_used() -> None:
    long = {**BASES["RSA"], "n": forge.b64(b"\xff" * 20_000)}
    assert set(foreign.keys_of({"keys": [long, GOOD]})) == {"good"}


@pytest.mark.parametrize("odd", [*ODD, {"keys": None}, {"keys": {}}, {"keys": []}, {"keys": [GOOD] * 101}, [GOOD]], ids=_short)
def test_J15_what_is_no_set_is_refused(odd: Any) -> None:
    with pytest.raises(TokenInvalid):
        foreign.keys_of(odd)


@pytest.mark.parametrize("kind", BASES)
def test_J15_number_with_a_zero_in_front_is_the_same_number(kind: str) -> None:
    """Some issuers write it so; who signs with a key is told by its kid, not by its thumbprint."""
    member = "n" if kind == "RSA" else "x"
    longer = {**BASES[kind], member: forge.b64(b"\x00" + forge.unb64(BASES[kind][member]))}
    assert set(foreign.keys_of({"keys": [longer]})) == {"odd"}
