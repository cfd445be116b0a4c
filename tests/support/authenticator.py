"""A soft authenticator: makes what `navigator.credentials` answers, and lies wherever a test tells it to."""

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa

from tests.support.forge import b64, unb64

UP, UV, BE, BS, AT = 0x01, 0x04, 0x08, 0x10, 0x40
ES256, EDDSA, RS256 = -7, -8, -257
ORIGIN, RP_ID = "http://testserver", "testserver"
PrivateKey = ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey | rsa.RSAPrivateKey


def make_key(algorithm: int = ES256) -> PrivateKey:
    if algorithm == EDDSA:
        return ed25519.Ed25519PrivateKey.generate()
    if algorithm == RS256:
        return rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return ec.generate_private_key(ec.SECP256R1())


def cose(key: PrivateKey) -> dict[int, Any]:
    """The public half as a COSE key (RFC 9053 §7)."""
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return {1: 1, 3: EDDSA, -1: 6, -2: key.public_key().public_bytes_raw()}
    if isinstance(key, rsa.RSAPrivateKey):
        numbers = key.public_key().public_numbers()
        return {1: 3, 3: RS256, -1: numbers.n.to_bytes(key.key_size // 8, "big"), -2: numbers.e.to_bytes(3, "big")}
    point = key.public_key().public_numbers()
    return {1: 2, 3: ES256, -1: 1, -2: point.x.to_bytes(32, "big"), -3: point.y.to_bytes(32, "big")}


@dataclass
class Authenticator:
    """One credential. Every keyword of `create` and `get` replaces one honest value."""

    algorithm: int = ES256
    flags: int = UP | UV
    counter: int = 0
    aaguid: bytes = bytes(16)
    transports: list[str] = field(default_factory=lambda: ["internal"])
    credential_id: bytes = field(default_factory=lambda: os.urandom(20))
    user_handle: bytes | None = None
    key: PrivateKey = field(init=False)

    def __post_init__(self) -> None:
        self.key = make_key(self.algorithm)

    def create(self, options: Mapping[str, Any], **lies: Any) -> dict[str, Any]:
        """The registration that answers `publicKey`; the user handle is kept."""
        self.user_handle = unb64(options["user"]["id"])
        flags = lies.get("flags", self.flags | AT)
        data = self.authenticator_data({**lies, "flags": flags}) + (self.attested_data(lies) if flags & AT else b"")
        client_data = self.client_data("webauthn.create", options, lies)
        signature = sign(self.key, data + hashlib.sha256(client_data).digest())
        packed = {"alg": self.algorithm, "sig": signature} if lies.get("fmt") == "packed" else {}
        statement = {"fmt": lies.get("fmt", "none"), "attStmt": lies.get("att_stmt", packed), "authData": data}
        response = {
            "clientDataJSON": b64(client_data),
            "attestationObject": b64(lies.get("attestation_object", cbor2.dumps(statement))),
            "transports": lies.get("transports", self.transports),
        }
        return self.envelope(response, lies)

    def get(self, options: Mapping[str, Any], **lies: Any) -> dict[str, Any]:
        """The assertion that answers `publicKey`."""
        data = self.authenticator_data(lies)
        client_data = self.client_data("webauthn.get", options, lies)
        message = data + hashlib.sha256(client_data).digest()
        handle = lies.get("user_handle", self.user_handle)
        response = {
            "clientDataJSON": b64(client_data),
            "authenticatorData": b64(data),
            "signature": b64(lies.get("signature", sign(lies.get("key", self.key), message))),
            "userHandle": b64(handle) if handle is not None else None,
        }
        return self.envelope(response, lies)

    def client_data(self, kind: str, options: Mapping[str, Any], lies: Mapping[str, Any]) -> bytes:
        members = {
            "type": lies.get("type", kind),
            "challenge": lies.get("challenge", options["challenge"]),
            "origin": lies.get("origin", ORIGIN),
            "crossOrigin": False,
            **lies.get("client_data", {}),
        }
        return lies.get("raw_client_data") or json.dumps(members).encode()

    def authenticator_data(self, lies: Mapping[str, Any]) -> bytes:
        rp_id_hash = hashlib.sha256(lies.get("rp_id", RP_ID).encode()).digest()
        return rp_id_hash + bytes([lies.get("flags", self.flags)]) + lies.get("counter", self.counter).to_bytes(4, "big")

    def attested_data(self, lies: Mapping[str, Any]) -> bytes:
        credential_id = lies.get("attested_id", self.credential_id)
        public_key = lies.get("public_key", cose(self.key))
        return self.aaguid + len(credential_id).to_bytes(2, "big") + credential_id + cbor2.dumps(public_key)

    def envelope(self, response: dict[str, Any], lies: Mapping[str, Any]) -> dict[str, Any]:
        name = lies.get("id", b64(self.credential_id))
        return {
            "id": name,
            "rawId": lies.get("raw_id", name),
            "type": lies.get("credential_type", "public-key"),
            "response": {**response, **lies.get("response", {})},
            "clientExtensionResults": {},
            "authenticatorAttachment": "platform",
        }


def sign(key: PrivateKey, message: bytes) -> bytes:
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return key.sign(message)
    if isinstance(key, rsa.RSAPrivateKey):
        return key.sign(message, padding.PKCS1v15(), hashes.SHA256())
    return key.sign(message, ec.ECDSA(hashes.SHA256()))
