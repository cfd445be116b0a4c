"""Signed by our own key and refused for what they say (SECURITY J-09 to J-12, J-28, J-29)."""

import json
import time
from collections.abc import Callable
from typing import Any

import pytest

from accounts.tokens import access
from tests.support import forge
from tests.support.acceptors import Acceptor

pytestmark = pytest.mark.django_db
MISSING = object()
Claims = dict[str, Any]


def changed(claims: Claims, **members: Any) -> Claims:
    return {name: value for name, value in {**claims, **members}.items() if value is not MISSING}


def own_claims(acceptor: Acceptor) -> Claims:
    return forge.opened(acceptor.genuine())[1]


def test_J09_foreign_audience_is_refused(bearer: Acceptor) -> None:
    ours = "http://testserver"
    lists = [[], [f"{ours}/"], [ours[:-1]], [f"{ours}.example.com"], [ours.upper()], ["other"], ["other", 1], [ours, 1]]
    claims = own_claims(bearer)
    bearer.assert_refuses(
        bearer.signed(claims=changed(claims, aud=aud)) for aud in [MISSING, None, ours, {ours: 1}, "other", *lists]
    )


def test_J09_audience_list_that_names_us_is_taken(bearer: Acceptor) -> None:
    assert bearer.takes(bearer.signed(claims=changed(own_claims(bearer), aud=["other", "http://testserver"])))


def test_J10_issuer_is_compared_exactly(acceptor: Acceptor) -> None:
    ours = "http://testserver"
    texts = [
        "",
        f"{ours}/",
        ours[:-1],
        f"{ours}.example.com",
        "HTTP://testserver",
        "https://testserver",
        "testserver",
        f" {ours}",
    ]
    claims = own_claims(acceptor)
    acceptor.assert_refuses(acceptor.signed(claims=changed(claims, iss=iss)) for iss in [MISSING, None, [ours], True, *texts])


HOUR = 3600
SHAPES: dict[str, Callable[[int], Claims]] = {
    "exp missing": lambda now: {"exp": MISSING},
    "exp null": lambda now: {"exp": None},
    "exp string": lambda now: {"exp": str(now + 60)},
    "exp float": lambda now: {"exp": now + 60.0},
    "exp true": lambda now: {"exp": True},
    "exp list": lambda now: {"exp": [now + 60]},
    "exp negative": lambda now: {"exp": -1},
    "exp zero": lambda now: {"exp": 0},
    "exp 2**63": lambda now: {"exp": 2**63},
    "exp 2**70": lambda now: {"exp": 2**70},
    "exp 1e308": lambda now: {"exp": 1e308},
    "exp before iat": lambda now: {"exp": now - 1, "iat": now},
    "iat missing": lambda now: {"iat": MISSING},
    "iat string": lambda now: {"iat": str(now)},
    "iat float": lambda now: {"iat": now + 0.5},
    "iat true": lambda now: {"iat": True},
    "iat negative": lambda now: {"iat": -1},
    "iat in the future": lambda now: {"iat": now + HOUR, "exp": now + HOUR + 60},
    "nbf in the future": lambda now: {"nbf": now + HOUR},
    "nbf string": lambda now: {"nbf": "0"},
    "nbf true": lambda now: {"nbf": True},
    "longer than the cap": lambda now: {"iat": now, "exp": now + 366 * 86_400},
}


def test_J11_odd_times_are_refused(acceptor: Acceptor) -> None:
    claims, now = own_claims(acceptor), int(time.time())
    acceptor.assert_refuses({name: acceptor.signed(claims=changed(claims, **shape(now))) for name, shape in SHAPES.items()})


def test_J11_one_second_beyond_the_cap_is_refused(bearer: Acceptor) -> None:
    claims = own_claims(bearer)
    assert claims["exp"] - claims["iat"] == 600
    bearer.assert_refuses([bearer.signed(claims={**claims, "exp": claims["exp"] + 1})])


REQUIRED = {
    "jti": [MISSING, "", 1, None],
    "sub": [MISSING, "", 1, None, "alice", "0" * 32, "{{{0}}}", ["x"]],
    "sid": [MISSING, "", 1, None, "phone", "0" * 32],
    "epoch": [MISSING, "1", 1.0, True, None, -1, 2**53],
    "client_id": [MISSING, "", None, ["first-party"]],
    "scope": [MISSING, "", None, ["profile:read"]],
    "auth_time": [MISSING, "1", 1.5, True, None],
    "acr": [MISSING, "", 1, None],
    "amr": [MISSING, "pwd", None, [1], {}],
    "roles": ["admin", [1], None],
    "permissions": ["accounts.add_user", [1], {"a": 1}, None],
}


def test_J11_odd_claims_are_refused(bearer: Acceptor) -> None:
    claims = own_claims(bearer)
    odd = {f"{claim} {value!r}": changed(claims, **{claim: value}) for claim, values in REQUIRED.items() for value in values}
    bearer.assert_refuses({name: bearer.signed(claims=members) for name, members in odd.items()})


def test_J11_subject_has_one_spelling(bearer: Acceptor) -> None:
    claims = own_claims(bearer)
    sub = claims["sub"]
    spellings = [sub.upper(), sub.replace("-", ""), f"urn:uuid:{sub}", f"{{{sub}}}", f" {sub}"]
    bearer.assert_refuses(bearer.signed(claims={**claims, name: text}) for text in spellings for name in ("sub", "sid"))


CONFIRMATIONS: list[Any] = [
    *(None, "", "jkt", 1, True, [], {}, {"jkt": ""}, {"jkt": 1}, {"jkt": None}, {"jkt": ["a"]}, {"jwk": {}}),
    *({"x5t#S256": "a" * 43}, {"jkt": "a" * 43, "x5t#S256": "a" * 43}, {"jkt": "a" * 43}),
]


def test_D01_confirmation_that_we_do_not_know_is_refused(bearer: Acceptor) -> None:
    """RFC 7800 §3.1: a token that is bound to anything is no bearer token."""
    claims = own_claims(bearer)
    bearer.assert_refuses(bearer.signed(claims=changed(claims, cnf=cnf)) for cnf in CONFIRMATIONS)


def test_J12_duplicate_claim_is_refused(acceptor: Acceptor) -> None:
    raw = json.dumps(own_claims(acceptor)).encode()
    doubled = [
        b'{"jti":"a",' + raw[1:],
        b'{"\\u006ati":"a",' + raw[1:],
        raw[:-1] + b',"exp":9999999999}',
        raw[:-1] + b',"x":1,"x":1}',
    ]
    nested = [raw[:-1] + b',"x":{"a":1,"a":2}}']
    acceptor.assert_refuses(acceptor.signed(claims=text) for text in [*doubled, *nested])


def test_J12_duplicate_header_member_is_refused(acceptor: Acceptor) -> None:
    raw = json.dumps(forge.opened(acceptor.genuine())[0]).encode()
    doubled = [
        b'{"alg":"none",' + raw[1:],
        raw[:-1] + b',"alg":"none"}',
        b'{"typ":"x",' + raw[1:],
        b'{"\\u0061lg":"x",' + raw[1:],
    ]
    acceptor.assert_refuses(acceptor.signed(header=text) for text in doubled)


SWITCHES: Claims = {
    "verify": False,
    "nonce_supported": False,
    "alg": "none",
    "skip": True,
    "options": {"verify_exp": False, "verify_aud": False},
    "verify_signature": False,
    "token_type": "access",
    "superuser": "true",
    "is_superuser": True,
}


def test_J28_no_claim_switches_a_check_off(bearer: Acceptor) -> None:
    claims, past = own_claims(bearer), int(time.time()) - HOUR
    dead = [{"iat": past, "exp": past + 1}, {"iss": "x"}, {"aud": ["x"]}, {"sid": "x"}]
    for name, value in SWITCHES.items():
        assert bearer.takes(bearer.signed(claims={**claims, name: value}))
        for wrong in dead:
            assert bearer.present(bearer.signed(claims={**claims, name: value, **wrong})).status_code == 401
        assert bearer.takes(bearer.signed(claims={**claims, name: value}))


def test_J28_no_claim_but_ours_makes_a_superuser(bearer: Acceptor) -> None:
    claims = own_claims(bearer)
    for value in ("true", 1, "yes", [True], {}):
        assert access.verify(bearer.signed(claims={**claims, "superuser": value})).grant.user().is_superuser is False
    assert access.verify(bearer.signed(claims={**claims, "superuser": True})).grant.user().is_superuser is True


def laxities(acceptor: Acceptor) -> dict[str, str]:
    """What the JOSE library alone was found to accept (SECURITY J-29)."""
    header, claims, _ = forge.opened(acceptor.genuine())
    raw_header, raw_claims = json.dumps(header).encode(), json.dumps(claims).encode()
    other = "rZ8v1kq2Cq3Yd5u0mKqE3w0p1mZpB7b9vYx0a1b2c3d"
    return {
        "duplicate member in the header": acceptor.signed(header=raw_header[:-1] + b',"typ":"at+jwt"}'),
        "duplicate member in the claims": acceptor.signed(claims=raw_claims[:-1] + b',"iss":"http://testserver"}'),
        "exp 1e308": acceptor.signed(claims={**claims, "exp": 1e308}),
        "exp 2**70": acceptor.signed(claims={**claims, "exp": 2**70}),
        "exp with a fraction": acceptor.signed(claims={**claims, "exp": claims["exp"] - 0.5}),
        "no sub": acceptor.signed(claims=changed(claims, sub=MISSING) if "sub" in claims else b"{}"),
        "no typ": acceptor.signed(header={name: header[name] for name in ("alg", "kid")}),
        "wrong typ": acceptor.signed(header={**header, "typ": "JWT"}),
        "crit empty": acceptor.signed(header={**header, "crit": []}),
        "jwk or jku present": acceptor.signed(header={**header, "jku": "https://example.com/jwks.json"}),
        "kid of another key": acceptor.signed(header={**header, "kid": other}),
        "UTF-16 payload": acceptor.signed(claims=json.dumps(claims).encode("utf-16")),
    }


def test_J29_laxities_of_the_library_are_refused(acceptor: Acceptor) -> None:
    found = laxities(acceptor)
    assert len(found) == 12
    acceptor.assert_refuses(found)
