"""A client's server as it hears of sign-outs: real HTTP on the loopback, with a knob for what it answers."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any
from urllib.parse import parse_qsl


@dataclass
class Receiver:
    """`heard`: the forms that came, each with its content type; `came` once there is one. With `is_silent` it answers only when
    the test is over."""

    url: str = ""
    status: int = 200
    is_silent: bool = False
    heard: list[dict[str, str]] = field(default_factory=list)
    came: Event = field(default_factory=Event)


@contextmanager
def receiving(receiver: Receiver) -> Iterator[Receiver]:
    over = Event()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            form = self.rfile.read(int(self.headers["Content-Length"])).decode()
            receiver.heard.append({"type": self.headers["Content-Type"], **dict(parse_qsl(form))})
            receiver.came.set()
            if receiver.is_silent:
                over.wait()
                return
            self.send_response(receiver.status)
            if receiver.status in {301, 302, 307}:
                self.send_header("Location", f"{receiver.url}/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    receiver.url = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        over.set()
        server.shutdown()
        server.server_close()
        thread.join()
