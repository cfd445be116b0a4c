"""What a verified credential says about its holder, in one shape for bearer, cookie and link."""

import uuid
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from accounts.core.errors import TokenInvalid
from accounts.revocations import feed
from accounts.users.claimed import claimed_user
from accounts.users.models import User
from accounts.users.roles import Authority, authority

from .claims import Claims


class CredentialKind(StrEnum):
    """What vouched for the caller; an access rule may ask for one of them."""

    BEARER = "bearer"
    COOKIE = "cookie"
    LINK = "link"


@dataclass(frozen=True, slots=True)
class Grant:
    """`authority` is None when the token was too small for it; then it is answered from this process's memory.

    `jkt`: the thumbprint of the key that the token is bound to (RFC 9449 §6.1); empty for a bearer token, a cookie, a link.
    """

    kind: CredentialKind
    user_id: uuid.UUID
    device_id: uuid.UUID
    sub: str
    sid: str
    epoch: int
    client_id: str
    scopes: frozenset[str]
    auth_time: int
    acr: str
    amr: tuple[str, ...]
    expires_at: int
    kid: str
    superuser: bool
    jkt: str
    carried: Authority | None

    def refuse_revoked(self) -> None:
        """Raises `DeviceRevoked`, `TokenStale`, `TokenInvalid`, or `Unavailable`."""
        feed.refuse_revoked(kid=self.kid, sid=self.sid, sub=self.sub, epoch=self.epoch, auth_time=self.auth_time)

    def claims(self) -> dict[str, Any]:
        """For a sealed token; what is left out is read again by (user, epoch)."""
        return {
            "sub": self.sub,
            "sid": self.sid,
            "epoch": self.epoch,
            "client_id": self.client_id,
            "superuser": self.superuser,
            "scope": " ".join(sorted(self.scopes)),
            "auth_time": self.auth_time,
            "acr": self.acr,
            "amr": list(self.amr),
        }

    @property
    def authority(self) -> Authority:
        """Roles and permissions: from the token, or read once per (user, epoch)."""
        return self.carried or authority(self.user_id, self.epoch, superuser=self.superuser)

    def user(self) -> User:
        """The holder, without a query when the token carries the permissions."""
        return claimed_user(
            self.user_id,
            epoch=self.epoch,
            superuser=self.superuser,
            permissions=None if self.superuser else self.authority.permissions,
        )


def grant_of(claims: Claims, kind: CredentialKind, carried: Authority | None = None) -> Grant:
    """The claims that every credential shares. Raises `TokenInvalid` when one is missing or has the wrong shape."""
    sub, sid = claims.text("sub"), claims.text("sid")
    return Grant(
        kind=kind,
        user_id=_uuid(sub),
        device_id=_uuid(sid),
        sub=sub,
        sid=sid,
        epoch=claims.integer("epoch"),
        client_id=claims.text("client_id"),
        scopes=frozenset(claims.text("scope").split()),
        auth_time=claims.integer("auth_time"),
        acr=claims.text("acr"),
        amr=tuple(claims.words("amr")),
        expires_at=claims.integer("exp"),
        kid=claims.kid,
        superuser=claims.get("superuser") is True,
        jkt=_bound_to(claims),
        carried=carried,
    )


def _bound_to(claims: Claims) -> str:
    """A confirmation that we do not know is none that may be passed over (RFC 7800 §3.1)."""
    if "cnf" not in claims:
        return ""
    match claims["cnf"]:
        case {"jkt": str(jkt), **others} if jkt and not others:
            return jkt
        case _:
            raise TokenInvalid("cnf")


def _uuid(text: str) -> uuid.UUID:
    """Only the canonical spelling, so that a revoked id has no second name."""
    try:
        value = uuid.UUID(text)
    except ValueError as error:
        raise TokenInvalid("not a UUID") from error
    if str(value) != text:
        raise TokenInvalid("not a canonical UUID")
    return value
