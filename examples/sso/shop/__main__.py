"""Serve it."""

import os

os.environ["DJANGO_SETTINGS_MODULE"] = "examples.sso.shop.settings"

from django.core.wsgi import get_wsgi_application

from examples.sso.serving import serve

serve(get_wsgi_application(), int(os.environ["PORT"]))
