"""One-use links for downloads and images, where no header can be sent: bound to method, path and device, 60 s at most."""

from urllib.parse import urlencode

from accounts.core import gates
from accounts.core.errors import TokenInvalid
from accounts.tokens import sealed
from accounts.tokens.grant import CredentialKind, Grant, grant_of

PARAMETER = "link"


def url(grant: Grant, path: str) -> str:
    """`path` with a token that opens it once, with the powers of `grant`."""
    token = sealed.seal(sealed.DOWNLOAD_LINK, {**grant.claims(), "path": path})
    return f"{path}{'&' if '?' in path else '?'}{urlencode({PARAMETER: token})}"


def redeem(token: str, path: str) -> Grant:
    """Raises `TokenInvalid` (wrong path, used), `TokenExpired`, `TokenStale`, `DeviceRevoked`, `Unavailable`."""
    claims = sealed.unseal(sealed.DOWNLOAD_LINK, token)
    if claims.text("path") != path:
        raise TokenInvalid("link for another path")
    grant = grant_of(claims, CredentialKind.LINK)
    grant.refuse_revoked()
    if not gates.consume("download-link", claims.text("jti"), expires_at=grant.expires_at):
        raise TokenInvalid("link was used")
    return grant
