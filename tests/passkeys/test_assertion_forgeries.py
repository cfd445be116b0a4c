"""An assertion that lies in one place proves nothing, and the honest one does before and after (SECURITY P-13)."""

from collections.abc import Callable
from typing import Any

import pytest

from accounts.core.errors import InvalidCredential
from accounts.passkeys import authentication
from accounts.users.models import User
from tests.passkeys.conftest import HERE, confirm, prove
from tests.support.authenticator import BE, BS, EDDSA, ES256, RS256, UP, UV, Authenticator, make_key
from tests.support.forge import b64

LIES: dict[str, dict[str, Any]] = {
    "origin of a phishing site": {"origin": "http://testserver.evil.example"},
    "origin with another scheme": {"origin": "https://testserver"},
    "origin of an unknown Android app": {"origin": "android:apk-key-hash:" + "A" * 43},
    "origin that is an object": {"origin": {"http://testserver": True}},
    "RP ID of another site": {"rp_id": "evil.example"},
    "type of a registration": {"type": "webauthn.create"},
    "challenge of its own": {"challenge": b64(b"c" * 32)},
    "empty challenge": {"challenge": ""},
    "nobody was present": {"flags": UV},
    "backup eligibility that appears": {"flags": UP | UV | BE},
    "backed up but not eligible": {"flags": UP | UV | BS},
    "inside a frame of another origin": {"client_data": {"crossOrigin": True}},
    "below another top origin": {"client_data": {"topOrigin": "https://evil.example"}},
    "key of somebody else": {"key": make_key()},
    "key of another algorithm": {"key": make_key(EDDSA)},
    "signature of zeros": {"signature": bytes(70)},
    "no signature": {"signature": b""},
    "signature of r and s as zero": {"signature": bytes.fromhex("3006020100020100")},
    "user handle of somebody else": {"user_handle": b"0123456789abcdef"},
    "rawId of another": {"raw_id": b64(b"another credential")},
    "id that nobody has": {"id": b64(b"another credential")},
    "id in another spelling": {"id": "AAAA="},
    "id that is an object": {"id": {"a": 1}},
    "type of the credential": {"credential_type": "password"},
    "authenticator data cut short": {"response": {"authenticatorData": b64(b"x" * 36)}},
    "authenticator data that is a list": {"response": {"authenticatorData": [1]}},
    "client data that is a list": {"raw_client_data": b"[]"},
    "client data with a member twice": {"raw_client_data": b'{"origin":"http://testserver","origin":"http://testserver"}'},
    "client data nested a thousand deep": {"raw_client_data": b"[" * 20_000},
    "client data in UTF-16": {"raw_client_data": '{"type":"webauthn.get"}'.encode("utf-16")},
    "user handle that is a number": {"response": {"userHandle": 5}},
    "junk for base64": {"response": {"signature": "\u00e9\u0000***"}},
}


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES.keys())
def test_P13_an_assertion_that_lies_proves_nothing(alice: User, phone: Authenticator, lie: dict[str, Any]) -> None:
    assert prove(phone).user_id == alice.id
    with pytest.raises(InvalidCredential):
        prove(phone, **lie)
    assert prove(phone).user_id == alice.id


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES.keys())
def test_P13_an_assertion_that_lies_confirms_nothing(alice: User, phone: Authenticator, lie: dict[str, Any]) -> None:
    with pytest.raises(InvalidCredential):
        confirm(alice, phone, **lie)
    assert confirm(alice, phone).uv


@pytest.mark.parametrize("junk", [None, 1, "text", [], {}, {"id": "\x00"}, {"id": "aa" * 40_000}])
def test_P13_junk_for_an_assertion_is_refused(phone: Authenticator, junk: Any) -> None:
    asked = authentication.options()
    with pytest.raises(InvalidCredential):
        authentication.prove(asked["challenge"], junk, source=HERE)
    assert prove(phone)


@pytest.mark.parametrize("shape", ["response", "client", "nothing"])
def test_P13_a_known_id_with_junk_around_it_is_refused(phone: Authenticator, shape: str) -> None:
    asked = authentication.options()
    junk: dict[str, Any] = {"id": b64(phone.credential_id)}
    junk |= {"response": {"response": 7}, "client": {"response": {"clientDataJSON": 7}}, "nothing": {}}[shape]
    with pytest.raises(InvalidCredential):
        authentication.prove(asked["challenge"], junk, source=HERE)


@pytest.mark.parametrize("algorithm", [ES256, EDDSA, RS256])
def test_P13_each_algorithm_proves(alice: User, enrolled: Callable[..., Authenticator], algorithm: int) -> None:
    assert prove(enrolled(alice, algorithm=algorithm)).user_id == alice.id


def test_P13_an_answer_without_a_user_handle_needs_an_address(alice: User, phone: Authenticator) -> None:
    with pytest.raises(InvalidCredential):
        prove(phone, user_handle=None)
    assert prove(phone, alice.email, user_handle=None).user_id == alice.id


def test_P13_a_challenge_for_one_address_is_not_answered_by_somebody_else(
    alice: User, bob: User, phone: Authenticator, enrolled: Callable[..., Authenticator]
) -> None:
    bobs = enrolled(bob)
    with pytest.raises(InvalidCredential):
        prove(bobs, alice.email)
    assert prove(bobs, bob.email).user_id == bob.id
    assert prove(phone, " Alice@EXAMPLE.com ").user_id == alice.id


def test_P13_somebody_elses_passkey_confirms_nothing(
    alice: User, bob: User, phone: Authenticator, enrolled: Callable[..., Authenticator]
) -> None:
    bobs = enrolled(bob)
    with pytest.raises(InvalidCredential):
        confirm(alice, bobs)
    assert confirm(alice, phone).uv
    assert confirm(bob, bobs).uv


def test_P13_a_removed_passkey_proves_nothing(alice: User, phone: Authenticator) -> None:
    assert prove(phone).user_id == alice.id
    alice.passkeys.all().delete()
    with pytest.raises(InvalidCredential):
        prove(phone)
