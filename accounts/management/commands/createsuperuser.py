"""Make an administrator from the command line, in place of Django's command: the password policy holds, and it is recorded."""

import os
import sys
from typing import Any

from django.contrib.auth.management.commands import createsuperuser
from django.core.exceptions import ValidationError
from django.core.management.base import CommandError
from django.core.validators import validate_email
from django.db import transaction

from accounts.audit.events import Event
from accounts.audit.record import record
from accounts.passwords import hashing, policy
from accounts.users.email import normalise
from accounts.users.models import User

from .changepassword import asked_twice


class Command(createsuperuser.Command):
    help = "Make an administrator. With --noinput from DJANGO_SUPERUSER_EMAIL and DJANGO_SUPERUSER_PASSWORD."

    def handle(self, *args: Any, **options: Any) -> None:
        """Without a password the account is opened by a mailed link. Raises `CommandError`."""
        typed = options["interactive"]
        if typed and not sys.stdin.isatty():
            raise CommandError("There is nobody to ask: use --noinput, DJANGO_SUPERUSER_EMAIL and DJANGO_SUPERUSER_PASSWORD.")
        email = options["email"] or (input("E-mail address: ") if typed else os.environ.get("DJANGO_SUPERUSER_EMAIL", ""))
        _require_free(email)
        password = asked_twice() if typed else os.environ.get("DJANGO_SUPERUSER_PASSWORD")
        self._create(email, None if password is None else _acceptable_hash(password, email))
        self.stdout.write(f"{email} is an administrator now.")

    def _create(self, email: str, encoded: str | None) -> None:
        with transaction.atomic():
            user = User.objects.create_superuser(email, None)
            if encoded is not None:
                User.objects.filter(id=user.id).update(password=encoded)
            record(Event.USER_CREATED, subject=user.id, is_staff=True, is_superuser=True)


def _require_free(email: str) -> None:
    try:
        validate_email(email)
    except ValidationError as error:
        raise CommandError(" ".join(error.messages)) from None
    if User.objects.filter(email=normalise(email)).exists():
        raise CommandError("Somebody has this address already.")


def _acceptable_hash(password: str, email: str) -> str:
    try:
        policy.require_acceptable(password, User(email=email))
    except ValidationError as error:
        raise CommandError(" ".join(error.messages)) from None
    return hashing.hashed(password)
