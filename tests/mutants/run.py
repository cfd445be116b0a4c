"""Shows that the gate tests can fail: breaks one place at a time in a copy of the tree and demands red.

`python -m tests.mutants.run [WORDS]` runs those whose names contain all the words; `--postgres`, as CI has it, adds those that
need a PostgreSQL. Exit status 1 when a mutant survives, when its text is no longer in the code, or when a test fails without any
mutant.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue

from tests.mutants.authorisation import EVERY as MUTANTS
from tests.mutants.table import Mutant

ROOT = Path(__file__).resolve().parents[2]
COPIED = ("accounts", "api", "project", "tests", "templates", "static", "manage.py", "pyproject.toml")
WORKERS = min(4, os.cpu_count() or 1)
PYTEST = [sys.executable, "-m", "pytest", "-q", "--no-header", "--tb=no", "-p", "no:randomly", "-p", "no:cacheprovider"]
POSTGRES = [sys.executable, "-m", "tests.support.postgres", "--"]
_LONGEST, _LONGEST_CONTROL = 120, 600


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

    def _fault(self, mutant: Mutant) -> str:
        """Empty when every test failed: not merely could not be run."""
        status, output = self.run([*_pytest(mutant.needs_postgres), "-rf", *mutant.tests], _LONGEST)
        survived = [test for test in mutant.tests if f"\nFAILED {test}" not in output]
        if status not in {0, 1}:
            return f"broken: {output[-300:]}"
        return f"survived {', '.join(survived)}" if survived else ""

    def run(self, command: list[str], seconds: int) -> tuple[int, str]:
        # Without byte code: a file put back within the same second would be mistaken for its mutant. CI: a PostgreSQL that
        # is missing is a failure, not a pass.
        env = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "CI": "true"}
        done = subprocess.run(command, cwd=self.folder, env=env, capture_output=True, text=True, check=False, timeout=seconds)
        return done.returncode, done.stdout + done.stderr


def _pytest(needs_postgres: bool) -> list[str]:
    return [*(POSTGRES if needs_postgres else []), *PYTEST]


def chosen(arguments: list[str]) -> list[Mutant]:
    words = [word for word in arguments if not word.startswith("-")]
    return [
        one
        for one in MUTANTS
        if all(word in one.name for word in words) and ("--postgres" in arguments or not one.needs_postgres)
    ]


def control(tree: Tree, mutants: Iterable[Mutant]) -> str:
    """Without any mutant every test must pass, each where its mutants are tried: a red test proves nothing."""
    tests: dict[bool, set[str]] = {False: set(), True: set()}
    for one in mutants:
        tests[one.needs_postgres].update(one.tests)
    for needs_postgres, chosen_tests in tests.items():
        if chosen_tests:
            status, output = tree.run([*_pytest(needs_postgres), *sorted(chosen_tests)], _LONGEST_CONTROL)
            if status != 0:
                return output[-2000:]
    return ""


def main(arguments: list[str]) -> int:
    began, mutants = time.monotonic(), chosen(arguments)
    with tempfile.TemporaryDirectory(prefix="signet-mutants-") as folder, ThreadPoolExecutor(WORKERS) as pool:
        free: SimpleQueue[Tree] = SimpleQueue()
        for number in range(WORKERS):
            free.put(Tree(Path(folder) / str(number)))
        first = free.get()
        if red := control(first, mutants):
            print(f"The tests fail without any mutant:\n{red}")
            return 1
        free.put(first)

        def judge(mutant: Mutant) -> Result:
            tree = free.get()
            try:
                return tree.judge(mutant)
            finally:
                free.put(tree)

        results = [shown(result) for result in pool.map(judge, mutants)]
    survivors = [result for result in results if result.fault]
    print(f"\n{len(results) - len(survivors)} of {len(results)} mutants noticed in {time.monotonic() - began:.0f} s")
    return 1 if survivors or not results else 0


def shown(result: Result) -> Result:
    print(f"{'noticed' if not result.fault else 'SURVIVED':9} {result.seconds:5.1f} s  {result.name}", flush=True)
    if result.fault:
        print(f"          {result.fault}")
    return result


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
