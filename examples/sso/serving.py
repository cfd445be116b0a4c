"""Serve a WSGI application on a loopback port, with a thread for each request. For a demonstration: no TLS, no limits."""

import socketserver
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer


class _Threads(socketserver.ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Quiet(WSGIRequestHandler):
    """The addresses of a callback hold codes: they belong into no log."""

    def log_message(self, format: str, *args: Any) -> None:
        return


def serve(application: Any, port: int) -> None:
    with _Threads(("127.0.0.1", port), _Quiet) as server:
        server.set_app(application)
        server.serve_forever()
