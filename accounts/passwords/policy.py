"""What a new password must be: long enough, and not a value that an attacker tries first. No composition rules."""

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.contrib.auth.password_validation import CommonPasswordValidator, validate_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.users.models import User

LONGEST = 256
_COUNTED = ["1234567890"[:length] for length in range(1, 11)]
_TAILS = (*_COUNTED, "0", "00", "000", "!", "!!", "1!", "12!", "123!", "1234!")


class LengthValidator:
    """`PASSWORD_MIN_LENGTH` to 256 code points, as typed: nothing is trimmed or normalised (SECURITY P-02)."""

    def validate(self, password: str, user: Any = None) -> None:
        if len(password) < settings.PASSWORD_MIN_LENGTH:
            least = {"least": settings.PASSWORD_MIN_LENGTH}
            raise ValidationError(_("Use at least %(least)d characters."), code="password_too_short", params=least)
        if len(password) > LONGEST:
            raise ValidationError(_("Use at most %(most)d characters."), code="password_too_long", params={"most": LONGEST})
        if "\0" in password:
            raise ValidationError(_("A password cannot contain the NUL character."), code="password_has_nul")

    def get_help_text(self) -> str:
        return f"At least {settings.PASSWORD_MIN_LENGTH} characters. A few words you remember are best."


class CommonValidator(CommonPasswordValidator):
    """Refuses Django's 20,000 common passwords, the same twice over, and the same with a tail that everybody adds.

    Of the list itself hardly anything is as long as we ask for; compared as whole values (NIST SP 800-63B §3.1.1.2).
    """

    def validate(self, password: str, user: Any = None) -> None:
        value = password.lower().strip()
        whole = {value, *(value.removesuffix(tail) for tail in _TAILS)}
        if value[: len(value) // 2] * 2 == value:
            whole.add(value[: len(value) // 2])
        if not whole.isdisjoint(self.passwords):
            raise ValidationError(_("This password is one of those that are tried first."), code="password_too_common")

    def get_help_text(self) -> str:
        return "Not a password that many people use."


class OwnWordsValidator:
    """Refuses the person's own address, its parts, their name and ours, compared as whole values (NIST SP 800-63B §3.1.1.2)."""

    def validate(self, password: str, user: User | None = None) -> None:
        if password.casefold().strip() in set(own_words(user)):
            raise ValidationError(
                _("This password is too easy to guess for somebody who knows you."), code="password_is_own_word"
            )

    def get_help_text(self) -> str:
        return "Not your name or your e-mail address."


def own_words(user: User | None) -> Iterable[str]:
    """Casefolded: our name, the person's address with its parts, their name with its parts."""
    words = [settings.PRODUCT_NAME]
    if user is not None:
        email = user.email or ""
        words += [email, *email.split("@"), user.name, *user.name.split()]
    return (word.casefold() for word in words if word)


def require_acceptable(password: str, user: User | None) -> None:
    """Raises Django's `ValidationError`, each message with a stable code."""
    validate_password(password, user)
