"""Every history of a small world: no honest app is accused, no thief stays (SECURITY R-31, R-32, R-06, R-08)."""

import time

import pytest
import time_machine
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st
from pytest_django import Settings

from accounts.devices.models import Device
from accounts.tokens import rescue
from tests.support.app import App

from .histories import GAPS, Moment, Try, beginning, histories

pytestmark = pytest.mark.django_db
HONEST = tuple(Try("app", gap, lost) for gap in GAPS for lost in (False, True))
WITH_THIEF = tuple(letter for gap in (20, 7200) for letter in (Try("app", gap), Try("app", gap, lost=True), Try("thief", gap)))


def every_moment(whose: App, clock: time_machine.Traveller, letters: tuple[Try, ...], depth: int, **keys: bool) -> list[Moment]:
    """The gap before the first try changes nothing, so one stands for all: 432 honest histories of four tries for 1,296."""
    start = beginning(Device.objects.get(id=whose.device), int(time.time()), **keys)
    first = [moment for letter in letters if letter.gap == letters[0].gap for moment in histories(start, (letter,), 1, clock)]
    return [*first, *(later for moment in first for later in histories(moment, letters, depth - 1, clock))]


def test_R32_with_retry_keys_no_honest_history_is_accused(app: App, clock: time_machine.Traveller) -> None:
    moments = every_moment(app, clock, HONEST, 4, app=True)
    assert sum(len(moment.history) == 4 for moment in moments) == 432
    assert {answer for moment in moments for answer in moment.answers} == {"rotated", "rescued"}


def test_R31_without_keys_an_honest_history_is_never_called_theft(app: App, clock: time_machine.Traveller) -> None:
    moments = every_moment(app, clock, HONEST, 4, app=False)
    answers = {answer for moment in moments for answer in moment.answers}
    assert answers == {"rotated", "raced", "rescued", "device_revoked"}
    late = [moment for moment in moments if moment.last == "device_revoked"]
    assert all(moment.history[-2].lost and moment.history[-1].gap == 7200 for moment in late)
    assert len(late) > 20


@pytest.mark.parametrize("strict", [False, True])
@pytest.mark.parametrize("keys", [False, True])
def test_R06_in_every_history_an_older_token_ends_the_device(
    app: App, clock: time_machine.Traveller, settings: Settings, strict: bool, keys: bool
) -> None:
    settings.REFRESH_STRICT = strict
    moments = every_moment(app, clock, WITH_THIEF, 3, app=keys, thief=False)
    behind = [moment for moment in moments if older_token_was_presented(moment)]
    assert {(moment.last, moment.alive) for moment in behind} == {("token_reused", False)}


def older_token_was_presented(moment: Moment) -> bool:
    """The last try was two generations or more behind the row (which a refusal does not change)."""
    generation = max(moment.generations[moment.history[-1].who])
    return moment.row["counter"] - generation >= 2 and moment.last not in {"rotated", "raced", "rescued"}


@pytest.mark.parametrize("thief_sends_keys", [False, True])
def test_R32_strict_never_serves_two_who_present_one_generation(
    app: App, clock: time_machine.Traveller, settings: Settings, thief_sends_keys: bool
) -> None:
    settings.REFRESH_STRICT = True
    moments = every_moment(app, clock, WITH_THIEF, 4, app=True, thief=thief_sends_keys)
    shared = [moment for moment in moments if moment.shared()]
    assert len(shared) > 100
    assert not any(moment.alive for moment in shared)


def test_R32_control_a_lenient_server_serves_both_for_a_while(app: App, clock: time_machine.Traveller) -> None:
    moments = every_moment(app, clock, WITH_THIEF, 3, app=True, thief=False)
    assert any(moment.shared() and moment.alive for moment in moments)


def lockstep_is_over(gaps: list[int]) -> bool:
    """The oracle: a retry after the window, or more than BUDGET generations rescued; each that was raced gives one back."""
    spent = 0
    for gap in gaps:
        spent = spent + 1 if gap == 20 else max(0, spent - 1)
        if gap == 7200 or spent > rescue.BUDGET:
            return True
    return False


def test_R08_in_every_lockstep_the_thief_lives_on_the_budget(app: App, clock: time_machine.Traveller) -> None:
    """App and thief present each generation both, the second `gap` after the first."""
    seen: set[bool] = set()

    def play(start: Moment, gaps: list[int]) -> None:
        for gap in GAPS:
            first = next(histories(start, (Try("app", 3600),), 1, clock))
            second = next(histories(first, (Try("thief", gap),), 1, clock))
            over = lockstep_is_over([*gaps, gap])
            assert second.alive is not over, [*gaps, gap]
            seen.add(over)
            if not over and len(gaps) < 6:
                play(second, [*gaps, gap])

    play(beginning(Device.objects.get(id=app.device), int(time.time()), app=False, thief=False), [])
    assert seen == {True, False}


@examples(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(gaps=st.lists(st.sampled_from([5, 20]), min_size=1, max_size=24))
def test_R08_thief_who_is_rescued_more_often_than_not_is_found(app: App, clock: time_machine.Traveller, gaps: list[int]) -> None:
    """However rescued and raced generations take turns; `beginning` puts the device back where it was."""
    moment = beginning(fresh(app), int(time.time()), app=False, thief=False)
    for number in range(len(gaps)):
        moment = next(histories(moment, (Try("app", 3600),), 1, clock))
        moment = next(histories(moment, (Try("thief", gaps[number]),), 1, clock))
        assert moment.alive is not lockstep_is_over(gaps[: number + 1])
        if not moment.alive:
            break
    assert not moment.alive or gaps.count(20) - gaps.count(5) <= rescue.BUDGET


def fresh(app: App) -> Device:
    """The app's device as it was after its sign-in."""
    Device.objects.filter(id=app.device).update(
        counter=0, rescue_streak=0, rescued_at_counter=0, revoked_at=None, ended_because=""
    )
    return Device.objects.get(id=app.device)
