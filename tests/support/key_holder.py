"""An app that holds a key: its proofs are made by hand on `cryptography` alone, so that every part of one can be wrong."""

import hashlib
import time
import uuid
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from django.conf import settings
from django.http import HttpResponse

from accounts.tokens import dpop

from . import forge
from .app import App

_CURVES = {"ES256": ("P-256", ec.SECP256R1()), "ES384": ("P-384", ec.SECP384R1()), "ES512": ("P-521", ec.SECP521R1())}
_EDWARDS: dict[str, Any] = {"Ed25519": ed25519.Ed25519PrivateKey, "Ed448": ed448.Ed448PrivateKey}
_HASHES = {"256": hashes.SHA256(), "384": hashes.SHA384(), "512": hashes.SHA512()}
LEFT_OUT = type("LeftOut", (), {"__repr__": lambda self: "left out"})()
"""A claim or header member that is not there."""


class SoftKey:
    """A key pair for one algorithm, in memory. `told` is what its proofs call the algorithm, where that is another name."""

    def __init__(self, algorithm: str = "ES256", *, bits: int = 2048, told: str = "") -> None:
        self.algorithm, self.told = algorithm, told or algorithm
        self.private: Any = _private(algorithm, bits)
        self.jwk = _public_jwk(algorithm, self.private.public_key())

    @property
    def jkt(self) -> str:
        """RFC 7638 §3, written down again."""
        members = ",".join(f'"{name}":"{self.jwk[name]}"' for name in sorted(self.jwk))
        return forge.b64(hashlib.sha256(f"{{{members}}}".encode()).digest())

    def sign(self, message: bytes) -> bytes:
        if self.algorithm in _EDWARDS:
            return bytes(self.private.sign(message))
        digest = _HASHES[self.algorithm[2:]]
        if self.algorithm.startswith("ES"):
            size = (self.private.curve.key_size + 7) // 8
            r, s = decode_dss_signature(self.private.sign(message, ec.ECDSA(digest)))
            return r.to_bytes(size, "big") + s.to_bytes(size, "big")
        pad = padding.PKCS1v15() if self.algorithm == "RS256" else padding.PSS(padding.MGF1(digest), digest.digest_size)
        return bytes(self.private.sign(message, pad, digest))

    def proof(self, method: str, url: str, *, header: dict[str, Any] | None = None, **claims: Any) -> str:
        """A proof in order (RFC 9449 §4.2), but for what is given; `LEFT_OUT` leaves a member out."""
        told = {"jti": uuid.uuid4().hex, "htm": method, "htu": url, "iat": int(time.time()), **claims}
        head = {"typ": "dpop+jwt", "alg": self.told, "jwk": self.jwk, **(header or {})}
        return forge.signed(_without(head), _without(told), self.sign)


def ath(access_token: str) -> str:
    return forge.b64(hashlib.sha256(access_token.encode()).digest())


def refused(answer: HttpResponse, code: str = "invalid_dpop_proof") -> None:
    """In the scheme of RFC 9449 §7.1."""
    assert (answer.status_code, answer.json()["code"]) == (401, code)
    said = code if "dpop" in code else "invalid_token"
    assert answer["WWW-Authenticate"].startswith(f'DPoP realm="api", error="{said}", error_description="')
    assert answer["WWW-Authenticate"].endswith(f'algs="{" ".join(dpop.ALGORITHMS)}"')


@dataclass
class BoundApp(App):
    """Proves its key with every call, and once more when only a nonce was missing."""

    key: SoftKey = field(default_factory=SoftKey)
    nonce: str = ""

    def proof(self, method: str, path: str, **claims: Any) -> str:
        """For this call, with the token that would go along."""
        known = {"nonce": self.nonce} if self.nonce else {}
        bound = {"ath": ath(self.access)} if self.access else {}
        return self.key.proof(method, settings.PUBLIC_URL + path, **{**known, **bound, **claims})

    def show(self, method: str, path: str, proof: str | None = None, body: Any = None, **headers: str) -> HttpResponse:
        """One try, with this very proof."""
        shown = {"DPoP": self.proof(method, path) if proof is None else proof}
        data = {"data": body, "content_type": "application/json"} if body is not None else {}
        answer = getattr(self.http, method.lower())(path, headers={**self._headers({}), **shown, **headers}, **data)
        self.nonce = answer.headers.get("DPoP-Nonce", self.nonce)
        return answer  # type: ignore[no-any-return]

    def post(self, path: str, body: Any = None, **headers: str) -> HttpResponse:
        return self._insist("POST", path, {} if body is None else body, headers)

    def patch(self, path: str, body: Any, **headers: str) -> HttpResponse:
        return self._insist("PATCH", path, body, headers)

    def get(self, path: str, **headers: str) -> HttpResponse:
        return self._insist("GET", path, None, headers)

    def delete(self, path: str, **headers: str) -> HttpResponse:
        return self._insist("DELETE", path, None, headers)

    def _insist(self, method: str, path: str, body: Any, headers: dict[str, str]) -> HttpResponse:
        answer = self.show(method, path, body=body, **headers)
        wants_nonce = answer.status_code == 401 and answer.json()["code"] == "use_dpop_nonce"
        return self.show(method, path, body=body, **headers) if wants_nonce else answer

    def _headers(self, extra: dict[str, str]) -> dict[str, str]:
        return {**({"Authorization": f"DPoP {self.access}"} if self.access else {}), **extra}


def _private(algorithm: str, bits: int) -> Any:
    if algorithm in _CURVES:
        return ec.generate_private_key(_CURVES[algorithm][1])
    if algorithm in _EDWARDS:
        return _EDWARDS[algorithm].generate()
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


def _public_jwk(algorithm: str, public: Any) -> dict[str, str]:
    if algorithm in _EDWARDS:
        return {"kty": "OKP", "crv": algorithm, "x": forge.b64(public.public_bytes_raw())}
    numbers = public.public_numbers()
    if algorithm not in _CURVES:
        return {"kty": "RSA", "n": _number(numbers.n), "e": _number(numbers.e)}
    size = (public.curve.key_size + 7) // 8
    x, y = (forge.b64(number.to_bytes(size, "big")) for number in (numbers.x, numbers.y))
    return {"kty": "EC", "crv": _CURVES[algorithm][0], "x": x, "y": y}


def _number(value: int) -> str:
    return forge.b64(value.to_bytes((value.bit_length() + 7) // 8, "big"))


def _without(members: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value is not LEFT_OUT}
