"""The `claims` parameter (OpenID Connect Core §5.5): single claims, in the ID token or at userinfo, without a whole scope.

A client gets no claim this way that its scopes would not give it: it may know less than it could, never more.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from accounts.core import strict_json
from accounts.core.proofs import Acr, at_least
from accounts.devices.models import Device
from accounts.users.models import User

from . import claims
from .errors import InvalidRequest
from .models import Client

ID_TOKEN, USERINFO = "id_token", "userinfo"
_DEEPEST = 6
Kept = Mapping[str, list[str]]
"""As rows keep it: the names for the ID token and for userinfo; `acr`, of which one must be told."""


@dataclass(frozen=True, slots=True)
class ClaimsAsked:
    """`acr`: one of these must be told, where it is not None. `acr_wished`: the client would like one of these. `sub`: the one
    person who will do; empty for anybody."""

    id_token: tuple[str, ...] = ()
    userinfo: tuple[str, ...] = ()
    acr: tuple[str, ...] | None = None
    acr_wished: tuple[str, ...] = ()
    sub: str = ""

    @property
    def names(self) -> set[str]:
        return {*self.id_token, *self.userinfo}

    def kept(self) -> dict[str, list[str]]:
        """Without what is empty."""
        found = {ID_TOKEN: self.id_token, USERINFO: self.userinfo, "acr": self.acr or ()}
        return {name: list(words) for name, words in found.items() if words}


NOTHING = ClaimsAsked()


@dataclass(frozen=True, slots=True)
class _Wish:
    is_essential: bool
    values: tuple[Any, ...]


def read(text: str, client: Client) -> ClaimsAsked:
    """What nobody knows is passed over, what has another shape is `InvalidRequest`."""
    if not text:
        return NOTHING
    try:
        members = strict_json.loads(text.encode(), max_depth=_DEEPEST)
    except (strict_json.StrictJsonError, UnicodeEncodeError) as error:
        raise InvalidRequest("claims: no JSON") from error
    if not isinstance(members, dict):
        raise InvalidRequest("claims: no object")
    id_token, userinfo = _wishes(members, ID_TOKEN), _wishes(members, USERINFO)
    levels = id_token.get("acr", _Wish(is_essential=False, values=()))
    known = tuple(word for word in _words(levels) if word in set(Acr))
    is_demanded = levels.is_essential and bool(levels.values)
    given = claims.under(client.scopes) - {"sub"}
    return ClaimsAsked(
        id_token=tuple(name for name in id_token if name in given),
        userinfo=tuple(name for name in userinfo if name in given),
        acr=known if is_demanded else None,
        acr_wished=() if is_demanded else known,
        sub=_sub(id_token, userinfo),
    )


def names(kept: Kept) -> set[str]:
    """Of the claims, wherever they go."""
    return {*kept.get(ID_TOKEN, ()), *kept.get(USERINFO, ())}


def still_given(device: Device, where: str, client: Client) -> list[str]:
    """What was asked for there and agreed to, without what the client has lost since."""
    given = claims.under(client.scopes)
    return [name for name in (device.claims or {}).get(where, ()) if name in given]


def for_id_token(device: Device, user: User, client: Client) -> dict[str, Any]:
    """What goes into the ID token because it was asked for. Of `acr` the strongest that was demanded and is reached: a client
    that must be told `aal2` does not know what to make of `aal3`."""
    demanded = (device.claims or {}).get("acr", ())
    reached = [word.value for word in Acr if word in demanded and at_least(device.acr, word)]
    return {**claims.about(user, still_given(device, ID_TOKEN, client)), **({"acr": reached[-1]} if reached else {})}


def _wishes(members: dict[str, Any], where: str) -> dict[str, _Wish]:
    wishes = members.get(where)
    if wishes is None:
        return {}
    if not isinstance(wishes, dict):
        raise InvalidRequest(f"claims: {where} is no object")
    return {name: _wish(wish) for name, wish in wishes.items()}


def _wish(wish: Any) -> _Wish:
    """§5.5.1: null, or an object."""
    if wish is None:
        return _Wish(is_essential=False, values=())
    if not isinstance(wish, dict):
        raise InvalidRequest("claims: an entry is neither null nor an object")
    is_essential, values = wish.get("essential", False), wish.get("values", [wish["value"]] if "value" in wish else [])
    if not isinstance(is_essential, bool) or not isinstance(values, list):
        raise InvalidRequest("claims: essential is neither true nor false, or values is no list")
    return _Wish(is_essential, tuple(values))


def _words(wish: _Wish) -> tuple[str, ...]:
    if not all(isinstance(value, str) for value in wish.values):
        raise InvalidRequest("claims: a value is no string")
    return wish.values


def _sub(*places: dict[str, _Wish]) -> str:
    """Of several there is no telling which one is meant."""
    named = {word for wishes in places if "sub" in wishes for word in _words(wishes["sub"])}
    if len(named) > 1:
        raise InvalidRequest("claims: more than one sub")
    return named.pop() if named else ""
