"""Register clients of the OpenID provider, list and change them, give them new secrets, stop them."""

import json
from argparse import SUPPRESS, ArgumentParser, BooleanOptionalAction
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.core import strict_json
from accounts.core.errors import InvalidInput
from accounts.oidc import clients
from accounts.oidc.models import Client
from accounts.oidc.registration import Registration
from accounts.oidc.scopes import Scope

Grant = Client.Grant
_LISTS = {"redirect_uris", "post_logout_redirect_uris", "scopes"}
_SWITCHED = {"acts_as_itself": Grant.CLIENT_CREDENTIALS, "device": Grant.DEVICE_CODE, "exchanges": Grant.TOKEN_EXCHANGE}
"""Options that stand for a grant. The other grants follow: from redirect URIs, and from offline_access."""
_REPLACED = "A list is replaced as a whole. An empty value ('') empties a list, an address or the keys."


class Command(BaseCommand):
    help = "create, list, update, rotate-secret, stop or start a client of the OpenID provider."

    def add_arguments(self, parser: ArgumentParser) -> None:
        commands = parser.add_subparsers(dest="command", required=True)
        commands.add_parser("list", help="Every client, with what it may.")
        create = commands.add_parser("create", help="Register one; its secret is printed once.", argument_default=SUPPRESS)
        create.add_argument("name", help="As people know it.")
        changes = "Change what is said; the rest stays."
        update = commands.add_parser("update", help=changes, epilog=_REPLACED, argument_default=SUPPRESS)
        update.add_argument("client_id")
        update.add_argument("--name", help="As people know it.")
        for either in (create, update):
            _add_registration(either)
        rotate = commands.add_parser("rotate-secret", help="A new secret, printed once; the one before opens for a while.")
        rotate.add_argument("client_id")
        rotate.add_argument("--overlap-days", type=int, default=clients.OVERLAP.days, help="0 ends the one before at once.")
        for name, words in (("stop", "Nothing of it is accepted any more."), ("start", "It may go on.")):
            commands.add_parser(name, help=words).add_argument("client_id")

    def handle(self, *args: Any, **options: Any) -> None:
        acts = {"list": self._list, "create": self._create, "update": self._update, "rotate-secret": self._rotate}
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
        nothing_yet: dict[str, Any] = {"grants": (), "scopes": ()}
        asked = Registration(**{**nothing_yet, **_given(options)})
        client, secret = clients.register(_with_what_follows(options)(asked))
        self.stdout.write(f"client_id      {client.id}")
        if secret:
            self.stdout.write(f"client_secret  {secret}\nThe secret is printed this once, and kept as a hash alone.")

    def _update(self, options: dict[str, Any]) -> None:
        given = _given(options)
        if not given and not _SWITCHED.keys() & options.keys():
            raise CommandError("Say what is to change: manage.py client update --help lists it.")
        changed = clients.amend(options["client_id"], given, completed=_with_what_follows(options))
        client = Client.objects.get(id=options["client_id"])
        for name in changed:
            self.stdout.write(f"{name}  {json.dumps(getattr(client, name), ensure_ascii=False)}")
        if not changed:
            self.stdout.write("It was so already.")
        if client.has_secret and not client.secrets.exists():
            self.stdout.write(f"It has no secret yet: manage.py client rotate-secret {client.id}")

    def _rotate(self, options: dict[str, Any]) -> None:
        overlap = timedelta(days=max(0, options["overlap_days"]))
        secret = clients.rotate_secret(options["client_id"], overlap=overlap)
        self.stdout.write(f"client_secret  {secret}\nThe one before opens for another {overlap.days} days.")

    def _switch(self, options: dict[str, Any]) -> None:
        Client.objects.get(id=options["client_id"])
        changed = clients.switch(options["client_id"], on=options["command"] == "start")
        self.stdout.write("Done." if changed else "It was so already.")


def _add_registration(parser: ArgumentParser) -> None:
    """Every field of a `Registration` but its name. What is not said is not among the options."""

    def listed(name: str, field: str, metavar: str, words: str) -> None:
        parser.add_argument(name, action="append", dest=field, metavar=metavar, help=words)

    def either_way(name: str, words: str, field: str | None = None) -> None:
        parser.add_argument(name, action=BooleanOptionalAction, dest=field, default=SUPPRESS, help=words)

    listed("--redirect-uri", "redirect_uris", "URI", "Exactly as it is sent; may be repeated.")
    listed("--post-logout-redirect-uri", "post_logout_redirect_uris", "URI", "Where a sign-out may lead; may be repeated.")
    parser.add_argument("--backchannel-logout-uri", metavar="URI", help="Where it hears that somebody signed out.")
    listed("--scope", "scopes", "NAME", "May be repeated; offline_access gives refresh tokens.")
    shows = parser.add_mutually_exclusive_group()
    public = "A native or browser app: no secret, PKCE always."
    shows.add_argument("--public", action="store_const", dest="authentication", const="none", help=public)
    shows.add_argument("--authentication", choices=Client.Authentication.values[1:])
    parser.add_argument("--jwks", metavar="FILE", help="Its public keys, for private_key_jwt.")
    parser.add_argument("--id-token-algorithm", choices=Client.Algorithm.values)
    either_way("--acts-as-itself", "client_credentials, for a service.")
    either_way("--device", "For devices without a browser: people type a code (RFC 8628).")
    either_way("--exchanges", "A service that goes on to another one for people (RFC 8693).")
    either_way("--requires-pkce", "Without it a confidential client may send a nonce instead; that is recorded.")
    either_way("--requires-par", "Only requests that were pushed (RFC 9126).")
    either_way("--dpop-bound", "Only tokens that are bound to a key (RFC 9449).", "dpop_bound_access_tokens")
    either_way("--trusted", "People are not asked for consent: an app of your own.")


def _given(options: dict[str, Any]) -> dict[str, Any]:
    """The fields that were said, as a `Registration` holds them."""
    given = {name: options[name] for name in Registration.__dataclass_fields__ if name in options}
    given |= {name: tuple(filter(None, given[name])) for name in _LISTS & given.keys()}
    if "jwks" in given:
        given["jwks"] = _keys_in(given["jwks"])
    if "trusted" in options:
        given["asks_consent"] = not options["trusted"]
    return given


def _with_what_follows(options: dict[str, Any]) -> Callable[[Registration], Registration]:
    """Adds and takes away the grants that its addresses, its scopes and the switches demand; `openid` comes by itself."""

    def completed(asked: Registration) -> Registration:
        has: dict[str, bool] = {
            Grant.AUTHORIZATION_CODE: bool(asked.redirect_uris),
            Grant.REFRESH_TOKEN: Scope.OFFLINE_ACCESS in asked.scopes,
            **{grant: options.get(name, grant in asked.grants) for name, grant in _SWITCHED.items()},
        }
        grants = tuple(grant for grant in dict.fromkeys([*asked.grants, *Grant.values]) if has[grant])
        signs_in = has[Grant.AUTHORIZATION_CODE] or has[Grant.DEVICE_CODE]
        by_itself = (Scope.OPENID.value,) if signs_in and Scope.OPENID not in asked.scopes else ()
        return replace(asked, grants=grants, scopes=tuple(dict.fromkeys([*by_itself, *asked.scopes])))

    return completed


def _keys_in(path: str) -> Any:
    """None without a path. Raises `CommandError`."""
    if not path:
        return None
    try:
        with open(path, "rb") as file:
            return strict_json.loads(file.read(100_000), max_depth=4)
    except (OSError, strict_json.StrictJsonError) as error:
        raise CommandError(f"{path}: {error}") from None
