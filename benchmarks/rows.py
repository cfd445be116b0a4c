"""The rows of the table: ratios per round, their median and range, and the goal where there is one."""

import statistics
from dataclasses import dataclass
from typing import Literal

Group = Literal["in_process", "requests", "refreshes", "userinfo", "exchanges", "verification"]
TITLES: dict[Group, str] = {
    "in_process": "In-process time of a guarded view over a bare view behind the same middleware (lower is better)",
    "requests": "Requests per second of one core for the same small answer, same server, one worker (higher is better)",
    "refreshes": "Refreshes a second, four devices, SQLite with synchronous=FULL (higher is better)",
    "userinfo": "Answers of userinfo per second of one core, the same claims (higher is better)",
    "exchanges": "Codes exchanged for tokens a second, four at a time, SQLite with synchronous=FULL (higher is better)",
    "verification": "Processor time to verify one token offline, by the verifiers of examples/ (no better or worse)",
}


@dataclass(frozen=True)
class Goal:
    """`at_most` or `at_least` a figure."""

    kind: Literal["at_most", "at_least"]
    figure: float

    def met(self, ratio: float) -> bool:
        """Whether a median ratio reaches it."""
        return ratio <= self.figure if self.kind == "at_most" else ratio >= self.figure

    def __str__(self) -> str:
        return f"{'≤' if self.kind == 'at_most' else '≥'} {self.figure:g}"


@dataclass(frozen=True)
class Row:
    """One line: what over what, and the ratio of each round."""

    group: Group
    label: str
    ratios: tuple[float, ...]
    goal: Goal | None = None
    note: str = ""
    ours: bool = False

    @property
    def median(self) -> float:
        """The figure that counts."""
        return statistics.median(self.ratios)


UNSTEADY = 1.3
"""Highest round over lowest; beyond it something else ran, and the figure deserves a second run."""


def over(numerators: list[float], denominators: list[float]) -> tuple[float, ...]:
    """The ratio of two contenders, round by round."""
    return tuple(above / below for above, below in zip(numerators, denominators, strict=True))


def table(rows: list[Row]) -> str:
    """The one table, as text."""
    head = ("", "ratio", "min–max", "goal", "")
    lines = [head]
    groups: list[str] = []
    for row in rows:
        if row.group not in groups:
            groups.append(row.group)
            lines.append((TITLES[row.group], "", "", "", ""))
        lines.append(("  " + row.label, *_figures(row)))
    widths = [max(len(line[n]) for line in lines if line[1] or n == 0) for n in range(5)]
    widths[0] = max(len(line[0]) for line in lines if line[1])
    return "\n".join(_line(line, widths) for line in lines)


def _figures(row: Row) -> tuple[str, str, str, str]:
    verdict = "" if row.goal is None else ("reached" if row.goal.met(row.median) else "NOT reached")
    steadiness = "unsteady" if max(row.ratios) > UNSTEADY * min(row.ratios) else ""
    return (
        f"{row.median:.2f}",
        f"{min(row.ratios):.2f}–{max(row.ratios):.2f}",
        str(row.goal or ""),
        " · ".join(part for part in (verdict, row.note, steadiness) if part),
    )


def _line(cells: tuple[str, ...], widths: list[int]) -> str:
    label, ratio, span, goal, note = cells
    if not ratio:
        return f"\n{label}"
    return f"{label:<{widths[0]}}  {ratio:>{widths[1]}}  {span:>{widths[2]}}  {goal:>{widths[3]}}  {note}".rstrip()
