"""RSA keys of chips that chose their primes too narrowly (ROCA, CVE-2017-15361): their modulus gives away its factors.

Such a prime is k·M + (65537^a mod M), with M the product of the first primes. So the modulus is a power of 65537 modulo each of
them, and of an honest one that is true once in 240 million times (Nemec and others, ACM CCS 2017, §3.2).
"""

_PRIMES = (
    *(3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97, 101),
    *(103, 107, 109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167),
)
"""Of the smallest such keys; the M of longer ones has them all and more."""
_POWERS = {prime: frozenset(pow(65537, exponent, prime) for exponent in range(prime - 1)) for prime in _PRIMES}


def is_factorable(modulus: int) -> bool:
    return all(modulus % prime in powers for prime, powers in _POWERS.items())
