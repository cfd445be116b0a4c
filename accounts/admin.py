"""Django's way in: importing a page registers it."""

from accounts.operators import audiences, audit, clients, devices, groups, keys, people

__all__ = ["audiences", "audit", "clients", "devices", "groups", "keys", "people"]
