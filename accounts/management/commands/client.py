"""Register clients of the OpenID provider, list them, give them new secrets, stop them."""

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.core import strict_json
from accounts.core.errors import InvalidInput
from accounts.oidc import clients
from accounts.oidc.models import Client
from accounts.oidc.registration import Registration
from accounts.oidc.scopes import Scope

_SIGNS_IN = Client.Grant.AUTHORIZATION_CODE.value


class Command(BaseCommand):
    help = "create, list, rotate-secret, stop or start a client of the OpenID provider."

    def add_arguments(self, parser: ArgumentParser) -> None:
        commands = parser.add_subparsers(dest="command", required=True)
        commands.add_parser("list", help="Every client, with what it may.")
        _add_registration(commands.add_parser("create", help="Register one; its secret is printed once."))
        rotate = commands.add_parser("rotate-secret", help="A new secret, printed once; the one before opens for a while.")
        rotate.add_argument("client_id")
        rotate.add_argument("--overlap-days", type=int, default=clients.OVERLAP.days, help="0 ends the one before at once.")
        for name, words in (("stop", "Nothing of it is accepted any more."), ("start", "It may go on.")):
            commands.add_parser(name, help=words).add_argument("client_id")

    def handle(self, *args: Any, **options: Any) -> None:
        acts = {"list": self._list, "create": self._create, "rotate-secret": self._rotate}
        try:
            acts.get(options["command"], self._switch)(options)
        except InvalidInput as problem:
            raise CommandError(f"{problem.reason}. {problem.says}") from None
        except Client.DoesNotExist:
            raise CommandError("There is no such client.") from None

    def _list(self, options: dict[str, Any]) -> None:
        for client in Client.objects.all():
            state = "" if client.is_active else "  (stopped)"
            self.stdout.write(f"{client.id}  {client.name}{state}\n    {client.authentication}; {' '.join(client.grants)}")
            self.stdout.write("".join(f"    {uri}\n" for uri in client.redirect_uris), ending="")

    def _create(self, options: dict[str, Any]) -> None:
        by_code, stays = bool(options["redirect_uri"]), Scope.OFFLINE_ACCESS in options["scope"]
        grants = [
            *([_SIGNS_IN] if by_code else []),
            *([Client.Grant.REFRESH_TOKEN.value] if stays else []),
            *([Client.Grant.CLIENT_CREDENTIALS.value] if options["acts_as_itself"] else []),
            *([Client.Grant.DEVICE_CODE.value] if options["device"] else []),
            *([Client.Grant.TOKEN_EXCHANGE.value] if options["exchanges"] else []),
        ]
        client, secret = clients.register(
            Registration(
                name=options["name"],
                authentication="none" if options["public"] else options["authentication"],
                redirect_uris=tuple(options["redirect_uri"]),
                post_logout_redirect_uris=tuple(options["post_logout_redirect_uri"]),
                backchannel_logout_uri=options["backchannel_logout_uri"],
                grants=tuple(grants),
                scopes=tuple(dict.fromkeys([*([Scope.OPENID.value] if by_code or options["device"] else []), *options["scope"]])),
                jwks=_keys_in(options["jwks"]),
                id_token_algorithm=options["id_token_algorithm"],
                dpop_bound_access_tokens=options["dpop_bound"],
                asks_consent=not options["trusted"],
            )
        )
        self.stdout.write(f"client_id      {client.id}")
        if secret:
            self.stdout.write(f"client_secret  {secret}\nThe secret is printed this once, and kept as a hash alone.")

    def _rotate(self, options: dict[str, Any]) -> None:
        overlap = timedelta(days=max(0, options["overlap_days"]))
        secret = clients.rotate_secret(options["client_id"], overlap=overlap)
        self.stdout.write(f"client_secret  {secret}\nThe one before opens for another {overlap.days} days.")

    def _switch(self, options: dict[str, Any]) -> None:
        Client.objects.get(id=options["client_id"])
        changed = clients.switch(options["client_id"], on=options["command"] == "start")
        self.stdout.write("Done." if changed else "It was so already.")


def _add_registration(parser: ArgumentParser) -> None:
    parser.add_argument("name", help="As people know it.")
    parser.add_argument("--redirect-uri", action="append", default=[], help="Exactly as it is sent; may be repeated.")
    parser.add_argument("--post-logout-redirect-uri", action="append", default=[])
    parser.add_argument("--backchannel-logout-uri", default="")
    parser.add_argument("--scope", action="append", default=[], help="May be repeated; offline_access gives refresh tokens.")
    parser.add_argument("--public", action="store_true", help="A native or browser app: no secret, PKCE always.")
    parser.add_argument("--authentication", default="client_secret_basic", choices=Client.Authentication.values[1:])
    parser.add_argument("--jwks", default="", metavar="FILE", help="Its public keys, for private_key_jwt.")
    parser.add_argument("--id-token-algorithm", default="RS256", choices=Client.Algorithm.values)
    parser.add_argument("--acts-as-itself", action="store_true", help="client_credentials, for a service.")
    parser.add_argument("--device", action="store_true", help="For devices without a browser: people type a code (RFC 8628).")
    parser.add_argument("--exchanges", action="store_true", help="A service that goes on to another one for people (RFC 8693).")
    parser.add_argument("--dpop-bound", action="store_true", help="Only tokens that are bound to a key (RFC 9449).")
    parser.add_argument("--trusted", action="store_true", help="People are not asked for consent: an app of your own.")


def _keys_in(path: str) -> Any:
    """Raises `CommandError`."""
    if not path:
        return None
    try:
        with open(path, "rb") as file:
            return strict_json.loads(file.read(100_000), max_depth=4)
    except (OSError, strict_json.StrictJsonError) as error:
        raise CommandError(f"{path}: {error}") from None
