"""Puts our site in the place of `django.contrib.admin`'s."""

from django.contrib.admin.apps import AdminConfig


class OperatorsConfig(AdminConfig):
    default_site = "accounts.operators.site.OperatorsSite"
