"""The sweeper takes everything that has expired, however much came since its last round."""

import pytest

from accounts.core import sweep
from accounts.core.models import Gate

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def test_S03_one_round_takes_more_than_a_batch_and_leaves_what_is_alive() -> None:
    expired = [Gate(key=f"old:{number}", expires_at=1) for number in range(1201)]
    Gate.objects.bulk_create([*expired, Gate(key="alive", expires_at=2**40)])
    assert sweep.sweep()["gates"] == 1201
    assert list(Gate.objects.values_list("key", flat=True)) == ["alive"]
