"""Genuine tokens that ended before they ran out, and those that just did not: for verifiers that read the list of what ended."""

from collections.abc import Iterator

from accounts.revocations.models import Revocation

from .genuine import of_a_client
from .issuer import NOW, Issuer, Vector, accepted, refused

Kind = Revocation.Kind
_ENDED, _STALE = "01990000-0000-7000-8000-0000000000d1", "01990000-0000-7000-8000-0000000000d2"
_CHANGED = "01990000-0000-7000-8000-000000000002"
_STOPPED = "stopped-app"
_EPOCH, _PROVED_AT, _STOPPED_AT = 9, NOW - 600, NOW - 60


def marks(issuer: Issuer) -> dict[str, dict[str, int]]:
    """What the list says at this moment."""
    return {
        Kind.DEVICE.value: {_ENDED: 0},
        Kind.DEVICE_STALE.value: {_STALE: _PROVED_AT},
        Kind.USER.value: {_CHANGED: _EPOCH},
        Kind.KEY.value: {issuer.pulled.kid: 0},
        "client": {_STOPPED: _STOPPED_AT},
    }


def vectors(issuer: Issuer) -> Iterator[Vector]:
    yield refused("sid-ended", issuer.token(claims=issuer.claims(sid=_ENDED)), "the device was signed out")
    pulled = issuer.token(issuer.header(issuer.pulled), sign=issuer.pulled.sign)
    yield refused("kid-pulled", pulled, "the key is trusted no more, although a cached JWK Set may still have it")
    for at, name, judged in ((_EPOCH - 1, "epoch-stale", refused), (_EPOCH, "epoch-reached", accepted)):
        token = issuer.token(claims=issuer.claims(sub=_CHANGED, epoch=at))
        yield judged(name, token, f"this person's tokens must have reached epoch {_EPOCH}")
    for at, name, judged in ((_PROVED_AT - 1, "auth-time-stale", refused), (_PROVED_AT, "auth-time-reached", accepted)):
        token = issuer.token(claims=issuer.claims(sid=_STALE, auth_time=at))
        yield judged(name, token, "this device proved anew who uses it: older tokens of it are stale")
    for at, name, judged in ((_STOPPED_AT, "client-stopped", refused), (_STOPPED_AT + 1, "client-back", accepted)):
        reason = "the client was stopped: what it was given until then is void"
        yield judged(name, issuer.token(claims=issuer.claims(client_id=_STOPPED, iat=at)), reason)
    for name, act in (("actor", {"sub": _STOPPED}), ("actor-of-actor", {"sub": "files", "act": {"sub": _STOPPED}})):
        reason = "a service that acts for the client was stopped"
        yield refused(f"{name}-stopped", issuer.token(claims=issuer.claims(act=act, iat=_STOPPED_AT)), reason)
        yield accepted(f"{name}-back", issuer.token(claims=issuer.claims(act=act, iat=_STOPPED_AT + 1)), reason)
    as_itself = {**of_a_client(issuer, _STOPPED), "iat": _STOPPED_AT}
    yield refused("client-as-itself-stopped", issuer.token(claims=as_itself), "the same for a client that acts as itself")
