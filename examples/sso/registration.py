"""What a superuser does once: register the service, the two clients, and here somebody to sign in as. Prints JSON.

Run with the environment of the Signet that it is about. In a terminal each of these is `manage.py …` with the same words.
"""

import io
import json
import os
import re
import sys

import django
from django.core.management import call_command


def register(shop: str, shop_inside: str, board: str, notes: str) -> dict[str, dict[str, str]]:
    """`shop_inside`: its address for Signet, which may not know the names that browsers do."""
    scopes = ("--scope", "notes:read=Read your notes", "--scope", "notes:write=Write notes for you")
    manage("service", "create", notes, "Notes", *scopes)
    of_notes = ("--scope", "notes:read", "--scope", "notes:write")
    return {
        # Our own, and it has a secret: nobody is asked whether to let it in.
        "shop": client(
            *("Shop", "--trusted", "--redirect-uri", f"{shop}/callback", "--post-logout-redirect-uri", f"{shop}/"),
            *("--backchannel-logout-uri", f"{shop_inside}/signed-out-elsewhere", "--scope", "profile", *of_notes),
        ),
        "board": client(
            *("Board", "--public", "--redirect-uri", f"{board}/", "--post-logout-redirect-uri", f"{board}/"),
            *("--scope", "profile", *of_notes),
        ),
        "person": json.loads(manage("demo_user")),
    }


def client(*words: str) -> dict[str, str]:
    return dict(re.findall(r"^(client_\w+)\s+(\S+)", manage("client", "create", *words), re.MULTILINE))


def manage(*words: str) -> str:
    printed = io.StringIO()
    call_command(*words, stdout=printed)
    return printed.getvalue()


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")
    django.setup()
    manage("prepare", "--migrate")
    print(json.dumps(register(*sys.argv[1:])))
