"""Which ways to sign in somebody has, in one line each for their page; never a secret."""

from django.utils.formats import date_format

from accounts.federation import identities
from accounts.federation.providers import label_of
from accounts.mfa import factors, recovery_codes
from accounts.passkeys import collection
from accounts.users.models import User
from accounts.users.standing import Standing


def of(user: User) -> list[str]:
    """Empty for a guest who has added nothing."""
    linked = [label_of(identity.provider) for identity in identities.of(user.id)]
    app = factors.has_authenticator(user.id)
    lines = {
        "Password": user.has_usable_password(),
        _counted(collection.count(user.id), "passkey"): bool(collection.count(user.id)),
        f"Linked: {', '.join(linked)}": bool(linked),
        "Authenticator app": app,
        f"{_counted(recovery_codes.left(user.id), 'recovery code')} left": app,
    }
    return [line for line, has in lines.items() if has]


def state_of(user: User, word: Standing) -> str:
    """The standing in words that say when somebody who leaves is erased, and who is a guest."""
    if word is Standing.LEAVING and user.deletion_due_at:
        return f"Leaving, erased on {date_format(user.deletion_due_at, 'DATE_FORMAT')}"
    return "Guest" if word is Standing.ACTIVE and not user.email else word.value.capitalize()


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
