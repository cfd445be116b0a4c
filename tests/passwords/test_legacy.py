"""Hashes of other systems: known answers, wrong passwords, and what would cost too much or is broken."""

import base64
import struct
from typing import Any

import bcrypt as library
import pytest
from django.contrib.auth.hashers import check_password, identify_hasher
from pytest_django import Settings

from accounts.passwords.legacy import argon2, aspnet, bcrypt, decoy, firebase, keycloak, pbkdf2, recognise
from accounts.passwords.legacy.costs import UnusableHash
from accounts.passwords.legacy.verify_only import LONGEST
from tests.support.imports import FIREBASE_CONFIG, FIREBASE_HASH, FIREBASE_SALT, SHORT_CONFIG, keycloak_credential
from tests.support.old_hashes import KNOWN


@pytest.fixture(autouse=True)
def _firebase(settings: Settings) -> None:
    settings.FIREBASE_HASH_CONFIG = FIREBASE_CONFIG


@pytest.mark.parametrize("name", KNOWN)
def test_known_answer(name: str) -> None:
    encoded = KNOWN[name].encoded()
    assert len(encoded) <= LONGEST
    assert check_password(KNOWN[name].password, encoded)


@pytest.mark.parametrize("name", KNOWN)
@pytest.mark.parametrize("wrong", ["x{}", "{}x", "", "{}{}"])
def test_wrong_password_opens_nothing(name: str, wrong: str) -> None:
    password = KNOWN[name].password
    assert not check_password(wrong.format(password, password), KNOWN[name].encoded())


@pytest.mark.parametrize("name", KNOWN)
def test_password_of_another_hash_opens_nothing(name: str) -> None:
    """Its last letter changed: what was hashed instead has no right password that we know."""
    encoded = KNOWN[name].encoded()
    other = encoded[:-5] + ("A" if encoded[-5] != "A" else "B") + encoded[-4:]
    assert not check_password(KNOWN[name].password, other)


def test_every_hasher_has_a_known_answer(settings: Settings) -> None:
    assert {identify_hasher(known.encoded()).__class__.__name__ for known in KNOWN.values()} == {
        path.rpartition(".")[2] for path in settings.PASSWORD_HASHERS
    }


def test_firebase_hash_in_the_url_safe_alphabet_is_the_same() -> None:
    url_safe = FIREBASE_HASH.replace("+", "-").replace("/", "_")
    assert firebase.encoded(FIREBASE_SALT, url_safe) == firebase.encoded(FIREBASE_SALT, FIREBASE_HASH)


def test_signer_key_of_firebase_is_in_no_row() -> None:
    encoded = firebase.encoded(FIREBASE_SALT, FIREBASE_HASH)
    assert FIREBASE_CONFIG["base64_signer_key"].rstrip("=") not in encoded


@pytest.mark.parametrize("config", [{}, {"rounds": 8}, SHORT_CONFIG, {**FIREBASE_CONFIG, "mem_cost": 24}])
def test_firebase_hash_without_its_parameters_opens_nothing(settings: Settings, config: dict[str, Any]) -> None:
    encoded = firebase.encoded(FIREBASE_SALT, FIREBASE_HASH)
    settings.FIREBASE_HASH_CONFIG = config
    with pytest.raises(ValueError, match=r"FIREBASE_HASH_CONFIG|base64_signer_key|mem_cost"):
        identify_hasher(encoded).decode(encoded)


_VALUE = "CWWFdHOWwPnki7HvkcqN9iA2T3KLW1cf2uZ5kvArtVY="
_BODY = "CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"
_PHC = "c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8"
TOO_DEAR = {
    "pbkdf2": lambda: pbkdf2.encoded("sha256", 10**9, b"salt" * 4, b"h" * 32),
    "pbkdf2, none": lambda: pbkdf2.encoded("sha256", 0, b"salt" * 4, b"h" * 32),
    "Keycloak pbkdf2": lambda: keycloak_credential("pbkdf2-sha512", 10**9, "c2FsdHNhbHRzYWx0c2FsdA==", _VALUE),
    "Keycloak argon2": lambda: keycloak_credential(
        "argon2", 5, "c2FsdHNhbHRzYWx0c2FsdA==", _VALUE, {"memory": ["9999999"], "parallelism": ["1"]}
    ),
    "Keycloak bcrypt": lambda: keycloak.encoded(f'{{"value": "$2a$31${_BODY}"}}', '{"algorithm": "bcrypt"}'),
    "ASP.NET Identity": lambda: aspnet.encoded(base64.b64encode(struct.pack(">BIII", 1, 1, 10**9, 16) + b"s" * 48).decode()),
    "bcrypt": lambda: bcrypt.encoded(f"$2b$31${_BODY}"),
    "Argon2, memory": lambda: argon2.encoded(f"$argon2id$v=19$m=4194304,t=1,p=1${_PHC}"),
    "Argon2, passes": lambda: argon2.encoded(f"$argon2id$v=19$m=65536,t=99999,p=1${_PHC}"),
    "Argon2, lanes": lambda: argon2.encoded(f"$argon2id$v=19$m=65536,t=1,p=255${_PHC}"),
    "Django argon2": lambda: recognise.encoded(f"argon2$argon2id$v=19$m=4194304,t=1,p=1${_PHC}"),
    "Django pbkdf2_sha256": lambda: recognise.encoded(f"pbkdf2_sha256$1000000000$salt${_VALUE}"),
    "Django pbkdf2_sha1": lambda: recognise.encoded(f"pbkdf2_sha1$1000000000$salt${_VALUE}"),
    "Django scrypt, N": lambda: recognise.encoded(f"scrypt$1073741824$salt$8$1${_VALUE}"),
    "Django scrypt, r": lambda: recognise.encoded(f"scrypt$16384$salt$1048576$1${_VALUE}"),
    "Django scrypt, p": lambda: recognise.encoded(f"scrypt$16384$salt$8$1048576${_VALUE}"),
    "Django bcrypt_sha256": lambda: recognise.encoded(f"bcrypt_sha256$$2b$31${_BODY}"),
}


@pytest.mark.parametrize("name", TOO_DEAR)
def test_P05_hash_that_would_cost_too_much_is_refused(name: str) -> None:
    with pytest.raises(UnusableHash, match=r"not between"):
        TOO_DEAR[name]()


BROKEN = [
    "", "x", "$", "$2b$10$short", "$argon2id$v=19$m=a", "AQAAAA", "md5$salt$hash", "bcrypt$", "pbkdf2$sha256$x$y$z", "plain text",
    "pbkdf2_sha256$x$salt$hash", "pbkdf2_sha256$1", "scrypt$1", "scrypt$3$salt$8$1$hash", "bcrypt_sha256$", "firebase_scrypt$!$?",
    "pbkdf2_sha256$1000$s\u00e4lt$hash", "a" * 32, "pbkdf2_sha256$1000$$aGFzaA==", "scrypt$2$$1$1$aGFzaA==",
    "bcrypt_sha256$$2b$12$x", f"$2b$03${_BODY}", f"$2b$05${_BODY.replace('.', 'z')}",
    "argon2$argon2id$v=19$m=1,t=1,p=1$\ud800$x",
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
    encoded, password = KNOWN[name].encoded(), KNOWN[name].password
    imitation = decoy.like(encoded)
    assert recognise.stored_form(imitation) == imitation
    assert imitation.split("$")[-1] != encoded.split("$")[-1]
    assert not check_password(password, imitation)
    costs = ("work_factor", "iterations", "digest")
    real, false = (identify_hasher(stored).decode(stored) for stored in (encoded, imitation))
    assert {cost: real.get(cost) for cost in costs} == {cost: false.get(cost) for cost in costs}


@pytest.mark.parametrize("data", ["[" * 100_000, "{", "[]", ""])
def test_keycloak_credential_that_is_no_object_is_refused(data: str) -> None:
    """Whatever it is made of: one bad line must not stop an import."""
    with pytest.raises(UnusableHash):
        keycloak.encoded(data, "{}")


def test_keycloak_algorithm_that_is_not_known_is_refused() -> None:
    with pytest.raises(UnusableHash, match="not known"):
        keycloak.encoded('{"value": "aGFzaA==", "salt": "c2FsdA=="}', '{"algorithm": "ldap-ssha", "hashIterations": 1}')
