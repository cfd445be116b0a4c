"""Make ready to serve: migrate if asked, prove the database, make signing keys, print the first link."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand

from accounts.core.one_at_a_time import one_at_a_time
from accounts.keys import rotation
from accounts.management.starting import require_sound_database
from accounts.signin import first_administrator


class Command(BaseCommand):
    help = "Make signing keys if there are none; print the first administrator's link if there is none."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--migrate", action="store_true", help="Apply migrations first; of several hosts, one at a time.")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["migrate"]:
            with one_at_a_time("migrate"):
                call_command("migrate", interactive=False, verbosity=options["verbosity"], stdout=self.stdout)
        require_sound_database()
        report = rotation.ensure(settings.ACCESS_TOKEN_ALGORITHM)
        if report:
            self.stdout.write(f"Signing keys made: {', '.join([*report.activated, *report.published])}")
        if first_administrator.is_needed():
            self.stdout.write(self.style.WARNING("There is no administrator yet. Make the first one here (one use, one day):"))
            self.stdout.write(f"  {first_administrator.url()}")
