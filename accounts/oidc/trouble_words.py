"""Refusals as sentences that a client's developer can act on."""

from collections.abc import Callable, Iterable

from .errors import InvalidGrant, OAuthProblem
from .models import Client
from .parameters import Parameters

_LONGEST = 200
_DIFFERENCES: dict[str, Callable[[str], str]] = {
    "the trailing slash": lambda uri: uri.rstrip("/"),
    "upper and lower case": str.lower,
    "the scheme": lambda uri: uri.partition("://")[2],
    "the query": lambda uri: uri.partition("?")[0],
    "the port": lambda uri: (
        uri.partition("://")[2].partition("/")[0].partition(":")[0] + uri.partition("://")[2].partition("/")[2]
    ),
}
_SENTENCES = {
    ("invalid_client", "secret"): "the client secret is not one of those in force",
    ("invalid_client", "unknown, or another way"): "the client authenticated in another way than it is registered for",
    ("invalid_client", "iss, sub or aud"): "the assertion names another client, or another audience than this issuer",
    ("invalid_client", "times"): "the assertion has run out, or is good for more than five minutes",
    ("invalid_client", "used before"): "the assertion was used before: make a new one, with another jti, for each request",
    ("invalid_request", "no code_challenge"): "code_challenge is missing: this client has to use PKCE with S256",
    ("invalid_request", "code_challenge_method"): "code_challenge_method is not S256",
    ("invalid_request", "not pushed"): "the request was not pushed, as this client has to (RFC 9126)",
    ("invalid_request", "repeated"): "a parameter was sent twice",
    ("invalid_scope", "scope"): "scope is missing, or names what the client is not registered for",
    ("invalid_target", "resource"): "resource is not the service of the scopes, or the scopes are those of two services",
    ("invalid_grant", "unknown, or used before"): "the code is unknown, of another client, or was used before",
    ("invalid_grant", "run out"): "the code was exchanged after its minute",
    ("invalid_grant", "code_verifier"): "code_verifier does not belong to the code_challenge of the request",
    ("invalid_grant", "no consent"): "the person has not agreed to this, or has taken it back",
    ("unauthorized_client", "refresh_token"): "the client is not registered for refresh_token",
}


def told(refusal: OAuthProblem, client: Client, parameters: Parameters) -> str:
    """One line. What was sent is quoted for addresses alone: the rest may be a secret."""
    if refusal.reason == "redirect_uri" and isinstance(refusal, InvalidGrant):
        return (
            f"redirect_uri is not the one that the code was asked for with: got {parameters.get('redirect_uri', '')[:_LONGEST]}"
        )
    for name, registered in (
        ("redirect_uri", client.redirect_uris),
        ("post_logout_redirect_uri", client.post_logout_redirect_uris),
    ):
        if refusal.reason == name:
            return difference(name, parameters.get(name, ""), registered)
    plain = f"{refusal.code} ({refusal.reason})" if refusal.reason else refusal.code
    return _SENTENCES.get((refusal.code, refusal.reason), plain)


def difference(name: str, asked: str, registered: Iterable[str]) -> str:
    """How an address that does not match misses the nearest that is registered."""
    if not asked:
        return f"{name} is missing"
    got = f"got {asked[:_LONGEST]}"
    for what, without in _DIFFERENCES.items():
        for known in registered:
            if without(asked) == without(known):
                return f"{name} differs in {what}: registered {known}, {got}"
    return f"{name} is not registered: {got}"
