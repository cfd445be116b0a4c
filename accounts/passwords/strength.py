"""How hard a password is to guess: a meter that advises and never refuses (what refuses is in `policy`)."""

import math
import threading
from dataclasses import dataclass

from zxcvbn import zxcvbn
from zxcvbn.matching import L33T_TABLE

from accounts.users.models import User

from .policy import own_words

# The library refuses longer input. Its work grows with the square of the length and with every reading of signs as letters
# ("4" as "a"): 72 hostile characters would take it seconds, so much work a tenth of one.
_JUDGED = 72
_MOST_WORK = 8 * _JUDGED**2

# It keeps the words of its caller in a global.
_one_at_a_time = threading.Lock()


@dataclass(frozen=True, slots=True)
class Strength:
    """`score` 0 (guessed at once) to 4 (very unlikely); `advice` is empty for a good password."""

    score: int
    advice: tuple[str, ...]


def judge(password: str, user: User | None = None) -> Strength:
    """Looks at the first 72 characters, or fewer of many signs; the person's own words count as guessed."""
    if not password:
        return Strength(0, ())
    with _one_at_a_time:
        found = zxcvbn(_affordable(password[:_JUDGED]), user_inputs=sorted(own_words(user)))
    feedback = found["feedback"]
    advice = [feedback["warning"], *feedback["suggestions"]]
    return Strength(int(found["score"]), tuple(sentence for sentence in advice if sentence))


def _affordable(password: str) -> str:
    """Its beginning, long enough to be judged well: what is cut off has a dozen different signs before it."""
    while _readings(password) * len(password) ** 2 > _MOST_WORK:
        password = password[:-1]
    return password


def _readings(password: str) -> int:
    """About how many readings there are of its signs as letters."""
    present = set(password)
    return math.prod(max(1, len(present.intersection(signs))) for signs in L33T_TABLE.values())
