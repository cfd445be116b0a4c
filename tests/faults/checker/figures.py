"""The figures of a run, and the table that shows them."""

from collections import Counter

from .evidence import History
from .rules import RIDER, signed_out

OVERDUE = "  overdue by contract"


def figures(history: History) -> dict[str, float]:
    outcomes = Counter(event["outcome"] for event in history.answered)
    faults = Counter(event["name"] for event in history.of("fault"))
    thefts = [event for event in history.of("theft") if event["device"] in history.stolen]
    out = [event for event in thefts if event["device"] in history.ended]
    ends = Counter(history.ended[event["device"]]["code"] for event in out)
    steps = sorted(thief_steps(history)[event["device"]] for event in out)
    riders = [event for event in thefts if event["strategy"] == RIDER]
    took = sorted(event["answered"] - event["sent"] for event in history.refreshes)
    return {
        "devices": len({event["device"] for event in history.of("signed in")}),
        "refreshes asked for by apps": len(history.of("refresh")),
        "generations rotated": outcomes["rotated"],
        "requests at the server": len(history.refreshes),
        "dropped before the server": faults["dropped before"],
        "dropped after the commit": faults["dropped after"],
        "delayed": faults["delayed"],
        "request held past the time-out": faults["request held"],
        "answer held past the time-out": faults["answer held"],
        "doubled": faults["doubled"],
        "overtaken by a later one": faults["reordered"],
        "answered again: raced": outcomes["raced"],
        "answered again: rescued": outcomes["rescued"],
        "  proven by the retry key": sum(history.is_proven(event) for event in history.answered if event["outcome"] == "rescued"),
        "server said 503": sum(event["status"] == 503 for event in history.refreshes),
        "thieves who played": len(thefts),
        "thieves out": len(out),
        "  as theft, with a mail": ends["token_reused"],
        "  quietly, too late to tell": ends["device_revoked"],
        "answers a thief got: median": steps[len(steps) // 2] if steps else 0,
        "answers a thief got: most": max(steps, default=0),
        "riders of the race window": len(riders),
        "  of them kept": sum(event["device"] not in history.ended for event in riders),
        "mails to owners": len(history.of("mail")),
        "refreshes put off, tokens kept": sum(event["result"].startswith("failed") for event in history.of("refresh")),
        "honest devices signed out": len(signed_out(history)),
        OVERDUE: len(history.overdue - history.stolen.keys()),
        "refresh at the server, median ms": round(took[len(took) // 2] * 1000, 1) if took else 0,
        "refresh at the server, p99 ms": round(took[len(took) * 99 // 100] * 1000, 1) if took else 0,
    }


def thief_steps(history: History) -> Counter[str]:
    """Device → how many refreshes were answered to its thief."""
    return Counter(event["device"] for event in history.answered if event["who"] == "thief")
