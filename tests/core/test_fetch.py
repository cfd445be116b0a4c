"""Outgoing HTTP: what a name resolves to is checked, and the checked address is the one that is called."""

import datetime
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from accounts.core import fetch
from accounts.core.errors import Unavailable
from tests.support.issuer import Issuer, serving

LOOPBACK = [ipaddress.ip_network("127.0.0.0/8")]
_INSIDE = [
    "127.0.0.1", "127.8.8.8", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
    "100.100.100.200", "192.0.0.192", "198.18.0.1", "224.0.0.1", "239.1.1.1", "240.0.0.1", "255.255.255.255",
    "168.63.129.16", "::1", "::", "fe80::1", "fc00::1", "fd00:ec2::254", "ff02::1", "::ffff:127.0.0.1",
    "::ffff:169.254.169.254", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "2002:7f00:1::", "2002:a9fe:a9fe::1",
    "2001:0:1:1:1:1:80ff:fffe", "64:ff9b:1::1", "2001:db8::1",
]  # fmt: skip


@pytest.fixture
def issuer(settings: Any) -> Iterator[Issuer]:
    settings.FETCH_ALLOWED_NETWORKS = LOOPBACK
    with serving(Issuer()) as running:
        yield running


def reason(url: str) -> str:
    with pytest.raises(Unavailable) as refused:
        fetch.get(url)
    return refused.value.reason


@pytest.mark.parametrize("address", _INSIDE)
def test_F05_address_inside_is_not_public(address: str) -> None:
    assert not fetch.is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", ["8.8.8.8", "1.1.1.1", "2606:4700:4700::1111", "64:ff9b::808:808", "2002:808:808::1"])
def test_F05_address_outside_is_public(address: str) -> None:
    assert fetch.is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "host",
    [
        "169.254.169.254",
        "localhost",
        "[::1]",
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f000001",
        "017700000001",
        "[::ffff:7f00:1]",
    ],
)
def test_F05_no_connection_goes_inside(issuer: Issuer, settings: Any, host: str) -> None:
    port = issuer.url.rpartition(":")[2]
    settings.FETCH_ALLOWED_NETWORKS = []
    for scheme in ("http", "https"):
        assert reason(f"{scheme}://{host}:{port}/keys") in {"fetch: the network is not allowed", "fetch: gaierror"}
    assert issuer.paths == []
    settings.FETCH_ALLOWED_NETWORKS = LOOPBACK
    assert fetch.get(f"{issuer.url}/keys")


def test_F05_name_that_resolves_inside_is_refused(issuer: Issuer, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    port = int(issuer.url.rpartition(":")[2])
    resolves(monkeypatch, ["127.0.0.1"])
    assert fetch.get(f"http://issuer.example:{port}/keys")
    settings.FETCH_ALLOWED_NETWORKS = []
    assert reason(f"https://issuer.example:{port}/keys") == "fetch: the network is not allowed"
    resolves(monkeypatch, ["8.8.8.8", "127.0.0.1"])
    assert reason(f"https://issuer.example:{port}/keys") == "fetch: the network is not allowed"


def test_F05_rebinding_name_is_asked_once(issuer: Issuer, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second answer of the resolver would lead elsewhere: nobody asks for it."""
    port = int(issuer.url.rpartition(":")[2])
    asked = resolves(monkeypatch, ["127.0.0.1"], then=["169.254.169.254"])
    assert fetch.get(f"http://issuer.example:{port}/keys")
    assert asked == ["issuer.example"]


def test_F05_plain_http_goes_to_listed_networks_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    resolves(monkeypatch, ["8.8.8.8"])
    assert reason("http://issuer.example/keys") == "fetch: the network is not allowed"


@pytest.mark.parametrize(
    "url",
    [
        "ftp://127.0.0.1/",
        "file:///etc/passwd",
        "//127.0.0.1/",
        "http://a:b@127.0.0.1/",
        "http://",
        "http://127.0.0.1:x/",
        "http://é/",
    ],
)
def test_F05_other_addresses_are_refused(issuer: Issuer, url: str) -> None:
    assert reason(url) in {"fetch: the address is not acceptable", "fetch: ValueError"}


@pytest.mark.parametrize(
    ("mode", "why"),
    [("redirect", "status 302"), ("error", "status 500"), ("large", "the body is too long"), ("bomb", "the body is too long")],
)
def test_F05_answer_is_refused(issuer: Issuer, mode: str, why: str) -> None:
    issuer.mode = mode
    assert reason(f"{issuer.url}/keys") == f"fetch: {why}"
    assert issuer.paths == ["/keys"]
    issuer.mode = "zipped"
    assert fetch.get(f"{issuer.url}/keys").startswith(b'{"keys"')


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["silent", "dripping"])
def test_F05_slow_answer_costs_three_seconds(issuer: Issuer, mode: str) -> None:
    issuer.mode, begun = mode, time.monotonic()
    assert "fetch: " in reason(f"{issuer.url}/keys")
    assert time.monotonic() - begun < 4.0
    assert_no_fetch_lives()


@pytest.mark.slow
def test_F05_slow_handshake_costs_three_seconds(issuer: Issuer) -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        begun = time.monotonic()
        assert "fetch: " in reason(f"https://127.0.0.1:{mute.getsockname()[1]}/")
        assert time.monotonic() - begun < 4.0


@pytest.mark.slow
def test_F05_slow_resolver_costs_three_seconds(issuer: Issuer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: time.sleep(4) or [])
    begun = time.monotonic()
    assert reason("https://issuer.example/") == "fetch: too slow"
    assert time.monotonic() - begun < 4.0
    time.sleep(1)


def test_F05_certificate_must_be_of_the_name(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.FETCH_ALLOWED_NETWORKS = LOOPBACK
    resolves(monkeypatch, ["127.0.0.1"])
    with tls_server(tmp_path, "issuer.example") as (port, names):
        assert reason(f"https://issuer.example:{port}/") == "fetch: SSLCertVerificationError"
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "cert.pem"))
        assert reason(f"https://other.example:{port}/") == "fetch: SSLCertVerificationError"
        assert fetch.get(f"https://issuer.example:{port}/") == b"ok"
    assert names[-1] == ("issuer.example", f"issuer.example:{port}")


def resolves(monkeypatch: pytest.MonkeyPatch, first: list[str], then: list[str] | None = None) -> list[str]:
    """A resolver with answers of its own for names; addresses resolve to themselves."""
    asked: list[str] = []
    real = socket.getaddrinfo

    def resolve(host: str, port: int, *args: Any, **kwargs: Any) -> list[Any]:
        if not str(host).endswith(".example"):
            return real(host, port, *args, **kwargs)
        asked.append(host)
        answer = first if len(asked) == 1 or then is None else then
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in answer]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    return asked


def assert_no_fetch_lives() -> None:
    deadline = time.monotonic() + 2
    while time.monotonic() < deadline and any(thread.name == "fetch" for thread in threading.enumerate()):
        time.sleep(0.05)
    assert not any(thread.name == "fetch" for thread in threading.enumerate())


class tls_server:
    """Answers `ok`, and remembers by which names it was called: SNI and Host."""

    def __init__(self, folder: Path, name: str) -> None:
        self.names: list[tuple[str, str]] = []
        self._sni = ""
        certificate(folder, name)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
        context.sni_callback = self._called
        self._server = socket.create_server(("127.0.0.1", 0))
        self._context = context

    def __enter__(self) -> tuple[int, list[tuple[str, str]]]:
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()
        return self._server.getsockname()[1], self.names

    def __exit__(self, *details: object) -> None:
        self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        self._thread.join()

    def _called(self, line: object, name: str, context: object) -> None:
        self._sni = name

    def _serve(self) -> None:
        while True:
            try:
                line, _ = self._server.accept()
            except OSError:
                return
            try:
                with self._context.wrap_socket(line, server_side=True) as secure:
                    host = secure.recv(4096).decode().partition("Host: ")[2].partition("\r\n")[0]
                    self.names.append((self._sni, host))
                    secure.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
            except OSError:
                line.close()


def certificate(folder: Path, name: str) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    subject, now = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)]), datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    (folder / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    pkcs8 = serialization.PrivateFormat.PKCS8
    (folder / "key.pem").write_bytes(key.private_bytes(serialization.Encoding.PEM, pkcs8, serialization.NoEncryption()))
