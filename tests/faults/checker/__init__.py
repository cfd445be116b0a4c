"""The verdict on a run, from its history file alone: nothing of the project, the injector or the apps is imported here."""

from dataclasses import dataclass

from .evidence import History as History
from .figures import OVERDUE as OVERDUE
from .figures import figures
from .rules import broken


@dataclass
class Verdict:
    """`broken` maps each rule to what broke it; the run has passed when nothing did."""

    broken: dict[str, list[str]]
    figures: dict[str, float]

    @property
    def has_passed(self) -> bool:
        return not any(self.broken.values())


def judge(history: History) -> Verdict:
    return Verdict(broken(history), figures(history))


def table(verdicts: dict[str, Verdict]) -> str:
    """A column for each run."""
    first = next(iter(verdicts.values()))
    head = " " * 46 + "".join(f"{name:>10}" for name in verdicts)
    rows = [f"{row:46}" + "".join(f"{each.figures[row]:>10,.10g}" for each in verdicts.values()) for row in first.figures]
    rules = [f"never: {rule:39}" + "".join(f"{_mark(each, rule):>10}" for each in verdicts.values()) for rule in first.broken]
    examples = [
        f"{name}, {rule}: {'; '.join(found[:5])}"
        for name, each in verdicts.items()
        for rule, found in each.broken.items()
        if found
    ]
    return "\n".join([head, *rows, "", *rules, *examples])


def _mark(verdict: Verdict, rule: str) -> str:
    found = verdict.broken[rule]
    return f"BROKEN {len(found)}" if found else "holds"
