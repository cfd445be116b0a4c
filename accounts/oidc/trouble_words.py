"""Refusals as sentences that a client's developer can act on."""

from collections.abc import Callable, Iterable

from .errors import InvalidGrant, InvalidRequest, OAuthProblem, UnauthorizedClient
from .models import Client
from .parameters import Parameters

_LONGEST = 200
_DIFFERENCES: dict[str, Callable[[str], str]] = {
    "a space before or after it": str.strip,
    "the trailing slash": lambda uri: uri.rstrip("/"),
    "upper and lower case": str.lower,
    "the scheme": lambda uri: uri.partition("://")[2],
    "the query": lambda uri: uri.partition("?")[0],
    "the port": lambda uri: (
        uri.partition("://")[2].partition("/")[0].partition(":")[0] + uri.partition("://")[2].partition("/")[2]
    ),
}
SENTENCES = {
    ("invalid_client", "secret"): "the client secret is not one of those in force",
    ("invalid_client", "unknown, or another way"): "the client authenticated in another way than it is registered for",
    ("invalid_client", "type of assertion"): "client_assertion is missing, or client_assertion_type is not that of a JWT",
    ("invalid_client", "assertion"): "the assertion is not signed with a key of the client, or lacks a claim",
    ("invalid_client", "iss, sub or aud"): "the assertion names another client, or another audience than this issuer",
    ("invalid_client", "times"): "the assertion has run out, or is good for more than five minutes",
    ("invalid_client", "used before"): "the assertion was used before: make a new one, with another jti, for each request",
    ("invalid_client", "public"): "a client that does not authenticate may not ask about tokens",
    ("invalid_request", "two ways at once"): "the client authenticated in two ways at once",
    ("invalid_request", "two clients"): "client_id is not that of the client that authenticated",
    ("invalid_request", "no code_challenge"): "code_challenge is missing: this client has to use PKCE with S256",
    ("invalid_request", "code_challenge_method"): "code_challenge_method is not S256",
    ("invalid_request", "code_challenge"): "code_challenge is not a SHA-256 in base64url, which has 43 characters",
    ("invalid_request", "not pushed"): "the request was not pushed, as this client has to (RFC 9126)",
    ("invalid_request", "id_token_hint"): "id_token_hint is not an ID token of this client",
    ("invalid_request", "subject_token"): "subject_token is not a live access token for the service of this client",
    ("invalid_request_uri", "used, run out, or of another client"): "request_uri was used before, or after its minute",
    ("unsupported_response_type", "response_type"): "response_type is not code",
    ("unsupported_grant_type", "grant_type"): "grant_type is none of those in the metadata",
    ("invalid_scope", "scope"): "scope is missing, or names what the client is not registered for",
    ("invalid_scope", "beyond the grant"): "scope goes beyond what the person let the first client in for",
    ("invalid_scope", "beyond the registration"): "scope names what the client is not registered for",
    ("invalid_target", "resource"): "resource is not the service of the scopes, or the scopes are those of two services",
    ("invalid_target", "say one"): "one of resource and audience has to name the other service",
    ("invalid_target", "scopes of another service"): "the scopes are not those of the service that is named",
    ("invalid_grant", "unknown, or used before"): "the code is unknown, of another client, or was used before",
    ("invalid_grant", "run out"): "the code was exchanged after its minute",
    ("invalid_grant", "code_verifier"): "code_verifier does not belong to the code_challenge of the request",
    ("invalid_grant", "no consent"): "the person has not agreed to this, or has taken it back",
    ("invalid_grant", "signed out meanwhile"): "the person signed out before the code was exchanged",
    ("invalid_grant", "token_invalid"): "the refresh token is unknown, or of another client",
    ("invalid_grant", "token_reused"): "the refresh token was used before: with it the sign-in has ended",
    ("invalid_grant", "device_revoked"): "the sign-in of this refresh token has ended",
    ("expired_token", ""): "the device code was asked about after its ten minutes",
    ("access_denied", "the person"): "the person said no",
    ("unauthorized_client", "not a service"): "no service is registered with this client",
    ("unsupported_token_type", "no sign-in of this client"): "a token that came of no sign-in at this client cannot be revoked",
}
"""By the code and the reason of a refusal."""


def told(refusal: OAuthProblem, client: Client, parameters: Parameters) -> str:
    """One line. What was sent is quoted for addresses alone: the rest may be a secret."""
    if not client.is_active:
        return "the client is stopped"
    if refusal.reason == "redirect_uri" and isinstance(refusal, InvalidGrant):
        return f"redirect_uri is not the one that the code was asked for with: {_got(parameters['redirect_uri'])}"
    for name, registered in (
        ("redirect_uri", client.redirect_uris),
        ("post_logout_redirect_uri", client.post_logout_redirect_uris),
    ):
        if refusal.reason == name:
            return difference(name, parameters.get(name, ""), registered)
    return SENTENCES.get((refusal.code, refusal.reason)) or _by_its_reason(refusal)


def _by_its_reason(refusal: OAuthProblem) -> str:
    if isinstance(refusal, UnauthorizedClient):
        return f"the client is not registered for {refusal.reason}"
    if isinstance(refusal, InvalidRequest) and refusal.reason.startswith("no "):
        return f"{refusal.reason.removeprefix('no ')} is missing"
    return f"{refusal.code} ({refusal.reason})" if refusal.reason else refusal.code


def difference(name: str, asked: str, registered: Iterable[str]) -> str:
    """How an address that does not match misses the nearest that is registered."""
    if not asked:
        return f"{name} is missing"
    for what, without in _DIFFERENCES.items():
        for known in registered:
            if without(asked) == without(known):
                return f"{name} differs in {what}: registered {known}, {_got(asked)}"
    return f"{name} is not registered: {_got(asked)}"


def _got(address: str) -> str:
    """By whoever came: without what would break the line or turn its letters around."""
    return "got " + "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in address[:_LONGEST])
