#!/usr/bin/env python
"""Django's command line, with Signet's settings. What whoever runs it can mend is one sentence; `--traceback` shows the rest."""

import os
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line
from django.db import OperationalError, ProgrammingError

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")
    try:
        execute_from_command_line(sys.argv)
    except (ImproperlyConfigured, OperationalError, ProgrammingError) as error:
        if "--traceback" in sys.argv:
            raise
        sentence = str(error).partition("\n")[0]
        known = isinstance(error, ImproperlyConfigured)
        sys.exit(sentence if known else f"The database of DATABASE_URL cannot be used: {sentence}")
