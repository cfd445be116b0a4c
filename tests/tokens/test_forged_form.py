"""Forged in form: aliases, other serialisations, depth bombs, single flipped bits (SECURITY J-13, J-16 to J-18)."""

import json
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.core.errors import TokenInvalid
from accounts.tokens import compact
from tests.support import forge
from tests.support.acceptors import Acceptor, Link

pytestmark = pytest.mark.django_db


def test_J13_alias_spellings_are_refused(acceptor: Acceptor) -> None:
    genuine = acceptor.genuine()
    header, claims, signature = genuine.split(".")
    forged = [f"{alias}.{claims}.{signature}" for alias in forge.aliases(header)]
    forged += [f"{header}.{alias}.{signature}" for alias in forge.aliases(claims)]
    forged += [f"{header}.{claims}.{alias}" for alias in forge.aliases(signature)]
    acceptor.assert_refuses(token for token in forged if not acceptor.trims or token.strip() != genuine)


@given(st.binary(max_size=60))
def test_J13_one_spelling_for_any_bytes(raw: bytes) -> None:
    assert compact.decode_canonical(compact.encode(raw)) == raw


@given(st.text(st.sampled_from(forge.ALPHABET + "+/= \n"), max_size=24))
def test_J13_what_decodes_encodes_back(part: str) -> None:
    try:
        raw = compact.decode_canonical(part)
    except TokenInvalid:
        return
    assert compact.encode(raw) == part


def test_J16_other_serialisations_are_refused(acceptor: Acceptor) -> None:
    header, claims, signature = acceptor.genuine().split(".")
    flattened = json.dumps({"protected": header, "payload": claims, "signature": signature})
    general = json.dumps({"payload": claims, "signatures": [{"protected": header, "signature": signature}]})
    four, five = f"{header}.{claims}.{signature}.x", f"{header}.{claims}.{signature}.x.y"
    jwe = ".".join([forge.b64(b'{"alg":"dir","enc":"A256GCM"}'), "", "AAAA", "AAAA", "AAAA"])
    pieces = [
        header,
        f"{header}.{claims}",
        f".{claims}.{signature}",
        f"{header}..{signature}",
        f"{header}.{claims}.",
        "..",
        "a.b.c",
    ]
    nested = forge.b64(f"{header}.{claims}.{signature}".encode())
    acceptor.assert_refuses([flattened, general, four, five, jwe, *pieces, f"{header}.{nested}.{signature}", "ä.ö.ü", "a.b.ç"])


def test_J16_large_token_is_refused_at_once(acceptor: Acceptor) -> None:
    size = 60_000
    header, claims, signature = acceptor.genuine().split(".")
    large = [f"{header}.{claims}.{'A' * size}", "A" * size, f"{'A' * size}.{claims}.{signature}", "." * size]
    started = time.process_time()
    acceptor.assert_refuses(large)
    assert time.process_time() - started < 1.0


def test_J16_a_token_of_exactly_the_cap_is_read(bearer: Acceptor) -> None:
    claims = forge.opened(bearer.genuine())[1]
    short = len(bearer.signed(claims={**claims, "x": ""}))
    filler = "x" * ((compact.MAX_BYTES - short) * 3 // 4)
    largest = max(
        (bearer.signed(claims={**claims, "x": filler[:cut]}) for cut in range(len(filler) - 3, len(filler) + 1)), key=len
    )
    assert compact.MAX_BYTES - 4 < len(largest) <= compact.MAX_BYTES
    assert bearer.takes(largest)
    assert not bearer.takes(bearer.signed(claims={**claims, "x": filler + "xxxx"}))


def bombs(depth: int) -> list[bytes]:
    return [
        b'{"x":' * depth + b"1" + b"}" * depth,
        b"[" * depth + b"]" * depth,
        b'{"x":' + b"[" * depth + b"]" * depth + b"}",
        b"[" * depth,
    ]


def test_J16_claims_that_are_no_object_are_refused(acceptor: Acceptor) -> None:
    values = [b"[]", b"null", b'"x"', b"1", b"true", b""]
    acceptor.assert_refuses([*(acceptor.signed(claims=raw) for raw in values), *(acceptor.signed(header=raw) for raw in values)])


def test_J17_depth_bomb_is_refused(acceptor: Acceptor) -> None:
    claims = json.dumps(forge.opened(acceptor.genuine())[1]).encode()
    for depth in (9, 900, 1_000, 3_000):
        payloads = [*bombs(depth), claims[:-1] + b',"x":' + b"[" * depth + b"]" * depth + b"}"]
        forged = [*(acceptor.signed(claims=raw) for raw in payloads), *(acceptor.signed(header=raw) for raw in bombs(depth))]
        acceptor.assert_refuses(forged)


def test_J17_eight_levels_are_read(bearer: Acceptor) -> None:
    claims = forge.opened(bearer.genuine())[1]
    assert bearer.takes(bearer.signed(claims={**claims, "x": [[[[[[[1]]]]]]]}))
    assert not bearer.takes(bearer.signed(claims={**claims, "x": [[[[[[[[1]]]]]]]]}))


def test_J17_huge_numbers_are_refused(acceptor: Acceptor) -> None:
    claims = json.dumps(forge.opened(acceptor.genuine())[1]).encode()
    numbers = [b"9" * 5_000, b"-" + b"9" * 5_000, b"1e999", b"-1e999", b"NaN", b"Infinity", b"-Infinity", b"0." + b"1" * 5_000]
    acceptor.assert_refuses(acceptor.signed(claims=claims[:-1] + b',"x":' + number + b"}") for number in numbers)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(segment=st.integers(0, 2), position=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
def test_J18_a_flipped_bit_is_refused(acceptor: Acceptor, segment: int, position: float, bit: int) -> None:
    genuine = acceptor.genuine()
    parts = genuine.split(".")
    raw = bytearray(forge.unb64(parts[segment]))
    raw[int(position * len(raw))] ^= 1 << bit
    parts[segment] = forge.b64(bytes(raw))
    assert acceptor.present(".".join(parts)).status_code in acceptor.refusals
    assert isinstance(acceptor, Link) or acceptor.takes(genuine)


def test_J18_claims_of_one_under_the_signature_of_another_are_refused(acceptor: Acceptor) -> None:
    first, second = acceptor.genuine().split("."), acceptor.signed().split(".")
    other = acceptor.signed(claims={**forge.opened(acceptor.genuine())[1], "sub": "00000000-0000-7000-8000-000000000000"}).split(
        "."
    )
    acceptor.assert_refuses([".".join([first[0], other[1], first[2]]), ".".join([second[0], second[1], other[2]])])
