"""Set somebody's password from the command line, in place of Django's command: tokens and devices end with the old one."""

import getpass
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from accounts.core.requests import NOWHERE
from accounts.passwords import change, hashing, policy
from accounts.users.email import normalise
from accounts.users.models import User


class Command(BaseCommand):
    help = "Change somebody's password. Every device of theirs is signed out."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email", help="Whose password.")
        parser.add_argument("--stdin", action="store_true", help="Read the password from standard input, not from the terminal.")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(email=normalise(options["email"])).first()
        if user is None:
            raise CommandError("Nobody has this address.")
        password = sys.stdin.readline().rstrip("\r\n") if options["stdin"] else asked_twice()
        try:
            policy.require_acceptable(password, user)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from None
        change.store(user, hashing.hashed(password), actor=None, keep=None, source=NOWHERE)
        self.stdout.write(f"The password of {user.email} has been changed; every device has been signed out.")


def asked_twice() -> str:
    """A password from the terminal. Raises `CommandError` when the two differ."""
    password = getpass.getpass("New password: ")
    if getpass.getpass("Again: ") != password:
        raise CommandError("The two are not the same.")
    return password
