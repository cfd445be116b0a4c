"""Known answers: a hash of every format that an import brings, as its system stores it, with its password.

Beside each is where it was published, or how it was computed without our code.
"""

import base64
import hashlib
from collections.abc import Callable
from dataclasses import dataclass

import bcrypt as library
from argon2.low_level import Type, hash_secret

from accounts.passwords.legacy import argon2, bcrypt, firebase, keycloak, pbkdf2, recognise
from tests.support.imports import BCRYPT, FIREBASE_HASH, FIREBASE_SALT, keycloak_credential


@dataclass(frozen=True)
class Known:
    """`encoded` gives our stored form; Firebase's wants `FIREBASE_HASH_CONFIG`."""

    encoded: Callable[[], str]
    password: str


def _told(stored: str, password: str) -> Known:
    """By its form, as in a CSV file."""
    return Known(lambda: recognise.encoded(stored), password)


def _pbkdf2(digest: str, salt: bytes, rounds: int, made: str, password: str) -> Known:
    return Known(lambda: pbkdf2.encoded(digest, rounds, salt, bytes.fromhex(made)), password)


def _keycloak(algorithm: str, rounds: int, salt: str, value: str, password: str, **more: list[str]) -> Known:
    return Known(lambda: keycloak_credential(algorithm, rounds, salt, value, more), password)


def _bcrypt_of_sha256(password: str, salt: str) -> str:
    """Django's way: the hexadecimal digits of the SHA-256, with the bcrypt library alone."""
    return library.hashpw(hashlib.sha256(password.encode()).hexdigest().encode(), salt.encode()).decode()


def _argon2d(password: str) -> str:
    """argon2-cffi alone: the published vectors leave this variant out."""
    return hash_secret(
        password.encode(), b"somesalt", time_cost=2, memory_cost=256, parallelism=1, hash_len=32, type=Type.D
    ).decode()


_RFC_7914 = (
    "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2"
    "d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887"
)

KNOWN: dict[str, Known] = {
    # Solar Designer's crypt_blowfish, wrapper.c.
    "bcrypt $2a$": Known(lambda: bcrypt.encoded(BCRYPT), "U*U"),
    "bcrypt $2y$": _told("$2y$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", "U*U"),
    # pyca/bcrypt, tests/test_bcrypt.py.
    "bcrypt $2b$": _told("$2b$04$cVWp4XaNU8a4v1uMRum2SO026BWLIoQMD/TXg5uZV.0P.uO8m3YEm", "Kk4DQuMMfZL9o"),
    # The example in firebase/scrypt, README.md.
    "Firebase scrypt": Known(lambda: firebase.encoded(FIREBASE_SALT, FIREBASE_HASH), "user1password"),
    # Realm exports that projects publish as examples; of the second form is one of Keycloak 12.
    "Keycloak pbkdf2-sha256": _keycloak(
        "pbkdf2-sha256", 27500, "P5rtFkGtPfoaryJ6PizUJw==", "JsfNbCOIdZUbyBJ+BT+VoGI91Ec2rWLOvkLPDaX8e9k=", "password"
    ),
    "Keycloak pbkdf2-sha256, 64 bytes": _keycloak(
        "pbkdf2-sha256",
        27500,
        "H1Yjwf5UUIip/deJSkNJ+Q==",
        "gI7lGJLNUQfn6xcMUtLp0XnOIF3JdaoAj8IogosYZsDg4Q5cFxG5JkJrKZpR7mIG5MxlH346ikZKsiZovvFKDQ==",
        "user1",
    ),
    "Keycloak argon2": _keycloak(
        "argon2",
        5,
        "Cf9AYCE5pAbb4CKEF0GUTA==",
        "BruFLfFkjH/8erZ26NnrbkOrWiZuQyDRCHD9o0R6Scg=",
        "password",
        hashLength=["32"],
        memory=["7168"],
        type=["id"],
        version=["1.3"],
        parallelism=["1"],
    ),
    # RFC 6070 §2, through Keycloak's first default.
    "Keycloak pbkdf2": _keycloak("pbkdf2", 4096, "c2FsdA==", "SwB5AbdlSJq+rUnZJvch0GWkKcE=", "password"),
    # hashlib alone.
    "Keycloak pbkdf2-sha512": _keycloak(
        "pbkdf2-sha512",
        4096,
        base64.b64encode(b"salt").decode(),
        base64.b64encode(hashlib.pbkdf2_hmac("sha512", b"password", b"salt", 4096)).decode(),
        "password",
    ),
    "Keycloak bcrypt": Known(
        lambda: keycloak.encoded(f'{{"value": "{BCRYPT}"}}', '{"algorithm": "bcrypt", "hashIterations": 5}'), "U*U"
    ),
    # dotnet/aspnetcore, PasswordHasherTest.cs.
    "ASP.NET Identity, SHA-256": _told(
        "AQAAAAEAACcQAAAAEAABAgMEBQYHCAkKCwwNDg+yWU7rLgUwPZb1Itsmra7cbxw2EFpwpVFIEtP+JIuUEw==", "my password"
    ),
    "ASP.NET Identity, SHA-512": _told("AQAAAAIAAAAyAAAAEOMwvh3+FZxqkdMBz2ekgGhwQ4B6pZWND6zgESBuWiHw", "my password"),
    # RFC 6070 §2 and RFC 7914 §11.
    "PBKDF2-SHA1": _pbkdf2("sha1", b"salt", 4096, "4b007901b765489abead49d926f721d065a429c1", "password"),
    "PBKDF2-SHA256": _pbkdf2("sha256", b"salt", 1, "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc", "passwd"),
    # The reference code of Argon2, src/test.c; one with the version before, which its strings name too.
    "Argon2id": _told("$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc", "password"),
    "Argon2i": _told("$argon2i$v=19$m=256,t=2,p=1$c29tZXNhbHQ$iekCn0Y3spW+sCcFanM2xBT63UP2sghkUoHLIUpWRS8", "password"),
    "Argon2i 1.0": _told("$argon2i$v=16$m=256,t=2,p=1$c29tZXNhbHQ$/U3YPXYsSb3q9XxHvc0MLxur+GP960kN9j7emXX8zwY", "password"),
    "Argon2d": Known(lambda: argon2.encoded(_argon2d("password")), "password"),
    # django/django, tests/auth_tests/test_hashers.py.
    "Django pbkdf2_sha256": _told("pbkdf2_sha256$10000$seasalt$CWWFdHOWwPnki7HvkcqN9iA2T3KLW1cf2uZ5kvArtVY=", "lètmein"),
    "Django scrypt": _told(
        "scrypt$16384$seasalt$8$1$Qj3+9PPyRjSJIebHnG81TMjsqtaIGxNQG/aEB/NYafTJ7tibgfYz71m0ldQESkXFRkdVCBhhY8mx7rQwite/Pw==",
        "lètmein",
    ),
    # RFC 7914 §12, with a salt that Django could have drawn.
    "Django scrypt of RFC 7914": _told(
        f"scrypt$16384$SodiumChloride$8$1${base64.b64encode(bytes.fromhex(_RFC_7914)).decode()}", "pleaseletmein"
    ),
    # passlib, tests/test_handlers_django.py: made with Django's own hashers.
    "Django pbkdf2_sha1": _told("pbkdf2_sha1$10000$wz5B6WkasRoF$atJmJ1o+XfJxKq1+Nu1f1i57Z5I=", "not a password"),
    "Django bcrypt_sha256": _told("bcrypt_sha256$$2a$08$NDjSAIcas.EcoxCRiArvT.MkNiPYVhrsrnJsRkLueZOoV1bsQqlmC", "lètmein"),
    "Django bcrypt_sha256 $2b$": _told(
        "bcrypt_sha256$" + _bcrypt_of_sha256("lètmein", "$2b$04$cVWp4XaNU8a4v1uMRum2SO"), "lètmein"
    ),
}
