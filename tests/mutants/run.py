"""Shows that the gate tests can fail: breaks one place at a time in copies of the tree, one a core, and demands red.

Exit status 1 when a mutant survives, when its text is no longer in the code, or when a test fails without any mutant.
"""

import compileall
import os
import shutil
import subprocess
import sys
import tempfile
import time
from argparse import ArgumentParser
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from py_compile import PycInvalidationMode
from queue import SimpleQueue
from typing import TypeVar

from tests.mutants.authorisation import EVERY as MUTANTS
from tests.mutants.table import Mutant

ROOT = Path(__file__).resolve().parents[2]
COPIED = ("accounts", "api", "project", "tests", "templates", "static", "manage.py", "pyproject.toml")
WORKERS = min(4, os.cpu_count() or 1)
_PLUGINS = [part for name in ("no:randomly", "no:cacheprovider", "tests.mutants.unshrunk") for part in ("-p", name)]
PYTEST = [sys.executable, "-m", "pytest", "-q", "--no-header", "--tb=no", *_PLUGINS]
POSTGRES = [sys.executable, "-m", "tests.support.postgres", "--"]
_LONGEST, _LONGEST_CONTROL = 240, 600
_TIMED_OUT = 124
T = TypeVar("T")


@dataclass(frozen=True)
class Result:
    """`fault` is empty for a mutant that every one of its tests noticed."""

    name: str
    fault: str
    seconds: float


class Tree:
    """A copy of the project in which one thing at a time is wrong."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in COPIED:
            source = ROOT / name
            if source.is_dir():
                shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy2(source, folder / name)
        # Byte code that is known by what its source holds: by its time, a file put back within the same second would be
        # mistaken for its mutant.
        compileall.compile_dir(folder, quiet=2, workers=0, invalidation_mode=PycInvalidationMode.CHECKED_HASH)

    def judge(self, mutant: Mutant) -> Result:
        began, path = time.monotonic(), self.folder / mutant.file
        sound = path.read_text()
        if sound.count(mutant.old) != 1:
            return Result(mutant.name, f"stale: its text occurs {sound.count(mutant.old)} times in {mutant.file}", 0)
        path.write_text(sound.replace(mutant.old, mutant.new))
        try:
            fault = self._fault(mutant)
        finally:
            path.write_text(sound)
        return Result(mutant.name, fault, time.monotonic() - began)

    def control(self, command: list[str]) -> Result:
        status, output = self._run(command, _LONGEST_CONTROL)
        return Result("control", output[-2000:] if status else "", 0)

    def _fault(self, mutant: Mutant) -> str:
        """Empty when every test failed: not merely could not be run."""
        status, output = self._run([*_pytest(mutant.needs_postgres), "-rf", *mutant.tests], _LONGEST)
        survived = [test for test in mutant.tests if f"\nFAILED {test}" not in output]
        if status not in {0, 1}:
            return f"broken: {output[-300:]}"
        return f"survived {', '.join(survived)}" if survived else ""

    def _run(self, command: list[str], seconds: int) -> tuple[int, str]:
        # No byte code of a mutant is kept. CI: a PostgreSQL that is missing is a failure, not a pass.
        env = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "CI": "true"}
        try:
            done = subprocess.run(command, cwd=self.folder, env=env, capture_output=True, text=True, check=False, timeout=seconds)
        except subprocess.TimeoutExpired:
            return _TIMED_OUT, f"no end after {seconds} s"
        return done.returncode, done.stdout + done.stderr


def _pytest(needs_postgres: bool) -> list[str]:
    return [*(POSTGRES if needs_postgres else []), *PYTEST]


def chosen(words: Iterable[str], *, postgres: bool) -> list[Mutant]:
    def has(one: Mutant, word: str) -> bool:
        return any(word in text for text in (one.name, one.file, *one.tests))

    return [one for one in MUTANTS if (postgres or not one.needs_postgres) and all(has(one, word) for word in words)]


def controls(mutants: Iterable[Mutant]) -> list[list[str]]:
    """A share for each core. Without any mutant every test must pass, where its mutants are tried: a red test proves nothing."""
    tests: dict[bool, set[str]] = {False: set(), True: set()}
    for one in mutants:
        tests[one.needs_postgres].update(one.tests)
    shares = [(needs_postgres, sorted(found)[at::WORKERS]) for needs_postgres, found in tests.items() for at in range(WORKERS)]
    return [[*_pytest(needs_postgres), *share] for needs_postgres, share in shares if share]


def main(mutants: list[Mutant]) -> int:
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="signet-mutants-") as folder, ThreadPoolExecutor(WORKERS) as pool:
        free: SimpleQueue[Tree] = SimpleQueue()
        for number in range(WORKERS):
            free.put(Tree(Path(folder) / str(number)))

        def in_a_tree(act: Callable[[Tree, T], Result], what: T) -> Result:
            tree = free.get()
            try:
                return act(tree, what)
            finally:
                free.put(tree)

        if red := [one.fault for one in pool.map(partial(in_a_tree, Tree.control), controls(mutants)) if one.fault]:
            print("The tests fail without any mutant:", *red, sep="\n")
            return 1
        print(f"All tests pass without any mutant: {time.monotonic() - began:.0f} s", flush=True)
        results = [shown(result) for result in pool.map(partial(in_a_tree, Tree.judge), mutants)]
    survivors = [result for result in results if result.fault]
    print(f"\n{len(results) - len(survivors)} of {len(results)} mutants noticed in {time.monotonic() - began:.0f} s")
    return 1 if survivors else 0


def shown(result: Result) -> Result:
    print(f"{'noticed' if not result.fault else 'SURVIVED':9} {result.seconds:5.1f} s  {result.name}", flush=True)
    if result.fault:
        print(f"          {result.fault}")
    return result


def asked() -> list[Mutant]:
    """What the command line chooses; it ends the run when that is nothing."""
    parser = ArgumentParser("python -m tests.mutants.run", description="Break one guarding line at a time and demand a red test.")
    words = (
        "all occur in the mutant's name, its file or its tests: R18, accounts/keys/, 'is not checked'. Without any: every mutant"
    )
    parser.add_argument("words", nargs="*", metavar="WORD", help=words)
    parser.add_argument("--postgres", action="store_true", help="also those that need a PostgreSQL")
    arguments = parser.parse_args()
    return chosen(arguments.words, postgres=arguments.postgres) or parser.error("no mutant has all of these words")


if __name__ == "__main__":
    sys.exit(main(asked()))
