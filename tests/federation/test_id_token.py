"""The ID token of an upstream issuer: for us, from its keys, once; every refusal beside the token that is accepted."""

import hashlib
import time
from typing import Any

import pytest

from accounts.core.errors import InvalidIdToken
from accounts.federation import id_token
from accounts.federation.providers import Provider
from accounts.tokens import compact
from accounts.users.models import User
from tests.support import forge
from tests.support.app import App
from tests.support.issuer import CLIENT_ID, Issuer, Key, ec_key, rsa_key
from tests.support.roca import factorable_rsa_key

from .conftest import Configure, SignIn, nonce_for

REFUSED = (401, "invalid_id_token")


def outcome(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json().get("code", "")


def test_F01_token_for_us_signs_in(sign_in: SignIn) -> None:
    answer = sign_in()
    assert answer.status_code == 200
    assert answer.json()["token_type"] == "Bearer"


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": "com.example.other"},
        {"aud": None},
        {"aud": []},
        {"aud": f"{CLIENT_ID}.evil"},
        {"aud": CLIENT_ID.upper()},
        {"aud": [CLIENT_ID, "com.example.other"], "azp": CLIENT_ID},
        {"aud": [CLIENT_ID, CLIENT_ID]},
        {"azp": "com.example.other"},
        {"azp": ""},
        {"azp": [CLIENT_ID]},
        {"aud": {"id": CLIENT_ID}},
        {"aud": 7},
    ],
    ids=str,
)
def test_F01_token_of_another_app_is_refused(sign_in: SignIn, claims: dict[str, Any]) -> None:
    assert outcome(sign_in(**claims)) == REFUSED
    assert sign_in().status_code == 200


@pytest.mark.parametrize("claims", [{"aud": [CLIENT_ID]}, {"azp": CLIENT_ID}, {"aud": [CLIENT_ID, "web"], "azp": "web"}], ids=str)
def test_F01_several_ids_of_ours_are_accepted(configure: Configure, sign_in: SignIn, claims: dict[str, Any]) -> None:
    configure(client_ids=[CLIENT_ID, "web"])
    assert sign_in(**claims).status_code == 200


@pytest.mark.parametrize("iss", ["https://evil.example", "", None, ["x"], "{url}/", "{url}.evil", "HTTP{rest}"])
def test_F01_token_of_another_issuer_is_refused(sign_in: SignIn, issuer: Issuer, iss: Any) -> None:
    said = iss.format(url=issuer.url, rest=issuer.url[4:]) if isinstance(iss, str) else iss
    assert outcome(sign_in(iss=said)) == REFUSED
    assert sign_in().status_code == 200


@pytest.mark.parametrize(
    "times",
    [
        {"exp": None},
        {"iat": None},
        {"exp": int(time.time()) - 1},
        {"iat": int(time.time()) + 3600, "exp": int(time.time()) + 7200},
        {"exp": int(time.time()) + 10**6},
        {"exp": str(int(time.time()) + 60)},
        {"iat": True},
        {"nbf": int(time.time()) + 3600},
    ],
)
def test_F01_token_out_of_time_is_refused(sign_in: SignIn, times: dict[str, Any]) -> None:
    assert outcome(sign_in(**times)) == REFUSED
    assert sign_in().status_code == 200


def test_F02_unsigned_and_wrongly_signed_tokens_are_refused(provider: Provider, issuer: Issuer, db: None) -> None:
    claims = issuer.claims(nonce=nonce_for())
    header = {"alg": "RS256", "kid": issuer.key.kid, "typ": "JWT"}
    stranger = forge.rs256(rsa_key("other").private)
    forgeries = [
        *(
            forge.signed({**header, "alg": alg}, claims, sign)
            for alg in ("none", "NONE", "nOnE")
            for sign in (_nothing, stranger)
        ),
        forge.signed(header, claims, stranger),
        forge.signed(header, claims, _nothing),
        *(forge.signed({**header, "alg": alg}, claims, issuer.key.sign) for alg in ("RS512", "PS256", "ES256", "rs256", "")),
    ]
    for token in forgeries:
        with pytest.raises(InvalidIdToken):
            id_token.verify(provider, token)
    assert id_token.verify(provider, forge.signed(header, claims, issuer.key.sign)).subject == "upstream-1"


def _nothing(message: bytes) -> bytes:
    return b""


def test_F02_hmac_with_the_published_key_is_refused(provider: Provider, issuer: Issuer, db: None) -> None:
    header = {"alg": "HS256", "kid": issuer.key.kid, "typ": "JWT"}
    public = issuer.key.private.public_key()
    secrets = [forge.unb64(issuer.key.jwk["n"]), str(issuer.key.jwk).encode(), forge.pem(public), forge.pem(public).rstrip(), b""]
    for secret in secrets:
        with pytest.raises(InvalidIdToken):
            id_token.verify(provider, forge.signed(header, issuer.claims(nonce=nonce_for()), forge.hs(secret)))
    assert id_token.verify(provider, issuer.id_token(nonce=nonce_for()))


@pytest.mark.parametrize(
    "extra",
    [
        {"jwk": rsa_key("mine").jwk},
        {"jku": "http://127.0.0.1:1/keys"},
        {"x5u": "http://127.0.0.1:1/cert"},
        {"x5c": ["AAAA"]},
        {"crit": []},
        {"crit": ["b64"], "b64": False},
        {"kid": "../../dev/null"},
        {"kid": "' OR 1=1"},
        {"kid": ["upstream-rsa"]},
        {"kid": None},
        {"kid": "k" * 129},
        {"typ": "at+jwt"},
        {"typ": "secevent+jwt"},
        {"typ": "logout+jwt"},
        {"zip": "DEF"},
    ],
    ids=lambda extra: " ".join(f"{name}={str(value)[:20]}" for name, value in extra.items() if name != "jwk") or "jwk",
)
def test_F02_header_that_names_a_key_or_another_kind_is_refused(sign_in: SignIn, extra: dict[str, Any]) -> None:
    assert outcome(sign_in(header=extra)) == REFUSED
    assert sign_in().status_code == 200


@pytest.mark.parametrize("header", [{"typ": None}, {"typ": "jwt"}, {"typ": "application/JWT"}, {"x5t": "abc"}], ids=str)
def test_F02_headers_of_known_issuers_are_accepted(sign_in: SignIn, header: dict[str, Any]) -> None:
    assert sign_in(header=header).status_code == 200


@pytest.mark.parametrize(
    "published",
    [
        {"use": "enc"},
        {"key_ops": ["sign"]},
        {"key_ops": "verify"},
        {"alg": "ES256"},
        {"alg": "RS512"},
        {"kty": "oct"},
        {"e": "Aw"},
    ],
)
def test_F02_key_that_is_not_for_this_is_not_used(sign_in: SignIn, issuer: Issuer, published: dict[str, Any]) -> None:
    good = issuer.key
    issuer.key, issuer.keys = rsa_key("odd"), [good]
    issuer.key.published = published
    issuer.keys.append(issuer.key)
    assert outcome(sign_in()) == REFUSED
    issuer.key = good
    assert sign_in().status_code == 200


def test_F02_weak_key_and_a_name_for_two_keys_are_not_used(sign_in: SignIn, issuer: Issuer) -> None:
    good = issuer.key
    weak, twin = rsa_key("weak", 1024), rsa_key("twin")
    issuer.keys = [good, weak, twin, rsa_key("twin")]
    for key in (weak, twin):
        issuer.key = key
        assert outcome(sign_in()) == REFUSED
    issuer.key = good
    assert sign_in().status_code == 200


def test_J15_key_whose_primes_were_chosen_too_narrowly_is_not_used(sign_in: SignIn, issuer: Issuer) -> None:
    """ROCA. The control is a key of the same length."""
    sound, issuer.key = rsa_key("sound", 3072), Key(factorable_rsa_key(), "narrow", "RS256")
    issuer.keys = [issuer.key, sound]
    assert outcome(sign_in()) == REFUSED
    issuer.key = sound
    assert sign_in().status_code == 200


@pytest.mark.parametrize("published", [{"alg": ["RS256"]}, {"alg": {}}, {"n": 7}, {"e": ["AQAB"]}, {"key_ops": 1}], ids=str)
def test_J15_malformed_key_is_passed_over_by_itself(sign_in: SignIn, issuer: Issuer, published: dict[str, Any]) -> None:
    odd = rsa_key("odd")
    odd.published = published
    issuer.keys = [odd, issuer.key]
    assert sign_in().status_code == 200
    issuer.key = odd
    assert outcome(sign_in()) == REFUSED


def test_F02_algorithm_outside_the_list_is_refused(configure: Configure, sign_in: SignIn, issuer: Issuer) -> None:
    issuer.key = ec_key("upstream-ec")
    assert sign_in().status_code == 200
    configure(algorithms=["RS256"])
    assert outcome(sign_in()) == REFUSED


@pytest.mark.parametrize("levels", [9, 1000, 2500])
def test_J25_deep_claims_that_the_issuer_signed_are_refused(sign_in: SignIn, issuer: Issuer, levels: int) -> None:
    issuer.key = ec_key("e")
    header = {"alg": "ES256", "kid": "e"}
    token, shallow = (
        forge.signed(header, forge.nested(depth, issuer.claims(nonce=nonce_for())), issuer.key.sign) for depth in (levels, 7)
    )
    assert len(token) <= compact.MAX_BYTES
    assert outcome(App().post("/auth/federated/upstream/", {"id_token": token})) == REFUSED
    assert App().post("/auth/federated/upstream/", {"id_token": shallow}).status_code == 200


@pytest.mark.parametrize("levels", [1000, 3000])
def test_J25_deepest_claims_that_fit_are_refused(sign_in: SignIn, issuer: Issuer, levels: int) -> None:
    issuer.key = ec_key("e")
    token = forge.signed({"alg": "ES256", "kid": "e"}, forge.nested(levels, {}), issuer.key.sign)
    assert len(token) <= compact.MAX_BYTES
    assert outcome(App().post("/auth/federated/upstream/", {"id_token": token})) == REFUSED
    assert sign_in().status_code == 200


@pytest.mark.parametrize("claims", [{"deep": [[[[[[[[[1]]]]]]]]]}, {"long": "x" * 9000}], ids=["deep", "long"])
def test_F02_signed_bombs_are_refused(sign_in: SignIn, claims: dict[str, Any]) -> None:
    answer = sign_in(**claims)
    assert answer.status_code in {400, 401}
    assert sign_in().status_code == 200


def test_F04_token_is_accepted_once(provider: Provider, issuer: Issuer, db: None) -> None:
    body = {"id_token": issuer.id_token(nonce=nonce_for())}
    answers = [App().post("/auth/federated/upstream/", body) for _ in range(2)]
    assert [outcome(answer) for answer in answers] == [(200, ""), REFUSED]


def test_F04_nonce_serves_one_token(provider: Provider, issuer: Issuer, db: None) -> None:
    nonce = nonce_for()
    first, second = (issuer.id_token(nonce=nonce, iat=int(time.time()) - age) for age in (0, 1))
    assert id_token.verify(provider, first)
    with pytest.raises(InvalidIdToken):
        id_token.verify(provider, second)


@pytest.mark.parametrize("spelling", ["hex", "base64url"])
def test_F04_hashed_nonce_of_a_native_sdk_is_accepted(sign_in: SignIn, spelling: str) -> None:
    nonce = nonce_for()
    digest = hashlib.sha256(nonce.encode())
    carried = digest.hexdigest() if spelling == "hex" else forge.b64(digest.digest())
    assert outcome(sign_in(nonce=carried)) == REFUSED
    assert outcome(sign_in(nonce=carried, body={"nonce": nonce_for()})) == REFUSED
    assert sign_in(nonce=carried, body={"nonce": nonce}).status_code == 200


@pytest.mark.parametrize("nonce", [None, "", "abc", "A" * 71, 7, ["x"], "\u00e9"])
def test_F04_nonce_that_is_not_ours_is_refused(sign_in: SignIn, nonce: Any) -> None:
    assert outcome(sign_in(nonce=nonce)) == REFUSED
    assert outcome(sign_in(nonce=nonce, body={"nonce": nonce_for()})) == REFUSED


def test_F04_claim_that_says_no_nonce_is_needed_changes_nothing(sign_in: SignIn) -> None:
    assert outcome(sign_in(nonce=None, nonce_supported=False)) == REFUSED
    assert outcome(sign_in(nonce=None, nonce_supported="false", skip=True, verify=False)) == REFUSED


def test_F04_nonce_of_another_provider_is_refused(configure: Configure, issuer: Issuer, db: None) -> None:
    configure("another")
    foreign = nonce_for("another")
    provider = configure()
    with pytest.raises(InvalidIdToken):
        id_token.verify(provider, issuer.id_token(nonce=foreign))
    assert id_token.verify(provider, issuer.id_token(nonce=nonce_for()))


def test_F04_token_older_than_its_nonce_is_refused(sign_in: SignIn) -> None:
    assert outcome(sign_in(iat=int(time.time()) - 120)) == REFUSED
    assert sign_in(iat=int(time.time()) - 5).status_code == 200


def test_F04_nonce_runs_out(sign_in: SignIn, monkeypatch: pytest.MonkeyPatch) -> None:
    old, fresh = nonce_for(), nonce_for()
    assert sign_in(nonce=fresh).status_code == 200
    monkeypatch.setattr("accounts.federation.nonces.now", lambda: int(time.time()) + 601)
    assert outcome(sign_in(nonce=old)) == REFUSED


def test_F04_without_a_nonce_a_token_is_accepted_once_where_that_is_allowed(
    configure: Configure, issuer: Issuer, db: None
) -> None:
    provider = configure(nonce="optional")
    token, old = issuer.id_token(), issuer.id_token(iat=int(time.time()) - 400)
    assert id_token.verify(provider, token)
    for refused in (token, old, issuer.id_token(nonce="theirs")):
        with pytest.raises(InvalidIdToken):
            id_token.verify(provider, refused)


def test_F04_second_spelling_of_a_signature_is_the_same_token(configure: Configure, issuer: Issuer, db: None) -> None:
    provider = configure(nonce="optional")
    issuer.key = ec_key("upstream-ec")
    token = issuer.id_token()
    assert id_token.verify(provider, token)
    with pytest.raises(InvalidIdToken, match="used"):
        id_token.verify(provider, forge.other_half(token))


@pytest.mark.parametrize(
    "sub", [None, "", 0, 7, 1.5, True, [], ["upstream-1"], {}, " ", " upstream-1", "a\nb", "a\x00b", "x" * 256], ids=repr
)
def test_F08_subject_that_is_no_name_is_refused(sign_in: SignIn, sub: Any) -> None:
    assert outcome(sign_in(sub=sub)) == REFUSED
    assert User.objects.count() == 0
    assert sign_in(sub="x" * 255).status_code == 200


def test_F10_upstream_strength_is_not_taken_over(sign_in: SignIn) -> None:
    answer = sign_in(acr="aal3", amr=["hwk", "mfa", "user"])
    claims = forge.opened(answer.json()["access"])[1]
    assert (claims["acr"], claims["amr"]) == ("aal1", ["fed"])


def test_unknown_provider_is_not_found(sign_in: SignIn) -> None:
    paths = ["/auth/federated/other/", "/auth/federated/other/nonce/", "/auth/federated/upstream/notices/"]
    assert {App().post(path, {"id_token": "x"}).status_code for path in paths} == {404}
