"""Run the app server and the outbox worker together; one signal stops both."""

import os
import signal
import subprocess
import sys
import time
from argparse import ArgumentParser
from types import FrameType
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

_STOP_SECONDS = 15


class Command(BaseCommand):
    help = "Serve on HOST:PORT with WORKERS processes, and deliver mail."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default=os.environ.get("HOST", "127.0.0.1"))
        parser.add_argument("--port", type=int, default=int(os.environ.get("PORT", "8000")))
        parser.add_argument("--workers", type=int, default=int(os.environ.get("WORKERS", "2")))

    def handle(self, *args: Any, **options: Any) -> None:
        children = [
            subprocess.Popen(server_command(**_chosen(options))),
            subprocess.Popen([sys.executable, "manage.py", "worker"]),
        ]

        def stop(signum: int, frame: FrameType | None) -> None:
            for child in children:
                child.terminate()

        signal.signal(signal.SIGINT, stop)
        signal.signal(signal.SIGTERM, stop)
        self._announce()
        sys.exit(_wait(children))

    def _announce(self) -> None:
        url = settings.PUBLIC_URL
        places = {
            "Sign in": "/account/sign-in/",
            "API": "/api/v1/",
            "API docs": "/api/docs/",
            "Admin": "/admin/",
            "Keys": "/.well-known/jwks.json",
        }
        self.stdout.write(
            "\n".join([f"{settings.PRODUCT_NAME} on {url}", *(f"  {name:9} {url}{path}" for name, path in places.items())])
        )
        self.stdout.flush()


def server_command(host: str, port: int, workers: int) -> list[str]:
    """granian, with threads enough for slow clients and a request's connection each."""
    return [
        *(sys.executable, "-m", "granian", "--interface", "wsgi", "--host", host, "--port", str(port)),
        *("--workers", str(workers), "--blocking-threads", "16", "--backpressure", "256", "--no-ws", "--http", "1"),
        *("--respawn-failed-workers", "--workers-kill-timeout", "10", "--log-level", "warning", "project.wsgi:application"),
    ]


def _chosen(options: dict[str, Any]) -> dict[str, Any]:
    return {name: options[name] for name in ("host", "port", "workers")}


def _wait(children: list[subprocess.Popen[bytes]]) -> int:
    """When one ends, the other is stopped: half a product is not served."""
    while all(child.poll() is None for child in children):
        time.sleep(0.2)
    for child in children:
        child.terminate()
    deadline = time.monotonic() + _STOP_SECONDS
    for child in children:
        try:
            child.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            child.kill()
    return max(child.returncode or 0 for child in children)
