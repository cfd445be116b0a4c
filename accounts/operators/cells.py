"""What a cell of a list shows: links, moments, states, JSON."""

import json
import uuid
from datetime import datetime, timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.timesince import timesince

_MINUTE = timedelta(minutes=1)


def person(user_id: uuid.UUID | None, text: str | None) -> str:
    """A link to somebody's page, or the bare id of somebody who is no more."""
    if user_id is None:
        return "–"
    if not text:
        return str(user_id)
    return format_html('<a href="{}">{}</a>', reverse("admin:accounts_user_change", args=[user_id]), text)


def device(device_id: uuid.UUID | None) -> str:
    if device_id is None:
        return "–"
    return format_html('<a href="{}">{}</a>', reverse("admin:accounts_device_change", args=[device_id]), device_id)


def ago(moment: datetime | None) -> str:
    """`3 hours ago`, the exact moment on hover."""
    if moment is None:
        return "–"
    exact = date_format(timezone.localtime(moment), "DATETIME_FORMAT")
    words = f"{timesince(moment, depth=1)} ago" if timezone.now() - moment >= _MINUTE else "just now"
    return format_html('<time datetime="{}" title="{}">{}</time>', moment.isoformat(), exact, words)


def state(word: str, kind: str) -> str:
    """A coloured word; `kind` is `good`, `info`, `quiet` or `bad`."""
    return format_html('<span class="signet-state signet-state-{}">{}</span>', kind, word)


def code(text: str) -> str:
    return format_html("<code>{}</code>", text)


def pretty(value: Any) -> str:
    return format_html('<pre class="signet-json">{}</pre>', json.dumps(value, indent=2, ensure_ascii=False, sort_keys=True))
