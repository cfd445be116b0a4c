"""What is no token of ours by its form alone, and second spellings of one that is (SECURITY J-12, J-13, J-16, J-17)."""

import json
from collections.abc import Iterator

from accounts.tokens import compact

from .issuer import AUDIENCE, NOW, Issuer, Vector, doubled, refused

_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
_BRACKETS = 2500


def vectors(issuer: Issuer) -> Iterator[Vector]:
    yield from _other_forms(issuer)
    yield from _second_spellings(issuer)
    yield from _odd_json(issuer)


def _other_forms(issuer: Issuer) -> Iterator[Vector]:
    header, claims, signature = issuer.token().split(".")
    yield refused("empty", "", "not a token")
    yield refused("words", "not-a-token", "not three parts")
    yield refused("two-parts", f"{header}.{claims}", "the signature is missing, and its dot")
    yield refused("empty-signature", f"{header}.{claims}.", "the signature is missing")
    yield refused("four-parts", f"{header}.{claims}.{signature}.{signature}", "more than three parts")
    yield refused("five-parts", f"{header}..{signature}.{claims}.{signature}", "the form of an encrypted token (RFC 7516)")
    flat = {"protected": header, "payload": claims, "signature": signature}
    yield refused("json-serialization", json.dumps(flat), "the JSON form (RFC 7515 section 7.2) is not taken as a bearer token")


def _second_spellings(issuer: Issuer) -> Iterator[Vector]:
    token = issuer.token()
    message, _, signature = token.rpartition(".")
    header, _, claims = message.partition(".")
    yield refused("padded-signature", f"{token}==", "base64url in a token has no padding (RFC 7515 section 2)")
    # By the honest key, over these very characters: only the padding is wrong.
    padded = f"{header}.{claims}{'=' * (-len(claims) % 4) or '===='}"
    yield refused("padded-claims", f"{padded}.{compact.encode(issuer.es256.sign(padded.encode()))}", "padding in the claims")
    # 64 bytes leave four bits of the last character free.
    stray = signature[:-1] + _ALPHABET[_ALPHABET.index(signature[-1]) | 1]
    yield refused("stray-bits", f"{message}.{stray}", "a second spelling of the same signature")
    yield refused("line-break", f"{message}.{signature}\n", "a character outside of base64url")
    yield refused("space-inside", f"{message}.{signature[:8]} {signature[8:]}", "a character outside of base64url")


def _odd_json(issuer: Issuer) -> Iterator[Vector]:
    stranger = doubled(issuer.claims(), "sub", "01990000-0000-7000-8000-00000000dead")
    yield refused("sub-twice", issuer.token(claims=stranger), "sub appears twice: some parsers believe the first")
    for name, good, bad in (("aud", [AUDIENCE], ["https://other.example"]), ("exp", NOW + 540, NOW - 30)):
        for whose, first, last in (("first", good, bad), ("last", bad, good)):
            claims = doubled(issuer.claims(**{name: last}), name, first)
            yield refused(
                f"{name}-twice-{whose}-good",
                issuer.token(claims=claims),
                f"{name} appears twice, and only the {whose} one is good",
            )
    yield refused("alg-twice", issuer.token(doubled(issuer.header(), "alg", "none")), "alg appears twice in the header")
    yield refused("claims-list", issuer.token(claims=b'["sub"]'), "claims are a JSON object")
    yield refused("claims-string", issuer.token(claims=b'"sub"'), "claims are a JSON object")
    yield refused("claims-no-json", issuer.token(claims=b"sub=1"), "claims are a JSON object")
    utf_16 = json.dumps(issuer.claims()).encode("utf-16")
    yield refused("claims-utf-16", issuer.token(claims=utf_16), "JSON in a token is UTF-8 (RFC 7515 section 2)")
    bomb = b"[" * _BRACKETS + b"]" * _BRACKETS
    yield refused("header-bomb", issuer.token(bomb), "brackets that exhaust a parser's stack: refuse, and do not fall over")
    yield refused("claims-bomb", issuer.token(claims=bomb, sign=_nobody), "the same in the claims, under no valid signature")


def _nobody(message: bytes) -> bytes:
    return bytes(64)
