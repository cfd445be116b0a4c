"""Forged by header: embedded keys, fetched keys, kid games, crit, typ (SECURITY J-03 to J-05, J-07, J-23)."""

import socket
import time
from collections.abc import Iterator
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.keys import material, ring
from tests.support import forge
from tests.support.acceptors import ACCEPTORS, Acceptor
from tests.support.canary import written
from tests.support.guarded import PATH

pytestmark = pytest.mark.django_db


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """Counts who comes to fetch a key."""
    with socket.socket() as waiting:
        waiting.bind(("127.0.0.1", 0))
        waiting.listen()
        waiting.settimeout(0.05)
        yield waiting


def test_J03_embedded_key_of_the_attacker_is_refused(acceptor: Acceptor) -> None:
    header, claims, _ = forge.opened(acceptor.genuine())
    own = ec.generate_private_key(ec.SECP256R1())
    jwk = material.public_jwk(own.public_key())
    kids = [header["kid"], material.thumbprint(jwk)]
    acceptor.assert_refuses(
        forge.signed({"alg": "ES256", "kid": kid, "typ": header["typ"], **extra}, claims, forge.es256(own))
        for kid in kids
        for extra in ({"jwk": jwk}, {"x5c": [forge.b64(b"certificate")]}, {"x5t": forge.b64(b"t" * 20)}, {})
    )


def test_J03_key_in_the_header_of_a_genuine_token_is_refused(acceptor: Acceptor) -> None:
    header = forge.opened(acceptor.genuine())[0]
    jwk = forge.active_key().public_jwk
    acceptor.assert_refuses(acceptor.signed({**header, "jwk": member}) for member in (jwk, None, {}, "x"))


def test_J04_no_key_is_fetched(acceptor: Acceptor, listener: socket.socket) -> None:
    header, claims, _ = forge.opened(acceptor.genuine())
    own = forge.es256(ec.generate_private_key(ec.SECP256R1()))
    url = f"http://127.0.0.1:{listener.getsockname()[1]}/jwks.json"
    theirs = [forge.signed({**header, "alg": "ES256", member: url}, claims, own) for member in ("jku", "x5u")]
    acceptor.assert_refuses([*theirs, *(acceptor.signed({**header, member: url}) for member in ("jku", "x5u"))])
    with pytest.raises(TimeoutError):
        listener.accept()


KIDS: list[Any] = [
    "../../../../dev/null",
    "/dev/null",
    "' OR 1=1 --",
    "x\x00",
    "k" * 10_000,
    "k" * 65,
    "ключ",
    "",
    7,
    ["k"],
    {"k": 1},
    None,
    True,
]


def test_J05_kid_injection_is_refused(acceptor: Acceptor) -> None:
    header = forge.opened(acceptor.genuine())[0]
    without = {name: value for name, value in header.items() if name != "kid"}
    acceptor.assert_refuses([acceptor.signed(without), *(acceptor.signed({**without, "kid": kid}) for kid in KIDS)])


def test_J05_kid_injection_asks_no_database(bearer: Acceptor, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    header, claims, _ = forge.opened(bearer.genuine())
    forged = [forge.signed({**header, "kid": kid}, claims, forge.hs(b"x")) for kid in KIDS]
    bearer.assert_takes_genuine()
    with django_assert_num_queries(0):
        for token in forged:
            ring._holder.loaded_at = -1e9
            started = time.process_time()
            assert bearer.present(token).status_code == 401
            assert time.process_time() - started < 0.25


def test_J07_crit_is_refused(acceptor: Acceptor) -> None:
    header = forge.opened(acceptor.genuine())[0]
    lists: list[Any] = [[], ["b64"], ["exp"], ["http://example.com/x"], ["absent"], "b64", None]
    forged = [acceptor.signed({**header, "crit": crit, **extra}) for crit in lists for extra in ({}, {"b64": False})]
    acceptor.assert_refuses(forged)


def test_J07_other_members_are_refused(acceptor: Acceptor) -> None:
    header = forge.opened(acceptor.genuine())[0]
    members = ({"zip": "DEF"}, {"cty": "JWT"}, {"b64": True}, {"x": 1}, {"ALG": "none"}, {"enc": "A256GCM"})
    acceptor.assert_refuses(acceptor.signed({**header, **member}) for member in members)


def test_J23_typ_is_compared_exactly(acceptor: Acceptor) -> None:
    header = forge.opened(acceptor.genuine())[0]
    own = header["typ"]
    spellings = [own.upper(), own.title(), f"application/{own}", f" {own}", f"{own} ", own.replace("+", "-"), f"{own};v=1"]
    others = ["JWT", "jwt", "", "dpop+jwt", "logout+jwt", None, 1, [own], True]
    kinds = [kind.typ for kind in ACCEPTORS.values() if kind.typ != own]
    without = {name: value for name, value in header.items() if name != "typ"}
    acceptor.assert_refuses(
        [acceptor.signed({**header, "typ": typ}) for typ in (*spellings, *others, *kinds)] + [acceptor.signed(without)]
    )


def test_J20_token_in_the_query_string_is_refused(bearer: Acceptor, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    token = bearer.genuine()
    bearer.assert_takes_genuine()
    for name in ("access_token", "token", "jwt", "bearer", "authorization"):
        assert Client().get(f"{PATH}?{name}={token}").status_code == 401
        assert Client().get(PATH, headers={"Authorization": f"Bearer {token}"}).status_code == 200
    assert "Unauthorized: /guarded/" in written(caplog.records)
    assert token not in written(caplog.records)


HEADERS = [
    *("Bearer {0},Bearer {0}", "Bearer {0}, Bearer {0}", "Basic YTpi,Bearer {0}", "Bearer {0},Basic YTpi", "Bearer ,Bearer {0}"),
    *(
        "Bearer {0},",
        "Bearer {0} {0}",
        "Bearer  {0}",
        "Bearer {0} ",
        "Bearer\t{0}",
        "Bearer={0}",
        "Token {0}",
        "{0}",
        "Bearer",
        "Bearer ",
    ),
]


def test_J22_odd_authorization_headers_are_refused(bearer: Acceptor) -> None:
    bearer.assert_takes_genuine()
    for header in HEADERS:
        assert Client().get(PATH, headers={"Authorization": header.format(bearer.genuine())}).status_code == 401, header
    bearer.assert_takes_genuine()


def test_J22_the_scheme_is_read_in_any_case(bearer: Acceptor) -> None:
    for scheme in ("bearer", "BEARER", "Bearer"):
        assert Client().get(PATH, headers={"Authorization": f"{scheme} {bearer.genuine()}"}).status_code == 200
