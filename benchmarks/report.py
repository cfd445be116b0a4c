"""Turns measurements into rows of ratios, and writes them down."""

import json
import os
import platform
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from statistics import median

from .chart import chart
from .cores import LOAD_CORE, SERVER_CORE
from .rounds import DISTURBED
from .rows import Goal, Group, Row, over

HERE = Path(__file__).resolve().parent
OURS = "signet"
# What the rivals are compared with when Signet is left out.
STAND_IN = "simplejwt_stateless"
PACKAGES = ("Django", "djangorestframework", "djangorestframework-simplejwt", "django-rest-knox", "fastapi", "PyJWT", "granian")
GOALS = {
    "in_process": Goal("at_most", 1.5),
    "fastapi_hs256": Goal("at_least", 1.3),
    "fastapi_es256": Goal("at_least", 1.3),
    "simplejwt_stateless": Goal("at_least", 2),
    "simplejwt": Goal("at_least", 4),
    "knox": Goal("at_least", 6),
    "refreshes": Goal("at_least", 4),
}


@dataclass
class Measured:
    """Raw figures of one run, per contender and round."""

    labels: dict[str, str]
    in_process: dict[str, list[dict[str, float]]] = field(default_factory=dict)
    requests: dict[str, list[dict[str, float]]] = field(default_factory=dict)
    retaken: int = 0
    refreshes: dict[str, list[float]] = field(default_factory=dict)
    rows_left: dict[str, float] = field(default_factory=dict)
    commit_seconds: list[float] = field(default_factory=list)

    @property
    def reference(self) -> str:
        """Who stands above the line in the ratios of rates."""
        return OURS if OURS in self.labels else STAND_IN


def rows(measured: Measured) -> list[Row]:
    """All rows that the run allows."""
    return [*_in_process(measured), *_requests(measured), *_refreshes(measured)]


def _in_process(measured: Measured) -> list[Row]:
    made = []
    for name, turns in measured.in_process.items():
        ratios = over([turn["guarded"] for turn in turns], [turn["bare"] for turn in turns])
        goal = GOALS["in_process"] if name == OURS else None
        made.append(Row("in_process", measured.labels[name], ratios, goal, ours=name.startswith(OURS)))
    if OURS in measured.in_process:
        made.append(_middleware(measured))
    return made


def _middleware(measured: Measured) -> Row:
    """Keeps the rows above honest: a slow stack of our own would make every guarded view on top of it look cheap."""
    bare = {name: [turn["bare"] for turn in turns] for name, turns in measured.in_process.items()}
    return Row("in_process", "(Signet's bare view over startproject's)", over(bare[OURS], bare[STAND_IN]))


def _requests(measured: Measured) -> list[Row]:
    rates = {name: [turn["per_core_second"] for turn in turns] for name, turns in measured.requests.items()}
    return _against_the_others(measured, "requests", rates)


def _refreshes(measured: Measured) -> list[Row]:
    if measured.reference == OURS:
        return _against_the_others(measured, "refreshes", measured.refreshes)
    return []


def _against_the_others(measured: Measured, group: Group, rates: dict[str, list[float]]) -> list[Row]:
    made = []
    for name, theirs in rates.items():
        if name != measured.reference:
            label = f"{measured.labels[measured.reference]} over {measured.labels[name]}"
            ratios = over(rates[measured.reference], theirs)
            goal = GOALS.get("refreshes" if group == "refreshes" else name) if measured.reference == OURS else None
            note = _rows_left(measured, name) if group == "refreshes" else _by_the_clock(measured, name)
            made.append(Row(group, label, ratios, goal, note, ours=measured.reference == OURS))
    return made


def _by_the_clock(measured: Measured, name: str) -> str:
    """Other programs on the server's core shift a rate by the clock and hardly one by processor time; both are shown."""
    if min(_busy(measured.requests[who]) for who in (measured.reference, name)) < DISTURBED:
        return "by the clock: disturbed"
    ours, theirs = ([turn["per_second"] for turn in measured.requests[who]] for who in (measured.reference, name))
    return f"by the clock {median(over(ours, theirs)):.2f}"


def _busy(turns: list[dict[str, float]]) -> float:
    return median(turn["server_busy"] for turn in turns)


def _rows_left(measured: Measured, name: str) -> str:
    return f"rows left by 1,000 refreshes: {measured.rows_left[OURS]:,.0f} against {measured.rows_left[name]:,.0f}"


def footnotes(measured: Measured, seconds: float) -> str:
    """What a reader needs to trust the table."""
    lines = [f"\nserver on core {SERVER_CORE}, load on core {LOAD_CORE}; {seconds:.0f} s"]
    if measured.retaken:
        lines.append(f"{measured.retaken} turns were taken again because other programs used the server's core")
    for name, turns in measured.requests.items():
        server, driver = (median(turn[who] for turn in turns) for who in ("server_busy", "load_busy"))
        if server < DISTURBED:
            lines.append(f"disturbed: {measured.labels[name]} had {server:.0%} of its core; the load generator used {driver:.0%}")
    for name, left in measured.rows_left.items():
        lines.append(f"{measured.labels[name]}: {left:,.0f} rows left by 1,000 refreshes")
    if measured.commit_seconds:
        cheapest, usual, dearest = (1e6 * pick(measured.commit_seconds) for pick in (min, median, max))
        lines.append(f"a bare SQLite commit took {usual:.0f} µs ({cheapest:.0f}–{dearest:.0f}) between the refreshes")
    return "\n".join(lines)


def write(measured: Measured, made: list[Row], whole: bool) -> str:
    """Write `results.json` and `chart.svg`; partial and quick runs go to `var/benchmarks` and spare the README's."""
    folder = HERE if whole else HERE.parent / "var" / "benchmarks"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "results.json").write_text(json.dumps(_document(measured, made), indent=1, ensure_ascii=False) + "\n")
    (folder / "chart.svg").write_text(chart(made))
    return str(folder.relative_to(HERE.parent))


def _document(measured: Measured, made: list[Row]) -> dict[str, object]:
    return {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "packages": {name: version(name) for name in PACKAGES},
        "cores": {"server": SERVER_CORE, "load": LOAD_CORE},
        "load_average": os.getloadavg(),
        "rows": [
            {
                "group": row.group,
                "label": row.label,
                "ratio": round(row.median, 3),
                "min": round(min(row.ratios), 3),
                "max": round(max(row.ratios), 3),
                "rounds": [round(ratio, 3) for ratio in row.ratios],
                "goal": str(row.goal or ""),
                "reached": row.goal.met(row.median) if row.goal else None,
                "note": row.note,
            }
            for row in made
        ],
        "raw": {
            "seconds_per_call": measured.in_process,
            "requests_per_second": measured.requests,
            "refreshes_per_second": measured.refreshes,
            "seconds_per_bare_commit": measured.commit_seconds,
            "rows_left_per_1000_refreshes": measured.rows_left,
        },
    }
