"""The JSON of Web Authentication (§5.1, §5.4, §5.5, §5.8) as the OpenAPI document shows it; py_webauthn is the judge of it."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

Shape = dict[str, Any]
_TEXT: Shape = {"type": "string"}
_BYTES: Shape = {"type": "string", "description": "base64url"}
_BYTES_OR_NULL: Shape = {"type": ["string", "null"], "description": "base64url"}
_MILLISECONDS: Shape = {"type": "integer", "description": "Milliseconds."}
_VERIFICATION: Shape = {"type": "string", "enum": ["required", "preferred", "discouraged"]}


def _names(*values: str) -> Shape:
    return {"type": "string", "enum": list(values)}


def _list_of(shape: Shape) -> Shape:
    return {"type": "array", "items": shape}


def _object(required: Shape, optional: Shape | None = None) -> Shape:
    return {"type": "object", "properties": {**required, **(optional or {})}, "required": sorted(required)}


_TRANSPORTS = _names("usb", "nfc", "ble", "smart-card", "hybrid", "cable", "internal")
_DESCRIPTOR = _object({"id": _BYTES, "type": _names("public-key")}, {"transports": _list_of(_TRANSPORTS)})
_CREATION = _object(
    {
        "challenge": _BYTES,
        "rp": _object({"id": _TEXT, "name": _TEXT}),
        "user": _object({"id": _BYTES, "name": _TEXT, "displayName": _TEXT}),
        "pubKeyCredParams": _list_of(_object({"type": _names("public-key"), "alg": {"type": "integer"}})),
        "excludeCredentials": _list_of(_DESCRIPTOR),
    },
    {
        "timeout": _MILLISECONDS,
        "attestation": _TEXT,
        "authenticatorSelection": _object(
            {},
            {
                "residentKey": _VERIFICATION,
                "requireResidentKey": {"type": "boolean"},
                "userVerification": _VERIFICATION,
                "authenticatorAttachment": _names("platform", "cross-platform"),
            },
        ),
    },
)
_REQUEST = _object(
    {"challenge": _BYTES, "rpId": _TEXT, "allowCredentials": _list_of(_DESCRIPTOR)},
    {"timeout": _MILLISECONDS, "userVerification": _VERIFICATION},
)


def _credential(response: Shape) -> Shape:
    return _object(
        {"id": _BYTES, "rawId": _BYTES, "type": _TEXT, "response": response},
        {"clientExtensionResults": {}, "authenticatorAttachment": {"type": ["string", "null"]}},
    )


_ATTESTED = _object({"clientDataJSON": _BYTES, "attestationObject": _BYTES}, {"transports": _list_of(_TEXT)})
_ASSERTED = _object({"clientDataJSON": _BYTES, "authenticatorData": _BYTES, "signature": _BYTES}, {"userHandle": _BYTES_OR_NULL})


@extend_schema_field(_CREATION)
class CreationOptionsField(serializers.DictField):
    """For `PublicKeyCredential.parseCreationOptionsFromJSON()`."""


@extend_schema_field(_REQUEST)
class RequestOptionsField(serializers.DictField):
    """For `PublicKeyCredential.parseRequestOptionsFromJSON()`."""


@extend_schema_field(_credential(_ATTESTED))
class RegistrationField(serializers.DictField):
    """`PublicKeyCredential.toJSON()` of `navigator.credentials.create()`; any object passes to the rule that judges it."""


@extend_schema_field(_credential(_ASSERTED))
class AssertionField(serializers.DictField):
    """`PublicKeyCredential.toJSON()` of `navigator.credentials.get()`; any object passes to the rule that judges it."""
