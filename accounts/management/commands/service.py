"""Register the services that tokens are for, list, change and remove them."""

import json
from argparse import SUPPRESS, ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.core.errors import InvalidInput
from accounts.oidc import audiences
from accounts.oidc.audiences import Described
from accounts.oidc.models import Service

_REPLACED = "Scopes are replaced as a whole: one that is not said again is no more. An empty value ('') empties it."


class Command(BaseCommand):
    help = "create, list, update or remove a service that takes this server's tokens."

    def add_arguments(self, parser: ArgumentParser) -> None:
        commands = parser.add_subparsers(dest="command", required=True)
        commands.add_parser("list", help="Every service, with its scopes.")
        commands.add_parser("remove", help="No more tokens for it.").add_argument("audience")
        create = commands.add_parser("create", help="Register one.", argument_default=SUPPRESS)
        create.add_argument("audience", help="An absolute URI; tokens for it carry it in aud.")
        create.add_argument("name", help="As people know it.")
        changes = "Change what is said; the rest stays, and so does its audience."
        update = commands.add_parser("update", help=changes, epilog=_REPLACED, argument_default=SUPPRESS)
        update.add_argument("audience")
        update.add_argument("--name", help="As people know it.")
        for either in (create, update):
            words = "The id of the client as which it asks about tokens (RFC 7662)."
            either.add_argument("--client", dest="client_id", help=words)
            words = "notes:read='Read your notes'; may be repeated."
            either.add_argument("--scope", action="append", dest="scopes", metavar="NAME=SENTENCE", help=words)

    def handle(self, *args: Any, **options: Any) -> None:
        acts = {"list": self._list, "create": self._create, "update": self._update, "remove": self._remove}
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
        service = audiences.register(Described(options["audience"], **_given(options)))
        self.stdout.write(f"Registered {service.audience}.")

    def _update(self, options: dict[str, Any]) -> None:
        given = _given(options)
        if not given:
            raise CommandError("Say what is to change: manage.py service update --help lists it.")
        service = Service.objects.get(audience=options["audience"])
        before, after = Described.of(service), Described.of(audiences.amend(service.id, given))
        changed = [name for name in given if getattr(after, name) != getattr(before, name)]
        for name in changed:
            self.stdout.write(f"{name}  {json.dumps(getattr(after, name), ensure_ascii=False)}")
        if not changed:
            self.stdout.write("It was so already.")

    def _remove(self, options: dict[str, Any]) -> None:
        audiences.remove(Service.objects.get(audience=options["audience"]).id)
        self.stdout.write("Removed.")


def _given(options: dict[str, Any]) -> dict[str, Any]:
    """The fields that were said, as a `Described` holds them; its audience stays. Raises `InvalidInput`."""
    given: dict[str, Any] = {name: options[name] for name in ("name", "scopes", "client_id") if name in options}
    if "scopes" in given:
        given["scopes"] = _described(list(filter(None, given["scopes"])))
    return given


def _described(scopes: list[str]) -> dict[str, str]:
    described = {name: sentence for name, _, sentence in (scope.partition("=") for scope in scopes)}
    if len(described) != len(scopes):
        raise InvalidInput("scopes", "repeated", "A scope appears twice.")
    return described
