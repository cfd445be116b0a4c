"""One set of vectors, whole: the issuer's public side, its clock, and every token with its verdict."""

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from accounts.tokens import access, revocation_document

from . import documents, ended, forged_form, forged_header, genuine, wrong_claims
from .issuer import AUDIENCE, ISSUER, LONGEST, NOW, Issuer, Vector

_ABOUT = (
    "Tokens of an issuer that does not exist, each with the verdict of a verifier that checks them right. Set the clock to "
    "`now`, the issuer and the audience to these, the keys to `jwks`, and what ended to `revocations`."
)
_PARTS = (genuine, forged_form, forged_header, wrong_claims, ended)


def new() -> dict[str, Any]:
    """With keys of its own, which nobody has when it is done. Asks no database."""
    issuer = Issuer()
    return {
        "about": _ABOUT,
        "now": NOW,
        "issuer": ISSUER,
        "audience": AUDIENCE,
        "longest_lifetime": LONGEST,
        "typ": access.TYP,
        "jwks": issuer.jwks(),
        "revocations": documents.current(issuer),
        "tokens": _written(vector for part in _PARTS for vector in part.vectors(issuer)),
        "documents": {"typ": revocation_document.TYP, "vectors": _written(documents.vectors(issuer))},
    }


def _written(vectors: Iterable[Vector]) -> list[dict[str, Any]]:
    return [asdict(vector) for vector in vectors]
