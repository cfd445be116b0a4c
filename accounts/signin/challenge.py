"""What connects the first step of a sign-in with the second: a sealed token, good for minutes and for one sign-in.

It carries the proof, and what the sign-in asked for, so that the second step can neither change its person nor its terms
(SECURITY P-08).
"""

import uuid
from dataclasses import dataclass, replace

from accounts.core import gates, limits
from accounts.core.errors import ChallengeInvalid, MfaEnrolmentRequired, MfaRequired, TokenInvalid, TooManyAttempts
from accounts.core.limits import Limit
from accounts.core.proofs import Proof
from accounts.core.requests import Source
from accounts.devices.registry import Description
from accounts.passkeys import authentication as passkeys
from accounts.tokens import sealed
from accounts.tokens.claims import Claims
from accounts.tokens.dpop import DpopProof
from accounts.users.models import User

from .entry import Entry
from .known_device import KnownDevice

LIFETIME = 300
_ANSWER = sealed.SealedPurpose("mfa+jwt", LIFETIME)
_ENROL = sealed.SealedPurpose("mfa-enrol+jwt", LIFETIME * 3)
_TRIES = Limit("mfa/challenge", free=5, first_wait=LIFETIME, longest_wait=LIFETIME, memory=LIFETIME)


@dataclass(frozen=True, slots=True)
class FirstStep:
    """A first proof that waits for more. `spend` makes its challenge used. `jkt`: the key that it came with, or nothing."""

    proof: Proof
    entry: Entry
    jkt: str
    passkey_challenge: str
    jti: str
    expires_at: int

    def spend(self) -> None:
        """Raises `ChallengeInvalid` for everybody but the first; call it in the transaction of the sign-in."""
        if not gates.consume("mfa-challenge", self.jti, expires_at=self.expires_at):
            raise ChallengeInvalid("used")

    def entry_by(self, dpop: DpopProof | None) -> Entry:
        """The terms of the sign-in with the key of its second step. Raises `ChallengeInvalid` when the first one showed another,
        and this one another or none (SECURITY D-11)."""
        if self.jkt and (dpop is None or dpop.jkt != self.jkt):
            raise ChallengeInvalid("another key")
        return replace(self.entry, dpop=dpop)


def mfa_required(user: User, proof: Proof, entry: Entry, methods: list[str]) -> MfaRequired:
    """With `publicKey` for the browser or phone when a passkey would do (Web Authentication §5.5)."""
    asked = passkeys.options_to_confirm(user.id) if "passkey" in methods else {}
    token = _seal(_ANSWER, proof, entry, passkey_challenge=asked.pop("challenge", ""))
    return MfaRequired(challenge=token, methods=methods, expires_in=_ANSWER.lifetime, **asked)


def enrolment_required(user: User, proof: Proof, entry: Entry) -> MfaEnrolmentRequired:
    """For an account whose role demands a second factor and that has none: the first proof may set one up."""
    return MfaEnrolmentRequired(challenge=_seal(_ENROL, proof, entry), methods=["totp"], expires_in=_ENROL.lifetime)


def open_answer(token: str, source: Source, *, transport: str) -> FirstStep:
    """Look without using, and count the try: the sixth is refused, right or wrong (SECURITY P-07).

    Raises `ChallengeInvalid`, also for a challenge that was given to another kind of client.
    """
    return _open(_ANSWER, token, source, transport)


def open_enrolment(token: str, source: Source, *, transport: str) -> FirstStep:
    """Raises `ChallengeInvalid`."""
    return _open(_ENROL, token, source, transport)


def whose(token: str) -> User:
    """The person of a challenge of either kind, for the page that asks; no try is counted. Raises `ChallengeInvalid`."""
    for purpose in (_ANSWER, _ENROL):
        try:
            claims = sealed.unseal(purpose, token)
        except TokenInvalid:
            continue
        if user := User.objects.filter(id=claims.text("sub"), epoch=claims.integer("epoch")).first():
            return user
    raise ChallengeInvalid("whose")


def _seal(purpose: sealed.SealedPurpose, proof: Proof, entry: Entry, *, passkey_challenge: str = "") -> str:
    claims = {
        "sub": str(proof.user_id),
        "epoch": proof.epoch,
        "amr": list(proof.amr),
        "acr": proof.acr,
        "auth_time": proof.auth_time,
        "joins": proof.joins,
        "transport": str(entry.transport),
        "scope": entry.scope,
        "device_name": entry.description.name,
        "platform": entry.description.platform,
        "known_device": str(_known_device(proof, entry) or ""),
        "jkt": entry.dpop.jkt if entry.dpop else "",
        "passkey_challenge": passkey_challenge,
    }
    return sealed.seal(purpose, claims)


def _known_device(proof: Proof, entry: Entry) -> uuid.UUID | None:
    """The device of this very person that the first step showed."""
    shown = entry.evidence
    return shown.device_id if shown is not None and shown.user_id == proof.user_id else None


def _open(purpose: sealed.SealedPurpose, token: str, source: Source, transport: str) -> FirstStep:
    try:
        claims = sealed.unseal(purpose, token)
        limits.take(_TRIES, claims.text("jti"))
        step = _read(claims, source)
    except (TokenInvalid, TooManyAttempts) as error:
        raise ChallengeInvalid(error.reason) from None
    if step.entry.transport != transport:
        raise ChallengeInvalid("transport")
    if gates.is_consumed("mfa-challenge", step.jti):
        # Before a code is judged: one that works once must not be lost to a challenge that is over.
        raise ChallengeInvalid("used")
    return step


def _read(claims: Claims, source: Source) -> FirstStep:
    proof = Proof(
        user_id=uuid.UUID(claims.text("sub")),
        epoch=claims.integer("epoch"),
        amr=tuple(claims.words("amr")),
        acr=claims.text("acr"),
        auth_time=claims.integer("auth_time"),
        joins=bool(claims.get("joins")),
    )
    description = Description(claims["device_name"], claims["platform"])
    known = KnownDevice(proof.user_id, uuid.UUID(claims["known_device"])) if claims["known_device"] else None
    entry = Entry(source, claims.text("transport"), claims["scope"], description, known)
    return FirstStep(proof, entry, claims["jkt"], claims["passkey_challenge"], claims.text("jti"), claims.integer("exp"))
