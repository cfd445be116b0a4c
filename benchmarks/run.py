"""The one command: make `.venv-bench` if it is missing or out of date, then measure inside it."""

import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent


def main() -> None:
    """Replace this process by the measuring one, which runs under the benchmark's own pins."""
    subprocess.run([HERE / "setup.sh"], check=True)
    os.chdir(HERE.parent)
    python = str(HERE.parent / ".venv-bench" / "bin" / "python")
    os.execv(python, [python, "-m", "benchmarks.measure", *sys.argv[1:]])


if __name__ == "__main__":
    main()
