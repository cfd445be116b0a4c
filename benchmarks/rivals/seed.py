"""Fill the rivals' database: users, and one credential of each kind for every caller. Prints the credentials as JSON."""

import json
import sys

from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import connections, transaction
from knox.models import AuthToken
from rest_framework.authtoken.models import Token
from rest_framework_simplejwt.tokens import AccessToken, RefreshToken

from benchmarks.sizes import CALLERS, DEVICES, USERS

from . import oauth_seed


def seed() -> dict[str, list[str]]:
    """Make the users; everybody has a stored token, so that a look-up is as deep as in a service of this size."""
    with transaction.atomic():
        User.objects.bulk_create(User(username=f"person{n}", email=f"person{n}@example.org", password="!") for n in range(USERS))
        users = list(User.objects.order_by("pk"))
        stored = Token.objects.bulk_create(Token(user=user, key=Token.generate_key()) for user in users)
        knox = [AuthToken.objects.create(user)[1] for user in users]
        bearers, codes = oauth_seed.seed(users)
    return {
        "simplejwt": [f"Bearer {AccessToken.for_user(user)}" for user in users[:CALLERS]],
        "drf_token": [f"Token {token.key}" for token in stored[:CALLERS]],
        "knox": [f"Token {token}" for token in knox[:CALLERS]],
        "refresh": [str(RefreshToken.for_user(user)) for user in users[-DEVICES:]],
        "oauth_toolkit": bearers,
        "codes": codes,
    }


if __name__ == "__main__":
    call_command("migrate", verbosity=0)
    json.dump(seed(), sys.stdout)
    # The file is copied next: everything must be in it, not in the write-ahead log.
    connections.close_all()
