"""What a request to the token endpoint brings beside its parameters."""

from dataclasses import dataclass

from accounts.core.requests import Source
from accounts.tokens import dpop
from accounts.tokens.dpop import DpopProof, Shown


@dataclass(frozen=True, slots=True)
class Asked:
    """`retry_key` is the `Idempotency-Key` of a refresh, `shown` the `DPoP` header."""

    source: Source
    retry_key: str
    shown: Shown

    def proof(self) -> DpopProof | None:
        """Of the key that the tokens shall be bound to, not used up; None without one. Raises `InvalidDpopProof`."""
        return None if self.shown.proof is None else dpop.verify(self.shown)
