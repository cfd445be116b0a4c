"""What a request to the token endpoint brings beside its parameters."""

from dataclasses import dataclass, field

from accounts.core.errors import InvalidDpopProof
from accounts.core.requests import Source
from accounts.oidc.models import Client
from accounts.tokens import dpop
from accounts.tokens.dpop import DpopProof, Shown


@dataclass(frozen=True, slots=True)
class Asked:
    """`retry_key` is the `Idempotency-Key` of a refresh, `shown` the `DPoP` header; `answered` are headers of the answer."""

    source: Source
    retry_key: str
    shown: Shown
    answered: dict[str, str] = field(default_factory=dict)

    def require_proof_of(self, client: Client) -> None:
        """A client that is registered for bound tokens gets no others (RFC 9449 §5.2). Raises `InvalidDpopProof`."""
        if client.dpop_bound_access_tokens and self.shown.proof is None:
            raise InvalidDpopProof("none, though registered for it")

    def proof(self) -> DpopProof | None:
        """Of the key that the tokens shall be bound to, not used up; None without one. Raises `InvalidDpopProof`."""
        return None if self.shown.proof is None else dpop.verify(self.shown)


def bind(proof: DpopProof | None) -> str:
    """The thumbprint that the tokens are bound to; empty for bearer tokens. The proof is used up, after all else was judged: a
    second request with it gets nothing (SECURITY D-04). Raises `InvalidDpopProof`."""
    if proof is None:
        return ""
    proof.spend()
    return proof.jkt
