"""Django's way in: importing a page registers it."""

from accounts.operators import audit, devices, groups, keys, people

__all__ = ["audit", "devices", "groups", "keys", "people"]
