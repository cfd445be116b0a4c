"""Firebase's modified scrypt: AES-256-CTR of the project's signer key, under a key that scrypt makes of the password.

Stored as `firebase_scrypt$<salt>$<hash>`. Signer key, salt separator, rounds and memory cost are the project's: they come
from `FIREBASE_HASH_CONFIG` and are in no row.
"""

import hashlib
import hmac
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from django.conf import settings

from .costs import MOST_SCRYPT_BYTES, UnusableHash, bound_scrypt
from .verify_only import VerifyOnlyHasher, fields, from_base64, to_base64

ALGORITHM = "firebase_scrypt"
_NO_NONCE = bytes(16)
_MOST_MEM_COST = 20


@dataclass(frozen=True, slots=True)
class Parameters:
    """Of one Firebase project, as its console shows them under "Password hash parameters"."""

    signer_key: bytes
    salt_separator: bytes
    rounds: int
    mem_cost: int


class FirebaseScryptHasher(VerifyOnlyHasher):
    """The published description is the repository firebase/scrypt."""

    algorithm = ALGORITHM

    def decode(self, encoded: str) -> dict[str, Any]:
        salt, made = fields(encoded, ALGORITHM, 2)
        parameters = configured()
        made_bytes = from_base64(made)
        if len(made_bytes) != len(parameters.signer_key):
            raise UnusableHash("the hash is not as long as the signer key of FIREBASE_HASH_CONFIG")
        return {"algorithm": ALGORITHM, "salt": from_base64(salt), "hash": made_bytes, "parameters": parameters}

    def verify(self, password: str, encoded: str) -> bool:
        decoded = self.decode(encoded)
        return hmac.compare_digest(_made(password, decoded["salt"], decoded["parameters"]), decoded["hash"])


def encoded(salt: str, made: str) -> str:
    """From the `salt` and `passwordHash` of an export, base64 in either alphabet. Raises `UnusableHash`."""
    stored = f"{ALGORITHM}${to_base64(from_base64(salt))}${to_base64(from_base64(made))}"
    FirebaseScryptHasher().decode(stored)
    return stored


def configured() -> Parameters:
    """Raises `UnusableHash` when `FIREBASE_HASH_CONFIG` is missing, incomplete or too dear."""
    config = settings.FIREBASE_HASH_CONFIG
    if not config:
        raise UnusableHash("FIREBASE_HASH_CONFIG is not set")
    try:
        return _parsed(
            str(config["base64_signer_key"]),
            str(config["base64_salt_separator"]),
            int(config["rounds"]),
            int(config["mem_cost"]),
        )
    except (KeyError, TypeError) as error:
        raise UnusableHash(f"FIREBASE_HASH_CONFIG lacks {error}") from None


@lru_cache(maxsize=4)
def _parsed(signer_key: str, salt_separator: str, rounds: int, mem_cost: int) -> Parameters:
    if not 1 <= mem_cost <= _MOST_MEM_COST:
        raise UnusableHash(f"mem_cost: {mem_cost} is not between 1 and {_MOST_MEM_COST}")
    bound_scrypt(1 << mem_cost, rounds, 1)
    parameters = Parameters(from_base64(signer_key), from_base64(salt_separator), rounds, mem_cost)
    if len(parameters.signer_key) < 32:
        raise UnusableHash("base64_signer_key is shorter than 32 bytes")
    return parameters


def _made(password: str, salt: bytes, parameters: Parameters) -> bytes:
    key = hashlib.scrypt(
        password.encode(),
        salt=salt + parameters.salt_separator,
        n=1 << parameters.mem_cost,
        r=parameters.rounds,
        p=1,
        maxmem=2 * MOST_SCRYPT_BYTES,
        dklen=32,
    )
    # The key is used for this one message, so a counter that begins at zero repeats nothing; the format wants it.
    encryptor = Cipher(algorithms.AES(key), modes.CTR(_NO_NONCE)).encryptor()
    return encryptor.update(parameters.signer_key) + encryptor.finalize()
