"""A browser without scripts: it follows redirects on the issuer's own pages, and fills in what the forms hold."""

import html
import re
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import httpx


class Visitor:
    """Of one person. `http` keeps the cookies of the issuer, and no others."""

    def __init__(self, issuer: str, http: httpx.Client) -> None:
        self.issuer, self.http = issuer, http

    def open(self, address: str) -> httpx.Response:
        return self.follow(self.http.get(address))

    def follow(self, answer: httpx.Response) -> httpx.Response:
        while answer.is_redirect and urlsplit(answer.headers["Location"]).netloc in {"", urlsplit(self.issuer).netloc}:
            answer = self.http.get(answer.headers["Location"])
        return answer

    def post(self, page: httpx.Response, path: str, **fields: str) -> httpx.Response:
        fields_of_page = re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page.text)
        hidden = {name: html.unescape(value) for name, value in fields_of_page}
        return self.follow(self.http.post(path, data={**hidden, **fields}, headers={"Referer": f"{self.issuer}{path}"}))

    def let_in(self, address: str, *, email: str, password: str) -> str:
        """Sign in and agree at the address that an application sent them to; answers where they are sent back."""
        page = self.open(address)
        if 'action="/account/sign-in/"' in page.text:
            page = self.post(page, "/account/sign-in/", email=email, password=password)
        if 'action="/account/consent/"' in page.text:
            page = self.post(page, "/account/consent/", choice="allow")
        return sent_back(page)


@contextmanager
def visiting(issuer: str) -> Iterator[Visitor]:
    with httpx.Client(base_url=issuer) as http:
        yield Visitor(issuer, http)


def sent_back(answer: httpx.Response) -> str:
    """The address of the client, from a redirect or from the page that goes on."""
    if answer.is_redirect:
        return str(answer.headers["Location"])
    found = re.search(r'http-equiv="refresh" content="0; url=([^"]+)"', answer.text)
    assert found, answer.text
    return html.unescape(found[1])
