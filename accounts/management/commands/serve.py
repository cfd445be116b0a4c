"""Run the app server and the outbox worker together; one signal stops both."""

import errno
import os
import signal
import socket
import subprocess
import sys
import time
from argparse import ArgumentParser
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connections

from accounts.management.starting import require_sound_database
from accounts.management.stopping import Stop
from accounts.passkeys import relying_party

THREADS = 16
"""Requests at a time in each server process; `SIGN_IN_CONCURRENCY` leaves some of them to token checks."""
_STOP_SECONDS = 15
_GLANCE_SECONDS, _AGAIN_SECONDS = 0.1, 0.5
# Where the processes of one server keep their counters, so that each can answer /metrics for all of them.
_COUNTERS = "PROMETHEUS_MULTIPROC_DIR"
SERVER_ENV = {"MALLOC_MMAP_THRESHOLD_": str(1024 * 1024)}
"""For glibc, which would otherwise keep the memory of a hash in each thread that ever made one (SECURITY P-04)."""


class Command(BaseCommand):
    help = "Serve on HOST:PORT with WORKERS processes, and deliver mail (unless `manage.py worker` runs elsewhere)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default=os.environ.get("HOST", "127.0.0.1"))
        parser.add_argument("--port", type=int, default=int(os.environ.get("PORT", "8000")))
        parser.add_argument("--workers", type=int, default=int(os.environ.get("WORKERS", "2")))
        parser.add_argument("--without-worker", action="store_true", help="Serve only; the outbox is somebody else's.")

    def get_check_kwargs(self, options: dict[str, Any]) -> Any:
        """With the checks that only a server must pass: its processes would end and be started anew for ever."""
        return {**super().get_check_kwargs(options), "include_deployment_checks": not settings.DEBUG}

    def handle(self, *args: Any, **options: Any) -> None:
        _require_free(options["host"], options["port"])
        stop = Stop()
        require_sound_database()
        connections.close_all()
        commands = [server_command(**_chosen(options))]
        if not options["without_worker"]:
            commands.append([sys.executable, "manage.py", "worker"])
        env = {**SERVER_ENV, **os.environ, _COUNTERS: str(_emptied_counters(options["port"]))}
        # Groups of their own: a terminal's Ctrl-C reaches this process alone, which tells each of them once.
        children = [subprocess.Popen(command, env=env, cwd=settings.BASE_DIR, process_group=0) for command in commands]
        self._announce()
        sys.exit(_supervise(children, stop))

    def _announce(self) -> None:
        url = settings.PUBLIC_URL
        places = {
            "Sign in": "/account/sign-in/",
            "API": "/api/v1/",
            "API docs": "/api/docs/",
            "Admin": "/admin/",
            "Keys": "/.well-known/jwks.json",
        }
        lines = [f"{settings.PRODUCT_NAME} on {url}", *(f"  {name:9} {url}{path}" for name, path in places.items())]
        if not relying_party.has_name():
            lines.append(f"  Passkeys  belong to a name: set PUBLIC_URL=http://localhost:{urlsplit(url).port} in .env for them")
        self.stdout.write("\n".join(lines))
        self.stdout.flush()


def server_command(host: str, port: int, workers: int) -> list[str]:
    """granian: `THREADS` requests at a time in each worker, about 48 KiB of headers; a proxy keeps slow clients away from it."""
    return [
        *(sys.executable, "-m", "granian", "--interface", "wsgi", "--host", host, "--port", str(port)),
        *("--workers", str(workers), "--blocking-threads", str(THREADS), "--backpressure", "256", "--no-ws", "--http", "1"),
        *("--http1-buffer-size", "32768", "--respawn-failed-workers", "--workers-kill-timeout", "10"),
        *("--log-level", "warning", "--log-config", "project/server_log.json", "project.wsgi:application"),
    ]


def _require_free(host: str, port: int) -> None:
    """The app server shares its port with whoever asks, so that a second start would take half of the requests."""
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        socket.create_server(address[:2], family=family).close()
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise CommandError(f"Port {port} is taken; try make run PORT={port + 1}") from None
        raise CommandError(f"Cannot listen on {host}:{port}: {error.strerror}.") from None


def _emptied_counters(port: int) -> Path:
    """Counters begin at zero with the server; Prometheus knows a restart by that."""
    folder = Path(os.environ.get(_COUNTERS) or settings.BASE_DIR / "var" / "metrics" / str(port))
    folder.mkdir(parents=True, exist_ok=True)
    for left_over in folder.glob("*.db"):
        left_over.unlink(missing_ok=True)
    return folder


def _chosen(options: dict[str, Any]) -> dict[str, Any]:
    return {name: options[name] for name in ("host", "port", "workers")}


def _supervise(children: list[subprocess.Popen[bytes]], stop: Stop) -> int:
    """Until somebody asks to stop or a child ends: then the other is stopped too, half a product is not served.

    Answers the exit status: never 0 when nobody asked, however the child ended, or else who watches over us would not start us
    anew.
    """
    while not stop and all(child.poll() is None for child in children):
        time.sleep(_GLANCE_SECONDS)
    asked = bool(stop)
    _end(children)
    return max(0, *(child.returncode for child in children)) if asked else 1


def _end(children: list[subprocess.Popen[bytes]]) -> None:
    """Each is told once, and its group again until it is gone: a process that was only just forked forgets the first word."""
    deadline = time.monotonic() + _STOP_SECONDS
    for child in children:
        if child.poll() is None:
            child.terminate()
    while (running := [child for child in children if child.poll() is None]) and time.monotonic() < deadline:
        with suppress(subprocess.TimeoutExpired):
            running[0].wait(_AGAIN_SECONDS)
            continue
        for child in running:
            _signal_group(child, signal.SIGTERM)
    for child in children:
        # One that takes too long; or the processes of one that was killed, which would go on serving.
        _signal_group(child, signal.SIGKILL)
        child.wait()


def _signal_group(child: subprocess.Popen[bytes], number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.killpg(child.pid, number)
