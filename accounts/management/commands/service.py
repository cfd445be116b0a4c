"""Register the services that tokens are for, list and remove them."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.core.errors import InvalidInput
from accounts.oidc import audiences
from accounts.oidc.audiences import Described
from accounts.oidc.models import Service


class Command(BaseCommand):
    help = "create, list or remove a service that takes this server's tokens."

    def add_arguments(self, parser: ArgumentParser) -> None:
        commands = parser.add_subparsers(dest="command", required=True)
        commands.add_parser("list", help="Every service, with its scopes.")
        commands.add_parser("remove", help="No more tokens for it.").add_argument("audience")
        create = commands.add_parser("create", help="Register one.")
        create.add_argument("audience", help="An absolute URI; tokens for it carry it in aud.")
        create.add_argument("name", help="As people know it.")
        create.add_argument("--scope", action="append", default=[], metavar="NAME=SENTENCE", help="notes:read='Read your notes'")
        create.add_argument("--client", default="", help="The id of the client as which it asks about tokens (RFC 7662).")

    def handle(self, *args: Any, **options: Any) -> None:
        acts = {"list": self._list, "create": self._create, "remove": self._remove}
        try:
            acts[options["command"]](options)
        except InvalidInput as problem:
            raise CommandError(f"{problem.reason}. {problem.says}") from None
        except Service.DoesNotExist:
            raise CommandError("There is no such service.") from None

    def _list(self, options: dict[str, Any]) -> None:
        for service in Service.objects.all():
            self.stdout.write(f"{service.audience}  {service.name}")
            for scope in service.scopes.all():
                self.stdout.write(f"    {scope.name:30} {scope.description}")

    def _create(self, options: dict[str, Any]) -> None:
        pairs = [scope.partition("=") for scope in options["scope"]]
        described = {name: sentence for name, _, sentence in pairs}
        service = audiences.register(Described(options["audience"], options["name"], described, options["client"]))
        self.stdout.write(f"Registered {service.audience}.")

    def _remove(self, options: dict[str, Any]) -> None:
        audiences.remove(Service.objects.get(audience=options["audience"]).id)
        self.stdout.write("Removed.")
