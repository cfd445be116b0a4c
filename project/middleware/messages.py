"""Messages for pages only: an API answer has no use for them, and their storage costs as much as a view."""

from django.contrib.messages.middleware import MessageMiddleware
from django.http import HttpRequest

_WITHOUT_PAGES = ("/api/v1/", "/auth/", "/.well-known/")


class PageMessagesMiddleware(MessageMiddleware):
    def process_request(self, request: HttpRequest) -> None:
        if not request.path_info.startswith(_WITHOUT_PAGES):
            super().process_request(request)
