"""Turns measurements into rows of ratios."""

from collections.abc import Callable
from functools import partial
from statistics import median

from .measured import OURS, STAND_IN, Measured
from .rounds import DISTURBED
from .rows import Goal, Group, Row, over
from .verifiers import PYTHON

GOALS = {
    "in_process": Goal("at_most", 1.5),
    "fastapi_hs256": Goal("at_least", 1.3),
    "fastapi_es256": Goal("at_least", 1.3),
    "simplejwt_stateless": Goal("at_least", 2),
    "simplejwt": Goal("at_least", 4),
    "knox": Goal("at_least", 6),
    "refreshes": Goal("at_least", 4),
}


def rows(measured: Measured) -> list[Row]:
    """All rows that the run allows."""
    return [
        *_in_process(measured),
        *_served(measured, "requests", measured.requests),
        *_refreshes(measured),
        *_served(measured, "userinfo", measured.userinfo),
        *_against_the_others(measured, "exchanges", measured.exchanges),
        *_verification(measured),
    ]


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


def _served(measured: Measured, group: Group, turns: dict[str, list[dict[str, float]]]) -> list[Row]:
    rates = {name: [turn["per_core_second"] for turn in turns[name]] for name in turns}
    return _against_the_others(measured, group, rates, partial(_by_the_clock, measured.reference, turns))


def _refreshes(measured: Measured) -> list[Row]:
    if measured.reference == OURS:
        return _against_the_others(measured, "refreshes", measured.refreshes, partial(_rows_left, measured.rows_left))
    return []


def _against_the_others(
    measured: Measured, group: Group, rates: dict[str, list[float]], note: Callable[[str], str] = lambda _name: ""
) -> list[Row]:
    made = []
    for name, theirs in rates.items():
        if name != measured.reference:
            label = f"{measured.labels[measured.reference]} over {measured.labels[name]}"
            ratios = over(rates[measured.reference], theirs)
            goal = GOALS.get("refreshes" if group == "refreshes" else name) if measured.reference == OURS else None
            made.append(Row(group, label, ratios, goal, note(name), ours=measured.reference == OURS))
    return made


def _by_the_clock(reference: str, turns: dict[str, list[dict[str, float]]], name: str) -> str:
    """Other programs on the server's core shift a rate by the clock and hardly one by processor time; both are shown."""
    if min(_busy(turns[who]) for who in (reference, name)) < DISTURBED:
        return "by the clock: disturbed"
    ours, theirs = ([turn["per_second"] for turn in turns[who]] for who in (reference, name))
    return f"by the clock {median(over(ours, theirs)):.2f}"


def _busy(turns: list[dict[str, float]]) -> float:
    return median(turn["server_busy"] for turn in turns)


def _rows_left(left: dict[str, float], name: str) -> str:
    return f"rows left by 1,000 refreshes: {left[OURS]:,.0f} against {left[name]:,.0f}"


def _verification(measured: Measured) -> list[Row]:
    """All are ours: there is nobody to be better than."""
    made = []
    for name, theirs in measured.verification.items():
        if name != PYTHON:
            ours = measured.verification[PYTHON]
            note = f"{1e6 * median(ours):.0f} µs against {1e6 * median(theirs):.0f} µs"
            made.append(Row("verification", f"in {PYTHON} over in {name}", over(ours, theirs), note=note))
    return made
