"""Every refusal that a client can see: one tree, each with its stable code, status and public text.

The texts stay English for apps; `_` only marks them, so that pages can translate them.
"""

from collections.abc import Iterable
from typing import Any, ClassVar


def _(text: str) -> str:
    """Django's `gettext_noop` without the settings, which cannot be read yet: they import this file."""
    return text


class Problem(Exception):
    """A refusal with a stable `code`. `extra` joins the body, `headers` the response."""

    code: ClassVar[str] = "error"
    status: ClassVar[int] = 400
    detail: ClassVar[str] = _("The request cannot be served.")

    def __init__(self, reason: str = "", *, headers: dict[str, str] | None = None, **extra: Any) -> None:
        super().__init__(reason or self.code)
        self.reason = reason
        self.headers = headers or {}
        self.extra = extra

    def body(self) -> dict[str, Any]:
        return {"code": self.code, "detail": self.detail, **self.extra}


class InvalidInput(Problem):
    """400 with the fields that are wrong: `errors` maps a field to its list of `{code, detail}`; `says` is that detail."""

    code = "invalid"
    detail = _("Some fields are not valid.")

    def __init__(self, field: str, code: str, detail: str) -> None:
        super().__init__(f"{field}: {code}", errors={field: [{"code": code, "detail": detail}]})
        self.says = detail

    @classmethod
    def several(cls, found: Iterable[tuple[str, str]]) -> "InvalidInput":
        """Of fields and what is wrong with each, at least one. `says` is the first."""
        (field, detail), *others = found
        problem = cls(field, "invalid", detail)
        for name, more in others:
            problem.extra["errors"].setdefault(name, []).append({"code": "invalid", "detail": more})
        return problem


class AmbiguousCredentials(Problem):
    code = "ambiguous_credentials"
    detail = _("The request carries two credentials that do not belong together.")


class Unauthenticated(Problem):
    """401: the credential does not open this door (RFC 6750 §3.1 `invalid_token` on the wire)."""

    status = 401
    code = "not_authenticated"
    detail = _("Sign in first.")


class InvalidCredentials(Unauthenticated):
    """One answer for unknown, wrong, locked and disabled."""

    code = "invalid_credentials"
    detail = _("The e-mail address or the password is not right.")


class EmailUnverified(Unauthenticated):
    code = "email_unverified"
    detail = _("Confirm the e-mail address first.")


class MfaRequired(Unauthenticated):
    """The proof holds, a second one is missing: `challenge` goes to /auth/token/mfa/ with one of `methods`."""

    code = "mfa_required"
    detail = _("Confirm with a second factor.")

    def __init__(self, *, challenge: str, methods: list[str], expires_in: int, **options: Any) -> None:
        """`options`: `publicKey` when a passkey is among the methods."""
        super().__init__(challenge=challenge, methods=methods, expires_in=expires_in, **options)


class MfaEnrolmentRequired(MfaRequired):
    """The account must have a second factor and has none yet: `challenge` goes to /auth/token/mfa/enrol/."""

    code = "mfa_enrolment_required"
    detail = _("This account needs a second factor. Set one up to go on.")


class InvalidCode(Unauthenticated):
    code = "invalid_code"
    detail = _("The code is not right, was used, or has run out.")


class ChallengeInvalid(Unauthenticated):
    """The challenge was forged, used, has run out, or saw too many wrong answers: begin again."""

    code = "challenge_invalid"
    detail = _("This step has run out. Begin again.")


class InvalidIdToken(Unauthenticated):
    code = "invalid_id_token"
    detail = _("The identity token is not valid here.")


class InvalidCredential(Problem):
    """400: a WebAuthn answer that does not hold (Web Authentication §7)."""

    code = "invalid_credential"
    detail = _("The passkey could not be checked.")


class LinkRequired(Problem):
    """409: the address has an account, which must prove itself before the upstream identity is linked to it."""

    status = 409
    code = "link_required"
    detail = _("There is an account with this address. Sign in to it once to link the two.")


class TooManyPasskeys(Problem):
    code = "too_many_passkeys"
    detail = _("You have as many passkeys as one account can hold. Remove one first.")


class IdentityInUse(Problem):
    """409: the upstream identity opens another account."""

    status = 409
    code = "identity_in_use"
    detail = _("This sign-in belongs to another account.")


class InvalidNotice(Problem):
    """400: a notice that its sender did not sign, or that is not for us; `err` is RFC 8935's word for it (§2.4)."""

    code = "invalid_notice"
    detail = _("The notice is not valid here.")

    def __init__(self, reason: str = "", *, err: str = "invalid_request") -> None:
        super().__init__(reason, err=err)


class AlreadyEnrolled(Problem):
    status = 409
    code = "already_enrolled"
    detail = _("This is set up already. Remove it first.")


class NotEnrolled(Problem):
    status = 409
    code = "not_enrolled"
    detail = _("Set up an authenticator app first.")


class LastFactor(Problem):
    """409: without this one the account could not be opened, or would break the rule of its role (SECURITY P-17)."""

    status = 409
    code = "last_factor"
    detail = _("This is the last one. Add another before you remove it.")


class AddressRequired(Problem):
    """409: a password is asked for beside an address, and this account has none."""

    status = 409
    code = "address_required"
    detail = _("Add an e-mail address first: a password opens nothing without one.")


class TokenInvalid(Unauthenticated):
    """401: forged, damaged, or of another kind; the reason is for the log alone."""

    code = "token_invalid"
    detail = _("The token is not valid.")


class TokenExpired(TokenInvalid):
    """401: genuine, and past its `exp` or its device's end."""

    code = "token_expired"
    detail = _("The token has expired.")


class TokenStale(TokenInvalid):
    """The token is older than a change to the account: refresh and retry."""

    code = "token_stale"
    detail = _("The token is out of date: refresh it and try again.")


class TokenReused(TokenInvalid):
    """A refresh token that was already rotated came back (RFC 9700 §4.14.2)."""

    code = "token_reused"
    detail = _("The refresh token was used before. The device has been signed out.")


class DeviceRevoked(TokenInvalid):
    """401: signed out, by whomever."""

    code = "device_revoked"
    detail = _("The device has been signed out.")


class InvalidDpopProof(Unauthenticated):
    """401: the proof of a key is missing, does not hold, or was used (RFC 9449 §5, §7.1). The tokens stay good."""

    code = "invalid_dpop_proof"
    detail = _("The DPoP proof is missing or does not hold.")


class UseDpopNonce(InvalidDpopProof):
    """401: the same again, with the nonce of the answer's `DPoP-Nonce` (RFC 9449 §8)."""

    code = "use_dpop_nonce"
    detail = _("The DPoP proof needs the nonce that came with this answer.")


class AccountUnavailable(TokenInvalid):
    """401: disabled, locked or leaving; told only to those who hold a token already."""

    code = "account_unavailable"
    detail = _("The account cannot be used at the moment.")


class Forbidden(Problem):
    """403: known who it is, and not allowed."""

    status = 403
    code = "permission_denied"
    detail = _("You may not do this.")


class MethodDisabled(Forbidden):
    """403: this way of signing in is turned off here."""

    code = "method_disabled"
    detail = _("This way of signing in is not offered here.")


class LastAdministrator(Problem):
    """409: somebody has to be left who can administer."""

    status = 409
    code = "last_administrator"
    detail = _("You are the last administrator. Make somebody else one first.")


class NotOnOneself(Forbidden):
    """Disabling, enabling and promoting are done by somebody else (SECURITY A-03, L-15)."""

    code = "not_on_oneself"
    detail = _("Somebody else has to do this to your account.")


class InsufficientScope(Forbidden):
    """RFC 6750 §3.1: the app was not given this scope."""

    code = "insufficient_scope"
    detail = _("The token does not carry the scope that this needs.")

    def __init__(self, scope: str) -> None:
        challenge = f'Bearer realm="api", error="insufficient_scope", scope="{scope}"'
        super().__init__(scope, headers={"WWW-Authenticate": challenge}, required_scope=scope)


class InsufficientUserAuthentication(Unauthenticated):
    """RFC 9470 §3: prove again who you are, at most `max_age` seconds ago, then retry."""

    code = "insufficient_user_authentication"
    detail = _("Confirm that it is you, then try again.")

    def __init__(self, *, max_age: int, acr_values: str = "") -> None:
        """`acr_values`: the strength that is wanted, when the token's is less."""
        wanted = f', acr_values="{acr_values}"' if acr_values else ""
        challenge = f'Bearer realm="api", error="insufficient_user_authentication", max_age="{max_age}"{wanted}'
        extra = {"acr_values": acr_values} if acr_values else {}
        super().__init__(headers={"WWW-Authenticate": challenge}, max_age=max_age, **extra)


class OriginNotAllowed(Forbidden):
    """403: cookies are set for our own origin and those of `CORS_ALLOWED_ORIGINS` alone."""

    code = "origin_not_allowed"
    detail = _("This origin may not ask for cookies.")


class AccountDisabled(Problem):
    """409: the account must be enabled first. Staff are told; at sign-in nobody is."""

    status = 409
    code = "account_disabled"
    detail = _("The account is disabled. Enable it first.")


class NotFound(Problem):
    """404, also for what exists and is not the asker's to see."""

    status = 404
    code = "not_found"
    detail = _("There is nothing here.")


class TooManyAttempts(Problem):
    """429; `retry_after` in seconds. `key` names the counter that refused, for us alone."""

    status = 429
    code = "too_many_attempts"
    detail = _("Too many attempts. Wait a moment and try again.")

    def __init__(self, retry_after: int, *, key: str = "") -> None:
        super().__init__(headers={"Retry-After": str(max(1, retry_after))})
        self.key = key


class Unavailable(Problem):
    """503: infrastructure trouble. Never a 401, so that apps keep their tokens."""

    status = 503
    code = "unavailable"
    detail = _("The service is busy or partly down. Try again in a moment.")

    def __init__(self, reason: str = "", *, retry_after: int = 5, upstream_status: int = 0) -> None:
        """`upstream_status`: what another server answered, for us alone; 0 when it did not."""
        super().__init__(reason, headers={"Retry-After": str(retry_after)})
        self.upstream_status = upstream_status
