"""The time: this process's, in whole Unix seconds as JWTs count it (NumericDate, RFC 7519 §2), and the database's."""

import time
from datetime import UTC, datetime

from django.db import connection

_ASK = {"postgresql": "SELECT statement_timestamp()", "sqlite": "SELECT strftime('%Y-%m-%d %H:%M:%f', 'now')"}


def now() -> int:
    """Unix seconds, by the clock of this host."""
    return int(time.time())


def database_now() -> datetime:
    """One clock for all hosts: for decisions that must not depend on which of them asks (SECURITY K-11)."""
    with connection.cursor() as cursor:
        cursor.execute(_ASK[connection.vendor])
        (answer,) = cursor.fetchone()
    moment = answer if isinstance(answer, datetime) else datetime.fromisoformat(answer).replace(tzinfo=UTC)
    return moment.astimezone(UTC)
