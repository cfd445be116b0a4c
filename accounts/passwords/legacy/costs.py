"""What one verification may cost: an imported row with a billion iterations must not hang a sign-in (SECURITY P-05).

Each bound is some four times what careful systems use, and about a second of one core.
"""

MOST_ROUNDS = 2_000_000
MOST_SCRYPT_WORK = 1 << 20
MOST_SCRYPT_BYTES = 64 << 20
LEAST_BCRYPT_COST, MOST_BCRYPT_COST = 4, 14
MOST_ARGON2_KIB = 256 << 10
MOST_ARGON2_WORK_KIB = 1 << 20


class UnusableHash(ValueError):
    """A stored hash that cannot be verified here. The message never holds the hash."""


def bound_rounds(rounds: int) -> None:
    _within("iterations", rounds, MOST_ROUNDS)


def bound_scrypt(n: int, r: int, p: int) -> None:
    if n < 2 or n & (n - 1):
        raise UnusableHash("scrypt's N is not a power of two")
    _within("scrypt block size", r, MOST_SCRYPT_BYTES)
    _within("scrypt parallelism", p, MOST_SCRYPT_WORK)
    _within("scrypt memory", 128 * n * r, MOST_SCRYPT_BYTES)
    _within("scrypt work", n * r * p, MOST_SCRYPT_WORK)


def bound_bcrypt(cost: int) -> None:
    _within("bcrypt cost", cost, MOST_BCRYPT_COST, least=LEAST_BCRYPT_COST)


def bound_argon2(memory_kib: int, passes: int, lanes: int) -> None:
    _within("Argon2 memory", memory_kib, MOST_ARGON2_KIB)
    _within("Argon2 passes", passes, MOST_ARGON2_WORK_KIB)
    _within("Argon2 lanes", lanes, 16)
    _within("Argon2 work", memory_kib * passes, MOST_ARGON2_WORK_KIB)


def _within(name: str, value: int, most: int, *, least: int = 1) -> None:
    if not least <= value <= most:
        raise UnusableHash(f"{name}: {value} is not between {least} and {most}")
