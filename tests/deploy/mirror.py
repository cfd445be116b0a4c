"""What the application believes of a request: `/mirror/<name>/` answers it, and remembers that it was asked."""

import hashlib
import threading

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from accounts.core.requests import source
from project.urls import handler400, handler403, handler404, handler500, urlpatterns

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]

_seen: list[str] = []
_lock = threading.Lock()


@csrf_exempt
def mirror(request: HttpRequest, name: str) -> JsonResponse:
    with _lock:
        _seen.append(f"smuggled {name}" if "HTTP_X_SMUGGLED" in request.META else name)
    where, body = source(request), request.body
    return JsonResponse(
        {
            "name": name,
            "method": request.method,
            "address": where.address,
            "scheme": request.scheme,
            "host": request.get_host(),
            "url": request.build_absolute_uri(),
            "length": len(body),
            "sha256": hashlib.sha256(body).hexdigest(),
            "headers": {key: value for key, value in request.META.items() if key.startswith("HTTP_")},
        }
    )


def seen(request: HttpRequest) -> JsonResponse:
    """The names asked for so far; `smuggled` before it where a header came along that no proxy of ours lets through."""
    return JsonResponse({"names": _seen})


def reflect(request: HttpRequest) -> HttpResponse:
    """Puts bytes of the asker's choosing into a response header, as no view of the product does."""
    value = bytes.fromhex(request.GET["hex"]).decode("latin-1")
    answer = HttpResponseRedirect("/x") if request.GET.get("as") == "location" else HttpResponse()
    answer.headers._store["location" if request.GET.get("as") == "location" else "x-reflected"] = ("X-Reflected", value)
    return answer


urlpatterns = [
    *urlpatterns,
    path("mirror/<slug:name>/", mirror),
    path("mirrored", seen),
    path("reflect", reflect),
]
