"""Whose address it is: behind known proxies, with forged and malformed headers (SECURITY W-01, W-03, E-07)."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from accounts.core.requests import client_address, in_words, network
from project.logs import redact

PROXY, CLIENT = "10.0.0.1", "192.0.2.1"


@pytest.fixture
def behind_a_proxy(settings: Settings) -> None:
    settings.TRUSTED_PROXIES = [ipaddress.ip_network("10.0.0.0/8"), ipaddress.ip_network("fd00::/8")]


def seen(forwarded: str, remote: str = PROXY, **more: str) -> str:
    return client_address({"REMOTE_ADDR": remote, "HTTP_FORWARDED": forwarded, **more})


READ = {
    "for=192.0.2.1": CLIENT,
    'for="192.0.2.1"': CLIENT,
    'for="192.0.2.1:4711"': CLIENT,
    "for=192.0.2.1:4711": CLIENT,
    "For=192.0.2.1": CLIENT,
    "for=192.0.2.1;proto=https;host=id.example.com": CLIENT,
    "proto=https; for=192.0.2.1": CLIENT,
    'for="[2001:db8::1]"': "2001:db8::1",
    'for="[2001:db8::1]:4711"': "2001:db8::1",
    "for=2001:db8::1": "2001:db8::1",
    "for=6.6.6.6, for=192.0.2.1": CLIENT,
    "for=192.0.2.1, for=10.9.9.9": CLIENT,
    "for=6.6.6.6, for=192.0.2.1, for=10.9.9.9, for=10.9.9.8": CLIENT,
    'for=192.0.2.1, for="[fd00::7]"': CLIENT,
    "for=unknown, for=192.0.2.1": CLIENT,
    "rubbish, for=192.0.2.1": CLIENT,
}


@pytest.mark.parametrize("header", READ)
def test_W03_right_most_foreign_address_counts(behind_a_proxy: None, header: str) -> None:
    assert seen(header) == READ[header]


FORGED = [
    'for=192.0.2.1;host="for=6.6.6.6"',
    'host="for=6.6.6.6";for=192.0.2.1',
    'host=";for=6.6.6.6;";for=192.0.2.1',
    'for=192.0.2.1;host="a,for=6.6.6.6"',
    'for=192.0.2.1;host="a, for=6.6.6.6 ;b"',
    'for="6.6.6.6, for=192.0.2.1',
    'x="for=6.6.6.6, for=192.0.2.1',
    "x-for=6.6.6.6;for=192.0.2.1",
    "for=192.0.2.1;by=6.6.6.6",
    "for=192.0.2.1;x-for=6.6.6.6",
]


@pytest.mark.parametrize("header", FORGED)
def test_W03_what_a_client_writes_into_it_is_not_believed(behind_a_proxy: None, header: str) -> None:
    assert seen(header) == CLIENT


MALFORMED = [
    "",
    ",",
    ";",
    "for",
    "for=",
    'for=""',
    "for=unknown",
    "for=_hidden",
    "for=999.1.1.1",
    "for=1.2.3",
    "for=1.2.3.4.5",
    "for=example.com",
    "for=[2001:db8::1",
    "for=2001:db8::1]",
    "for=[192.0.2.1",
    "for=[]",
    "for=-1",
    "for=192.0.2.1x",
    "for=192.0.2.1 6.6.6.6",
    "for=\x00",
    "for=١.٢.٣.٤",
    "6.6.6.6",
    "for:6.6.6.6",
    "for=6.6.6.6, rubbish",
    "for=6.6.6.6,",
    "x" * 5_000,
]


@pytest.mark.parametrize("header", MALFORMED, ids=range(len(MALFORMED)))
def test_W03_malformed_header_leaves_the_sockets_address(behind_a_proxy: None, header: str) -> None:
    assert seen(header) in ({PROXY} if header != "for=6.6.6.6," else {PROXY, "6.6.6.6"})


@pytest.mark.parametrize("header", READ)
def test_W01_a_stranger_is_not_believed(behind_a_proxy: None, header: str) -> None:
    assert seen(header, remote="198.51.100.7") == "198.51.100.7"


@pytest.mark.parametrize("name", ["HTTP_X_FORWARDED_FOR", "HTTP_X_REAL_IP", "HTTP_CLIENT_IP", "HTTP_TRUE_CLIENT_IP"])
def test_W01_other_headers_are_never_read(behind_a_proxy: None, name: str) -> None:
    assert client_address({"REMOTE_ADDR": PROXY, name: "6.6.6.6"}) == PROXY
    assert seen("for=192.0.2.1", **{name: "6.6.6.6"}) == CLIENT


def test_W03_without_proxies_the_header_is_nothing(settings: Settings) -> None:
    settings.TRUSTED_PROXIES = []
    assert seen("for=6.6.6.6") == PROXY


@given(st.text(max_size=60))
def test_W03_any_header_gives_an_address(header: str) -> None:
    address = client_address({"REMOTE_ADDR": "198.51.100.7", "HTTP_FORWARDED": header})
    assert address == "198.51.100.7"
    assert network(header) == "" or ipaddress.ip_network(network(header))


NETWORKS = {
    "192.0.2.77": "192.0.2.0/24",
    "::ffff:192.0.2.77": "192.0.2.0/24",
    "2001:db8:1:2ff:3::4": "2001:db8:1:200::/56",
    "::1": "::/56",
    "": "",
    "x": "",
    "192.0.2.77/8": "",
}


@pytest.mark.parametrize("address", NETWORKS)
def test_what_a_household_shares(address: str) -> None:
    assert network(address) == NETWORKS[address]


def test_G01_redaction_is_the_backstop() -> None:
    for secret in ("eyJhbGciOi.eyJzdWIi.c2ln", "rt1.AAAA_-bbbb", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----"):
        assert redact(f"before {secret} after") == "before [redacted] after"
    assert redact("GET /x?a=1&link=abc&token=def ") == "GET /x?a=1&link=[redacted]&token=[redacted] "


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("203.0.113.77", "203.0.113.x"),
        ("10.20.0.30", "10.20.0.x"),
        ("2001:db8:0:12ab::1", "2001:0db8:0000:12xx"),
        ("::1", "0000:0000:0000:00xx"),
        ("not an address", ""),
    ],
)
def test_network_is_said_as_people_read_addresses(address: str, said: str) -> None:
    assert in_words(network(address)) == said
