"""How much mail one address and one network may cause: silently, so that nobody learns which addresses exist (SECURITY E-11)."""

from accounts.core import limits, secrets
from accounts.core.errors import TooManyAttempts
from accounts.core.limits import Limit
from accounts.core.requests import Source

_ADDRESS = Limit("mail/address", free=3, first_wait=300, longest_wait=3600)
_NETWORK = Limit("mail/network", free=30, first_wait=60, longest_wait=3600, memory=3600)
_CODES = Limit("mail/codes", free=10, first_wait=86_400, longest_wait=86_400)
"""Ten challenges a day for devices that are not known, so that guessing stays hopeless (SECURITY P-24)."""


def allowed(address: str, source: Source) -> bool:
    """Count one mail to this address. False: send nothing, and answer as always."""
    return _taken(_ADDRESS, secrets.fingerprint("mail", address)) and _taken(_NETWORK, source.network or "unknown")


def code_allowed(address: str, source: Source, *, is_known_device: bool) -> bool:
    """Like `allowed`, for a code that opens the account."""
    if not is_known_device and not _taken(_CODES, secrets.fingerprint("mail", address)):
        return False
    return allowed(address, source)


def _taken(limit: Limit, value: str) -> bool:
    try:
        limits.take(limit, value)
    except TooManyAttempts:
        return False
    return True
