"""Start the shipped proxy files: only ports, paths and certificates are replaced."""

import datetime
import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.deploy.wire import HOST, Address
from tests.support.ports import free_port
from tests.support.server import ROOT

DEPLOY = ROOT / "deploy"
_SHIPPED_HOST = "id.example.com"
_SHIPPED_UPSTREAM = "127.0.0.1:8000"
_READY_SECONDS = 20.0
# What deploy/nginx.conf asks for outside itself.
_AROUND_NGINX = """daemon off;
{user}worker_processes 1;
worker_rlimit_nofile 20000;
pid {folder}/nginx.pid;
error_log {folder}/error.log warn;
events {{ worker_connections 8192; }}
http {{
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/signet.conf;
}}
"""


@dataclass(frozen=True, slots=True)
class Certificate:
    chain: Path
    key: Path


@dataclass(frozen=True, slots=True)
class Edge:
    """Where strangers arrive: a proxy of ours, or the application itself (`name` "direct")."""

    name: str
    at: Address
    plain_port: int = 0


def make_certificate(folder: Path) -> Certificate:
    """Self-signed, for `HOST`, for an hour."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    now = datetime.datetime.now(datetime.UTC)
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(minutes=5))
        .not_valid_after(now + datetime.timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    made = Certificate(folder / "fullchain.pem", folder / "privkey.pem")
    made.chain.write_bytes(built.public_bytes(serialization.Encoding.PEM))
    private = serialization.PrivateFormat.PKCS8
    made.key.write_bytes(key.private_bytes(serialization.Encoding.PEM, private, serialization.NoEncryption()))
    return made


@contextmanager
def nginx(folder: Path, upstream: int, certificate: Certificate) -> Iterator[Edge]:
    port, plain_port = free_port(), free_port()
    main = write_nginx(folder, upstream, certificate, port, plain_port)
    with _running(["nginx", "-p", str(folder), "-e", str(folder / "error.log"), "-c", str(main)], folder, port):
        yield Edge("nginx", Address(port, certificate.chain), plain_port)


def write_nginx(folder: Path, upstream: int, certificate: Certificate, port: int, plain_port: int) -> Path:
    """The site file with our ports and paths, and the main file that includes it; answers the main file."""
    site = (DEPLOY / "nginx.conf").read_text()
    site = site.replace(_SHIPPED_UPSTREAM, f"127.0.0.1:{upstream}").replace(_SHIPPED_HOST, HOST)
    site = site.replace("/etc/ssl/signet/fullchain.pem", str(certificate.chain))
    site = site.replace("/etc/ssl/signet/privkey.pem", str(certificate.key))
    site = site.replace("/var/log/nginx", str(folder)).replace("/var/www/acme", str(folder / "acme"))
    if not has_ipv6():
        site = re.sub(r"^ *listen \[::\].*\n", "", site, flags=re.MULTILINE)
    site = site.replace("listen [::]:443", f"listen [::1]:{port}").replace("listen 443", f"listen 127.0.0.1:{port}")
    site = site.replace("listen [::]:80", f"listen [::1]:{plain_port}").replace("listen 80", f"listen 127.0.0.1:{plain_port}")
    (folder / "signet.conf").write_text(site)
    main = folder / "nginx.conf"
    main.write_text(_AROUND_NGINX.format(folder=folder, user="user root;\n" if os.geteuid() == 0 else ""))
    return main


@contextmanager
def caddy(folder: Path, upstream: int, certificate: Certificate) -> Iterator[Edge]:
    port = free_port()
    file = write_caddy(folder, certificate)
    command = ["caddy", "run", "--config", str(file), "--adapter", "caddyfile"]
    with _running(command, folder, port, env=caddy_environment(folder, upstream, port)):
        yield Edge("caddy", Address(port, certificate.chain))


def write_caddy(folder: Path, certificate: Certificate) -> Path:
    text = (DEPLOY / "Caddyfile").read_text()
    ours = f"tls {certificate.chain} {certificate.key}"
    text, count = re.subn(r"# Your own certificate instead: tls \S+ \S+", ours, text)
    assert count == 1
    addresses = "127.0.0.1 [::1]" if has_ipv6() else "127.0.0.1"
    text = text.replace("\tauto_https", f"\tadmin off\n\tdefault_bind {addresses}\n\tauto_https", 1)
    file = folder / "Caddyfile"
    file.write_text(text)
    return file


def caddy_environment(folder: Path, upstream: int, port: int) -> dict[str, str]:
    version = subprocess.run(["caddy", "version"], capture_output=True, text=True, check=True).stdout
    numbers = tuple(int(part) for part in re.findall(r"\d+", version)[:3])
    return {
        "PATH": os.environ.get("PATH", ""),
        "HOME": str(folder),
        "XDG_DATA_HOME": str(folder / "data"),
        "XDG_CONFIG_HOME": str(folder / "config"),
        "SIGNET_HOST": f"{HOST}:{port}",
        "SIGNET_UPSTREAM": f"127.0.0.1:{upstream}",
        "SIGNET_BUFFERING": "buffering" if numbers >= (2, 6, 4) else "buffering_of_2_6_2",
    }


def has_ipv6() -> bool:
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True


def is_installed(program: str) -> bool:
    return shutil.which(program) is not None


@contextmanager
def _running(command: list[str], folder: Path, port: int, env: dict[str, str] | None = None) -> Iterator[None]:
    with (folder / "output.log").open("ab") as log:
        process = subprocess.Popen(command, env=env, stdout=log, stderr=log)
    try:
        deadline = time.monotonic() + _READY_SECONDS
        while not _listens(port):
            assert process.poll() is None, f"{command[0]} ended:\n{(folder / 'output.log').read_text()}"
            assert time.monotonic() < deadline, f"{command[0]} does not listen"
            time.sleep(0.05)
        yield
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
