"""The decision table: what an account's role demands, what has been shown, and what is still missing.

Asked at the last step of every way in, from the rows as they are then, so that no restart of a flow, other tab or other
entry path leaves a step out (SECURITY P-09, P-21).
"""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction

from accounts.core.errors import InvalidCredentials, LastFactor, NotFound
from accounts.core.proofs import Acr, Proof, at_least
from accounts.mfa import factors, recovery_codes
from accounts.passkeys import collection
from accounts.users.demands import demanded
from accounts.users.models import User

from . import challenge, known_device
from .entry import Entry

TOTP, RECOVERY_CODE, PASSKEY = "totp", "recovery_code", "passkey"


def require_enough(user: User, proof: Proof, entry: Entry) -> None:
    """Nothing when tokens may be made. Raises `MfaRequired`, `MfaEnrolmentRequired`, or `InvalidCredentials` for a proof on
    which no second factor can be built: a code or link by mail is not a factor (SECURITY P-24).

    | role demands aal2 | has a second factor | shown so far      | what happens                |
    |-------------------|---------------------|-------------------|-----------------------------|
    | any               | any                 | aal2              | enough                      |
    | yes               | any                 | guest, email, and | refused                     |
    |                   |                     | email with a code |                             |
    | yes               | no                  | aal1              | must set one up             |
    | any               | authenticator       | less than aal2    | second factor, or remembered|
    | yes               | passkey only        | aal1              | second factor               |
    | no                | no authenticator    | anything          | enough                      |
    """
    if at_least(proof.acr, Acr.AAL2):
        return
    must = demanded(user) is Acr.AAL2
    if must and (proof.second_factor or not at_least(proof.acr, Acr.AAL1)):
        raise InvalidCredentials("not enough for this role")
    if must or (factors.has_authenticator(user.id) and not proof.second_factor):
        _ask_for_more(user, proof, entry, must=must)


def _ask_for_more(user: User, proof: Proof, entry: Entry, *, must: bool) -> None:
    methods = second_factors(user.id)
    if not methods:
        raise challenge.enrolment_required(user, proof, entry)
    if must or not known_device.spares_second_factor(entry.evidence, user):
        raise challenge.mfa_required(user, proof, entry, methods)


def second_factors(user_id: uuid.UUID) -> list[str]:
    """What could complete a sign-in, the most convenient first."""
    methods = [PASSKEY] if collection.count(user_id) else []
    if factors.has_authenticator(user_id):
        methods.append(TOTP)
        methods += [RECOVERY_CODE] if recovery_codes.left(user_id) else []
    return methods


@contextmanager
def removing(factor: str, user_id: uuid.UUID) -> Iterator[None]:
    """The transaction in which one of somebody's factors goes (SECURITY P-17). Under the lock of its owner: of two that go at
    once each would see the other stay.

    Raises `LastFactor` when the account's role demands a second factor and this is the last, or when this opens the account and
    nothing else would; `NotFound` when the account went meanwhile.
    """
    with transaction.atomic():
        user = User.objects.select_for_update().filter(id=user_id).first()
        if user is None:
            raise NotFound("account is gone")
        left = ways_in(user, without=factor)
        # An authenticator app opens nothing by itself.
        locks_out = factor != TOTP and not left - {TOTP}
        if locks_out or (demanded(user) is Acr.AAL2 and not left & {TOTP, PASSKEY}):
            raise LastFactor
        yield


def ways_in(user: User, *, without: str = "") -> set[str]:
    """With what somebody could show who they are, `without` one factor. An address is a way as long as codes by mail, or a
    password reset, can reach it; a password is one beside an address. Empty for a guest who has set up nothing."""
    passkeys = collection.count(user.id) - (without == PASSKEY)
    identities = user.identities.count() - (without == "identity")
    return {
        *([PASSKEY] if passkeys > 0 else []),
        *([TOTP] if without != TOTP and factors.has_authenticator(user.id) else []),
        *(["identity"] if identities > 0 else []),
        *(["password"] if user.email and user.has_usable_password() else []),
        *(["email"] if user.email else []),
    }
