"""A throw-away person for `make demo`. Only in development: it makes an account with a password that it prints."""

import json
import secrets
from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db.models import QuerySet
from django.utils import timezone

from accounts.core.requests import NOWHERE
from accounts.devices import registry
from accounts.devices.models import Device
from accounts.users.models import User

# A name that can never receive mail (RFC 2606 §2) and that nobody else has.
_DOMAIN = "demo.invalid"
_LONGEST_DEMO = timedelta(hours=1)


class Command(BaseCommand):
    help = "Make a demo person and print its address and password as JSON, or remove it. Refused unless DEBUG is true."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--remove", metavar="EMAIL", help="Sign this demo person out everywhere and delete it.")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEBUG:
            raise CommandError(
                "This makes an account with a known password, so it needs DEBUG=true. Give EMAIL and PASSWORD instead."
            )
        people = User.objects.filter(email__endswith=f"@{_DOMAIN}")
        if options["remove"]:
            _remove(people.filter(email=options["remove"]))
            return
        # What a demo left behind that was killed: with a user in it, a fresh install would offer no administrator's link.
        _remove(people.filter(created_at__lt=timezone.now() - _LONGEST_DEMO))
        email, password = f"demo-{secrets.token_hex(4)}@{_DOMAIN}", secrets.token_urlsafe(12)
        User.objects.create_user(email, password, name="Demo Person", email_verified_at=timezone.now())
        self.stdout.write(json.dumps({"email": email, "password": password}))


def _remove(people: QuerySet[User]) -> None:
    for person in people:
        registry.revoke_all(person.id, Device.Ended.ACCOUNT_DISABLED, actor=None, source=NOWHERE)
    people.delete()
