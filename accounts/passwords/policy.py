"""What a new password must be: long enough, and not a value that an attacker tries first. No composition rules."""

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from accounts.users.models import User

LONGEST = 256


class LengthValidator:
    """`PASSWORD_MIN_LENGTH` to 256 code points, as typed: nothing is trimmed or normalised (SECURITY P-02)."""

    def validate(self, password: str, user: Any = None) -> None:
        if len(password) < settings.PASSWORD_MIN_LENGTH:
            raise ValidationError(f"Use at least {settings.PASSWORD_MIN_LENGTH} characters.", code="password_too_short")
        if len(password) > LONGEST:
            raise ValidationError(f"Use at most {LONGEST} characters.", code="password_too_long")
        if "\0" in password:
            raise ValidationError("A password cannot contain the NUL character.", code="password_has_nul")

    def get_help_text(self) -> str:
        return f"At least {settings.PASSWORD_MIN_LENGTH} characters. A few words you remember are best."


class OwnWordsValidator:
    """Refuses the person's own address, its parts, their name and ours, compared as whole values (NIST SP 800-63B §3.1.1.2)."""

    def validate(self, password: str, user: User | None = None) -> None:
        if password.casefold().strip() in set(_own_words(user)):
            raise ValidationError("This password is too easy to guess for somebody who knows you.", code="password_is_own_word")

    def get_help_text(self) -> str:
        return "Not your name or your e-mail address."


def _own_words(user: User | None) -> Iterable[str]:
    words = [settings.PRODUCT_NAME]
    if user is not None:
        words += [user.email, *user.email.split("@"), user.name, *user.name.split()]
    return (word.casefold() for word in words if word)


def require_acceptable(password: str, user: User | None) -> None:
    """Raises Django's `ValidationError`, each message with a stable code."""
    validate_password(password, user)
