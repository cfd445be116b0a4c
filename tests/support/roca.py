"""An RSA key as a flawed chip made it (CVE-2017-15361): both primes are k·M + (65537^a mod M)."""

import math

from cryptography.hazmat.primitives.asymmetric import rsa

_BITS = 1536
_M = math.prod(n for n in range(2, 702) if all(n % d for d in range(2, math.isqrt(n) + 1)))
"""Of the first 126 primes, as for keys of 1984 to 3936 bits (Nemec and others, ACM CCS 2017, table 2)."""


def factorable_rsa_key() -> rsa.RSAPrivateKey:
    """3072 bits. The two pairs of k and a were found by trying; the library refuses what is not prime."""
    p, q = (_prime(offset, exponent) for offset, exponent in ((16, 12345), (17, 54321)))
    d = pow(65537, -1, math.lcm(p - 1, q - 1))
    public = rsa.RSAPublicNumbers(65537, p * q)
    exponents = rsa.rsa_crt_dmp1(d, p), rsa.rsa_crt_dmq1(d, q), rsa.rsa_crt_iqmp(p, q)
    return rsa.RSAPrivateNumbers(p, q, d, *exponents, public).private_key()


def _prime(offset: int, exponent: int) -> int:
    return ((3 << _BITS - 2) // _M + offset) * _M + pow(65537, exponent, _M)
