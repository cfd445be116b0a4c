"""Tests mirror the tree; `specs`, `journeys`, `processes` and `architecture` stand beside it."""
