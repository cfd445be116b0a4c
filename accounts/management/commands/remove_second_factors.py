"""For a lost phone: take somebody's authenticator app, recovery codes and passkeys away."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.lifecycle import lost_phone
from accounts.users.email import normalise
from accounts.users.models import User


class Command(BaseCommand):
    help = "Remove somebody's second factors. Every device of theirs is signed out; the password stays."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email", help="Whose second factors.")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(email=normalise(options["email"])).first()
        if user is None:
            raise CommandError("Nobody has this address.")
        lost_phone.remove_from_command_line(user)
        self.stdout.write(f"{user.email} has no second factor any more; every device has been signed out.")
