"""Who asks: the client's address behind known proxies, its user agent, the id of the request."""

import ipaddress
import re
from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest

_FORWARDED_FOR = re.compile(r'for="?\[?([0-9A-Fa-f.:]+)\]?(?::\d+)?"?', re.IGNORECASE)
_LONGEST_USER_AGENT = 200


@dataclass(frozen=True, slots=True)
class Source:
    """Where a request came from; it travels to limits, devices and audit events as a plain value."""

    address: str = ""
    user_agent: str = ""
    request_id: str = ""

    @property
    def network(self) -> str:
        return network(self.address)


def source(request: HttpRequest) -> Source:
    return Source(
        address=client_address(request.META),
        user_agent=_printable(request.META.get("HTTP_USER_AGENT", ""))[:_LONGEST_USER_AGENT],
        request_id=getattr(request, "request_id", ""),
    )


def client_address(meta: dict[str, str]) -> str:
    """The right-most address that none of our own proxies wrote.

    Read from `Forwarded` (RFC 7239) alone: granian takes `X_Forwarded_For` for `X-Forwarded-For`, so a client could
    forge the older header past a proxy that strips only the hyphen form (SECURITY W-01).
    """
    address = meta.get("REMOTE_ADDR", "")
    if not _is_trusted_proxy(address):
        return address
    for hop in reversed(meta.get("HTTP_FORWARDED", "").split(",")):
        found = _FORWARDED_FOR.search(hop)
        if found is None or not _is_address(found[1]):
            return address
        address = found[1]
        if not _is_trusted_proxy(address):
            return address
    return address


def network(address: str) -> str:
    """The /24 (IPv4) or /56 (IPv6) around an address: what a household or an office shares."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return ""
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped:
        parsed = parsed.ipv4_mapped
    return str(ipaddress.ip_network(f"{parsed}/{24 if parsed.version == 4 else 56}", strict=False))


def _is_trusted_proxy(address: str) -> bool:
    return _is_address(address) and any(ipaddress.ip_address(address) in block for block in settings.TRUSTED_PROXIES)


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _printable(text: str) -> str:
    return "".join(character for character in text if character.isprintable())
