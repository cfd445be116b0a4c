"""Redirect URIs: what may be registered, and what matches (RFC 9700 §2.1, RFC 8252 §7, SECURITY O-01, O-29).

There are no wildcards. What is asked for must be what was registered, byte for byte; only the port of a loopback address may
differ, because a native app takes the one that is free.
"""

import re
from collections.abc import Iterable
from urllib.parse import SplitResult, urlsplit

from django.conf import settings

LONGEST = 500
_PLAIN = re.compile(r"[!$-;=?-\[\]_a-z~]+", re.ASCII)
"""Printable ASCII without space, quotes, `#`, `<`, `>`, backslash, `^`, backtick, braces and `|` (RFC 3986 §2)."""
_HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?", re.ASCII)
_PRIVATE_SCHEME = re.compile(r"[a-z][a-z0-9-]*(?:\.[a-z0-9-]+)+", re.ASCII)
_DOTS = re.compile(r"(?:^|/)(?:\.|%2e){1,2}(?:[/;?]|$)", re.IGNORECASE)
_LOOPBACK = re.compile(r"http://(127\.0\.0\.1|\[::1\])(?::(\d{1,5}))?(/.*|\?.*)?", re.ASCII)


def problem_with(uri: str) -> str:
    """Why this cannot be registered; empty when it can."""
    if not 0 < len(uri) <= LONGEST or _PLAIN.fullmatch(uri) is None:
        return "Use plain ASCII: no spaces, quotes, backslashes or fragments."
    parts, scheme = _split(uri), uri.partition(":")[0]
    if parts is None or "*" in uri or "@" in parts.netloc:
        return "There are no wildcards, and no names before the host."
    if _DOTS.search(parts.path):
        return "The path must not contain dots that lead elsewhere."
    if scheme in {"https", "http"}:
        return _problem_with_host(parts)
    if _PRIVATE_SCHEME.fullmatch(scheme) and not parts.netloc:
        return ""
    return "Use https, http on a loopback address, or a scheme that is a domain of yours turned around."


def problem_with_endpoint(uri: str) -> str:
    """For a URI that this server itself calls: https, unless networks are listed that may be called without. Where it leads is
    asked at each call (`core.fetch`)."""
    if not uri.startswith("https://") and not (uri.startswith("http://") and settings.FETCH_ALLOWED_NETWORKS):
        return "Use https."
    return problem_with(uri)


def _split(uri: str) -> SplitResult | None:
    try:
        parts = urlsplit(uri)
        _ = parts.port
    except ValueError:
        return None
    return parts


def _problem_with_host(parts: SplitResult) -> str:
    host = parts.hostname or ""
    if parts.netloc.partition("]")[0].lstrip("[").partition(":")[0] != host.partition(":")[0] or parts.netloc.endswith(":"):
        return "Write the host in lower case, and a port or none."
    if parts.scheme == "http":
        return "" if _is_here(host) else "Use https: http is for loopback addresses alone."
    return "" if _HOST.fullmatch(host) else "The host is not a name."


def _is_here(host: str) -> bool:
    """A loopback address, or a name that never leaves the machine (RFC 6761 §6.3)."""
    return host in {"127.0.0.1", "::1", "localhost"} or (host.endswith(".localhost") and _HOST.fullmatch(host) is not None)


def matching(uri: str, registered: Iterable[str]) -> bool:
    return any(uri == known or _same_but_for_the_port(uri, known) for known in registered)


def _same_but_for_the_port(uri: str, known: str) -> bool:
    """RFC 8252 §7.3. A name, `localhost` say, is not an address: it can be made to lead elsewhere."""
    asked, kept = _LOOPBACK.fullmatch(uri), _LOOPBACK.fullmatch(known)
    if asked is None or kept is None or int(asked[2] or 80) > 65_535:
        return False
    return (asked[1], asked[3]) == (kept[1], kept[3])


def is_for_anybody(uri: str, *, is_public: bool) -> bool:
    """Whether any app on a device could take the answer and use it: at a private scheme, or at a loopback address for a client
    that needs no secret for the rest (RFC 8252 §8.6)."""
    return not uri.startswith("https://") and (is_public or not uri.startswith("http://"))


def origin_of(uri: str) -> str:
    """Scheme, host and port as a browser sends them in `Origin`; empty for a private scheme."""
    parts = urlsplit(uri)
    return f"{parts.scheme}://{parts.netloc}" if parts.scheme in {"https", "http"} else ""
