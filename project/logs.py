"""Structured logs: one JSON object a line, with the request's id and never a secret."""

import json
import logging
import re
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.views.debug import ExceptionReporter

request_id: ContextVar[str] = ContextVar("request_id", default="")

_OWN = set(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName", "request"}
# A backstop: our own code logs ids and codes only. JWTs, refresh tokens, PEM blocks, link parameters.
_SECRETS = re.compile(
    r"eyJ[\w-]+\.[\w-]+\.[\w-]*|rt1\.[\w-]+|-----BEGIN[^-]+-----[\s\S]*?(?:-----END[^-]+-----|$)"
    r"|(?<=[?&]link=)[^&\s\"]+|(?<=[?&]token=)[^&\s\"]+|(?<=[?&]code=)[^&\s\"]+",
)


class JsonFormatter(logging.Formatter):
    """Time, level, logger, event, request id, and whatever `extra` holds."""

    def format(self, record: logging.LogRecord) -> str:
        entry = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": record.getMessage(),
            "request_id": request_id.get(),
            **{name: value for name, value in record.__dict__.items() if name not in _OWN},
        }
        if record.exc_info:
            entry["exception"] = self.formatException(record.exc_info)
        return redact(json.dumps(entry, default=str))


class SecretFilter(logging.Filter):
    """Redacts the message before any formatter sees it."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = redact(record.getMessage()), None
        return True


class ThreadsAreMeant(logging.Filter):
    """granian warns of more threads than twice the cores; ours wait for the database and for hashes most of the time."""

    def filter(self, record: logging.LogRecord) -> bool:
        return "Python threads" not in record.getMessage()


class BareReporter(ExceptionReporter):
    """For whoever sends error reports by mail or to a collector: where it happened, and nothing that anybody sent."""

    def get_traceback_data(self) -> dict[str, Any]:
        if not settings.DEBUG:
            self.request = None
        return super().get_traceback_data()

    def get_traceback_frames(self) -> list[Any]:
        frames = super().get_traceback_frames()
        return frames if settings.DEBUG else [{**frame, "vars": []} for frame in frames]


def redact(text: str) -> str:
    return _SECRETS.sub("[redacted]", text)
