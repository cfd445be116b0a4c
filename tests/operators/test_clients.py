"""Clients and services in the admin: shaped by superusers, secrets shown once."""

import base64
import html
import re
from urllib.parse import urlencode

import pytest
from django.conf import settings
from django.test import Client as Http

from accounts.audit.models import AuditEvent
from accounts.oidc import clients
from accounts.oidc.models import Client, Service
from accounts.users.models import User
from tests.support.browser import Answer, Browser

CLIENTS, SERVICES = "/admin/accounts/client/", "/admin/accounts/service/"
FIELDS = {
    "name": "Shop",
    "authentication": "client_secret_basic",
    "redirect_uris": "https://shop.example/cb\nhttps://shop.example/cb2",
    "grants": ["authorization_code"],
    "scopes": ["openid", "email"],
    "id_token_algorithm": "ES256",
    "requires_pkce": "on",
    "asks_consent": "on",
}


def secret_in(answer: Answer) -> str:
    found = re.search(r"Secret:</?\w*>? ?<code>([\w-]{43})</code>|<code>([\w-]{43})</code>", answer.content.decode())
    assert found, answer.content
    return found[1] or found[2]


@pytest.fixture
def shop(roots: Browser) -> Client:
    assert roots.post(f"{CLIENTS}add/", FIELDS).status_code == 200
    return Client.objects.get(name="Shop")


def test_O10_secret_is_shown_on_the_answer_alone_and_in_no_cookie(roots: Browser) -> None:
    answer = roots.post(f"{CLIENTS}add/", FIELDS)
    client, secret = Client.objects.get(), secret_in(answer)
    assert clients.has_secret(client, secret)
    assert client.redirect_uris == ["https://shop.example/cb", "https://shop.example/cb2"]
    assert secret not in str(roots.http.cookies)
    assert secret not in roots.get(f"{CLIENTS}{client.id}/change/").content.decode()


def test_O10_new_secret_is_made_by_a_button_and_the_old_one_overlaps(roots: Browser, shop: Client) -> None:
    page = roots.get(f"{CLIENTS}{shop.id}/change/").content.decode()
    assert f'formaction="{CLIENTS}{shop.id}/rotate-secret/"' in page
    second = secret_in(roots.post(f"{CLIENTS}{shop.id}/rotate-secret/"))
    assert clients.has_secret(shop, second)
    assert shop.secrets.count() == 2
    assert roots.get(f"{CLIENTS}{shop.id}/rotate-secret/")["Location"] == f"{CLIENTS}{shop.id}/change/"


def test_client_is_changed_stopped_and_let_go_on_by_its_rules(roots: Browser, shop: Client, superuser: User) -> None:
    assert roots.post(f"{CLIENTS}{shop.id}/change/", {**FIELDS, "name": "Store"}).status_code == 302
    roots.post(f"{CLIENTS}{shop.id}/switch/")
    assert clients.find(shop.id) is None
    roots.post(f"{CLIENTS}{shop.id}/switch/")
    found = clients.find(shop.id)
    assert found is not None
    assert found.name == "Store"
    events = AuditEvent.objects.filter(event__startswith="client", actor_id=superuser.id).order_by("id")
    assert [event.event for event in events] == ["client.registered", "client.updated", "client.stopped", "client.started"]


def test_O29_what_is_wrong_is_said_beside_its_field(roots: Browser) -> None:
    page = roots.post(f"{CLIENTS}add/", {**FIELDS, "redirect_uris": "http://shop.example/cb"}).content.decode()
    assert "http is for loopback addresses alone" in page
    assert not Client.objects.exists()
    page = roots.post(f"{CLIENTS}add/", {**FIELDS, "jwks": "{"}).content.decode()
    assert "This is not JSON" in page


def test_clients_are_shaped_by_superusers_alone(shop: Client, helpers: Browser, viewers: Browser) -> None:
    for staff in (helpers, viewers):
        assert staff.post(f"{CLIENTS}add/", FIELDS).status_code == 403
        assert staff.post(f"{CLIENTS}{shop.id}/rotate-secret/").status_code == 403
        assert staff.post(f"{CLIENTS}{shop.id}/switch/").status_code == 403
    assert clients.find(shop.id) == shop


def test_client_is_never_deleted(roots: Browser, shop: Client) -> None:
    assert roots.post(f"{CLIENTS}{shop.id}/delete/", {"post": "yes"}).status_code == 403
    assert Client.objects.exists()


def test_service_is_registered_changed_and_removed(roots: Browser, superuser: User) -> None:
    fields = {"audience": "https://notes.example", "name": "Notes", "described": "notes:read Read your notes"}
    assert roots.post(f"{SERVICES}add/", fields).status_code == 302
    service = Service.objects.get()
    assert list(service.scopes.values_list("name", "description")) == [("notes:read", "Read your notes")]
    roots.post(f"{SERVICES}{service.pk}/change/", {"name": "Jotter", "described": "notes:all Everything"})
    assert "notes:all" in roots.get(SERVICES).content.decode()
    roots.post(f"{SERVICES}{service.pk}/delete/", {"post": "yes"})
    assert not Service.objects.exists()
    events = AuditEvent.objects.filter(event__startswith="service", actor_id=superuser.id).order_by("id")
    assert [event.event for event in events] == ["service.registered", "service.updated", "service.removed"]


def test_scope_without_its_sentence_is_refused(roots: Browser) -> None:
    fields = {"audience": f"{settings.PUBLIC_URL}/x", "name": "Notes", "described": "notes:read"}
    page = roots.post(f"{SERVICES}add/", fields).content.decode()
    assert "say on one line" in page
    assert "is our own" in page


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (
            "https://shop.example/cb/",
            "differs in the trailing slash: registered https://shop.example/cb, got https://shop.example/cb/",
        ),
        ("https://shop.example/CB", "differs in upper and lower case"),
        ("http://shop.example/cb", "differs in the scheme"),
        ("https://shop.example/cb?x=1", "differs in the query"),
        ("https://shop.example:8443/cb", "differs in the port"),
        ("https://evil.example/<svg>", "is not registered: got https://evil.example/&lt;svg&gt;"),
        ("", "is missing"),
    ],
)
def test_developers_read_on_the_clients_page_what_was_wrong(roots: Browser, shop: Client, asked: str, words: str) -> None:
    answer = Http().get("/oauth/authorize", {"client_id": shop.id, "redirect_uri": asked})
    assert answer.status_code == 400
    assert "differs" not in answer.content.decode()
    assert words in roots.get(f"{CLIENTS}{shop.id}/change/").content.decode()


def test_clients_page_says_what_the_token_endpoint_refused(roots: Browser, shop: Client) -> None:
    form = {"grant_type": "refresh_token", "client_id": shop.id}
    secret = clients.rotate_secret(shop.id)
    encoded = base64.b64encode(f"{shop.id}:{secret}".encode()).decode()
    body = urlencode({**form, "grant_type": "refresh_token"})
    kind = "application/x-www-form-urlencoded"
    Http().post("/oauth/token", body, content_type=kind, headers={"Authorization": f"Basic {encoded}"})
    assert "the client is not registered for refresh_token" in roots.get(f"{CLIENTS}{shop.id}/change/").content.decode()


def told(roots: Browser, client: Client) -> str:
    return html.unescape(roots.get(f"{CLIENTS}{client.id}/change/").content.decode())


def test_clients_page_tells_a_wrong_secret_and_a_wrong_way_to_authenticate(roots: Browser, shop: Client) -> None:
    wrong = base64.b64encode(f"{shop.id}:wrong".encode()).decode()
    kind = "application/x-www-form-urlencoded"
    Http().post("/oauth/token", "grant_type=x", content_type=kind, headers={"Authorization": f"Basic {wrong}"})
    Http().post("/oauth/token", f"grant_type=x&client_id={shop.id}&client_secret=wrong", content_type=kind)
    page = told(roots, shop)
    assert "the client secret is not one of those in force" in page
    assert "the client authenticated in another way than it is registered for" in page
    assert "wrong" not in page.partition('id="refused"')[2].partition("</section>")[0]
