"""UUIDv7 (RFC 9562 §5.7): ids that sort by time, so that they fill an index from the right."""

import os
import time
import uuid

_VERSION_AND_VARIANT = (0x7 << 76) | (0b10 << 62)
_RANDOM_BITS = (0xFFF << 64) | ((1 << 62) - 1)


def uuid7() -> uuid.UUID:
    """48 bits of milliseconds, 74 random bits."""
    milliseconds = time.time_ns() // 1_000_000
    random = int.from_bytes(os.urandom(10), "big") & _RANDOM_BITS
    return uuid.UUID(int=(milliseconds << 80) | _VERSION_AND_VARIANT | random)
