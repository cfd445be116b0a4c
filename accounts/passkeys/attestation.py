"""Verify a new credential (Web Authentication §7.1). Attestation is neither asked for nor believed."""

import uuid
from dataclasses import dataclass
from typing import Any

from webauthn import verify_registration_response
from webauthn.helpers import (
    bytes_to_base64url,
    decode_credential_public_key,
    decoded_public_key_to_cryptography,
    parse_attestation_object,
    parse_registration_credential_json,
)
from webauthn.helpers.cose import COSECRV, COSEAlgorithmIdentifier
from webauthn.helpers.decode_credential_public_key import DecodedEC2PublicKey, DecodedOKPPublicKey, DecodedRSAPublicKey
from webauthn.helpers.structs import CredentialDeviceType

from accounts.core.errors import InvalidCredential

from . import relying_party
from .answers import id_of, one_refusal, refuse_framed

ES256 = COSEAlgorithmIdentifier.ECDSA_SHA_256
EDDSA = COSEAlgorithmIdentifier.EDDSA
RS256 = COSEAlgorithmIdentifier.RSASSA_PKCS1_v1_5_SHA_256
ALGORITHMS = [ES256, EDDSA, RS256]
_FORMATS = {"none", "packed"}
"""Without attestation an authenticator answers `none`, or `packed` signed by the new key itself (§6.5.4)."""
_RSA_BITS = range(2048, 4097)
_LONGEST_EXPONENT = 4


@dataclass(frozen=True, slots=True)
class Attested:
    """The fields of a `Passkey` that the authenticator decides."""

    credential_id: str
    public_key: bytes
    sign_count: int
    aaguid: uuid.UUID
    transports: list[str]
    backup_eligible: bool
    backed_up: bool


def verify(credential: Any, challenge: bytes) -> Attested:
    """Raises `InvalidCredential`."""
    credential_id = id_of(credential)
    with one_refusal():
        refuse_framed(credential)
        parsed = parse_registration_credential_json(credential)
        if parse_attestation_object(parsed.response.attestation_object).fmt not in _FORMATS:
            raise InvalidCredential("attestation format")
        verified = verify_registration_response(
            credential=parsed,
            expected_challenge=challenge,
            expected_rp_id=relying_party.rp_id(),
            expected_origin=relying_party.origins(),
            supported_pub_key_algs=ALGORITHMS,
        )
        if bytes_to_base64url(verified.credential_id) != credential_id:
            raise InvalidCredential("signed for another id")
        _refuse_unusable(verified.credential_public_key)
        return Attested(
            credential_id=credential_id,
            public_key=verified.credential_public_key,
            sign_count=verified.sign_count,
            aaguid=uuid.UUID(verified.aaguid),
            transports=list(dict.fromkeys(transport.value for transport in parsed.response.transports or [])),
            backup_eligible=verified.credential_device_type == CredentialDeviceType.MULTI_DEVICE,
            backed_up=verified.credential_backed_up,
        )


def _refuse_unusable(public_key: bytes) -> None:
    """A key of another kind than its algorithm says, a weak one, or one so large that each sign-in would cost seconds."""
    match decode_credential_public_key(public_key):
        case DecodedEC2PublicKey(alg=alg, crv=curve) as key if (alg, curve) == (ES256, COSECRV.P256):
            decoded_public_key_to_cryptography(key)
        case DecodedOKPPublicKey(alg=alg, crv=curve) as key if (alg, curve) == (EDDSA, COSECRV.ED25519):
            decoded_public_key_to_cryptography(key)
        case DecodedRSAPublicKey(alg=alg, n=n, e=e) as key if alg == RS256 and len(e) <= _LONGEST_EXPONENT:
            if int.from_bytes(n, "big").bit_length() not in _RSA_BITS:
                raise InvalidCredential("size of the key")
            decoded_public_key_to_cryptography(key)
        case _:
            raise InvalidCredential("kind of the key")
