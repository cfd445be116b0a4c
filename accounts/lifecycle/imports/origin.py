"""The system that people come from: what their ids are derived from, and whom its names for issuers stand for."""

import re
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from accounts.users.email import normalise

from . import issuers
from .issuers import Issuer
from .person import BadEntry, Identity

# Only for deriving ids; changing it would make the people of earlier imports strangers.
_NAMESPACE = uuid.UUID("6f0e2b0c-0d55-5c1e-9d7c-3d0c2f5f7a11")
_TENANT = re.compile(r"[A-Za-z0-9._-]{0,100}")


@dataclass(frozen=True, slots=True)
class Origin:
    """`tenant` tells apart systems of one kind that give the same ids to different people.

    Raises `ValueError` for a tenant that is not a plain word.
    """

    source: str
    tenant: str = ""
    issuers: Mapping[str, Issuer] = field(default_factory=lambda: MappingProxyType(issuers.known({})))

    def __post_init__(self) -> None:
        if not _TENANT.fullmatch(self.tenant):
            raise ValueError("A tenant is a word of letters, digits, dots, hyphens and underscores.")

    @property
    def name(self) -> str:
        """For the audit log."""
        return f"{self.source}/{self.tenant}" if self.tenant else self.source

    def id_for(self, source_id: str, email: str | None) -> uuid.UUID:
        """The source's own id where it is a UUID; else one that every run derives again, so that it knows whom it has met.

        The address counts only where there is no id: it changes, and the person would come in twice. Raises `BadEntry`.
        """
        try:
            return uuid.UUID(source_id)
        except ValueError:
            pass
        if not source_id and not email:
            raise BadEntry("there is neither an id nor an e-mail address")
        key = ("id", source_id) if source_id else ("address", normalise(email or ""))
        return uuid.uuid5(_NAMESPACE, "|".join((self.source, self.tenant, *key)))

    def identities(self, pairs: Iterable[tuple[str, str]]) -> tuple[tuple[Identity, ...], tuple[str, ...]]:
        """Those that an issuer of ours can vouch for, and words about the others.

        Of each pair the first is the source's name for the issuer, the second who the person is there.
        """
        taken: dict[Identity, None] = {}
        left_out: dict[str, None] = {}
        for connection, subject in pairs:
            found = self.issuers.get(connection.casefold())
            if found and subject:
                taken[Identity(found.provider, found.issuer, subject)] = None
            else:
                left_out[f"an identity at {issuers.shown(connection)}"] = None
        return tuple(taken), tuple(left_out)
