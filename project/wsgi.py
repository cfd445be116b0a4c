"""The WSGI application that granian serves."""

import os

from django.core.wsgi import get_wsgi_application

from project.checks import require_sound

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")

application = get_wsgi_application()
require_sound()
