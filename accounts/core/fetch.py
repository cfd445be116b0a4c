"""Guarded outgoing HTTP: an address that somebody else may choose must not lead into our own network (SECURITY F-05).

A name is resolved first, every address it has is checked, and the connection goes to an address that was checked: a
name that resolves differently a moment later (rebinding) changes nothing. TLS still proves the name.
"""

import ipaddress
import socket
import ssl
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError

from .errors import Unavailable

TIMEOUT = 3.0
"""Seconds for all of it: name, connection, handshake, answer."""
MAX_BYTES = 256 * 1024
"""Of the body, as sent and as decompressed."""

_PORTS = {"https": 443, "http": 80}
_HEADERS = {"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "Signet"}
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_UNICAST = ipaddress.ip_network("2000::/3")
_NEIGHBOURS = [ipaddress.ip_network("168.63.129.16/32"), ipaddress.ip_network("192.0.0.0/24")]
"""Public by number in some lists, but answered by the host that a virtual machine runs on."""

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class _Refused(Exception):
    """Why nothing was fetched."""


@dataclass(frozen=True, slots=True)
class _Target:
    """A URL taken apart; `path` with its query."""

    scheme: str
    host: str
    port: int
    path: str


def get(url: str) -> bytes:
    """The body of a 200. Raises `Unavailable` for everything else: refused addresses, redirects, time, size, TLS."""
    return _within_time(_Exchange(url))


def post_form(url: str, fields: Mapping[str, str], headers: Mapping[str, str]) -> bytes:
    """The body of a 200 to this form. Raises as `get` does."""
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    return _within_time(_Exchange(url, urlencode(fields).encode(), {**form, **headers}))


def _within_time(exchange: "_Exchange") -> bytes:
    # A thread, because neither a slow resolver nor an answer that drips byte by byte ends at a socket's timeout.
    thread = threading.Thread(target=exchange.run, name="fetch", daemon=True)
    thread.start()
    thread.join(TIMEOUT)
    if thread.is_alive():
        exchange.abandon()
        raise Unavailable("fetch: too slow")
    if exchange.answer is None:
        raise Unavailable(f"fetch: {exchange.trouble}", upstream_status=exchange.status)
    return exchange.answer


class _Exchange:
    """One request and its answer; ends with `answer` or `trouble` set. With a `body` it is a POST.

    `status` is 0 until one came.
    """

    def __init__(self, url: str, body: bytes | None = None, headers: Mapping[str, str] | None = None) -> None:
        self.url, self.body, self.headers = url, body, {**_HEADERS, **(headers or {})}
        self.answer: bytes | None = None
        self.status = 0
        self.trouble = ""
        self._is_over = False
        self._sockets: list[socket.socket] = []

    def run(self) -> None:
        try:
            self.answer = self._exchange()
        except (_Refused, HTTPError, OSError, ValueError) as error:
            # The type alone: texts of libraries may hold what a stranger sent.
            self.trouble = str(error) if isinstance(error, _Refused) else type(error).__name__
        finally:
            self.abandon()

    def abandon(self) -> None:
        """Cut the line, whatever still reads from it."""
        self._is_over = True
        for twin in self._sockets:
            try:
                twin.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue
            finally:
                twin.close()

    def _exchange(self) -> bytes:
        target = _taken_apart(self.url)
        connection = (_Plain if target.scheme == "http" else _Tls)(target, self._connected)
        method = "GET" if self.body is None else "POST"
        try:
            connection.request(method, target.path, self.body, self.headers, preload_content=False)
            answer = connection.getresponse()
            self.status = answer.status
            if self.status != 200:
                raise _Refused(f"status {self.status}")
            body = answer.read(MAX_BYTES + 1, decode_content=True)
        finally:
            connection.close()
        if len(body) > MAX_BYTES:
            raise _Refused("the body is too long")
        return body

    def _connected(self, target: _Target) -> socket.socket:
        trouble: OSError = OSError("no address")
        for address in checked_addresses(target):
            try:
                line = socket.create_connection((str(address), target.port), timeout=TIMEOUT)
            except OSError as error:
                trouble = error
                continue
            # TLS takes the socket over; its twin stays ours, to cut the line with.
            self._sockets.append(line.dup())
            if self._is_over:
                raise _Refused("too slow")
            return line
        raise trouble


def _taken_apart(url: str) -> _Target:
    parts = urlsplit(url)
    if parts.scheme not in _PORTS or not parts.hostname or parts.username is not None or not url.isascii():
        raise _Refused("the address is not acceptable")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return _Target(parts.scheme, parts.hostname, parts.port or _PORTS[parts.scheme], path)


def checked_addresses(target: _Target) -> list[Address]:
    """What the name resolves to. One address that is not allowed refuses the name: it is not ours to pick the good ones."""
    found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    addresses = list(dict.fromkeys(ipaddress.ip_address(str(entry[4][0]).partition("%")[0]) for entry in found))
    for address in addresses:
        if not (_is_listed(address) or (target.scheme == "https" and is_public(address))):
            raise _Refused("the network is not allowed")
    return addresses


def is_public(address: Address) -> bool:
    """Reachable by everybody: not private, loopback, link-local, multicast, reserved, nor a way around that (RFC 6890)."""
    inner = _embedded(address)
    if inner is not None:
        return is_public(inner)
    if address.version == 6 and address not in _UNICAST:
        return False
    if any(address in network for network in _NEIGHBOURS):
        return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def _embedded(address: Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address that an IPv6 one stands for: mapped, 6to4, Teredo, NAT64."""
    if isinstance(address, ipaddress.IPv4Address):
        return None
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or (address.teredo or (None, None))[1]


def _is_listed(address: Address) -> bool:
    return any(address in network for network in settings.FETCH_ALLOWED_NETWORKS)


class _Plain(HTTPConnection):
    """Goes where `dial` goes; name, SNI and certificate are those of the URL."""

    def __init__(self, target: _Target, dial: Callable[[_Target], socket.socket]) -> None:
        super().__init__(target.host, target.port, timeout=TIMEOUT)
        self._dial = partial(dial, target)

    def _new_conn(self) -> socket.socket:
        return self._dial()


class _Tls(HTTPSConnection):
    """The same, by TLS."""

    def __init__(self, target: _Target, dial: Callable[[_Target], socket.socket]) -> None:
        super().__init__(target.host, target.port, timeout=TIMEOUT, ssl_context=ssl.create_default_context())
        self._dial = partial(dial, target)

    def _new_conn(self) -> socket.socket:
        return self._dial()
