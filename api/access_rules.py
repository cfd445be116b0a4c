"""Who may call what: the whole table. What is not listed is denied.

Read it aloud: "users.disable needs the scope users:write, the permission accounts.change_user, and a fresh proof".
`manage.py rights` prints it with the routes, the OpenAPI document carries it, `GET /api/v1/me/access/` filters it.
"""

from dataclasses import dataclass

from accounts.tokens.grant import CredentialKind
from accounts.tokens.scopes import Scope

APP = frozenset({CredentialKind.BEARER, CredentialKind.COOKIE})
ANY_CREDENTIAL = APP | {CredentialKind.LINK}


@dataclass(frozen=True, slots=True)
class Rule:
    """`rows` says in words which objects the queryset leaves; `fresh` wants a proof within `FRESHNESS_WINDOW`.

    `fresh_for` says in words which cases of the action want it; the view checks those on the object.
    """

    scope: Scope | None
    permission: str = ""
    rows: str = "own"
    fresh: bool = False
    fresh_for: str = ""
    credentials: frozenset[CredentialKind] = APP


_READ_SELF_OR_ALL = "oneself; everybody with accounts.view_user"
_MANAGED = "everybody; superusers only by superusers"
_ROLES = "roles, staff"
_GROUPS = "all; permissions within one's own"
STRONGEST_FACTOR = "with the strongest factor"
"""In `fresh_for`: within `FACTOR_FRESHNESS_WINDOW`."""
SUPERUSER = "superuser"
"""In `permission`: held by superusers, who hold everything, and given to nobody: a permission has a dot in its name."""
_STRONGEST = f"always, {STRONGEST_FACTOR}"

RULES: dict[str, dict[str, Rule]] = {
    "root": {"list": Rule(None, rows="none")},
    "me": {
        "retrieve": Rule(Scope.PROFILE_READ, credentials=ANY_CREDENTIAL),
        "partial_update": Rule(Scope.PROFILE_WRITE),
        "access": Rule(None, credentials=ANY_CREDENTIAL),
        "password": Rule(Scope.PROFILE_WRITE, fresh_for=f"without the current password, {STRONGEST_FACTOR}"),
        "email": Rule(Scope.PROFILE_WRITE, fresh_for=_STRONGEST),
        "destroy": Rule(Scope.PROFILE_WRITE, fresh_for=_STRONGEST),
    },
    "export": {
        "list": Rule(Scope.PROFILE_READ, fresh_for=_STRONGEST, credentials=ANY_CREDENTIAL),
        "create": Rule(Scope.PROFILE_READ, fresh_for=_STRONGEST),
    },
    "devices": {
        "list": Rule(Scope.DEVICES_READ, credentials=ANY_CREDENTIAL),
        "partial_update": Rule(Scope.DEVICES_WRITE),
        "destroy": Rule(Scope.DEVICES_WRITE, fresh_for="another device"),
        "revoke_others": Rule(Scope.DEVICES_WRITE, fresh=True),
    },
    "totp": {
        "create": Rule(Scope.PROFILE_WRITE, fresh_for=_STRONGEST),
        "destroy": Rule(Scope.PROFILE_WRITE, fresh_for=_STRONGEST),
        "confirm": Rule(Scope.PROFILE_WRITE, fresh_for=_STRONGEST),
    },
    "passkeys": {
        "list": Rule(Scope.PROFILE_READ),
        "create": Rule(Scope.PROFILE_WRITE, fresh_for=_STRONGEST),
        "partial_update": Rule(Scope.PROFILE_WRITE),
        "destroy": Rule(Scope.PROFILE_WRITE, fresh_for=_STRONGEST),
        "creation_options": Rule(Scope.PROFILE_WRITE, fresh_for=_STRONGEST),
    },
    "recovery_codes": {"create": Rule(Scope.PROFILE_WRITE, fresh_for=_STRONGEST)},
    "identities": {
        "list": Rule(Scope.PROFILE_READ),
        "create": Rule(Scope.PROFILE_WRITE, fresh_for=_STRONGEST),
        "destroy": Rule(Scope.PROFILE_WRITE, fresh_for=_STRONGEST),
    },
    "links": {"create": Rule(Scope.LINKS_WRITE)},
    "users": {
        "list": Rule(Scope.USERS_READ, rows=_READ_SELF_OR_ALL),
        "retrieve": Rule(Scope.USERS_READ, rows=_READ_SELF_OR_ALL),
        "create": Rule(Scope.USERS_WRITE, "accounts.add_user", _MANAGED, fresh_for=_ROLES),
        "partial_update": Rule(Scope.USERS_WRITE, "accounts.change_user", _MANAGED, fresh_for=_ROLES),
        "disable": Rule(Scope.USERS_WRITE, "accounts.change_user", _MANAGED, fresh=True),
        "enable": Rule(Scope.USERS_WRITE, "accounts.change_user", _MANAGED, fresh=True),
        "sign_out_everywhere": Rule(Scope.USERS_WRITE, "accounts.change_user", _MANAGED, fresh=True),
        "send_password_link": Rule(Scope.USERS_WRITE, "accounts.change_user", _MANAGED),
        "remove_second_factors": Rule(Scope.USERS_WRITE, "accounts.change_user", "everybody, by superusers", fresh=True),
        "destroy": Rule(Scope.USERS_WRITE, "accounts.delete_user", _MANAGED, fresh=True),
        "export": Rule(Scope.USERS_READ, "accounts.export_user", _MANAGED, fresh=True),
    },
    "groups": {
        "list": Rule(Scope.GROUPS_READ, "auth.view_group", "all"),
        "retrieve": Rule(Scope.GROUPS_READ, "auth.view_group", "all"),
        "create": Rule(Scope.GROUPS_WRITE, "auth.add_group", _GROUPS, fresh=True),
        "partial_update": Rule(Scope.GROUPS_WRITE, "auth.change_group", _GROUPS, fresh=True),
        "destroy": Rule(Scope.GROUPS_WRITE, "auth.delete_group", _GROUPS, fresh=True),
    },
    "clients": {
        "list": Rule(Scope.CLIENTS_READ, SUPERUSER, "all"),
        "retrieve": Rule(Scope.CLIENTS_READ, SUPERUSER, "all"),
        "create": Rule(Scope.CLIENTS_WRITE, SUPERUSER, "all", fresh=True),
        "partial_update": Rule(Scope.CLIENTS_WRITE, SUPERUSER, "all", fresh=True),
        "rotate_secret": Rule(Scope.CLIENTS_WRITE, SUPERUSER, "all", fresh=True),
        "stop": Rule(Scope.CLIENTS_WRITE, SUPERUSER, "all", fresh=True),
        "start": Rule(Scope.CLIENTS_WRITE, SUPERUSER, "all", fresh=True),
    },
    "services": {
        "list": Rule(Scope.CLIENTS_READ, SUPERUSER, "all"),
        "retrieve": Rule(Scope.CLIENTS_READ, SUPERUSER, "all"),
        "create": Rule(Scope.CLIENTS_WRITE, SUPERUSER, "all", fresh=True),
        "partial_update": Rule(Scope.CLIENTS_WRITE, SUPERUSER, "all", fresh=True),
        "destroy": Rule(Scope.CLIENTS_WRITE, SUPERUSER, "all", fresh=True),
    },
}
ABOUT = Rule(None, rows="none")
"""OPTIONS, on every route: what this credential may do there."""


def find(resource: str, action: str | None) -> Rule | None:
    return ABOUT if action == "metadata" and resource in RULES else RULES.get(resource, {}).get(action or "")
