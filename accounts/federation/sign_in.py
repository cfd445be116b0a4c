"""From an upstream identity to a proof: somebody known, somebody new, or an address that has an account already.

An address never opens an account, however verified: the account proves itself first (SECURITY F-09). What the issuer says
about the strength of its own sign-in counts for nothing here (SECURITY F-10).
"""

import uuid

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.audit.events import Event
from accounts.audit.record import record
from accounts.core import gates
from accounts.core.clock import now
from accounts.core.errors import ChallengeInvalid, InvalidIdToken, LinkRequired, TokenInvalid, Unavailable
from accounts.core.proofs import Acr, Proof
from accounts.core.requests import Source
from accounts.links import proven_address
from accounts.tokens import sealed
from accounts.users.email import acceptable
from accounts.users.languages import spoken
from accounts.users.models import User
from accounts.users.standing import Standing, standing

from . import identities, providers
from .id_token import Identity
from .models import FederatedIdentity

FEDERATED = "fed"
"""The `amr` of a proof that an upstream issuer gave; a value of our own beside RFC 8176's."""
LINK = sealed.SealedPurpose("link-identity+jwt", 600)
AGES_AGO = 0
"""Unix seconds."""
_TRIES = 3


def resolve(identity: Identity, *, name: str, language: str = "", source: Source) -> Proof:
    """Raises `LinkRequired` when the address has an account, `InvalidIdToken` for somebody new without a verified address.

    `name`: what the app was told beside the token; Apple tells it once. It and `language` are used for a new account only.
    The proof is as old as the issuer says, and of no known age (`AGES_AGO`) where it does not say.
    """
    before = identities.find(identity)
    joins = before is None or standing(before) is Standing.UNVERIFIED
    user = _somebody(identity, {"name": name or identity.name, "language": spoken(language)}, source)
    identities.used(identity)
    shown_at = AGES_AGO if identity.auth_time is None else min(identity.auth_time, now())
    return Proof(user.id, user.epoch, (FEDERATED,), Acr.AAL1, shown_at, joins=joins)


def accept_link(challenge: str, user_id: uuid.UUID, *, source: Source) -> FederatedIdentity:
    """Link what `LinkRequired` named, after its account proved itself. Raises `ChallengeInvalid`, `IdentityInUse`."""
    try:
        claims = sealed.unseal(LINK, challenge)
    except TokenInvalid as error:
        raise ChallengeInvalid(error.reason) from error
    user = User.objects.filter(id=user_id).first()
    if user is None or claims.text("sub") != str(user_id):
        raise ChallengeInvalid("another account")
    identity = Identity(
        provider=claims.text("provider"),
        label=providers.label_of(claims.text("provider")),
        issuer=claims.text("upstream"),
        subject=claims.text("subject"),
        email=claims.text("email"),
        email_verified=True,
        name="",
        auth_time=None,
    )
    with transaction.atomic():
        if not gates.consume("link-identity", claims.text("jti"), expires_at=claims.integer("exp")):
            raise ChallengeInvalid("used")
        return identities.link(user, identity, source)


def _somebody(identity: Identity, about: dict[str, str], source: Source) -> User:
    """Two first sign-ins at once: the constraints let one make the account, and the other finds it."""
    for _ in range(_TRIES):
        known = identities.find(identity)
        if known is not None:
            return _known(known, identity, source)
        address = _address(identity)
        if address and (owner := User.objects.filter(email=address).first()) is not None:
            if (known := identities.find(identity)) is not None:
                return known  # Made together with that account, a moment after we looked.
            if owner.email_verified_at is not None or owner.joined_by != User.JoinedBy.REGISTRATION:
                raise _link_required(owner, identity)
            return _verified_by_issuer(owner, identity, source)
        try:
            return _newcomer(identity, address, about, source)
        except IntegrityError:
            continue
    raise Unavailable("two first sign-ins at once")


def _known(owner: User, identity: Identity, source: Source) -> User:
    """An import may bring an identity with an address that nobody had verified. The issuer's word is enough for the very address
    that it verified; any other is for its owner to verify, as the gate will ask."""
    if standing(owner) is Standing.UNVERIFIED and owner.email == _verified_address(identity):
        return _verified_by_issuer(owner, identity, source)
    return owner


def _verified_by_issuer(owner: User, identity: Identity, source: Source) -> User:
    """Nobody has shown yet that the address is theirs; the issuer says whose it is. Whatever else was set up before is dropped
    (SECURITY L-10)."""
    with transaction.atomic():
        owner = proven_address.accept(owner, keep_credentials=False, source=source)
        if identities.find(identity) is None:
            identities.store(owner, identity, source)
    return owner


def _address(identity: Identity) -> str:
    """Of a new account; empty when the issuer gave none at all. An address that is not verified is no address, and no account."""
    address = _verified_address(identity)
    if identity.email and not address:
        raise InvalidIdToken("email is not verified, or no address here")
    return address


def _verified_address(identity: Identity) -> str:
    """Empty unless the issuer verified exactly this one: a spelling that ours differs from by more than case may be another's
    there (SECURITY F-09, E-06)."""
    try:
        address = acceptable(identity.email)
    except ValidationError:
        return ""
    is_the_same = identity.email.isascii() and identity.email.lower() == address
    return address if identity.email_verified and is_the_same else ""


def _newcomer(identity: Identity, address: str, about: dict[str, str], source: Source) -> User:
    """Raises `IntegrityError` when the address or the identity has got an account meanwhile."""
    with transaction.atomic():
        if address:
            user = User.objects.create_user(address, email_verified_at=timezone.now(), joined_by=User.JoinedBy.ISSUER, **about)
        else:
            user = User(email=None, joined_by=User.JoinedBy.ISSUER, **about)
            user.set_unusable_password()
            user.save()
        record(Event.USER_REGISTERED, subject=user.id, actor=user.id, source=source, method=FEDERATED, provider=identity.provider)
        identities.store(user, identity, source)
    return user


def _link_required(owner: User, identity: Identity) -> LinkRequired:
    """`methods`: what this room knows of the account; the last step may know more."""
    claims = {
        "sub": str(owner.id),
        "provider": identity.provider,
        "upstream": identity.issuer,
        "subject": identity.subject,
        "email": identity.email,
    }
    methods = [*(["password"] if owner.has_usable_password() else []), "code"]
    return LinkRequired("address has an account", challenge=sealed.seal(LINK, claims), methods=methods, expires_in=LINK.lifetime)
