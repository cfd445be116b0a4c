"""GET /metrics: counters of all processes of this host, for Prometheus. Only for whoever holds `METRICS_TOKEN`."""

import hmac
import os
from collections.abc import Iterator
from contextlib import suppress

from django.conf import settings
from django.db import DatabaseError
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from accounts.core.errors import Unavailable
from accounts.keys.models import SigningKey
from accounts.outbox.models import OutboxMessage
from accounts.revocations import feed


class State(Collector):
    """What is read at the moment of asking; left out while the database is away."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        with suppress(Unavailable):
            # Asked now, so that an idle process is not taken for one that cannot ask.
            feed.bring_up_to_date()
        yield GaugeMetricFamily("signet_feed_age_seconds", "Age of what the answering process knows to be revoked.", feed.age())
        try:
            yield _outbox()
            yield _key_age()
        except DatabaseError:
            return


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """404 to everybody else: a stranger learns not even that it is here."""
    expected = f"Bearer {settings.METRICS_TOKEN}".encode()
    given = request.META.get("HTTP_AUTHORIZATION", "").encode()
    if not settings.METRICS_TOKEN or not hmac.compare_digest(given, expected):
        raise Http404
    return HttpResponse(_exposition(), content_type=CONTENT_TYPE_LATEST)


def _exposition() -> bytes:
    state = CollectorRegistry()
    state.register(State())
    counters = REGISTRY
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        counters = CollectorRegistry()
        MultiProcessCollector(counters)  # type: ignore[no-untyped-call]
    return generate_latest(counters) + generate_latest(state)


def _outbox() -> GaugeMetricFamily:
    family = GaugeMetricFamily("signet_outbox_messages", "Messages not delivered, by state.", labels=["state"])
    family.add_metric(["waiting"], OutboxMessage.objects.filter(failed_at=None).count())
    family.add_metric(["given_up"], OutboxMessage.objects.exclude(failed_at=None).count())
    return family


def _key_age() -> GaugeMetricFamily:
    family = GaugeMetricFamily(
        "signet_signing_key_age_seconds", "How long the active key has signed.", labels=["purpose", "algorithm"]
    )
    active = SigningKey.objects.filter(state=SigningKey.State.ACTIVE)
    for purpose, algorithm, since in active.values_list("purpose", "algorithm", "activated_at"):
        if since is not None:
            family.add_metric([purpose, algorithm], (timezone.now() - since).total_seconds())
    return family
