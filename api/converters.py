"""Path converters of the API."""

from django.urls import register_converter
from django.urls.converters import StringConverter

ROLE_NAME, CLIENT_ID = "role", "client"


class RoleNameConverter(StringConverter):
    """Anything but a slash and control characters, which PostgreSQL would refuse as an error of ours."""

    regex = r"[^/\x00-\x1f\x7f]{1,150}"


class ClientIdConverter(StringConverter):
    """Anything in the alphabet of an id; most of it is nobody's."""

    regex = r"[A-Za-z0-9_-]{1,40}"


register_converter(ClientIdConverter, CLIENT_ID)
register_converter(RoleNameConverter, ROLE_NAME)
