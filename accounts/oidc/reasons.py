"""What is said of each refusal: to staff, for a client's developers (`trouble_words`), and to the client, of its own request.

So the sentences name parameters of ours and repeat nothing that was sent (SECURITY O-48). Plain ASCII without quotes.
"""

_NAMES = """
response_type client_id redirect_uri scope state response_mode nonce claims resource display prompt max_age acr_values
id_token_hint login_hint ui_locales claims_locales registration code_challenge code_challenge_method dpop_jkt request
request_uri client_secret client_assertion client_assertion_type grant_type code code_verifier refresh_token device_code
audience subject_token subject_token_type actor_token actor_token_type requested_token_type token token_type_hint
access_token post_logout_redirect_uri logout_hint
"""
PARAMETERS = frozenset(_NAMES.split())
"""The names that may be said."""
_NO_NAME = "a parameter that is not known here"

SENTENCES = {
    ("invalid_client", "secret"): "the client secret is not one of those in force",
    ("invalid_client", "unknown, or another way"): "the client authenticated in another way than it is registered for",
    ("invalid_client", "encoding"): "the Authorization header is not id and secret in base64",
    ("invalid_client", "not id and secret"): "the Authorization header lacks the id or the secret, or is not Basic",
    ("invalid_client", "type of assertion"): "client_assertion is missing, or client_assertion_type is not that of a JWT",
    ("invalid_client", "assertion"): "the assertion does not hold: {about}",
    ("invalid_client", "assertion: kid"): "the kid of the assertion is not that of a registered key",
    ("invalid_client", "assertion: no kid"): "the assertion has no kid, and not exactly one registered key is for its alg",
    ("invalid_client", "assertion: alg"): "the alg of the assertion is none of those in the metadata",
    ("invalid_client", "assertion: alg of another key"): "the alg of the assertion is not that of the registered key",
    ("invalid_client", "assertion: signature"): "the assertion is signed with another key than the registered one",
    ("invalid_client", "assertion: typ"): "the typ of the assertion is neither client-authentication+jwt nor JWT",
    ("invalid_client", "claim"): "the assertion lacks {about}, or it is of the wrong type",
    ("invalid_client", "claim: aud"): "the aud of the assertion is missing, or a list: it is this issuer alone, as one string",
    ("invalid_client", "iss or sub"): "the iss and the sub of the assertion have to be the client_id",
    ("invalid_client", "aud"): "the aud of the assertion is not this issuer, as it stands in the metadata",
    ("invalid_client", "run out"): "the assertion has run out: its exp is past",
    ("invalid_client", "exp"): "the exp of the assertion is more than five minutes ahead",
    ("invalid_client", "iat"): "the iat of the assertion is ahead of the clock here",
    ("invalid_client", "used before"): "the jti of the assertion was used before: make a new one for each request",
    ("invalid_client", "public"): "a client that does not authenticate may not ask about tokens",
    ("invalid_request", "missing"): "{about} is missing",
    ("invalid_request", "repeated"): "{about} is given more than once",
    ("invalid_request", "value"): "{about} is too long, or holds what is no text",
    ("invalid_request", "too much"): "the parameters are too long together",
    ("invalid_request", "two ways at once"): "the client authenticated in two ways at once",
    ("invalid_request", "two tokens"): "the access token came in the header and in the form",
    ("invalid_request", "two clients"): "client_id is not that of the client that authenticated",
    ("invalid_request", "redirect_uri"): "redirect_uri is missing, or is not registered",
    ("invalid_request", "response_mode"): "response_mode is neither query nor form_post",
    ("invalid_request", "no PKCE"): "code_challenge is missing: this client has to use PKCE with S256",
    ("invalid_request", "no code_challenge"): "code_challenge is missing, though there is a code_challenge_method",
    ("invalid_request", "code_challenge_method"): "code_challenge_method is not S256",
    ("invalid_request", "code_challenge"): "code_challenge is not a SHA-256 in base64url, which has 43 characters",
    ("invalid_request", "no nonce"): "nonce is missing: a request without code_challenge needs one",
    ("invalid_request", "prompt"): "prompt is not one of those supported, or none together with another",
    ("invalid_request", "max_age"): "max_age is not a number of seconds",
    ("invalid_request", "dpop_jkt"): "dpop_jkt is not a thumbprint in base64url, or not that of the key of the DPoP header",
    ("invalid_request", "claims"): "claims is not as OpenID Connect Core 5.5 has it: {about}",
    ("invalid_request", "not pushed"): "the request was not pushed, as this client has to (RFC 9126)",
    ("invalid_request", "request_uri inside"): "request_uri cannot be pushed",
    ("invalid_request", "id_token_hint"): "id_token_hint is not an ID token of this client",
    ("invalid_request", "two people"): "id_token_hint and claims name two people",
    ("invalid_request", "subject_token"): "subject_token is not a live access token for the service of this client",
    ("invalid_request", "subject_token_type"): "subject_token_type is not that of an access token",
    ("invalid_request", "requested_token_type"): "requested_token_type is not that of an access token",
    ("invalid_request", "actor_token"): "actor_token is not supported: the client that authenticates is the actor",
    ("invalid_request", "too many actors"): "subject_token has gone through as many services as a token may",
    (
        "invalid_request",
        "a bound token would become a bearer token",
    ): "subject_token is bound to a key, and the DPoP header is missing",
    ("invalid_request_uri", "used, run out, or of another client"): "request_uri was used before, or after its minute",
    ("request_not_supported", "request"): "request objects are not supported",
    ("request_uri_not_supported", "request_uri"): "request_uri is not one that was pushed here",
    ("unsupported_response_type", "response_type"): "response_type is not code",
    ("unsupported_grant_type", "grant_type"): "grant_type is none of those in the metadata",
    ("invalid_scope", "scope"): "scope is missing, or names what the client is not registered for",
    ("invalid_scope", "beyond the grant"): "scope goes beyond what the person let the first client in for",
    ("invalid_scope", "beyond the registration"): "scope names what the client is not registered for",
    ("invalid_target", "several"): "resource is given more than once, and a token is for one service",
    ("invalid_target", "resource"): "resource is not the service of the scopes, or the scopes are those of two services",
    ("invalid_target", "say one"): "one of resource and audience has to name the other service",
    ("invalid_target", "scopes of another service"): "the scopes are not those of the service that is named",
    ("invalid_grant", "unknown, or used before"): "the code is unknown, of another client, or was used before",
    ("invalid_grant", "used before"): "the device code was exchanged by another request",
    ("invalid_grant", "run out"): "the code was exchanged after its minute",
    ("invalid_grant", "code_verifier"): "code_verifier does not belong to the code_challenge of the request",
    ("invalid_grant", "another key than was asked for"): "the proof is not of the key that the code was asked for with",
    ("invalid_grant", "no consent"): "the person has not agreed to this, or has taken it back",
    ("invalid_grant", "signed out meanwhile"): "the person signed out before the code was exchanged",
    ("invalid_grant", "account_unavailable"): "the account cannot have tokens: it is disabled, locked or leaving",
    ("invalid_grant", "email_unverified"): "the account cannot have tokens: its address is not confirmed",
    ("invalid_grant", "insufficient_user_authentication"): "a role of the person asks for a stronger sign-in than theirs was",
    ("invalid_grant", "token_invalid"): "the refresh token is unknown, or of another client",
    ("invalid_grant", "token_expired"): "the refresh token was not used for too long",
    ("invalid_grant", "token_reused"): "the refresh token was used before: with it the sign-in has ended",
    ("invalid_grant", "device_revoked"): "the sign-in of this refresh token has ended",
    ("invalid_grant", "from before it was registered for bound tokens"): (
        "the refresh token is not bound to a key, as this client has to have it by now: its people sign in once more"
    ),
    ("expired_token", ""): "the device code was asked about after its ten minutes",
    ("access_denied", "the person"): "the person said no",
    ("temporarily_unavailable", "network"): "so many sign-ins were begun in one network within the hour that some were sent back",
    ("unauthorized_client", ""): "the client is not registered for {about}",
    ("unauthorized_client", "not a service"): "no service is registered with this client",
    ("unsupported_token_type", "no sign-in of this client"): "a token that came of no sign-in at this client cannot be revoked",
    ("invalid_dpop_proof", "none, though registered for it"): "the DPoP header is missing: this client gets bound tokens alone",
    ("invalid_dpop_proof", "no proof"): "the DPoP header is missing: the token is bound to a key",
    ("invalid_dpop_proof", "another key"): "the DPoP proof is not of the key that the token is bound to",
    ("invalid_dpop_proof", "used before"): "the DPoP proof was used before: make a new one, with another jti, for each request",
    ("invalid_dpop_proof", "htm"): "the DPoP proof was made for another method: htm is that of the request",
    (
        "invalid_dpop_proof",
        "htu",
    ): "the DPoP proof was made for another address: htu is that of the endpoint, as the metadata tell it",
    ("invalid_dpop_proof", "ath"): "the DPoP proof was made for another access token: ath is the hash of the one that is shown",
    ("invalid_dpop_proof", "signature"): "the DPoP proof is not signed with the key in its header",
    ("invalid_dpop_proof", "alg"): "the algorithm of the DPoP proof is none of those in the metadata, or not that of its key",
    ("invalid_dpop_proof", ""): "the DPoP proof does not hold: {about}",
    ("token_invalid", "aud"): "an access token for another audience was shown at userinfo",
    ("token_invalid", "bound to a key, or not"): (
        "a token that is bound to a key was shown at userinfo as Bearer, or one that is not as DPoP"
    ),
    ("insufficient_scope", "openid"): (
        "the access token that was shown at userinfo is for a service, or without openid: resource asks for one for userinfo"
    ),
}
"""By the code and the reason of a refusal. Where the whole is not here: by the part before a colon, then by the code alone."""


def sentence(code: str, reason: str) -> str:
    """Empty where there is none."""
    why, _, about = reason.partition(": ")
    if whole := SENTENCES.get((code, reason)):
        return whole.format(about=_NO_NAME)
    if (code, why) in SENTENCES:
        return SENTENCES[code, why].format(about=about)
    return SENTENCES.get((code, ""), "").format(about=reason)


def in_public(code: str, reason: str) -> str:
    """As an `error_description`; empty where there is none. Names of parameters keep their letters."""
    said = sentence(code, reason)
    if not said:
        return ""
    return f"{said if said.partition(' ')[0] in PARAMETERS else said[0].upper() + said[1:]}."


def named(reason: str, parameter: str) -> str:
    """The reason, with the name of a parameter of ours."""
    return f"{reason}: {parameter}" if parameter in PARAMETERS else reason
