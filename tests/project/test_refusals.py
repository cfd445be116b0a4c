"""Refusals that no view makes: one shape on every route, readable for other origins, in the reader's language."""

from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client
from pytest_django import Settings

from tests.project.test_front import routes, sent

ORIGIN = "https://app.example.org"
METHODS = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE")
ACCEPTED = {"app": "application/json", "browser": "text/html,application/xhtml+xml;q=0.9"}


def has_our_shape(answer: Any) -> bool:
    """JSON with a code and a sentence, or a whole page."""
    if answer.headers["Content-Type"].startswith("text/html"):
        return b"</html>" in answer.content
    body = answer.json()
    if "error" in body:  # RFC 6749 §5.2; what is not OAuth's own has our shape beside it
        told = set(body) - {"code", "detail"} == {"error", "error_description"}
        return told and all(isinstance(text, str) for text in body.values())
    return isinstance(body["code"], str) and isinstance(body["detail"], str)


@pytest.mark.slow
@pytest.mark.django_db
@pytest.mark.parametrize("accepted", ACCEPTED.values(), ids=ACCEPTED)
@pytest.mark.parametrize("path", routes())
def test_S14_a_method_that_a_route_does_not_know_is_refused_in_our_shape(path: str, accepted: str) -> None:
    for method in METHODS:
        answer = sent(method, path, headers={"Accept": accepted})
        if answer.status_code == 405:
            assert answer.headers["Allow"]
            assert method not in answer.headers["Allow"].split(", ")
        # A server that is not ready says so in a shape of its own, for probes.
        if answer.status_code >= 400 and method != "HEAD" and (path, answer.status_code) != ("/readyz", 503):
            assert has_our_shape(answer), (method, answer.status_code, answer.content[:200])


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/.well-known/jwks.json", "/static/signet/signet.css"])
def test_S14_what_is_no_api_view_says_what_is_allowed(path: str) -> None:
    answer = sent("POST", path)
    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")
    assert answer.headers["Allow"] == "GET, HEAD"


@pytest.mark.django_db
@pytest.mark.parametrize(("language", "heading"), [("en", "made no sense"), ("de", "Diese Anfrage")])
def test_S14_a_page_asked_wrongly_is_answered_by_a_page_in_the_readers_language(language: str, heading: str) -> None:
    answer = sent("DELETE", "/account/verify/", headers={"Accept": "text/html", "Accept-Language": language})
    assert (answer.status_code, answer.headers["Content-Language"]) == (405, language)
    assert heading in answer.content.decode()


REFUSED: dict[str, tuple[int, dict[str, Any]]] = {
    "repeated parameter": (400, {"QUERY_STRING": "a=1&a=2"}),
    "foreign host": (400, {"HTTP_HOST": "evil.test"}),
    "too large": (413, {"CONTENT_LENGTH": "99999999"}),
    "compressed": (415, {"HTTP_CONTENT_ENCODING": "gzip"}),
}


@pytest.mark.django_db
@pytest.mark.parametrize("cause", REFUSED)
def test_a_script_of_an_allowed_origin_can_read_why_it_was_refused(cause: str) -> None:
    status, extra = REFUSED[cause]
    answer = Client().generic("POST", "/auth/token/", HTTP_ORIGIN=ORIGIN, **extra)
    assert answer.status_code == status
    assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN
    stranger = Client().generic("POST", "/auth/token/", HTTP_ORIGIN="https://evil.test", **extra)
    assert stranger.status_code == status
    assert "Access-Control-Allow-Origin" not in stranger.headers


def test_a_script_of_an_allowed_origin_can_read_that_its_method_is_unknown() -> None:
    answer = sent("TRACE", "/auth/token/", HTTP_ORIGIN=ORIGIN)
    assert (answer.status_code, answer.headers["Access-Control-Allow-Origin"]) == (405, ORIGIN)


@pytest.mark.parametrize("count", [21, 4_301, 20_000])
def test_S14_a_length_of_endless_zeros_is_refused(count: int) -> None:
    answer = Client(raise_request_exception=False).generic("POST", "/auth/token/", CONTENT_LENGTH="0" * count)
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


def breaks(get_response: Any) -> Any:
    """A layer of the middleware with a fault."""

    def layer(request: HttpRequest) -> HttpResponse:
        raise ValueError("a fault of ours")

    return layer


@pytest.mark.parametrize("place", range(1, 10))
def test_S14_a_fault_in_any_layer_has_our_shape_and_the_headers_of_safety(settings: Settings, place: int) -> None:
    layers = list(settings.MIDDLEWARE)
    settings.MIDDLEWARE = [*layers[:place], f"{__name__}.breaks", *layers[place:]]
    answer = Client(raise_request_exception=False).post("/auth/token/", {}, "application/json")
    assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Request-Id"]
