"""Every refusal that a client can see: one tree, each with its stable code, status and public text."""

from typing import Any, ClassVar


class Problem(Exception):
    """A refusal with a stable `code`. `extra` joins the body, `headers` the response."""

    code: ClassVar[str] = "error"
    status: ClassVar[int] = 400
    detail: ClassVar[str] = "The request cannot be served."

    def __init__(self, reason: str = "", *, headers: dict[str, str] | None = None, **extra: Any) -> None:
        super().__init__(reason or self.code)
        self.reason = reason
        self.headers = headers or {}
        self.extra = extra

    def body(self) -> dict[str, Any]:
        return {"code": self.code, "detail": self.detail, **self.extra}


class InvalidInput(Problem):
    """400 with the fields that are wrong: `errors` maps a field to its list of `{code, detail}`."""

    code = "invalid"
    detail = "Some fields are not valid."

    def __init__(self, field: str, code: str, detail: str) -> None:
        super().__init__(f"{field}: {code}", errors={field: [{"code": code, "detail": detail}]})


class AmbiguousCredentials(Problem):
    code = "ambiguous_credentials"
    detail = "The request carries two credentials that do not belong together."


class Unauthenticated(Problem):
    """401: the credential does not open this door (RFC 6750 §3.1 `invalid_token` on the wire)."""

    status = 401
    code = "not_authenticated"
    detail = "Sign in first."


class InvalidCredentials(Unauthenticated):
    """One answer for unknown, wrong, locked and disabled."""

    code = "invalid_credentials"
    detail = "The e-mail address or the password is not right."


class EmailUnverified(Unauthenticated):
    code = "email_unverified"
    detail = "Confirm the e-mail address first."


class TokenInvalid(Unauthenticated):
    code = "token_invalid"
    detail = "The token is not valid."


class TokenExpired(TokenInvalid):
    code = "token_expired"
    detail = "The token has expired."


class TokenStale(TokenInvalid):
    """The token is older than a change to the account: refresh and retry."""

    code = "token_stale"
    detail = "The token is out of date: refresh it and try again."


class TokenReused(TokenInvalid):
    """A refresh token that was already rotated came back (RFC 9700 §4.14.2)."""

    code = "token_reused"
    detail = "The refresh token was used before. The device has been signed out."


class DeviceRevoked(TokenInvalid):
    code = "device_revoked"
    detail = "The device has been signed out."


class AccountUnavailable(TokenInvalid):
    code = "account_unavailable"
    detail = "The account cannot be used at the moment."


class Forbidden(Problem):
    status = 403
    code = "permission_denied"
    detail = "You may not do this."


class NotOnOneself(Forbidden):
    """Disabling, enabling and promoting are done by somebody else (SECURITY A-03, L-15)."""

    code = "not_on_oneself"
    detail = "Somebody else has to do this to your account."


class InsufficientScope(Forbidden):
    """RFC 6750 §3.1: the app was not given this scope."""

    code = "insufficient_scope"
    detail = "The token does not carry the scope that this needs."

    def __init__(self, scope: str) -> None:
        challenge = f'Bearer realm="api", error="insufficient_scope", scope="{scope}"'
        super().__init__(scope, headers={"WWW-Authenticate": challenge}, required_scope=scope)


class InsufficientUserAuthentication(Unauthenticated):
    """RFC 9470 §3: prove again who you are, at most `max_age` seconds ago, then retry."""

    code = "insufficient_user_authentication"
    detail = "Confirm that it is you, then try again."

    def __init__(self, *, max_age: int) -> None:
        challenge = f'Bearer realm="api", error="insufficient_user_authentication", max_age="{max_age}"'
        super().__init__(headers={"WWW-Authenticate": challenge}, max_age=max_age)


class OriginNotAllowed(Forbidden):
    code = "origin_not_allowed"
    detail = "This origin may not ask for cookies."


class AccountDisabled(Problem):
    """409: the account must be enabled first. Staff are told; at sign-in nobody is."""

    status = 409
    code = "account_disabled"
    detail = "The account is disabled. Enable it first."


class NotFound(Problem):
    status = 404
    code = "not_found"
    detail = "There is nothing here."


class TooManyAttempts(Problem):
    """429; `retry_after` in seconds."""

    status = 429
    code = "too_many_attempts"
    detail = "Too many attempts. Wait a moment and try again."

    def __init__(self, retry_after: int) -> None:
        super().__init__(headers={"Retry-After": str(max(1, retry_after))})


class Unavailable(Problem):
    """503: infrastructure trouble. Never a 401, so that apps keep their tokens."""

    status = 503
    code = "unavailable"
    detail = "The service is busy or partly down. Try again in a moment."

    def __init__(self, reason: str = "", *, retry_after: int = 2) -> None:
        super().__init__(reason, headers={"Retry-After": str(retry_after)})
