"""What two proofs of one person are worth together: the whole table (SECURITY P-25)."""

import uuid

import pytest

from accounts.core.errors import InvalidCode
from accounts.core.proofs import Proof
from accounts.signin import worth

MAIL, GUEST = (("otp",), "email"), ((), "guest")
PASSWORD, ISSUER, APP = (("pwd",), "aal1"), (("fed",), "aal1"), (("otp",), "aal1")
KEY, SYNCED = (("hwk", "user"), "aal1"), (("swk", "user"), "aal1")
SURE = (("hwk", "user", "mfa"), "aal2")
"""The same key, whose authenticator made sure who holds it."""
BOTH, KEY_AND_APP = (("pwd", "otp", "mfa"), "aal2"), (("hwk", "user", "otp", "mfa"), "aal2")
LATER = (MAIL, PASSWORD, ISSUER, APP, KEY, SYNCED, SURE)
TABLE = {
    # before      mail     password  issuer   app     key     synced  sure
    "guest": (GUEST, ("email", "aal1", "aal1", "aal1", "aal1", "aal1", "aal2")),
    "mail": (MAIL, ("email", "aal1", "aal1", "aal1", "aal1", "aal1", "aal2")),
    "password": (PASSWORD, ("email", "aal1", "aal1", "aal2", "aal2", "aal2", "aal2")),
    "issuer": (ISSUER, ("email", "aal1", "aal1", "aal2", "aal2", "aal2", "aal2")),
    "app": (APP, ("email", "aal2", "aal2", "aal1", "aal2", "aal2", "aal2")),
    "key": (KEY, ("email", "aal1", "aal1", "aal2", "aal1", "aal1", "aal2")),
    "synced": (SYNCED, ("email", "aal1", "aal1", "aal2", "aal1", "aal1", "aal2")),
    "sure": (SURE, ("email", "aal1", "aal1", "aal2", "aal1", "aal1", "aal2")),
    "password, app": (BOTH, ("email", "aal1", "aal1", "aal2", "aal2", "aal2", "aal2")),
    "key, app": (KEY_AND_APP, ("email", "aal1", "aal1", "aal2", "aal2", "aal2", "aal2")),
}
CELLS = [
    pytest.param(before, later, acr, id=f"{name} + {' '.join(later[0])} {later[1]}")
    for name, (before, row) in TABLE.items()
    for later, acr in zip(LATER, row, strict=True)
]
Shown = tuple[tuple[str, ...], str]


def proof(shown: Shown) -> Proof:
    return Proof(uuid.UUID(int=1), 1, *shown, auth_time=1)


@pytest.mark.parametrize(("before", "later", "acr"), CELLS)
def test_P25_two_proofs_are_worth_what_the_table_says(before: Shown, later: Shown, acr: str) -> None:
    together = worth.combined(*before, proof(later))
    assert together.acr == acr
    # Below two factors, and with a mailbox before, the later one counts alone; `mfa` is said of two factors and of no less.
    assert set(together.amr) in ({*later[0]}, {*before[0], *later[0], "mfa"})
    assert ("mfa" in together.amr) == (acr == "aal2")


@pytest.mark.parametrize(("first", "second"), [(KEY, KEY), (KEY, SYNCED), (SYNCED, KEY)])
def test_P25_second_step_by_the_same_kind_of_key_is_refused(first: Shown, second: Shown) -> None:
    with pytest.raises(InvalidCode):
        worth.second_step(proof(first), proof(second))


@pytest.mark.parametrize(
    ("first", "second", "acr"),
    [(PASSWORD, KEY, "aal2"), (KEY, APP, "aal2"), (KEY, SURE, "aal2"), (MAIL, APP, "aal1"), (MAIL, KEY, "aal1")],
)
def test_second_step_by_another_factor_counts_as_one(first: Shown, second: Shown, acr: str) -> None:
    together = worth.second_step(proof(first), proof(second))
    assert (together.acr, together.second_factor) == (acr, True)
