"""Make ready to serve: signing keys, and the link for the first administrator of a fresh install."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from accounts.keys import rotation
from accounts.signin import first_administrator


class Command(BaseCommand):
    help = "Make signing keys if there are none; print the first administrator's link if there is no user."

    def handle(self, *args: Any, **options: Any) -> None:
        report = rotation.ensure(settings.ACCESS_TOKEN_ALGORITHM)
        if report:
            self.stdout.write(f"Signing keys made: {', '.join([*report.activated, *report.published])}")
        if first_administrator.is_needed():
            self.stdout.write(self.style.WARNING("There is no user yet. Make the first administrator here (one use, one day):"))
            self.stdout.write(f"  {first_administrator.url()}")
