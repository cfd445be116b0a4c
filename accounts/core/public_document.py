"""A document that anybody may read and every cache keep: bytes with a tag, and nothing sent twice (RFC 9110 §13.1.2)."""

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified


def answer(request: HttpRequest, body: bytes, tag: str, *, content_type: str, max_age: int) -> HttpResponse:
    """The bytes, or 304 for who has them. `max_age` is in seconds; open to scripts of every origin."""
    seen = [_opaque(one) for one in request.headers.get("If-None-Match", "").split(",")]
    response = HttpResponseNotModified() if _opaque(tag) in seen else HttpResponse(body, content_type=content_type)
    response["ETag"] = tag
    response["Cache-Control"] = f"public, max-age={max_age}"
    response["Access-Control-Allow-Origin"] = "*"
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


def _opaque(tag: str) -> str:
    """What a weak comparison looks at (RFC 9110 §8.8.3.2)."""
    return tag.strip().removeprefix("W/")
