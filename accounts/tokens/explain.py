"""Replay the verification of a token step by step, for support: what was checked, what was found, where it stopped.

Nothing is changed or used up. Neither a signature nor a refresh token's MAC appears in what it says.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from django.conf import settings

from accounts.core.clock import now
from accounts.core.errors import Problem, TokenInvalid
from accounts.devices.models import Device
from accounts.keys import ring
from accounts.keys.models import SigningKey
from accounts.revocations import feed
from accounts.users.standing import standing

from . import access, compact, dpop, dpop_nonce, foreign, jose, refresh_token, sealed
from .claims import Claims, check_times
from .grant import CredentialKind, Grant, grant_of

_SEALED = {purpose.typ: purpose for purpose in (sealed.COOKIE, sealed.KNOWN_DEVICE, sealed.DOWNLOAD_LINK, sealed.MAIL_LINK)}
_GRANTS = {sealed.COOKIE.typ: CredentialKind.COOKIE, sealed.DOWNLOAD_LINK.typ: CredentialKind.LINK}


@dataclass(frozen=True, slots=True)
class Step:
    """`found` is what was seen, or the reason of the refusal."""

    name: str
    passed: bool
    found: str


class Explained:
    """The steps so far; `claims` as soon as the form is right, believed or not."""

    def __init__(self, token: str) -> None:
        self.token = token
        self.header: dict[str, str] = {}
        self.claims = Claims({}, kid="")
        self.grant: Grant | None = None

    def steps(self) -> Iterator[Step]:
        """Ends at the first step that fails, as the verifier does."""
        for name, check in self._checks():
            try:
                yield Step(name, True, check())
            except Problem as problem:
                yield Step(name, False, f"{problem.code}: {problem.reason or problem.detail}")
                return

    def _checks(self) -> Iterator[tuple[str, Callable[[], str]]]:
        if self.token.startswith(refresh_token.PREFIX):
            yield "form and MAC", self._refresh_form
            yield "device", self._refresh_device
            return
        yield "size", self._size
        if compact.type_of(self.token) == dpop.TYP:
            yield "key and signature", self._own_key
            yield "request", self._about
            yield "nonce", self._nonce
            return
        yield "form", self._form
        if self.header["typ"] in _SEALED:
            yield from self._sealed_checks()
        else:
            yield from self._access_checks()

    def _access_checks(self) -> Iterator[tuple[str, Callable[[], str]]]:
        yield "type", self._type
        yield "key", self._key
        yield "signature", self._signature
        yield "times", self._times
        yield "expiry", self._expiry
        yield "issuer", self._issuer
        yield "audience", self._audience
        yield "claims", self._shape
        yield "key binding", self._binding
        yield "revocation feed", self._feed
        yield "verifier", self._verifier

    def _sealed_checks(self) -> Iterator[tuple[str, Callable[[], str]]]:
        yield "sealed for us", self._sealed
        yield "expiry", self._expiry
        if self.header["typ"] in _GRANTS:
            yield "claims", self._shape
            yield "revocation feed", self._feed

    def _size(self) -> str:
        if len(self.token) > compact.MAX_BYTES:
            raise TokenInvalid(f"{len(self.token)} bytes, more than {compact.MAX_BYTES}")
        return f"{len(self.token)} of at most {compact.MAX_BYTES} bytes"

    def _form(self) -> str:
        self.header, members = compact.parse(self.token)
        self.claims = Claims(members, kid=self.header["kid"])
        return "three canonical parts; header " + " ".join(
            f"{name}={value[:64]!r}" for name, value in sorted(self.header.items())
        )

    def _type(self) -> str:
        if self.header["typ"] != access.TYP:
            raise TokenInvalid(f"typ {self.header['typ'][:40]!r} is not {access.TYP!r}, nor a sealed kind of ours")
        return access.TYP

    def _key(self) -> str:
        key = ring.find(self.header["kid"])
        if key is None:
            state = SigningKey.objects.filter(kid=self.header["kid"]).values_list("state", flat=True).first()
            raise TokenInvalid(f"the key's state is {state!r}" if state else "no key of ours has this kid")
        if key.purpose != SigningKey.Purpose.ACCESS:
            raise TokenInvalid(f"the key is for {key.purpose!r}")
        if key.algorithm != self.header["alg"]:
            raise TokenInvalid(f"alg is {self.header['alg'][:20]!r}, the key's is {key.algorithm!r}")
        return f"{key.algorithm}, for {key.purpose}"

    def _signature(self) -> str:
        jose.verify(self.token, typ=access.TYP, purposes={SigningKey.Purpose.ACCESS})
        return "made by this key over exactly these bytes"

    def _times(self) -> str:
        check_times(self.claims, longest=int(settings.ACCESS_TOKEN_LIFETIME.total_seconds()), expired_is_error=False)
        return f"issued {_moment(self.claims['iat'])}, for {self.claims['exp'] - self.claims['iat']} s"

    def _expiry(self) -> str:
        left = self.claims.integer("exp") - now()
        if left <= 0:
            raise TokenInvalid(f"expired {-left} s ago, at {_moment(self.claims['exp'])}")
        return f"{left} s left"

    def _issuer(self) -> str:
        if self.claims.text("iss") != settings.PUBLIC_URL:
            # The signature was made by a key of ours, so the issuer is we ourselves, under another name.
            advice = "start this command with the PUBLIC_URL (or PORT) of the server that issued it"
            raise TokenInvalid(f"iss is {self.claims['iss'][:100]!r}, ours is here {settings.PUBLIC_URL!r}: {advice}")
        return settings.PUBLIC_URL

    def _audience(self) -> str:
        if settings.API_AUDIENCE not in self.claims.words("aud"):
            raise TokenInvalid(f"aud is {self.claims['aud'][:5]!r}, ours is {settings.API_AUDIENCE!r}")
        return settings.API_AUDIENCE

    def _shape(self) -> str:
        self.grant = grant_of(self.claims, _GRANTS.get(self.header["typ"], CredentialKind.BEARER))
        return f"user {self.grant.sub}, device {self.grant.sid}, epoch {self.grant.epoch}"

    def _binding(self) -> str:
        assert self.grant is not None  # noqa: S101
        if not self.grant.jkt:
            return "bound to no key: scheme Bearer"
        return f"bound to the key {self.grant.jkt}: scheme DPoP, and a proof by that key beside each request"

    def _feed(self) -> str:
        assert self.grant is not None  # noqa: S101
        self.grant.refuse_revoked()
        return f"nothing matches; asked {feed.age():.1f} s ago"

    def _verifier(self) -> str:
        """The real thing has the last word."""
        access.verify(self.token)
        return "accepted"

    def _sealed(self) -> str:
        sealed.unseal(_SEALED[self.header["typ"]], self.token, may_be_expired=True)
        return f"{self.header['typ']}, read by us alone; whether it was used up is not asked"

    def _refresh_form(self) -> str:
        presented = refresh_token.read(self.token)
        return f"device {presented.device_id}, generation {presented.counter}"

    def _refresh_device(self) -> str:
        presented = refresh_token.read(self.token)
        device = Device.objects.select_related("user").filter(id=presented.device_id).first()
        if device is None:
            raise TokenInvalid("there is no such device")
        if not device.is_live:
            raise TokenInvalid(f"the device has ended: {device.ended_because or 'run out'}")
        position = {0: "in force", 1: "the previous one"}.get(device.counter - presented.counter, "not in force")
        bound = f"; bound to the key {device.jkt}, whose proof a refresh needs" if device.jkt else ""
        return f"live, generation {device.counter}, so this token is {position}; account {standing(device.user)}{bound}"

    def _own_key(self) -> str:
        self.claims = foreign.verify_by_own_key(self.token, types={dpop.TYP})
        return f"a proof, made with the key {self.claims.kid}"

    def _about(self) -> str:
        method, address = self.claims.text("htm"), self.claims.text("htu")
        scheme, host, port, path = dpop.canonical(address)
        if dpop.canonical(settings.PUBLIC_URL)[:3] != (scheme, host, port):
            raise TokenInvalid(f"for {address[:100]!r}, not below {settings.PUBLIC_URL!r}")
        return (
            f"for {method[:20]!r} at {path[:100]!r}; {'with' if 'ath' in self.claims else 'without'} the hash of an access token"
        )

    def _nonce(self) -> str:
        if not dpop_nonce.is_good(self.claims.get("nonce")):
            raise TokenInvalid("missing, made up, or older than five minutes: the next answer brings a new one")
        return "one of the last five minutes; whether the proof was used up is not asked"


def _moment(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
