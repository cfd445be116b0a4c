"""Path converters of the API."""

from django.urls import register_converter
from django.urls.converters import StringConverter

ROLE_NAME = "role"


class RoleNameConverter(StringConverter):
    """Anything but a slash and control characters, which PostgreSQL would refuse as an error of ours."""

    regex = r"[^/\x00-\x1f\x7f]{1,150}"


register_converter(RoleNameConverter, ROLE_NAME)
