"""The browsable API in our look."""

from rest_framework.renderers import BrowsableAPIRenderer


class BrowsableRenderer(BrowsableAPIRenderer):
    template = "rest_framework/api.html"
