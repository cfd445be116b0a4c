"""Lists of what ended, good and bad: a verifier that believes a forged one accepts what is dead or refuses what lives."""

from collections.abc import Iterator

from accounts.tokens import access, revocation_document

from .ended import marks
from .issuer import ISSUER, NOW, Issuer, Vector, accepted, refused

TYP = revocation_document.TYP


def current(issuer: Issuer) -> str:
    """The one that goes with the tokens."""
    return issuer.token(issuer.header(typ=TYP), revocation_document.claims(ISSUER, marks(issuer), issued_at=NOW - 5))


def vectors(issuer: Issuer) -> Iterator[Vector]:
    header = issuer.header(typ=TYP)
    good = revocation_document.claims(ISSUER, marks(issuer), issued_at=NOW - 5)
    yield accepted("document", current(issuer), "as the issuer gives it at this moment")
    calm = {**good, "revoked": {kind: {} for kind in good["revoked"]}}
    yield accepted("document-empty", issuer.token(header, calm), "nothing ended within the life of a token")
    more = {**good, "revoked": {**good["revoked"], "later": {"addition": 1}}}
    yield accepted("document-later-kind", issuer.token(header, more), "a kind that a verifier does not know is passed over")
    yield refused("document-foreign-key", issuer.token(header, good, issuer.strangers.sign), "signed by somebody else's key")
    yield refused("document-unsigned", issuer.token({**header, "alg": "none"}, good, lambda _: b""), "no signature")
    yield refused("document-typ", issuer.token({**header, "typ": access.TYP}, good), f"typ is {TYP}")
    yield refused("document-access-token", issuer.token(), "an access token is no list of what ended")
    old = revocation_document.claims(ISSUER, marks(issuer), issued_at=NOW - 600)
    yield refused("document-old", issuer.token(header, old), "ran out nine minutes ago: a cache that is stuck")
    yield refused("document-iss", issuer.token(header, {**good, "iss": "https://rogue.example"}), "another issuer's")
    for kind in ("sid", "sid-stale", "sub", "kid"):
        less = {**good, "revoked": {name: named for name, named in good["revoked"].items() if name != kind}}
        yield refused(f"document-without-{kind}", issuer.token(header, less), f"{kind} is missing: not the same as empty")
    by_pulled = issuer.token(issuer.header(issuer.pulled, typ=TYP), good, issuer.pulled.sign)
    yield refused("document-by-pulled-key", by_pulled, "signed by a key that it says to trust no more")
