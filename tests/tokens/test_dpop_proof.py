"""What a proof must be, before anything it says counts (RFC 9449 §4.2, §4.3; SECURITY D-02, J-23, J-25, J-26)."""

import base64
import json
from typing import Any

import pytest
from django.conf import settings

from accounts.devices.models import Device
from accounts.tokens import foreign
from tests.support import forge
from tests.support.app import App
from tests.support.key_holder import LEFT_OUT, BoundApp, SoftKey, ath, refused
from tests.support.roca import factorable_rsa_key

pytestmark = pytest.mark.django_db
PATH = "/api/v1/me/access/"
URL = settings.PUBLIC_URL + PATH
EMAIL = "alice@example.com"


def takes(app: BoundApp, proof: str) -> bool:
    answer = app.show("GET", PATH, proof)
    if answer.status_code != 200:
        refused(answer)
    return answer.status_code == 200


def with_header(app: BoundApp, **members: Any) -> str:
    return app.key.proof("GET", URL, header=members, nonce=app.nonce, ath=ath(app.access))


def signs_in(key: SoftKey, **header: Any) -> bool:
    """Whether somebody with this key is taken at a sign-in."""
    app = BoundApp(key=key)
    app.show("POST", "/auth/token/", body={})
    proof = key.proof("POST", settings.PUBLIC_URL + "/auth/token/", header=header, nonce=app.nonce)
    answer = app.show("POST", "/auth/token/", proof, {"email": EMAIL, "password": "correct horse battery staple"})
    if answer.status_code != 200:
        refused(answer)
    return answer.status_code == 200


@pytest.mark.parametrize("algorithm", foreign.PROOF_ALGORITHMS)
def test_J26_proof_by_every_algorithm_on_offer_binds_and_opens(alice: object, algorithm: str) -> None:
    app = BoundApp(key=SoftKey(algorithm))
    assert app.sign_in(EMAIL).json()["token_type"] == "DPoP"
    assert Device.objects.get(id=app.device).jkt == app.key.jkt
    assert app.get(PATH).status_code == 200


def test_J26_longest_key_on_offer_fits(alice: object) -> None:
    assert signs_in(SoftKey("PS256", bits=4096))


@pytest.mark.parametrize("key", [SoftKey("RS256", bits=1024), SoftKey("RS256", bits=2047)], ids=["1024", "2047"])
def test_D02_short_rsa_key_is_refused(alice: object, key: SoftKey) -> None:
    assert signs_in(SoftKey("RS256"))
    assert not signs_in(key)


def test_D02_rsa_key_that_gives_its_factors_away_is_refused(alice: object) -> None:
    weak = SoftKey("RS256")
    weak.private = factorable_rsa_key()
    modulus = weak.private.public_key().public_numbers().n
    weak.jwk = {**weak.jwk, "n": forge.b64(modulus.to_bytes(384, "big"))}
    assert not signs_in(weak)


@pytest.mark.parametrize(
    "alg", ["none", "None", "", "HS256", "HS512", "ES384", "EdDSA", "RS256", "es256", 1, None, ["ES256"]], ids=ascii
)
def test_D02_algorithm_is_that_of_the_key(bound: BoundApp, alg: Any) -> None:
    assert takes(bound, with_header(bound))
    assert not takes(bound, with_header(bound, alg=alg))


@pytest.fixture
def edwards(alice: object) -> BoundApp:
    """Signed in with an Ed25519 key."""
    app = BoundApp(key=SoftKey("Ed25519"))
    assert app.sign_in(EMAIL).json()["token_type"] == "DPoP"
    return app


def test_D02_old_name_of_ed25519_signs_in_and_opens_and_is_the_same_key(alice: object) -> None:
    app = BoundApp(key=SoftKey("Ed25519", told="EdDSA"))
    assert app.sign_in(EMAIL).json()["token_type"] == "DPoP"
    assert Device.objects.get(id=app.device).jkt == app.key.jkt
    assert takes(app, with_header(app))
    assert takes(app, with_header(app, alg="Ed25519"))


def test_D02_old_name_of_an_algorithm_is_told_to_nobody() -> None:
    for path in ("/auth/config/", "/.well-known/openid-configuration", "/.well-known/oauth-protected-resource"):
        told = App().get(path).json()["dpop_signing_alg_values_supported"]
        assert ("Ed25519" in told, "EdDSA" in told) == (True, False), path


@pytest.mark.parametrize("named", ["Ed25519", "EdDSA"])
def test_D02_algorithm_that_a_key_names_is_that_of_the_header_to_the_letter(edwards: BoundApp, named: str) -> None:
    jwk = {**edwards.key.jwk, "alg": named}
    for alg in ("Ed25519", "EdDSA"):
        assert takes(edwards, with_header(edwards, alg=alg, jwk=jwk)) is (alg == named)


def test_D02_ed448_is_refused_under_every_name(alice: object) -> None:
    assert signs_in(SoftKey("Ed25519"), alg="EdDSA")
    for alg in ("Ed448", "EdDSA", "Ed25519"):
        assert not signs_in(SoftKey("Ed448"), alg=alg)


def test_D02_signature_under_the_old_name_is_checked(edwards: BoundApp) -> None:
    header, claims, _ = forge.opened(with_header(edwards, alg="EdDSA"))
    assert not takes(edwards, forge.signed(header, claims, SoftKey("Ed25519").sign))
    assert takes(edwards, forge.signed(header, claims, edwards.key.sign))


def test_D02_unsigned_and_symmetric_proofs_are_refused(bound: BoundApp) -> None:
    header, claims, _ = forge.opened(with_header(bound))
    public = json.dumps(bound.key.jwk).encode()
    octets = {"kty": "oct", "k": forge.b64(b"k" * 32)}
    assert not takes(bound, forge.unsigned({**header, "alg": "none"}, claims))
    assert not takes(bound, forge.signed({**header, "alg": "HS256"}, claims, forge.hs(public)))
    assert not takes(bound, forge.signed({**header, "alg": "HS256", "jwk": octets}, claims, forge.hs(b"k" * 32)))
    assert not takes(bound, forge.signed(header, {**claims, "jti": "another"}, lambda _: bound.key.sign(b"else")))
    assert takes(bound, forge.signed(header, claims, bound.key.sign))


@pytest.mark.parametrize("member", ["d", "p", "q", "dp", "dq", "qi", "oth", "k"])
def test_D02_private_member_in_the_header_is_refused(bound: BoundApp, member: str) -> None:
    secret = forge.b64(b"s" * 32)
    assert takes(bound, with_header(bound, jwk={**bound.key.jwk, "use": "sig", "key_ops": ["verify"], "kid": "mine"}))
    assert not takes(bound, with_header(bound, jwk={**bound.key.jwk, member: secret}))


X = "s0iO9pA9vaZlxqgnYgrLu1FDfmkX4tWn2cYJ8eRbHqE"
ODD_KEYS: list[Any] = [
    *(LEFT_OUT, None, "", "jwk", 1, [], {}, {"kty": "EC"}, {"kty": 1}, {"kty": "EC", "crv": [], "x": X, "y": X}),
    *({"kty": "EC", "crv": "P-256", "x": X, "y": X}, {"kty": "EC", "crv": "secp256k1", "x": X, "y": X}),
    *(
        {"kty": "OKP", "crv": "Ed448", "x": X},
        {"kty": "OKP", "crv": "X25519", "x": X},
        {"kty": "OKP", "crv": "Ed25519", "x": "AA"},
    ),
    *({"kty": "RSA", "n": "", "e": "AQAB"}, {"kty": "RSA", "n": "AA", "e": "AQAB"}, {"kty": "RSA", "n": X, "e": "AQAB"}),
]


@pytest.mark.parametrize("jwk", ODD_KEYS, ids=lambda jwk: ascii(jwk)[:40])
def test_D02_what_is_no_public_key_is_refused(bound: BoundApp, jwk: Any) -> None:
    assert takes(bound, with_header(bound))
    assert not takes(bound, with_header(bound, jwk=jwk))


@pytest.mark.parametrize("extra", [{"use": "enc"}, {"key_ops": ["sign"]}, {"alg": "ES384"}], ids=lambda extra: next(iter(extra)))
def test_D02_key_that_is_for_something_else_is_refused(bound: BoundApp, extra: dict[str, Any]) -> None:
    assert not takes(bound, with_header(bound, jwk={**bound.key.jwk, **extra}))


def spellings(part: str) -> list[str]:
    """Of the same number: a zero in front, the characters of the other alphabet, padding, stray bits."""
    raw = forge.unb64(part)
    return [forge.b64(b"\x00" + raw), base64.b64encode(raw + b"\xff\xef").decode(), *forge.aliases(part)]


@pytest.mark.parametrize("algorithm", ["ES256", "Ed25519", "RS256"])
def test_D02_key_has_one_spelling_and_so_one_thumbprint(alice: object, algorithm: str) -> None:
    key = SoftKey(algorithm)
    member = "n" if algorithm == "RS256" else "x"
    assert signs_in(key)
    for spelt in spellings(key.jwk[member]):
        assert not signs_in(key, jwk={**key.jwk, member: spelt}), spelt


TYPES = {
    **dict.fromkeys(["dpop+jwt", "DPoP+jwt", "DPOP+JWT", "application/dpop+jwt", "Application/DPoP+JWT"], True),
    **dict.fromkeys(["JWT", "jwt", "dpop", "at+jwt", "", " dpop+jwt", "dpop+jwt ", "text/dpop+jwt", "dpop+jwt;a=b"], False),
}


@pytest.mark.parametrize(("typ", "right"), [*TYPES.items(), (None, False), (1, False), (["dpop+jwt"], False), (LEFT_OUT, False)])
def test_J23_type_is_compared_as_a_media_type(bound: BoundApp, typ: Any, right: bool) -> None:
    assert takes(bound, with_header(bound, typ=typ)) is right


@pytest.mark.parametrize("name", ["kid", "jku", "x5u", "x5c", "x5t", "crit", "b64", "cty", "zip", "nonce"])
def test_J03_header_holds_type_algorithm_and_key_alone(bound: BoundApp, name: str) -> None:
    assert takes(bound, with_header(bound))
    assert not takes(bound, with_header(bound, **{name: ["exp"] if name == "crit" else "x"}))


@pytest.mark.parametrize("levels", [9, 300, 600])
def test_J25_deep_claims_under_a_right_signature_are_refused(bound: BoundApp, levels: int) -> None:
    header, claims, _ = forge.opened(with_header(bound))
    deep, shallow = (forge.signed(header, forge.nested(depth, claims), bound.key.sign) for depth in (levels, 7))
    assert len(deep) <= foreign.LONGEST_PROOF
    assert not takes(bound, deep)
    assert takes(bound, shallow)


def test_J25_deep_key_in_the_header_is_refused(bound: BoundApp) -> None:
    header, claims, _ = forge.opened(with_header(bound))
    bomb = json.dumps({**header, "jwk": 0}).encode().removesuffix(b"0}") + b"[" * 900 + b"]" * 900 + b"}"
    assert not takes(bound, forge.signed(bomb, claims, bound.key.sign))


def test_D08_proof_is_short(bound: BoundApp) -> None:
    header, claims, _ = forge.opened(with_header(bound))
    spare = 3 * (foreign.LONGEST_PROOF - len(with_header(bound))) // 4 - 20
    fits, long = (forge.signed(header, {**claims, "x": "x" * room}, bound.key.sign) for room in (spare, spare + 40))
    assert len(fits) <= foreign.LONGEST_PROOF < len(long)
    assert not takes(bound, long)
    assert takes(bound, fits)


@pytest.mark.parametrize("joined", ["{0},{1}", "{0}, {1}", "{0}, ", ",{0}", "{0} {0}", "junk, {0}"])
def test_D11_two_proofs_are_none(bound: BoundApp, joined: str) -> None:
    """As two header lines arrive; `tests/processes/test_proofs.py` sends them."""
    assert not takes(bound, joined.format(with_header(bound), with_header(bound)))
    assert takes(bound, with_header(bound))


def test_J28_claim_inside_a_proof_switches_nothing_off(bound: BoundApp) -> None:
    for name in ("verify", "skip", "nonce_supported", "alg"):
        assert not takes(bound, bound.proof("GET", PATH, htm="POST", **{name: True}))


def test_J12_member_that_appears_twice_is_refused(bound: BoundApp) -> None:
    header, claims, _ = forge.opened(with_header(bound))
    twice = json.dumps(claims).encode().removesuffix(b"}") + b', "htm": "GET"}'
    assert not takes(bound, forge.signed(header, twice, bound.key.sign))
    assert takes(bound, forge.signed(header, claims, bound.key.sign))


@pytest.mark.parametrize("iat", [LEFT_OUT, None, "1", 1.5, True, -1, []], ids=ascii)
def test_D05_time_of_making_is_a_number(bound: BoundApp, iat: Any) -> None:
    assert takes(bound, bound.proof("GET", PATH))
    assert not takes(bound, bound.proof("GET", PATH, iat=iat))
