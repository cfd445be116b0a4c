"""The WSGI application that granian serves."""

import os
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

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")


class Request(WSGIRequest):
    """A content type beyond any use counts as none.

    Django parses it while it makes the request, before any layer could say no.
    """

    def __init__(self, environ: dict[str, Any]) -> None:
        # Python takes quadratic time for its parameters (SECURITY S-12).
        if len(environ.get("CONTENT_TYPE", "")) > _LONGEST_CONTENT_TYPE:
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
