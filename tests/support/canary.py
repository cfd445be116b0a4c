"""A canary for secrets in logs: what the product writes, before its redaction has had a look."""

import logging
from collections.abc import Iterable

from project import logs


def written(records: Iterable[logging.LogRecord]) -> str:
    """Every member that the formatter writes, exceptions included, unredacted."""
    return "\n".join(_written(record) for record in records)


def _written(record: logging.LogRecord) -> str:
    members = {name: value for name, value in record.__dict__.items() if name not in logs._OWN}
    trace = logging.Formatter().formatException(record.exc_info) if record.exc_info else ""
    return f"{record.getMessage()} {members!r} {trace}"
