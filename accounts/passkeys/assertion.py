"""Verify what a passkey signed (Web Authentication §7.2). Pure: what follows from it is decided in `authentication`."""

from dataclasses import dataclass
from typing import Any

from webauthn import verify_authentication_response
from webauthn.helpers import parse_authentication_credential_json
from webauthn.helpers.structs import CredentialDeviceType

from . import relying_party
from .answers import one_refusal, refuse_framed


@dataclass(frozen=True, slots=True)
class Asserted:
    """`user_handle` is None where the authenticator does not store one."""

    sign_count: int
    backup_eligible: bool
    backed_up: bool
    user_verified: bool
    user_handle: bytes | None


def verify(credential: Any, challenge: bytes, *, public_key: bytes) -> Asserted:
    """Raises `InvalidCredential`. The counter is only reported: the library would judge it before the signature."""
    with one_refusal():
        refuse_framed(credential)
        parsed = parse_authentication_credential_json(credential)
        verified = verify_authentication_response(
            credential=parsed,
            expected_challenge=challenge,
            expected_rp_id=relying_party.rp_id(),
            expected_origin=relying_party.origins(),
            credential_public_key=public_key,
            credential_current_sign_count=0,
        )
        return Asserted(
            sign_count=verified.new_sign_count,
            backup_eligible=verified.credential_device_type == CredentialDeviceType.MULTI_DEVICE,
            backed_up=verified.credential_backed_up,
            user_verified=verified.user_verified,
            user_handle=parsed.response.user_handle or None,
        )
