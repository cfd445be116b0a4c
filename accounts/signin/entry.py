"""What a sign-in asks for, beside its proof: it travels from the first step to the last."""

from dataclasses import dataclass, field

from accounts.core.requests import Source
from accounts.devices.models import Device
from accounts.devices.registry import Description
from accounts.tokens import scopes
from accounts.tokens.dpop import DpopProof

from .known_device import KnownDevice


@dataclass(frozen=True, slots=True)
class Entry:
    """`evidence` is a sign of a device that was signed in before; it opens nothing. `dpop` proves the key that the new device is
    bound to; None for a bearer device."""

    source: Source
    transport: str = Device.Transport.BEARER
    scope: str = scopes.EVERYTHING
    description: Description = field(default_factory=Description)
    evidence: KnownDevice | None = None
    dpop: DpopProof | None = None
