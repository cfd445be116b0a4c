"""How much is kept for strangers of one network: any of them may cause a row, with no more than the id of a client in hand.

By the hour of the clock, and generous: a network holds an office, or many homes, and never pauses (SECURITY S-03,
docs/decisions/0025).
"""

from accounts.core import limits
from accounts.core.clock import now
from accounts.core.limits import Limit
from accounts.core.requests import Source

_HOUR = 3600
"""Seconds."""
REQUESTS = Limit("authorization-request/network", free=2000, first_wait=5, longest_wait=60, memory=_HOUR)
"""Authorization requests that wait for somebody in a browser."""
PUSHED = Limit("pushed-request/network", free=2000, first_wait=5, longest_wait=60, memory=_HOUR)
"""By public clients."""
DEVICES = Limit("device-authorization/network", free=2000, first_wait=5, longest_wait=60, memory=_HOUR)


def take(limit: Limit, source: Source) -> None:
    """Counted before it is written. Raises `TooManyAttempts`."""
    limits.take(limit, f"{source.network or 'unknown'}/{now() // _HOUR}")
