"""Make ready to serve: prove that the database counts right, make signing keys, print the first administrator's link."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from accounts.core.self_test import RowsAreMiscounted, prove_gates
from accounts.keys import rotation
from accounts.signin import first_administrator


class Command(BaseCommand):
    help = "Make signing keys if there are none; print the first administrator's link if there is no user."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            prove_gates()
        except RowsAreMiscounted as error:
            raise CommandError(f"Signet cannot run on this database. {error}") from None
        report = rotation.ensure(settings.ACCESS_TOKEN_ALGORITHM)
        if report:
            self.stdout.write(f"Signing keys made: {', '.join([*report.activated, *report.published])}")
        if first_administrator.is_needed():
            self.stdout.write(self.style.WARNING("There is no user yet. Make the first administrator here (one use, one day):"))
            self.stdout.write(f"  {first_administrator.url()}")
