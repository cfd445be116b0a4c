"""Known answers: hashes that other systems made, published or made with their own tools; each with a wrong password."""

from typing import Any

import bcrypt as library
import pytest
from django.contrib.auth.hashers import check_password, identify_hasher
from pytest_django import Settings

from accounts.passwords.legacy import argon2, aspnet, bcrypt, decoy, firebase, keycloak, pbkdf2, recognise
from accounts.passwords.legacy.costs import UnusableHash
from accounts.passwords.legacy.verify_only import LONGEST
from tests.support.imports import FIREBASE_CONFIG, FIREBASE_HASH, FIREBASE_SALT, SHORT_CONFIG, keycloak_credential

_KEYCLOAK_ARGON2 = {"hashLength": ["32"], "memory": ["7168"], "type": ["id"], "version": ["1.3"], "parallelism": ["1"]}
KNOWN: dict[str, tuple[Any, str]] = {
    "bcrypt $2a$": (
        lambda: bcrypt.encoded("$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"),
        "U*U",
    ),
    "bcrypt $2y$": (
        lambda: recognise.encoded("$2y$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"),
        "U*U",
    ),
    "Keycloak pbkdf2-sha256": (
        lambda: keycloak_credential(
            "pbkdf2-sha256", 27500, "P5rtFkGtPfoaryJ6PizUJw==", "JsfNbCOIdZUbyBJ+BT+VoGI91Ec2rWLOvkLPDaX8e9k="
        ),
        "password",
    ),
    "Keycloak pbkdf2-sha256, 64 bytes": (
        lambda: keycloak_credential(
            "pbkdf2-sha256",
            27500,
            "H1Yjwf5UUIip/deJSkNJ+Q==",
            "gI7lGJLNUQfn6xcMUtLp0XnOIF3JdaoAj8IogosYZsDg4Q5cFxG5JkJrKZpR7mIG5MxlH346ikZKsiZovvFKDQ==",
        ),
        "user1",
    ),
    "Keycloak argon2": (
        lambda: keycloak_credential(
            "argon2", 5, "Cf9AYCE5pAbb4CKEF0GUTA==", "BruFLfFkjH/8erZ26NnrbkOrWiZuQyDRCHD9o0R6Scg=", _KEYCLOAK_ARGON2
        ),
        "password",
    ),
    "ASP.NET Identity, SHA-256": (
        lambda: aspnet.encoded("AQAAAAEAACcQAAAAEGNLzkjU1tjMzkgmH5t8N3wIWrMO06aIS7Rp0z8MkloZ5LbC6qi369p4esJg0w7Z4w=="),
        "Z8o*-/X9RWkg",
    ),
    "ASP.NET Identity, SHA-512": (
        lambda: recognise.encoded("AQAAAAIAAAAyAAAAEOMwvh3+FZxqkdMBz2ekgGhwQ4B6pZWND6zgESBuWiHw"),
        "my password",
    ),
    "PBKDF2 of RFC 6070": (
        lambda: pbkdf2.encoded("sha1", 4096, b"salt", bytes.fromhex("4b007901b765489abead49d926f721d065a429c1")),
        "password",
    ),
    "Argon2 of its reference code": (
        lambda: argon2.encoded("$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"),
        "password",
    ),
    "Django pbkdf2_sha256": (
        lambda: recognise.encoded("pbkdf2_sha256$10000$seasalt$CWWFdHOWwPnki7HvkcqN9iA2T3KLW1cf2uZ5kvArtVY="),
        "lètmein",
    ),
}


@pytest.mark.parametrize("name", KNOWN)
def test_known_answer(name: str) -> None:
    make, password = KNOWN[name]
    encoded = make()
    assert len(encoded) <= LONGEST
    assert check_password(password, encoded)
    assert not check_password(password + "x", encoded)


def test_known_answer_of_firebase(settings: Settings) -> None:
    settings.FIREBASE_HASH_CONFIG = FIREBASE_CONFIG
    encoded = firebase.encoded(FIREBASE_SALT, FIREBASE_HASH)
    assert len(encoded) <= LONGEST
    assert check_password("user1password", encoded)
    assert not check_password("user2password", encoded)


def test_firebase_hash_in_the_url_safe_alphabet_is_the_same(settings: Settings) -> None:
    settings.FIREBASE_HASH_CONFIG = FIREBASE_CONFIG
    url_safe = FIREBASE_HASH.replace("+", "-").replace("/", "_")
    assert firebase.encoded(FIREBASE_SALT, url_safe) == firebase.encoded(FIREBASE_SALT, FIREBASE_HASH)


def test_signer_key_of_firebase_is_in_no_row(settings: Settings) -> None:
    settings.FIREBASE_HASH_CONFIG = FIREBASE_CONFIG
    encoded = firebase.encoded(FIREBASE_SALT, FIREBASE_HASH)
    assert FIREBASE_CONFIG["base64_signer_key"].rstrip("=") not in encoded


@pytest.mark.parametrize("config", [{}, {"rounds": 8}, SHORT_CONFIG, {**FIREBASE_CONFIG, "mem_cost": 24}])
def test_firebase_hash_without_its_parameters_opens_nothing(settings: Settings, config: dict[str, Any]) -> None:
    settings.FIREBASE_HASH_CONFIG = FIREBASE_CONFIG
    encoded = firebase.encoded(FIREBASE_SALT, FIREBASE_HASH)
    settings.FIREBASE_HASH_CONFIG = config
    with pytest.raises(ValueError, match=r"FIREBASE_HASH_CONFIG|base64_signer_key|mem_cost"):
        identify_hasher(encoded).decode(encoded)


TOO_DEAR = {
    "pbkdf2": lambda: pbkdf2.encoded("sha256", 10**9, b"salt" * 4, b"h" * 32),
    "pbkdf2, none": lambda: pbkdf2.encoded("sha256", 0, b"salt" * 4, b"h" * 32),
    "Keycloak": lambda: keycloak_credential("pbkdf2-sha512", 10**9, "c2FsdHNhbHRzYWx0c2FsdA==", "aGFzaA==" * 1),
    "Keycloak argon2": lambda: keycloak_credential(
        "argon2", 5, "c2FsdHNhbHRzYWx0c2FsdA==", "aGFzaGhhc2hoYXNoaGFzaA==", {"memory": ["9999999"], "parallelism": ["1"]}
    ),
    "bcrypt": lambda: bcrypt.encoded("$2b$31$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"),
    "argon2 memory": lambda: argon2.encoded("$argon2id$v=19$m=4194304,t=1,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8"),
    "argon2 passes": lambda: argon2.encoded("$argon2id$v=19$m=65536,t=99999,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8"),
    "Django pbkdf2": lambda: recognise.encoded("pbkdf2_sha256$1000000000$salt$CWWFdHOWwPnki7HvkcqN9iA2T3KLW1cf2uZ5kvArtVY="),
    "Django scrypt": lambda: recognise.encoded("scrypt$1073741824$salt$8$1$CWWFdHOWwPnki7HvkcqN9iA2T3KLW1cf2uZ5kvArtVY="),
    "Django bcrypt": lambda: recognise.encoded("bcrypt_sha256$$2b$31$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"),
}


@pytest.mark.parametrize("name", TOO_DEAR)
def test_P05_hash_that_would_cost_too_much_is_refused(name: str) -> None:
    with pytest.raises(UnusableHash, match=r"not between|shorter"):
        TOO_DEAR[name]()


BROKEN = [
    "", "x", "$", "$2b$10$short", "$argon2id$v=19$m=a", "AQAAAA", "md5$salt$hash", "bcrypt$", "pbkdf2$sha256$x$y$z", "plain text",
    "pbkdf2_sha256$x$salt$hash", "pbkdf2_sha256$1", "scrypt$1", "scrypt$3$salt$8$1$hash", "bcrypt_sha256$", "firebase_scrypt$!$?",
    "pbkdf2_sha256$1000$s\u00e4lt$hash", "a" * 32, "argon2$argon2id$v=19$m=1,t=1,p=1$\ud800$x",
]  # fmt: skip


@pytest.mark.parametrize("stored", BROKEN, ids=range(len(BROKEN)))
def test_broken_hash_is_refused(stored: str) -> None:
    with pytest.raises(UnusableHash) as refused:
        recognise.encoded(stored)
    assert "salt" not in str(refused.value)
    assert "hash" not in stored or stored not in str(refused.value)


def test_bcrypt_reads_72_bytes_as_the_systems_that_made_it() -> None:
    encoded = bcrypt.encoded(library.hashpw(b"x" * 72, library.gensalt(4)).decode())
    assert check_password("x" * 72, encoded)
    assert check_password("x" * 200, encoded)
    assert not check_password("x" * 71, encoded)


@pytest.mark.parametrize("name", [name for name in KNOWN if "rgon2" not in name])
def test_P05_decoy_costs_the_same_and_is_nobodys(name: str) -> None:
    make, password = KNOWN[name]
    encoded = make()
    imitation = decoy.like(encoded)
    assert recognise.stored_form(imitation) == imitation
    assert imitation.split("$")[-1] != encoded.split("$")[-1]
    assert not check_password(password, imitation)
    costs = ("work_factor", "iterations", "digest")
    real, false = (identify_hasher(stored).decode(stored) for stored in (encoded, imitation))
    assert {cost: real.get(cost) for cost in costs} == {cost: false.get(cost) for cost in costs}


def test_P05_decoy_of_a_firebase_hash(settings: Settings) -> None:
    settings.FIREBASE_HASH_CONFIG = FIREBASE_CONFIG
    imitation = decoy.like(firebase.encoded(FIREBASE_SALT, FIREBASE_HASH))
    assert recognise.stored_form(imitation) == imitation
    assert not check_password("user1password", imitation)


@pytest.mark.parametrize("data", ["[" * 100_000, "{", "[]", ""])
def test_keycloak_credential_that_is_no_object_is_refused(data: str) -> None:
    """Whatever it is made of: one bad line must not stop an import."""
    with pytest.raises(UnusableHash):
        keycloak.encoded(data, "{}")


def test_keycloak_algorithm_that_is_not_known_is_refused() -> None:
    with pytest.raises(UnusableHash, match="not known"):
        keycloak.encoded('{"value": "aGFzaA==", "salt": "c2FsdA=="}', '{"algorithm": "ldap-ssha", "hashIterations": 1}')
