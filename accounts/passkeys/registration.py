"""Register a passkey: for somebody who is signed in, or for somebody who signs up with one."""

import uuid
from dataclasses import asdict, dataclass
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from webauthn import generate_registration_options
from webauthn.helpers import options_to_json_dict
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from accounts.audit.events import Event
from accounts.audit.record import record
from accounts.core.errors import InvalidCredential, NotFound, TooManyPasskeys
from accounts.core.ids import uuid7
from accounts.core.requests import NOWHERE, Source
from accounts.outbox import enqueue
from accounts.outbox.enqueue import Notice
from accounts.users.models import User

from . import allowed, attestation, challenges, collection, providers, relying_party
from .attestation import Attested
from .challenges import Challenge, Purpose
from .models import Passkey

MOST = 20


@dataclass(frozen=True, slots=True)
class NewPasskey:
    """A verified passkey of somebody who has no account yet: make one with this very `user_id`, then `store`."""

    user_id: uuid.UUID
    email: str
    name: str
    attested: Attested
    made_in: str = ""

    def store(self, user: User, *, source: Source = NOWHERE) -> Passkey:
        """Call it in the transaction that makes `user`. Raises `InvalidCredential` when the key belongs to somebody."""
        if user.id != self.user_id:
            raise InvalidCredential("made for another user handle")
        return _store(user.id, self.attested, made_in=self.made_in, source=source)


def options(user: User) -> dict[str, Any]:
    """`{challenge, publicKey}` for `navigator.credentials.create`. Raises `TooManyPasskeys`."""
    _refuse_one_more(user.id)
    issued = challenges.issue(Purpose.REGISTER, subject=str(user.id))
    return _options(issued, user.id, account=str(user), name=user.get_full_name(), exclude=allowed.of(user.id))


def register(
    user: User,
    challenge: str,
    credential: Any,
    *,
    name: str = "",
    made_in: str = "",
    source: Source,
    device_id: uuid.UUID | None = None,
) -> Passkey:
    """Without a `name` it gets its maker's, or is called as `made_in` says.

    Raises `ChallengeInvalid`, `InvalidCredential`, `TooManyPasskeys`. The challenge is used up in any case.
    """
    redeemed = challenges.redeem(Purpose.REGISTER, challenge, subject=str(user.id))
    attested = attestation.verify(credential, redeemed.value)
    with transaction.atomic():
        # Two at once would both find room for one more.
        if not User.objects.select_for_update().filter(id=user.id).exists():
            raise NotFound("account is gone")
        _refuse_one_more(user.id)
        passkey = _store(user.id, attested, name=name, made_in=made_in, source=source, device_id=device_id)
        enqueue.notice(Notice.FACTOR_ADDED, user.id, source=source, factor=collection.FACTOR, factor_name=str(passkey))
    return passkey


def options_for_new(email: str, name: str = "") -> dict[str, Any]:
    """The same for somebody who signs up. The id of the account to be is decided here: it is the user handle."""
    user_id = uuid7()
    issued = challenges.issue(Purpose.SIGN_UP, subject=str(user_id), email=email, name=name)
    return _options(issued, user_id, account=email, name=name or email, exclude=[])


def verify_new(challenge: str, credential: Any, *, made_in: str = "") -> NewPasskey:
    """Raises `ChallengeInvalid`, `InvalidCredential`. Nothing is stored but that the challenge was used."""
    redeemed = challenges.redeem(Purpose.SIGN_UP, challenge)
    attested = attestation.verify(credential, redeemed.value)
    # Asked of every address alike: found out at the insert, it would tell a known address, where nothing is inserted.
    if Passkey.objects.filter(credential_id=attested.credential_id).exists():
        raise InvalidCredential("registered already")
    return NewPasskey(uuid.UUID(redeemed.subject), redeemed.email, redeemed.name, attested, made_in)


def _options(
    issued: Challenge, user_id: uuid.UUID, *, account: str, name: str, exclude: list[PublicKeyCredentialDescriptor]
) -> dict[str, Any]:
    public_key = generate_registration_options(
        rp_id=relying_party.rp_id(),
        rp_name=settings.PRODUCT_NAME,
        user_id=user_id.bytes,
        user_name=account,
        user_display_name=name,
        challenge=issued.value,
        timeout=challenges.LIFETIME * 1000,
        exclude_credentials=exclude,
        supported_pub_key_algs=attestation.ALGORITHMS,
        authenticator_selection=AuthenticatorSelectionCriteria(
            # Required, so that each of them can open the account without a name being typed.
            resident_key=ResidentKeyRequirement.REQUIRED,
            user_verification=UserVerificationRequirement.PREFERRED,
        ),
    )
    return {"challenge": issued.token, "publicKey": options_to_json_dict(public_key)}


def _store(
    user_id: uuid.UUID,
    attested: Attested,
    *,
    name: str = "",
    made_in: str,
    source: Source,
    device_id: uuid.UUID | None = None,
) -> Passkey:
    """A credential belongs to one person (SECURITY P-15); whose it is, is not said."""
    named = name or providers.name_of(attested.aaguid) or made_in or "Passkey"
    try:
        with transaction.atomic():
            passkey = Passkey.objects.create(user_id=user_id, name=named, **asdict(attested))
    except IntegrityError:
        raise InvalidCredential("registered already") from None
    record(
        Event.PASSKEY_REGISTERED,
        subject=user_id,
        actor=user_id,
        device=device_id,
        source=source,
        passkey=str(passkey.id),
        provider=providers.name_of(attested.aaguid),
        synced=attested.backup_eligible,
    )
    return passkey


def _refuse_one_more(user_id: uuid.UUID) -> None:
    if collection.count(user_id) >= MOST:
        raise TooManyPasskeys
