"""Forgeries by the header and by the signature (SECURITY J-01 to J-07, J-14, J-18, J-23)."""

import hmac
from collections.abc import Iterator

from accounts.tokens import access, compact, jose
from accounts.tokens.claims import encode_claims

from .issuer import ABSENT, Issuer, Sign, Vector, refused

_ROGUE = "https://rogue.example/jwks.json"


def vectors(issuer: Issuer) -> Iterator[Vector]:
    yield from _algorithms(issuer)
    yield from _keys(issuer)
    yield from _other_members(issuer)
    yield from _signatures(issuer)


def _algorithms(issuer: Issuer) -> Iterator[Vector]:
    for name, spelling in (("none", "none"), ("none-capital", "None"), ("none-mixed", "nOnE")):
        unsigned = issuer.token(issuer.header(alg=spelling), sign=lambda _: b"")
        yield refused(f"alg-{name}", unsigned, "no signature: the algorithm belongs to the key, not to the token")
    yield refused("alg-none-signed", issuer.token(issuer.header(alg="none")), "alg none, with a signature that is not looked at")
    confused = (
        ("hs256-rsa-pem", issuer.rs256, jose.pem(issuer.rs256.private.public_key(), "RS256")),
        ("hs256-ec-pem", issuer.es256, jose.pem(issuer.es256.private.public_key(), "ES256")),
        ("hs256-jwk", issuer.es256, encode_claims(issuer.es256.jwk)),
        ("hs256-empty", issuer.es256, b""),
    )
    for name, key, secret in confused:
        forged = issuer.token(issuer.header(key, alg="HS256"), sign=_hs256(secret))
        yield refused(name, forged, "HMAC with what everybody knows for its secret (RFC 8725 section 2.1)")
    for alg in ("RS256", "ES384", "PS256", "ES256K"):
        yield refused(f"alg-{alg.lower()}", issuer.token(issuer.header(alg=alg)), "not the algorithm of the key that kid names")
    yield refused("alg-missing", issuer.token(issuer.header(alg=ABSENT)), "no alg")


def _keys(issuer: Issuer) -> Iterator[Vector]:
    strange = issuer.strangers
    yield refused("foreign-key", issuer.token(sign=strange.sign), "signed by somebody else's key under the kid of the issuer's")
    yield refused("unknown-kid", issuer.token(issuer.header(strange), sign=strange.sign), "no key of the issuer has this kid")
    other = issuer.token(issuer.header(kid=issuer.successor.kid))
    yield refused("kid-of-another-key", other, "the signature is not by the key that kid names")
    yield refused("kid-missing", issuer.token(issuer.header(kid=ABSENT)), "no kid: keys are not tried in turn")
    yield refused("kid-number", issuer.token(issuer.header(kid=7)), "kid is a string")
    yield refused("kid-path", issuer.token(issuer.header(kid="../../dev/null")), "kid names no key, and is no path")
    bare = {name: strange.jwk[name] for name in ("kty", "crv", "x", "y")}
    for name, member in (("jwk", bare), ("jku", _ROGUE), ("x5u", _ROGUE), ("x5c", [compact.encode(b"certificate")])):
        for whose, kid in (("own", strange.kid), ("known", issuer.es256.kid)):
            forged = issuer.token(issuer.header(kid=kid, **{name: member}), sign=strange.sign)
            yield refused(f"{name}-{whose}-kid", forged, f"brings a key along in {name}: keys come from the issuer alone")


def _other_members(issuer: Issuer) -> Iterator[Vector]:
    yield refused("typ-missing", issuer.token(issuer.header(typ=ABSENT)), f"typ is {access.TYP} (RFC 9068 section 4)")
    for typ in ("JWT", "dpop+jwt", "logout+jwt", ""):
        name = f"typ-{typ.partition('+')[0].lower() or 'empty'}"
        yield refused(name, issuer.token(issuer.header(typ=typ)), f"another kind of token: typ is {access.TYP}")
    unknown = issuer.header(crit=["https://rogue.example/x"], **{"https://rogue.example/x": True})
    yield refused("crit-unknown", issuer.token(unknown), "crit names what no verifier understands (RFC 7515 section 4.1.11)")
    yield refused("crit-empty", issuer.token(issuer.header(crit=[])), "crit must not be empty (RFC 7515 section 4.1.11)")
    yield refused("crit-absent-member", issuer.token(issuer.header(crit=["exp"])), "crit names a member that is not there")
    unencoded = issuer.token(issuer.header(crit=["b64"], b64=False))
    yield refused("crit-b64", unencoded, "an unencoded payload (RFC 7797) is no JWT")


def _signatures(issuer: Issuer) -> Iterator[Vector]:
    header, claims, signature = issuer.token().split(".")
    raw = compact.decode_canonical(signature)
    wider = compact.encode(encode_claims(issuer.claims(scope="notes:read notes:write notes:purge")))
    yield refused("claims-changed", f"{header}.{wider}.{signature}", "the signature is not over these claims")
    for name, forged, reason in (
        ("bit-flipped", bytes([raw[0] ^ 1]) + raw[1:], "one bit of the signature differs"),
        ("signature-of-zeros", bytes(64), "r and s are zero: a verifier that forgets to look accepts any claims"),
        ("signature-cut", raw[:32], "half a signature"),
        ("signature-longer", raw + b"\x00", "one byte more than ES256 has"),
        ("signature-der", _der(raw), "the ASN.1 form of ECDSA, where a token has r and s side by side (RFC 7518 section 3.4)"),
    ):
        yield refused(name, f"{header}.{claims}.{compact.encode(forged)}", reason)


def _hs256(secret: bytes) -> Sign:
    return lambda message: hmac.new(secret, message, "sha256").digest()


def _der(raw: bytes) -> bytes:
    numbers = b"".join(_integer(raw[at : at + 32]) for at in (0, 32))
    return b"\x30" + bytes([len(numbers)]) + numbers


def _integer(big_endian: bytes) -> bytes:
    short = big_endian.lstrip(b"\x00")
    positive = b"\x00" + short if short[:1] >= b"\x80" else short
    return b"\x02" + bytes([len(positive)]) + positive
