"""The WSGI application that granian serves."""

import os
import re
import signal
import threading
from typing import Any

# granian forks its workers with a handler that forgets SIGTERM, and sets theirs when they have loaded. One that is asked to
# end before that must end as any process does, not ten seconds later by force (SECURITY W-07).
if threading.current_thread() is threading.main_thread():
    signal.signal(signal.SIGTERM, signal.SIG_DFL)

from django.core.handlers.wsgi import WSGIRequest
from django.core.wsgi import get_wsgi_application

from project.checks import require_sound

_LONGEST_CONTENT_TYPE = 256
_UTF8 = re.compile(r"""charset="?utf-?8"?\s*(?:;|$)""")

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")


def _is_utf8(content_type: str) -> bool:
    """Or says nothing of a character set. With any other, Django would read the query in it, too: some bring half characters,
    and for some Python has a codec that makes no text at all (SECURITY S-14)."""
    said = content_type.lower()
    return said.count("charset") == len(_UTF8.findall(said))


class Request(WSGIRequest):
    """A content type beyond any use counts as none.

    Django parses it while it makes the request, before any layer could say no.
    """

    def __init__(self, environ: dict[str, Any]) -> None:
        # Python takes quadratic time for its parameters (SECURITY S-12).
        if len(content_type := environ.get("CONTENT_TYPE", "")) > _LONGEST_CONTENT_TYPE or not _is_utf8(content_type):
            environ["CONTENT_TYPE"] = ""
        try:
            super().__init__(environ)
        except ValueError:
            # A parameter in an encoding that nobody knows: uncaught, it would end outside of every layer (SECURITY S-14).
            environ["CONTENT_TYPE"] = ""
            super().__init__(environ)


application = get_wsgi_application()
application.request_class = Request
require_sound()
