"""Rotate the signing keys; in an emergency, pull one."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from accounts.keys import rotation
from accounts.keys.models import SigningKey
from accounts.mfa import totp
from accounts.outbox import enqueue


class Command(BaseCommand):
    help = "The next key becomes active and a new next key is published. Safe to run at any time, by any number at once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--algorithm", default=settings.ACCESS_TOKEN_ALGORITHM, choices=SigningKey.Algorithm.values)
        parser.add_argument("--emergency", metavar="KID", help="Trust this key no more, from now.")
        parser.add_argument("--rewrap", action="store_true", help="Encrypt what is stored with the first of ENCRYPTION_KEYS.")
        parser.add_argument("--lost", action="store_true", help="Give up for ever what none of ENCRYPTION_KEYS opens.")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["rewrap"]:
            keys, messages, authenticators = rotation.rewrap(), enqueue.rewrap(), totp.rewrap()
            self.stdout.write(f"Encrypted anew: {keys} keys, {messages} messages, {authenticators} authenticators.")
            return
        if options["lost"]:
            keys, messages, authenticators = rotation.give_up(), enqueue.give_up(), totp.give_up()
            self.stdout.write(f"Given up: {keys} keys, {messages} messages, {authenticators} authenticators.")
            return
        try:
            report = rotation.pull(options["emergency"]) if options["emergency"] else rotation.rotate(options["algorithm"])
        except rotation.NotRipe as error:
            self.stdout.write(f"Nothing to do: {error}.")
            return
        except SigningKey.DoesNotExist:
            raise CommandError("There is no key of this name.") from None
        for what in ("activated", "retired", "published", "unpublished", "gone"):
            for kid in getattr(report, what):
                self.stdout.write(f"{what:11} {kid}")
        if not report:
            self.stdout.write("Nothing to do: somebody else has just rotated.")
