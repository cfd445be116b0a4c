"""What two proofs of one person are worth together: `acr` and `amr` are computed here, for every way that joins two.

| before                           | and then                              | together       |
|----------------------------------|---------------------------------------|----------------|
| anything                         | passkey that made sure who holds it   | aal2, by itself|
| password or issuer               | passkey, code of an authenticator app | aal2           |
| passkey                          | code of an app                        | aal2           |
| code of an app                   | passkey                               | aal2           |
| code of an app and nothing else  | password, issuer                      | aal2           |
| anything else: a mailbox, a      | anything else: the same factor again, | what the later |
| guest, one factor                | a first one on top of another         | is worth alone |

That a passkey made sure once is no factor beside it: each time anew its authenticator does, or does not (SECURITY P-25).
"""

from collections.abc import Iterable
from dataclasses import replace

from accounts.core.errors import InvalidCode
from accounts.core.proofs import MULTI_FACTOR, Acr, Proof, at_least

_FACTORS = {"pwd": "password", "fed": "issuer", "hwk": "key", "swk": "key", "otp": "app"}
"""By `amr` (RFC 8176 §2). A key is one factor, bound to its device or synced."""
_FIRST = {"password", "issuer", "key"}
_BESIDE = {"key": {"password", "issuer", "app"}, "app": {"password", "issuer", "key"}}
"""Which factors a second one makes two with."""


def combined(amr: Iterable[str], acr: str, later: Proof) -> Proof:
    """`later`, on top of what was shown before."""
    if not _make_two(_factors(amr, acr), _factors(later.amr, later.acr)):
        return later
    return replace(later, amr=tuple(dict.fromkeys((*amr, *later.amr, MULTI_FACTOR))), acr=Acr.AAL2.value)


def second_step(first: Proof, second: Proof) -> Proof:
    """Both steps of a sign-in. Raises `InvalidCode` when the second shows nothing that the first has not: one key twice."""
    together = combined(first.amr, first.acr, second)
    if not at_least(together.acr, Acr.AAL2) and _factors(second.amr, second.acr) <= _factors(first.amr, first.acr):
        raise InvalidCode("one factor twice")
    return replace(together, second_factor=True, joins=first.joins)


def has_first_factor(amr: Iterable[str], acr: str) -> bool:
    """Neither a mailbox nor an authenticator app is one."""
    return bool(_factors(amr, acr) & _FIRST)


def is_key_alone(amr: Iterable[str], acr: str) -> bool:
    """A passkey was shown, and did not make sure who holds it."""
    return _factors(amr, acr) == {"key"} and not at_least(acr, Acr.AAL2)


def _factors(amr: Iterable[str], acr: str) -> set[str]:
    """Below aal1 there is none: `otp` came by mail."""
    return {_FACTORS[name] for name in amr if name in _FACTORS} if at_least(acr, Acr.AAL1) else set()


def _make_two(before: set[str], after: set[str]) -> bool:
    """A second factor on top of another factor, or the first one that an app was still missing."""
    return any(before & _BESIDE.get(factor, set()) for factor in after) or (before == {"app"} and bool(after & _FIRST))
