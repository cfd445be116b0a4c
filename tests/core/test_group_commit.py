"""Writes of several threads in one commit (SQLite): each gets its own row count, an error reaches everybody."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import OperationalError, connection

from accounts.core.group_commit import GroupCommit

pytestmark = pytest.mark.django_db(transaction=True)


class Commits(GroupCommit):
    """Counts its commits; the first one waits until the others stand in line."""

    def __init__(self, others: int) -> None:
        super().__init__()
        self.made = 0
        self._others = others

    def _commit_all(self) -> None:
        self.made += 1
        while self.made == 1 and len(self._waiting) < self._others:
            threading.Event().wait(0.001)
        super()._commit_all()


def together(commits: Commits, works: list[Callable[[], int]]) -> list[object]:
    def outcome(work: Callable[[], int]) -> object:
        try:
            return commits.run(work)
        except OperationalError as error:
            return str(error)
        finally:
            connection.close()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(outcome, works))


needs_sqlite = pytest.mark.skipif("connection.vendor != 'sqlite'", reason="PostgreSQL groups its commits itself")


@needs_sqlite
def test_waiting_writes_share_one_commit() -> None:
    commits = Commits(others=8)
    assert together(commits, [lambda n=n: n for n in range(8)]) == list(range(8))  # type: ignore[misc]
    assert commits.made == 1


@needs_sqlite
def test_error_reaches_every_write_of_the_commit() -> None:
    def fail() -> int:
        raise OperationalError("disk full")

    assert together(Commits(others=3), [lambda: 1, fail, lambda: 1]) == ["disk full"] * 3


def test_write_inside_a_transaction_belongs_to_it(db: None) -> None:
    assert GroupCommit().run(lambda: 5) == 5
