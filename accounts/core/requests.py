"""Who asks: the client's address behind known proxies, its user agent, the id of the request."""

import ipaddress
import re
from dataclasses import dataclass
from functools import lru_cache

from django.conf import settings
from django.http import HttpRequest

# `Forwarded` (RFC 7239 §4): hops by comma, pairs by semicolon, quoted strings skipped whole, so that no host name can
# pretend to be a hop. A node is an address, IPv6 in brackets (or bare, as some proxies write it), with or without a port.
_HOP = re.compile(r'(?:[^",]++|"(?:[^"\\]|\\.)*+"?)++')
_PAIR = re.compile(r'([^\s=;,"]{1,20})=("(?:[^"\\]|\\.)*+"|[^",;]*+)')
_NODE = re.compile(r"\[([^\]]+)\](?::\d+)?|([^:\[\]]+)(?::\d+)?|([^\[\]]*:[^\[\]]*:[^\[\]]*)")
_LONGEST_USER_AGENT = 200
_BEYOND_56 = "00:0000:0000:0000:0000"


@dataclass(frozen=True, slots=True)
class Source:
    """Where a request came from; it travels to limits, devices and audit events as a plain value."""

    address: str = ""
    user_agent: str = ""
    request_id: str = ""

    @property
    def network(self) -> str:
        """What limits count together; empty when the address is unknown."""
        return network(self.address)


NOWHERE = Source()
"""For what the server does by itself, or from the command line."""


def source(request: HttpRequest) -> Source:
    """Who asks, as plain values that rules can take."""
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
    for hop in reversed(_hops(meta.get("HTTP_FORWARDED", ""))):
        if not _is_address(named := _named_by(hop)):
            return address
        address = named
        if not _is_trusted_proxy(address):
            return address
    return address


def _hops(header: str) -> list[str]:
    """With an odd quote somebody plays games: then commas alone separate, and what our proxy appended stays the last."""
    return _HOP.findall(header) if header.count('"') % 2 == 0 else header.split(",")


def _named_by(hop: str) -> str:
    """The address of one hop; empty for none, an obfuscated or a malformed one."""
    pairs = {name.lower(): value.strip(' "') for name, value in _PAIR.findall(hop)}
    node = _NODE.fullmatch(pairs.get("for", ""))
    return next(filter(None, node.groups())) if node else ""


@lru_cache(maxsize=4096)
def network(address: str) -> str:
    """The /24 (IPv4) or /56 (IPv6) around an address: what a household or an office shares."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return ""
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped:
        parsed = parsed.ipv4_mapped
    return str(ipaddress.ip_network(f"{parsed}/{24 if parsed.version == 4 else 56}", strict=False))


def in_words(network: str) -> str:
    """A network as people read addresses: `203.0.113.x`, `2001:0db8:0000:12xx`; empty for an empty one."""
    if not network:
        return ""
    parsed = ipaddress.ip_network(network)
    if parsed.version == 4:
        return str(parsed.network_address).removesuffix("0") + "x"
    return parsed.network_address.exploded.removesuffix(_BEYOND_56) + "xx"


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
