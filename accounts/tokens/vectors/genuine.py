"""Tokens that must be accepted: whoever refuses everything proves nothing."""

from collections.abc import Iterator

from .issuer import ABSENT, AUDIENCE, Issuer, Vector, accepted

CLIENT = "nightly-report"


def vectors(issuer: Issuer) -> Iterator[Vector]:
    yield accepted("es256", issuer.token(), "a token as most installations issue it")
    for key in (issuer.rs256, issuer.ed25519):
        signed = issuer.token(issuer.header(key), sign=key.sign)
        yield accepted(key.algorithm.lower(), signed, f"signed with the issuer's {key.algorithm} key, which its JWK Set has")
    yield accepted(
        "several-audiences",
        issuer.token(claims=issuer.claims(aud=["https://other.example", AUDIENCE])),
        "aud names this service among others",
    )
    yield accepted(
        "unknown-claims",
        issuer.token(claims=issuer.claims(org={"id": "1", "role": "owner"}, later="addition")),
        "claims that a verifier does not know are passed over (RFC 7519 section 4)",
    )
    yield accepted(
        "no-roles", issuer.token(claims=issuer.claims(roles=ABSENT)), "roles stay out of a token that would be too large"
    )
    yield accepted(
        "client-as-itself",
        issuer.token(claims=of_a_client(issuer, CLIENT)),
        "a client that acts as itself: sub is client_id, and there is no sid, epoch or auth_time",
    )


def of_a_client(issuer: Issuer, client_id: str) -> dict[str, object]:
    """As `client_credentials` gives it (RFC 9068 §2.2)."""
    personal = dict.fromkeys(("sid", "epoch", "auth_time", "acr", "amr", "roles"), ABSENT)
    return issuer.claims(sub=client_id, client_id=client_id, **personal)
