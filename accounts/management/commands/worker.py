"""Deliver the outbox and tidy up. Several may run; a killed one loses nothing."""

import logging
import time
from argparse import ArgumentParser
from contextlib import suppress
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import DatabaseError, InterfaceError, close_old_connections

from accounts.audit import retention as audit_retention
from accounts.core import sweep as core_sweep
from accounts.devices import registry
from accounts.keys import rotation
from accounts.lifecycle import deletion, invitation, notices
from accounts.links import codes
from accounts.management.starting import require_sound_database
from accounts.management.stopping import Stop
from accounts.oidc import backchannel
from accounts.oidc import sweep as oidc_sweep
from accounts.outbox import delivery, mail
from accounts.outbox import retention as outbox_retention
from accounts.outbox.enqueue import CLIENT_SIGN_OUT, MAIL, NOTICE
from accounts.outbox.errands import Errands
from accounts.revocations import feed

logger = logging.getLogger("signet.worker")

# The one place where something low causes something high: a message of this kind goes to that handler.
HANDLERS: dict[str, delivery.Handler] = {
    MAIL: mail.send,
    NOTICE: notices.deliver,
    invitation.INVITATION: invitation.deliver,
    CLIENT_SIGN_OUT: backchannel.deliver,
}
_IDLE_SECONDS = 0.5
_GLANCE_SECONDS = 0.1
_MAIL_SECONDS = 0.5
_TIDY_SECONDS = 60


class Command(BaseCommand):
    help = "Deliver mail from the outbox, sweep what has expired, rotate keys that are due."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true", help="Do what is due, then stop.")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["once"]:
            require_sound_database()
            work()
            tidy()
            return
        stop = Stop()
        logger.debug("worker.started")
        proven, tidied_at, errands = False, 0.0, Errands()
        while not stop:
            try:
                if not proven:
                    require_sound_database()
                    proven = True
                delivered = go_on(errands)
                if time.monotonic() - tidied_at >= _TIDY_SECONDS:
                    tidy()
                    tidied_at = time.monotonic()
            except (DatabaseError, InterfaceError):
                # The database is away; the worker outlives it.
                logger.warning("worker.database_unavailable")
                delivered = 0
                _rest(stop)
            close_old_connections()
            if not delivered and not errands.wait(_GLANCE_SECONDS):
                _rest(stop)
        # Seconds at most. What cannot be written down is delivered once more by another worker.
        with suppress(DatabaseError, InterfaceError):
            delivery.settle(errands, all_of_them=True)


def _rest(stop: Stop) -> None:
    """In short slices: a signal does not end a sleep."""
    until = time.monotonic() + _IDLE_SECONDS
    while not stop and time.monotonic() < until:
        time.sleep(_GLANCE_SECONDS)


def go_on(errands: Errands) -> int:
    """Deliver what is due, and wait for nobody; answers how many messages arrived since. After `_MAIL_SECONDS` of mails it looks
    for calls again, which are to go out within two seconds."""
    return delivery.begin_due(HANDLERS, errands, seconds=_MAIL_SECONDS) + delivery.settle(errands)


def work() -> int:
    """Deliver what is due; answers how many messages arrived."""
    return delivery.deliver_due(HANDLERS)


def tidy() -> None:
    """Delete what has expired, rotate keys that are due."""
    swept = {
        "revocations": feed.sweep(),
        "devices": registry.sweep(),
        "codes": codes.sweep(),
        "messages": outbox_retention.sweep(),
        **oidc_sweep.sweep(),
        "erased": deletion.erase_due(),
        "abandoned": deletion.sweep_abandoned(),
        "origins": audit_retention.forget_origins(),
        **core_sweep.sweep(),
    }
    rotation.rotate_if_due(settings.ACCESS_TOKEN_ALGORITHM)
    rotation.rotate_due_id_tokens()
    logger.debug("worker.tidied", extra=swept)
