"""Delete what has expired, in batches: however much there is, no other writer waits long for its turn."""

import time
from typing import Any

from django.db.models import QuerySet

from .models import Counter, Gate

_BATCH = 500


def delete(rows: QuerySet[Any]) -> int:
    """All of them, so many in a transaction; answers how many went."""
    model, deleted = rows.model, 0
    while batch := list(rows.order_by().values_list("pk", flat=True)[:_BATCH]):
        deleted += model._default_manager.filter(pk__in=batch).delete()[0]
    return deleted


def sweep() -> dict[str, int]:
    """Counters and gates whose time has passed; answers how many rows of each went."""
    current = time.time()
    return {
        "counters": delete(Counter.objects.filter(expires_at__lt=int(current * 1000))),
        "gates": delete(Gate.objects.filter(expires_at__lt=int(current))),
    }
