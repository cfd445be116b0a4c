"""Join: an account for an address that still has to be verified. The answer is the same whether the address was known or not."""

import uuid
from collections.abc import Callable

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from accounts.audit.events import Event
from accounts.audit.record import record
from accounts.core.ids import uuid7
from accounts.core.requests import Source
from accounts.links import codes, postage
from accounts.links.asker import Asker
from accounts.links.codes import CodePurpose
from accounts.outbox import enqueue
from accounts.outbox.enqueue import Notice
from accounts.passkeys.registration import NewPasskey
from accounts.passwords import hashing, policy
from accounts.revocations import publish
from accounts.signin import verification
from accounts.users.email import acceptable
from accounts.users.languages import spoken
from accounts.users.models import User
from accounts.users.standing import Standing, is_leaving, is_open, standing

Equip = Callable[[User], None]


def by_password(email: str, password: str, *, name: str, language: str = "", source: Source) -> str:
    """The handle of this registration, to be shown at the verification. Raises Django's `ValidationError`."""
    address = acceptable(email)
    policy.require_acceptable(password, User(email=address, name=name))
    encoded = hashing.hashed(password)

    def equip(user: User) -> None:
        user.passkeys.all().delete()
        User.objects.filter(id=user.id).update(password=encoded)

    return _register(address, name=name, language=spoken(language), equip=equip, source=source)


def by_passkey(new: NewPasskey, *, language: str = "", source: Source) -> str:
    """Like `by_password`, without one. Raises Django's `ValidationError` for the address."""
    address = acceptable(new.email)

    def equip(user: User) -> None:
        # The id is in the passkey; an account that was made in another way keeps its own, and its owner joins by the mail.
        if user.id == new.user_id:
            new.store(user, source=source)

    return _register(address, user_id=new.user_id, name=new.name, language=spoken(language), equip=equip, source=source)


def unverified() -> QuerySet[User]:
    """Accounts that hold nothing but what was typed into a registration: not those of staff, an invitation, an import."""
    return unproven(User.JoinedBy.REGISTRATION).filter(identities=None)


def unproven(joined_by: User.JoinedBy) -> QuerySet[User]:
    """Accounts of which nobody has shown that the address is theirs, and that nobody used, closed or gave a role."""
    joined = User.objects.filter(joined_by=joined_by, email_verified_at=None, is_active=True, deletion_due_at=None)
    return joined.filter(is_staff=False, is_superuser=False, groups=None, user_permissions=None, devices=None)


def _register(address: str, *, name: str, language: str, equip: Equip, source: Source, user_id: uuid.UUID | None = None) -> str:
    registration = uuid.uuid4()
    if not postage.allowed(CodePurpose.VERIFY_EMAIL, address, Asker(source)):
        # Nothing may change without a mail that voids the code before: it would open what somebody else chose since.
        codes.note(CodePurpose.VERIFY_EMAIL, address, contested=True)
        enqueue.nothing()
        return verification.handle(registration)
    with transaction.atomic():
        replaced = bool(user_id and unverified().filter(email=address).delete()[0])
        found = User.objects.filter(email=address).first()
        made = None if found else _insert(user_id or uuid7(), address, name, language)
        user = found or made or User.objects.get(email=address)
        if standing(user) is Standing.UNVERIFIED:
            chosen = made is not None or bool(unverified().filter(id=user.id).update(name=name, language=language))
            if chosen:
                equip(user)
            # The handle of a registration that chose nothing would keep what an import brought (SECURITY L-10).
            counted = registration if chosen else uuid.uuid4()
            _ask_to_verify(user, counted, source, contested=replaced or made is None)
        else:
            _rehearse(user_id or uuid7(), name, language, equip, source)
            verification.note_for_nobody(address, source=source)
            _tell(user, source)
    return verification.handle(registration)


def _rehearse(user_id: uuid.UUID, name: str, language: str, equip: Equip, source: Source) -> None:
    """What a new account costs, undone: the time must not tell that there is one already (SECURITY E-02)."""
    with transaction.atomic():
        nobody = User.objects.create_user(f"{uuid.uuid4().hex}@nobody.invalid", None, id=user_id, name=name, language=language)
        equip(nobody)
        _record(nobody, source, again=False)
        transaction.set_rollback(True)


def _tell(user: User, source: Source) -> None:
    if is_open(user):
        enqueue.mail("already_registered", to=user.email, user_id=user.id, language=user.language, name=user.name)
    elif is_leaving(user):
        enqueue.notice(Notice.DELETION_REQUESTED, user.id, source=source)
    else:
        enqueue.nothing()


def _insert(user_id: uuid.UUID, address: str, name: str, language: str) -> User | None:
    """None when the address is taken."""
    try:
        with transaction.atomic():
            return User.objects.create_user(
                address, None, id=user_id, name=name, language=language, joined_by=User.JoinedBy.REGISTRATION
            )
    except IntegrityError:
        return None


def _ask_to_verify(user: User, registration: uuid.UUID, source: Source, *, contested: bool) -> None:
    """The last registration counts, and its mail voids the ones before. Whoever registered earlier may be somebody else.

    What staff or an import set up is not touched by a stranger who types the address.
    """
    if contested and unverified().filter(id=user.id).exists():
        publish.users_stale([user.id])
        user.refresh_from_db()
    _record(user, source, again=contested)
    verification.mail(user, registration=registration, contested=contested, source=source)


def _record(user: User, source: Source, *, again: bool) -> None:
    record(Event.USER_REGISTERED, subject=user.id, source=source, again=again)
