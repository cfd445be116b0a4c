"""The time in whole Unix seconds, as JWTs count it (NumericDate, RFC 7519 §2)."""

import time


def now() -> int:
    return int(time.time())
