"""Many threads that do one thing at the same moment, each with a database connection of its own."""

import threading
from collections.abc import Callable
from typing import TypeVar

from django.db import connection

Answer = TypeVar("Answer")


def at_once(how_many: int, act: Callable[[], Answer]) -> list[Answer]:
    """The answers, in the order they came; an act that raises leaves none, and pytest reports it."""
    here, answers = threading.Barrier(how_many), []

    def run() -> None:
        here.wait()
        try:
            answers.append(act())
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(how_many)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers
