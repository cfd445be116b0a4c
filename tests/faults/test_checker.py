"""The checker notices each thing that must never happen, in histories made up for it; without it they pass."""

import ast
import sys
from pathlib import Path
from typing import Any

import pytest

from .checker import History, Verdict, judge
from .checker.evidence import spent

Events = list[dict[str, Any]]
RUN = {"kind": "run", "strict": False, "race": 2, "rescue": 8}
SIGNED_IN = {"kind": "wire", "path": "/auth/token/", "person": "p", "who": "sign-in", "sent": 0.0, "answered": 0.1, "status": 200}


def exchange(at: float, presented: str, given: str = "", outcome: str = "rotated", **facts: Any) -> dict[str, Any]:
    """A refresh that took 0.1 s; without `given` it was refused."""
    answer = {"status": 200, "code": ""} if given else {"status": 401, "code": "device_revoked", "outcome": ""}
    return {
        **{"kind": "wire", "path": "/auth/token/refresh/", "person": "p", "who": "app 0", "device": "d" if given else ""},
        **{"sent": at, "answered": at + 0.1, "presented": presented, "given": given, "outcome": outcome, "key": ""},
        **answer,
        **facts,
    }


def honest() -> Events:
    """Two refreshes, the first answer lost and asked for again with its key."""
    return [
        RUN,
        {**SIGNED_IN, "presented": "", "given": "t0", "device": "d", "outcome": "", "key": "", "code": ""},
        {"kind": "signed in", "person": "p", "device": "d", "refresh": "t0"},
        exchange(10, "t0", "t1", key="k1"),
        exchange(30, "t0", "t1", "rescued", key="k1"),
        exchange(40, "t1", "t2", key="k2"),
        {"kind": "refresh", "person": "p", "device": "d", "began": 40, "at": 41, "result": "ok"},
    ]


def theft(end: float = 50) -> Events:
    """A thief plays an old token: the device ends, its owner gets a mail, its access token is refused."""
    return [
        {"kind": "theft", "person": "p", "device": "d", "strategy": "waits", "at": 35},
        exchange(end, "t0", who="thief", code="token_reused"),
        {"kind": "mail", "to": "p@example.com"},
        {"kind": "probe", "device": "d", "began": end + 1.2, "status": 401},
    ]


def verdict(events: Events) -> Verdict:
    return judge(History(sorted(events, key=lambda event: float(event.get("answered", 0)))))


def broken(events: Events) -> set[str]:
    return {rule for rule, found in verdict(events).broken.items() if found}


def test_honest_history_passes() -> None:
    assert broken(honest()) == set()


def test_punished_theft_passes() -> None:
    assert broken([*honest(), *theft()]) == set()
    assert verdict([*honest(), *theft()]).figures["thieves out"] == 1


WRONGS: dict[str, Events] = {
    "a refresh token has two successors": [exchange(31, "t0", "fork", "rescued", key="k1")],
    "a token was rotated twice": [exchange(10.05, "t0", "t1", key="k1")],
    "an older generation was answered": [exchange(60, "t0", "t1", "rescued", key="k1")],
    "an unproven one was answered too late": [exchange(60, "t1", "t2", "rescued", key="other")],
    "an honest request was refused": [exchange(60, "t2")],
    "an honest device was signed out": [
        {"kind": "refresh", "person": "p", "device": "d", "at": 61, "result": "signed out: device_revoked"}
    ],
    "a mail accused without a theft": [{"kind": "mail", "to": "p@example.com"}],
    "a device spent more than its budget": [
        event
        for number in range(2, 6)
        for event in (
            exchange(number * 20, f"t{number}", f"t{number + 1}"),
            exchange(number * 20 + 3, f"t{number}", f"t{number + 1}", "rescued"),
        )
    ],
    "a thief was kept": [
        {"kind": "theft", "person": "p", "device": "d", "strategy": "waits", "at": 45},
        exchange(50, "t2", "t3", who="thief"),
    ],
    "an ended device was answered": [*theft(), exchange(55, "t2", "t3")],
    "an access token outlived its device": [*theft(), {"kind": "probe", "device": "d", "began": 51.5, "status": 200}],
    "the server failed": [exchange(60, "t2", status=500, code="internal_error")],
}


@pytest.mark.parametrize(
    ("generations", "most"),
    [([], 0), ([0, 1, 2], 3), ([5, 6, 7, 8], 4), ([0, 2, 4, 6, 8], 1), ([0, 1, 3, 4, 6, 7], 4), ([0, 1, 2, 9, 10], 3)],
)
def test_generations_between_pay_the_budget_back(generations: list[int], most: int) -> None:
    assert spent(generations) == most


@pytest.mark.parametrize("rule", WRONGS)
def test_wrong_is_noticed(rule: str) -> None:
    assert rule in broken([*honest(), *WRONGS[rule]])


def test_every_rule_is_shown_able_to_break() -> None:
    assert set(verdict(honest()).broken) == set(WRONGS)


def test_accused_before_the_theft_is_noticed() -> None:
    accused = [exchange(45, "t2", code="token_reused"), {"kind": "mail", "to": "p@example.com"}]
    assert "an honest request was refused" in broken([*honest(), *accused, exchange(50, "t0", who="thief")])


def test_two_mails_for_one_theft_are_noticed() -> None:
    assert "a mail accused without a theft" in broken([*honest(), *theft(), {"kind": "mail", "to": "p@example.com"}])


def test_rider_of_the_race_window_is_out_on_a_strict_server() -> None:
    rider = [
        {"kind": "theft", "person": "p", "device": "d", "strategy": "rides the race window", "at": 45},
        exchange(40.5, "t1", "t2", "raced", who="thief"),
    ]
    strict = [{**event, "strict": True} if event["kind"] == "run" else event for event in honest()]
    assert broken([*honest(), *rider]) == set()
    assert {"a thief was kept", "an unproven one was answered too late"} <= broken([*strict, *rider])


def test_late_by_contract_is_told_apart() -> None:
    late = [*honest(), exchange(60, "t1", code="device_revoked")]
    assert broken(late) == set()
    assert verdict(late).figures["  overdue by contract"] == 1
    assert "an honest request was refused" in broken([*honest(), exchange(42, "t1", code="device_revoked")])


def test_checker_imports_nothing_of_ours() -> None:
    files = Path(__file__).parent.joinpath("checker").glob("*.py")
    imports = [node for file in files for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.ImportFrom)]
    named = {(node.module or "").partition(".")[0] for node in imports if node.level == 0}
    assert named <= set(sys.stdlib_module_names)
    assert {node.level for node in imports} <= {0, 1}
