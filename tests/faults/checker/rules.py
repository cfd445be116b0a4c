"""What must never happen, each as a function from the evidence to what broke it."""

from collections import Counter, defaultdict

from .evidence import BUDGET, NEVER, Event, History, spent

LONGEST_LIFE = 1.0
"""Seconds for which an access token may outlive its device."""
RIDER = "rides the race window"


def broken(history: History) -> dict[str, list[str]]:
    """Each rule, with what broke it."""
    return {
        "a refresh token has two successors": forks(history),
        "a token was rotated twice": rotated_twice(history),
        "an older generation was answered": stale_answers(history),
        "an unproven one was answered too late": late_answers(history),
        "an honest request was refused": refused_requests(history),
        "an honest device was signed out": signed_out(history),
        "a mail accused without a theft": false_mails(history),
        "a device spent more than its budget": overspent(history),
        "a thief was kept": kept(history),
        "an ended device was answered": answered_after_end(history),
        "an access token outlived its device": late_access(history),
        "the server failed": failures(history),
    }


def forks(history: History) -> list[str]:
    given: dict[str, set[str]] = defaultdict(set)
    for event in history.answered:
        given[event["presented"]].add(event["given"])
    parents: dict[str, set[str]] = defaultdict(set)
    for presented, successors in given.items():
        for successor in successors:
            parents[successor].add(presented)
    return [token for tokens in (given, parents) for token, others in tokens.items() if len(others) > 1]


def rotated_twice(history: History) -> list[str]:
    counted = Counter(event["presented"] for event in history.answered if event["outcome"] == "rotated")
    return [token for token, count in counted.items() if count > 1]


def stale_answers(history: History) -> list[str]:
    """Once somebody holds generation g + 2, a request with g that is sent later must be refused."""
    known_at: dict[str, float] = {}
    for event in history.answered:
        known_at.setdefault(event["given"], event["answered"])
    grand = {token: history.successor.get(successor, "") for token, successor in history.successor.items()}
    return [_name(event) for event in history.answered if known_at.get(grand[event["presented"]], NEVER) < event["sent"]]


def late_answers(history: History) -> list[str]:
    """Without proof: never after the rescue window, and on a strict server never a second time, as long as keys are used."""
    window = -NEVER if history.settings["strict"] else history.settings["rescue"]
    return [_name(event) for event in history.answered if not history.is_proven(event) and history.elapsed(event)[0] > window]


def refused_requests(history: History) -> list[str]:
    refused = [event for event in history.refreshes if event["status"] == 401]
    return [_name(event) for event in refused if not history.may_be_accused(event["device"], event["answered"])]


def signed_out(history: History) -> list[str]:
    ends = [event for event in history.of("refresh") if event["result"].startswith("signed out")]
    return [f"{event['person']}: {event['result']}" for event in ends if not history.may_be_accused(event["device"], event["at"])]


def false_mails(history: History) -> list[str]:
    """Each device that ended for reuse is worth one mail to its owner; whatever is beyond that is a false accusation."""
    ends = [event for event in history.ended.values() if event["code"] == "token_reused"]
    accused = [event for event in ends if history.may_be_accused(event["device"], event["answered"])]
    mine = [event for event in accused if history.may_be_accused(event["device"], event["answered"])]
    deserved = Counter(f"{event['person']}@example.com" for event in mine)
    sent = Counter(event["to"] for event in history.of("mail"))
    return [f"{to}: {count} sent, {deserved[to]} deserved" for to, count in sent.items() if count > deserved[to]]


def overspent(history: History) -> list[str]:
    """Devices of which so many generations were answered again outside the race window, unproven."""
    rescued: dict[str, set[int]] = defaultdict(set)
    generation: dict[str, int] = {}
    for event in history.answered:
        number = generation.setdefault(event["presented"], 0)
        generation.setdefault(event["given"], number + 1)
        if event["outcome"] == "rescued" and not history.is_proven(event):
            rescued[event["device"]].add(number)
    return [device for device, numbers in rescued.items() if spent(sorted(numbers)) > BUDGET]


def kept(history: History) -> list[str]:
    """Every thief who played must be out at the end. Who rides the race window may stay, unless the server is strict."""
    thefts = [
        event for event in history.of("theft") if event["device"] in history.stolen and event["device"] not in history.ended
    ]
    return [
        f"{event['person']}: {event['strategy']}" for event in thefts if history.settings["strict"] or event["strategy"] != RIDER
    ]


def answered_after_end(history: History) -> list[str]:
    return [_name(event) for event in history.answered if event["sent"] > history.ended_at.get(event["device"], NEVER)]


def late_access(history: History) -> list[str]:
    accepted = [event for event in history.of("probe") if event["status"] == 200]
    return [event["device"] for event in accepted if event["began"] > history.ended_at.get(event["device"], NEVER) + LONGEST_LIFE]


def failures(history: History) -> list[str]:
    """503 is an honest answer; anything else from 500 on is not, nor a connection that the server dropped."""
    return [_name(event) for event in history.of("wire") if not 200 <= event["status"] < 500 and event["status"] != 503]


def _name(event: Event) -> str:
    return f"{event['person']} {event['who']} at {event.get('sent')}: {event['status']} {event['code']}"
