"""The nonce that a DPoP proof must carry (RFC 9449 §8): it says when the proof was made, and no phone's clock has to be right.

Computed from the time and a derived key, the same on every host; nothing is stored. It belongs to nobody and to no endpoint: what
ties a proof to its key and its request is what else it says (SECURITY D-13).
"""

import hashlib
import hmac

from accounts.core import secrets
from accounts.core.clock import now

from .claims import SKEW
from .compact import encode

STEP = 150
LIFETIME = 2 * STEP
"""Seconds: a nonce is good for the step in which it is given out, and for the next one."""
_BYTES = 16


def current() -> str:
    """The one to give out now."""
    return _nonce(now() // STEP, secrets.primary_key_id())


def is_good(nonce: object) -> bool:
    """Of this step or the one before, by the clock of this host, which may be a little behind that of another."""
    moment = now()
    steps = {(moment - STEP) // STEP, moment // STEP, (moment + SKEW) // STEP}
    return any(nonce == _nonce(step, key_id) for step in steps for key_id in secrets.key_ring())


def _nonce(step: int, key_id: str) -> str:
    key = secrets.derived("dpop-nonce", key_id)
    return encode(hmac.digest(key, step.to_bytes(8, "big"), hashlib.sha256)[:_BYTES])
