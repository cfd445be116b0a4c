"""What may be registered as a redirect URI, and what matches one."""

import pytest

from accounts.oidc import uris

FINE = [
    "https://shop.example/cb",
    "https://shop.example:8443/cb?tenant=1",
    "https://192.0.2.1/cb",
    "http://127.0.0.1/cb",
    "http://[::1]:3000/cb",
    "http://localhost:3000/cb",
    "http://shop.localhost:3000/cb",
    "com.example.app:/cb",
]
BAD = [
    *(
        "javascript:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "vbscript:x",
        "about:blank",
        "app:/cb",
        "ftp://shop.example/",
    ),
    *("http://shop.example/cb", "//shop.example/cb", "/cb", "shop.example/cb", "", "https:", "https:///cb", "https://"),
    *("https://*.shop.example/cb", "https://shop.example/*", "https://shop.example/cb#", "https://shop.example/cb#x"),
    *(
        "https://user@shop.example/cb",
        "https://a:b@shop.example/",
        "https://shop.example\\@evil.example/",
        "https://Shop.example/cb",
    ),
    *("https://shop.example./cb", "https://shop.example:/cb", "https://shop.example:99999/cb", "https://shop.example:x/cb"),
    *(
        "https://shop.example/a/../cb",
        "https://shop.example/..;/cb",
        "https://shop.example/%2e%2e/cb",
        "https://shop.example/./cb",
    ),
    *("https://shop.example/c b", "https://shop.example/\r\nSet-Cookie:x", "https://shop.example/\0", "https://shöp.example/cb"),
    *('https://shop.example/"', "https://shop.example/<x>", "https://shop.example/" + "x" * 500, "com.example.app://host/cb"),
    *("http://127.0.0.2/cb", "http://0.0.0.0/cb", "http://[::]/cb", "http://10.0.0.1/cb", "http://evil.localhost.example/"),
]


@pytest.mark.parametrize("uri", FINE)
def test_O29_ordinary_uri_may_be_registered(uri: str) -> None:
    assert uris.problem_with(uri) == ""


@pytest.mark.parametrize("uri", BAD)
def test_O29_what_runs_leads_astray_or_is_read_in_two_ways_may_not(uri: str) -> None:
    assert uris.problem_with(uri)


@pytest.mark.parametrize("uri", ["http://shop.example/out", "com.example.app:/out", "http://127.0.0.1/out"])
def test_O29_what_the_server_calls_itself_is_https(uri: str) -> None:
    assert uris.problem_with_endpoint(uri)
    assert uris.problem_with_endpoint("https://shop.example/out") == ""


@pytest.mark.parametrize(
    ("asked", "matches"),
    [
        ("http://127.0.0.1/cb", True),
        ("http://127.0.0.1:1/cb", True),
        ("http://127.0.0.1:65535/cb", True),
        ("http://127.0.0.1:65536/cb", False),
        ("http://127.0.0.1:/cb", False),
        ("http://127.0.0.1:80@evil.example/cb", False),
        ("http://127.0.0.1:80/other", False),
        ("http://127.0.0.1.evil.example/cb", False),
        ("http://[::1]:80/cb", False),
        ("http://localhost:80/cb", False),
        ("https://127.0.0.1:80/cb", False),
    ],
)
def test_O01_only_the_port_of_a_loopback_address_may_differ(asked: str, matches: bool) -> None:
    assert uris.matching(asked, ["http://127.0.0.1:8000/cb"]) is matches


def test_O01_the_port_of_a_name_may_not_differ() -> None:
    assert uris.matching("http://localhost:8000/cb", ["http://localhost:8000/cb"])
    assert not uris.matching("http://localhost:8001/cb", ["http://localhost:8000/cb"])
