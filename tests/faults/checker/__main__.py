"""`python -m tests.faults.checker HISTORY`: judge a run again."""

import sys
from pathlib import Path

from . import History, judge, table

if __name__ == "__main__":
    verdict = judge(History.read(Path(sys.argv[1])))
    sys.stdout.write(f"{table({'run': verdict})}\n")
    sys.exit(not verdict.has_passed)
