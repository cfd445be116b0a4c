"""The user model: an e-mail address instead of a user name, and an epoch that outdates issued tokens."""

from collections.abc import Iterable
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext

from accounts.core.ids import uuid7

from .email import acceptable, normalise


class UserManager(BaseUserManager["User"]):
    """`create_user` and `create_superuser` with Django's names; the address is normalised here, once."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Someone without a password cannot sign in by password until they set one by link."""
        if not email or "@" not in email:
            raise ValueError("A user needs an e-mail address.")
        user = self.model(email=normalise(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """An administrator whose address counts as verified: whoever runs the command vouches for it."""
        powers = {"is_staff": True, "is_superuser": True, "email_verified_at": timezone.now()}
        return self.create_user(email, password, **{**powers, **fields})

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email=normalise(username or ""))


class User(AbstractBaseUser, PermissionsMixin):
    """A person. `id` is the `sub` of every token and is never given to somebody else."""

    class JoinedBy(models.TextChoices):
        REGISTRATION = "registration", "Registration"
        IMPORT = "import", "Import"
        STAFF = "staff", "Invitation or command"
        GUEST = "guest", "Guest"
        ISSUER = "issuer", "Upstream issuer"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    email = models.EmailField("e-mail address", max_length=254, unique=True, null=True, blank=True, help_text="Guests have none.")
    name = models.CharField(max_length=150, blank=True)
    joined_by = models.CharField(
        max_length=12, choices=JoinedBy.choices, default=JoinedBy.STAFF, help_text="Whose word there is for the credentials."
    )
    language = models.CharField(max_length=10, blank=True, help_text="Of mails and pages; empty for the server's own.")
    is_active = models.BooleanField("active", default=True, help_text="Off: no tokens, and issued ones die at once.")
    is_staff = models.BooleanField("staff", default=False, help_text="May open the admin.")
    email_verified_at = models.DateTimeField(null=True, blank=True)
    epoch = models.PositiveBigIntegerField(default=1, help_text="Tokens of an older epoch are stale.")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    deletion_due_at = models.DateTimeField(null=True, blank=True, help_text="Set: the person is leaving, and is erased then.")
    # Drops Django's column: devices say when somebody was last seen.
    last_login = None

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = "person"
        verbose_name_plural = "people"
        # Reading everything that is held about somebody is more than seeing or changing them (SECURITY A-16).
        permissions = [("export_user", "Can export everything held about a person")]
        constraints = [models.UniqueConstraint(Lower("email"), name="user_email_unique_in_any_case")]

    def __str__(self) -> str:
        return self.email or gettext("Guest %(mark)s") % {"mark": self.id.hex[-6:]}

    def get_full_name(self) -> str:
        return self.name or str(self)

    def get_short_name(self) -> str:
        return self.name.partition(" ")[0] or str(self)

    @classmethod
    def normalize_username(cls, username: str) -> str:
        return normalise(username)

    def clean(self) -> None:
        """A new address must be acceptable; one that is there already stays as it is."""
        if self.email and self._state.adding:
            try:
                self.email = acceptable(self.email)
            except ValidationError as error:
                raise ValidationError({"email": error.error_list}) from None
        self.email = normalise(self.email) if self.email else None

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Creates, or writes the fields named; a whole-row save could undo a bump of `epoch` made elsewhere."""
        if not self._state.adding and kwargs.get("update_fields") is None and not args:
            kwargs["update_fields"] = _all_but(self, {"id", "epoch"})
        super().save(*args, **kwargs)


class ErasedAccount(models.Model):
    """What is left of somebody who has gone: the id, so that it is never given to somebody else (SECURITY L-12)."""

    id = models.UUIDField(primary_key=True, editable=False)
    erased_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return str(self.id)


def _all_but(user: User, left_out: Iterable[str]) -> list[str]:
    deferred = user.get_deferred_fields()
    return [field.name for field in user._meta.concrete_fields if field.name not in left_out and field.attname not in deferred]
