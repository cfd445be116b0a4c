"""The view that costs nothing of its own: what is left is Django's handler and the middleware."""

from django.http import HttpRequest, JsonResponse

from .answer import MESSAGE


def bare(_request: HttpRequest) -> JsonResponse:
    """Answer the common body without asking who calls."""
    return JsonResponse({"message": MESSAGE, "signed_in": True}, json_dumps_params={"separators": (",", ":")})
