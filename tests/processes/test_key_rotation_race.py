"""Twenty rotations at once: exactly one new active key, and every token keeps its verifier (SECURITY K-08)."""

from collections import Counter
from functools import partial

import pytest
from django.conf import settings
from django.core.management import call_command

from accounts.audit.models import AuditEvent
from accounts.keys import rotation
from accounts.keys.models import SigningKey
from accounts.keys.rotation import Report
from accounts.tokens import access
from tests.support.app import App
from tests.support.keys import ripen

from .crowd import results, together

pytestmark = [pytest.mark.processes, pytest.mark.both_databases, pytest.mark.usefixtures("transactional_db")]
State = SigningKey.State
ALGORITHM = settings.ACCESS_TOKEN_ALGORITHM


def states() -> Counter[str]:
    return Counter(SigningKey.objects.values_list("state", flat=True))


def rotate_at_once(times: int) -> list[Report]:
    return results(together([partial(rotation.rotate, ALGORITHM)] * times), tolerated=rotation.NotRipe)


def test_K08_of_twenty_rotations_one_activates_a_key() -> None:
    for generation in range(1, 6):
        ripen()
        activated = [kid for report in rotate_at_once(20) for kid in report.activated]
        assert len(activated) == 1
        assert list(SigningKey.objects.filter(state=State.ACTIVE).values_list("kid", flat=True)) == activated
        assert states() == {State.ACTIVE: 1, State.NEXT: 1, State.RETIRED: generation}


def test_K08_a_token_from_before_the_race_is_accepted_after_it(app: App) -> None:
    access.verify(app.access)
    ripen()
    rotate_at_once(20)
    access.forget()
    assert access.verify(app.access).grant.sid == app.device


def test_K08_twenty_first_starts_make_one_active_key() -> None:
    SigningKey.objects.all().delete()
    results(together([partial(rotation.ensure, ALGORITHM)] * 20))
    assert states() == {State.ACTIVE: 1, State.NEXT: 1}


def test_K08_twenty_emergencies_pull_the_key_once() -> None:
    pulled = SigningKey.objects.get(state=State.ACTIVE).kid
    results(together([partial(rotation.pull, pulled)] * 20))
    assert states() == {State.ACTIVE: 1, State.NEXT: 1, State.GONE: 1}
    assert SigningKey.objects.get(state=State.GONE).kid == pulled


def test_K08_an_unripe_key_stays_unused_by_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    before = SigningKey.objects.get(state=State.ACTIVE).kid
    call_command("rotate_keys")
    assert SigningKey.objects.get(state=State.ACTIVE).kid == before
    assert AuditEvent.objects.filter(event="signing_keys.rotated").count() == 1
