"""People in the database of a running server."""

from tests.support.server import Server

from .phone import PASSWORD

_MAKE = """
from django.utils import timezone
from accounts.users.models import User
for email in {emails!r}:
    User.objects.create_user(email, {password!r}, name=email.partition("@")[0], email_verified_at=timezone.now())
"""


def make_people(server: Server, *emails: str) -> None:
    """Verified, active, with the password `PASSWORD`."""
    server.manage("shell", "-c", _MAKE.format(emails=list(emails), password=PASSWORD))
