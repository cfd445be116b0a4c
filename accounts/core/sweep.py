"""Delete counters and gates whose time has passed, in small batches."""

import time

from .models import Counter, Gate

_BATCH = 500


def sweep() -> dict[str, int]:
    """Answers how many rows of each went."""
    current = time.time()
    old_counters = Counter.objects.filter(expires_at__lt=int(current * 1000)).values_list("pk")[:_BATCH]
    old_gates = Gate.objects.filter(expires_at__lt=int(current)).values_list("pk")[:_BATCH]
    return {
        "counters": Counter.objects.filter(pk__in=[pk for (pk,) in old_counters]).delete()[0],
        "gates": Gate.objects.filter(pk__in=[pk for (pk,) in old_gates]).delete()[0],
    }
