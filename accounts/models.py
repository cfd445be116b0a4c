"""Django's way in: the models of every package."""

from .audit.models import AuditEvent
from .core.models import Counter, Gate
from .devices.models import Device
from .federation.models import FederatedIdentity
from .keys.models import SigningKey
from .links.models import MailedCode, UndoneEmailChange
from .mfa.models import Authenticator, RecoveryCode
from .oidc.models import (
    AuthorizationCode,
    AuthorizationRequest,
    Client,
    ClientSecret,
    Consent,
    DeviceAuthorization,
    Service,
    ServiceScope,
)
from .outbox.models import OutboxMessage
from .passkeys.models import Passkey
from .revocations.models import Revocation
from .users.models import ErasedAccount, User

__all__ = [
    "AuditEvent",
    "Authenticator",
    "AuthorizationCode",
    "AuthorizationRequest",
    "Client",
    "ClientSecret",
    "Consent",
    "Counter",
    "Device",
    "DeviceAuthorization",
    "ErasedAccount",
    "FederatedIdentity",
    "Gate",
    "MailedCode",
    "OutboxMessage",
    "Passkey",
    "RecoveryCode",
    "Revocation",
    "Service",
    "ServiceScope",
    "SigningKey",
    "UndoneEmailChange",
    "User",
]
