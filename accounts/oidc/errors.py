"""The refusals of OAuth and OpenID Connect, in their words (RFC 6749 §4.1.2.1 and §5.2): fixed texts, nothing that was sent."""

from typing import Any, ClassVar

from django.utils.translation import gettext_noop as _

from accounts.core.errors import Problem

from . import reasons


class OAuthProblem(Problem):
    """`code` is the `error` of the specification. Texts are plain ASCII without quotes (RFC 6749 §5.2, SECURITY O-48)."""

    code: ClassVar[str] = "oauth_error"
    tells_why: ClassVar[bool] = False
    """Whether the client reads the reason: where that is about the form of its request. Of secrets, codes and tokens the same
    is said for every reason, since who guesses or stole one would learn which part was right; of people, no more than that."""

    @property
    def description(self) -> str:
        return (reasons.in_public(self.code, self.reason) if self.tells_why else "") or self.detail

    def body(self) -> dict[str, Any]:
        return {"error": self.code, "error_description": self.description}


_WORDS = {
    **dict.fromkeys(("unavailable", "too_many_attempts"), "temporarily_unavailable"),
    "malformed": "invalid_request",
    # RFC 6750 §3.1 has one word for all of them.
    **dict.fromkeys(("not_authenticated", "token_invalid", "token_expired", "token_stale"), "invalid_token"),
    **dict.fromkeys(("device_revoked", "account_unavailable", "email_unverified"), "invalid_token"),
}


def in_words_of_oauth(body: dict[str, Any]) -> dict[str, Any]:
    """A refusal that is not of OAuth's own kinds, said to clients in both ways: they read `error` alone (RFC 6749 §5.2)."""
    if "code" not in body:
        return body
    return {"error": _WORDS.get(body["code"], body["code"]), "error_description": body["detail"], **body}


class InvalidRequest(OAuthProblem):
    """`detail` is what people read on a page of ours."""

    code = "invalid_request"
    tells_why = True
    detail = _("A parameter is missing, repeated, malformed, or does not go with another.")


class InvalidClient(OAuthProblem):
    """401. One answer for unknown, stopped and wrong (RFC 6749 §5.2)."""

    status = 401
    code = "invalid_client"
    detail = "The client did not authenticate in the way that it is registered for."

    def __init__(self, reason: str = "") -> None:
        super().__init__(reason, headers={"WWW-Authenticate": 'Basic realm="oauth", charset="UTF-8"'})


class InvalidGrant(OAuthProblem):
    """One answer for a code or token that is unknown, used, run out, of somebody else, or of an account that may not."""

    code = "invalid_grant"
    detail = "The code or token is not valid here, or is not valid any more."


class UnauthorizedClient(OAuthProblem):
    code = "unauthorized_client"
    tells_why = True
    detail = "The client is not registered for this."


class UnsupportedGrantType(OAuthProblem):
    code = "unsupported_grant_type"
    detail = "This grant type is not supported."


class UnsupportedResponseType(OAuthProblem):
    code = "unsupported_response_type"
    detail = "The response type is code, and no other."


class InvalidScope(OAuthProblem):
    code = "invalid_scope"
    tells_why = True
    detail = "A scope is not known, or was not given to this client."


class InvalidTarget(OAuthProblem):
    """RFC 8707 §2."""

    code = "invalid_target"
    tells_why = True
    detail = "The resource is not known, or is not what the scopes are for."


class RequestNotSupported(OAuthProblem):
    code = "request_not_supported"
    detail = "Request objects are not supported."


class RequestUriNotSupported(OAuthProblem):
    code = "request_uri_not_supported"
    detail = "Only what was pushed to this server can be referred to."


class InvalidRequestUri(OAuthProblem):
    """RFC 9126, RFC 9101 §7: told on a page of ours, since nobody knows whose it was."""

    code = "invalid_request_uri"
    detail = _("The request was used already, has run out, or was made by another application.")


class UnsupportedTokenType(OAuthProblem):
    """RFC 7009 §2.2.1."""

    code = "unsupported_token_type"
    detail = "A token that came of no sign-in at this client cannot be revoked: it runs out within minutes."


class AuthorizationPending(OAuthProblem):
    """RFC 8628 §3.5."""

    code = "authorization_pending"
    detail = "Nobody has allowed it yet. Ask again after the interval."


class SlowDown(OAuthProblem):
    """RFC 8628 §3.5: from now on five seconds more between two questions."""

    code = "slow_down"
    detail = "Asked too soon. Wait five seconds longer each time."


class ExpiredToken(OAuthProblem):
    """RFC 8628 §3.5."""

    code = "expired_token"
    detail = "The device code has run out. Begin again."


class AccessDenied(OAuthProblem):
    code = "access_denied"
    detail = "The person said no."


class TemporarilyUnavailable(OAuthProblem):
    """RFC 6749 §4.1.2.1: by redirect, where a status could not be told."""

    code = "temporarily_unavailable"
    detail = "Too many requests wait here. Try again in a moment."


class LoginRequired(OAuthProblem):
    """OpenID Connect Core §3.1.2.6."""

    code = "login_required"
    detail = "Somebody has to sign in."


class UnmetAuthenticationRequirements(OAuthProblem):
    """OpenID Connect Core Error Code unmet_authentication_requirements §2."""

    code = "unmet_authentication_requirements"
    detail = "The account cannot show the strength of proof that has to be told."


class ConsentRequired(OAuthProblem):
    code = "consent_required"
    detail = "Somebody has to agree."
