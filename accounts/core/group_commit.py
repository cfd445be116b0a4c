"""Several small writes in one commit, where a commit costs more than the write.

SQLite has one writer at a time and, with `synchronous=FULL`, waits for the disk at every commit. Threads that wait for
their turn put their writes together: the first one that gets the turn commits for all. PostgreSQL does this by itself.
"""

import threading
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass

from django.db import connection, transaction


@dataclass(slots=True)
class _Job:
    work: Callable[[], int]
    rows: int = 0
    done: bool = False
    error: BaseException | None = None


class GroupCommit:
    """Each write is one statement that needs no other: it runs in a transaction with those of strangers."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._queue = threading.Lock()
        self._waiting: list[_Job] = []

    def run(self, work: Callable[[], int]) -> int:
        """The row count of `work`, after its commit. Raises what the database raised."""
        if connection.vendor != "sqlite" or connection.in_atomic_block:
            return work()
        job = _Job(work)
        with self._queue:
            self._waiting.append(job)
        with self._turn:
            if not job.done:
                self._commit_all()
        if job.error is not None:
            raise job.error
        return job.rows

    def _commit_all(self) -> None:
        # Under the lock: a job that joined a batch already counted would never be told its fate.
        with self._queue:
            batch, self._waiting = self._waiting, []
        rows: list[int] = []
        try:
            # One statement alone is a transaction by itself, without two more around it.
            with transaction.atomic() if len(batch) > 1 else nullcontext():
                rows.extend(job.work() for job in batch)
        except BaseException as error:
            for job in batch:
                job.done, job.error = True, error
            raise
        for job, count in zip(batch, rows, strict=True):
            job.done, job.rows = True, count
