"""By the honest key, and not for this service, not now, or not an access token (SECURITY J-08 to J-11).

Times are minutes beyond the mark, so that a verifier may allow for clocks that differ (RFC 7519 §4.1.4).
"""

from collections.abc import Iterator

from accounts.tokens import revocation_document

from .issuer import ABSENT, AUDIENCE, DEVICE, ISSUER, NOW, PERSON, Issuer, Vector, refused


def vectors(issuer: Issuer) -> Iterator[Vector]:
    yield from _names(issuer)
    yield from _times(issuer)
    yield from _missing(issuer)
    yield from _kinds(issuer)


def _names(issuer: Issuer) -> Iterator[Vector]:
    for name, iss in (
        ("wrong", "https://rogue.example"),
        ("trailing-slash", f"{ISSUER}/"),
        ("http", ISSUER.replace("https", "http")),
        ("longer", f"{ISSUER}.rogue.example"),
    ):
        yield refused(f"iss-{name}", issuer.token(claims=issuer.claims(iss=iss)), "iss is compared as a whole, byte for byte")
    for name, aud in (
        ("wrong", ["https://other.example"]),
        ("of-the-issuer", [ISSUER]),
        ("longer", [f"{AUDIENCE}.rogue.example"]),
        ("shorter", [AUDIENCE[:-1]]),
        ("empty", []),
    ):
        yield refused(f"aud-{name}", issuer.token(claims=issuer.claims(aud=aud)), "for somebody else: aud must name this service")


def _times(issuer: Issuer) -> Iterator[Vector]:
    for name, changes, reason in (
        ("expired", {"exp": NOW - 300, "iat": NOW - 900}, "expired five minutes ago"),
        ("not-yet-issued", {"iat": NOW + 600, "exp": NOW + 1200}, "issued in ten minutes"),
        ("not-yet-valid", {"nbf": NOW + 300}, "nbf is in five minutes"),
        ("exp-before-iat", {"iat": NOW - 60, "exp": NOW - 660}, "over before it began"),
        ("exp-text", {"exp": str(NOW + 540)}, "exp is a number"),
        ("exp-true", {"exp": True}, "exp is a number"),
        ("exp-far", {"exp": NOW + 31_536_000}, "lives for a year: longer than the list of what ended remembers"),
        ("nbf-text", {"nbf": "yesterday"}, "nbf is a number"),
    ):
        yield refused(name, issuer.token(claims=issuer.claims(**changes)), reason)


def _missing(issuer: Issuer) -> Iterator[Vector]:
    for name in ("iss", "sub", "aud", "exp", "iat", "jti", "client_id"):
        without = issuer.token(claims=issuer.claims(**{name: ABSENT}))
        yield refused(f"{name}-missing", without, f"no {name} (RFC 9068 section 2.2)")
    for name in ("sid", "epoch", "auth_time"):
        without = issuer.token(claims=issuer.claims(**{name: ABSENT}))
        yield refused(f"{name}-missing", without, f"about a person and without {name}: nobody could say whether it ended")
    yield refused("sub-empty", issuer.token(claims=issuer.claims(sub="")), "sub is empty")
    yield refused("epoch-text", issuer.token(claims=issuer.claims(epoch="7")), "epoch is a number")
    yield refused("sid-list", issuer.token(claims=issuer.claims(sid=[DEVICE])), "sid is a string")


def _kinds(issuer: Issuer) -> Iterator[Vector]:
    about = {"iss": ISSUER, "sub": PERSON, "aud": AUDIENCE, "exp": NOW + 240, "iat": NOW - 60}
    signed_in = {**about, "auth_time": NOW - 3600, "sid": DEVICE, "nonce": "n-0S6"}
    yield refused("id-token", issuer.token(issuer.header(typ="JWT"), signed_in), "an ID token opens nothing")
    events = {**about, "jti": "1", "sid": DEVICE, "events": {"http://schemas.openid.net/event/backchannel-logout": {}}}
    yield refused("logout-token", issuer.token(issuer.header(typ="logout+jwt"), events), "a logout token opens nothing")
    ended = revocation_document.claims(ISSUER, {}, issued_at=NOW)
    document = issuer.token(issuer.header(typ=revocation_document.TYP), ended)
    yield refused("revocations", document, "the issuer's own list of what ended is no access token")
    yield refused("refresh-token", "rt1.AZmZAAAAcACAAAAAAAAAoQ", "a refresh token is for its issuer alone")
    bound = issuer.token(claims=issuer.claims(cnf={"jkt": issuer.strangers.kid}))
    yield refused("bound-to-a-key", bound, "bound to a key (RFC 9449): worthless as a bearer token, without a proof beside it")
