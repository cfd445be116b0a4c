"""Ports for servers that tests start."""

import socket


def free_port() -> int:
    """On loopback. Imports nothing of Django: the database is started before any settings are known."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
