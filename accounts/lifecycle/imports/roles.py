"""Roles that an export names, and which of them an import gives (SECURITY B-12)."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from django.contrib.auth.models import Group


@dataclass(frozen=True, slots=True)
class RoleRules:
    """`create`: make those that do not exist; they allow nothing yet. `granted`: give these although they allow something."""

    create: bool = False
    granted: frozenset[str] = frozenset()

    def refused(self, names: Collection[str]) -> dict[str, str]:
        """Those that are not given, and why: what somebody may do here is not decided by whoever wrote the export."""
        existing = Group.objects.filter(name__in=names)
        powerful = set(existing.filter(permissions__isnull=False).values_list("name", flat=True)) - self.granted
        missing = set() if self.create else set(names) - set(existing.values_list("name", flat=True))
        return {
            **{name: f"there is no role {name}: create it, or give --create-roles" for name in missing},
            **{name: f"the role {name} has permissions here: name it with --grant if that is meant" for name in powerful},
        }


def groups_named(names: Collection[str]) -> Mapping[str, Group]:
    """Made where they do not exist; a new one allows nothing until somebody gives it permissions."""
    Group.objects.bulk_create([Group(name=name) for name in sorted(names)], ignore_conflicts=True)
    return {group.name: group for group in Group.objects.filter(name__in=names)}
