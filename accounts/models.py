"""Django's way in: the models of every package."""

from .audit.models import AuditEvent
from .core.models import Counter, Gate
from .devices.models import Device
from .keys.models import SigningKey
from .outbox.models import OutboxMessage
from .revocations.models import Revocation
from .users.models import User

__all__ = ["AuditEvent", "Counter", "Device", "Gate", "OutboxMessage", "Revocation", "SigningKey", "User"]
